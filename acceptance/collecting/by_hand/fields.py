"""Every field that the script may write, from the models; those about persons are marked.

`accounts.service_account *`: a dot leads into an object, `[]` stands for each of a list,
`.value` for what a part that may fail alone holds.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from acceptance.evidence.sql import DatabaseSections, ServerSections
from acceptance.evidence.windows import Sections

TITLE = (
    "Every field that this script may write; nothing was read. * may name a person or an account.",
    "Elk veld dat dit script kan schrijven; er is niets gelezen. "
    "* kan een persoon of account noemen.",
)
# What the answer says of itself, and of who answered.
ANSWERED = (
    *("question.customer", "question.host", "question.asked_at", "question.sections[]"),
    *("question.simulated", "question.requirements", "question.directory[]"),
    "question.elevated[]",
    *("question.parameters.proxy", "question.parameters.service_account"),
    *("question.parameters.targets[]", "question.parameters.timeout_seconds"),
    *("answered.at", "answered.script_sha256", "answered.computer", "answered.domain"),
    *("answered.user", "answered.session", "answered.language_mode", "answered.version"),
    *("answered.complete", "answered.reader.status", "answered.reader.milliseconds"),
    *("answered.reader.value.account", "answered.reader.value.sid"),
    *("answered.reader.value.elevated", "answered.reader.error"),
)
# Where a SQL Server is asked: result sets, whose columns are the fields below `sql`.
ASKED_SQL = (
    *("question.sql", "facts.sqlclient.<server>.status", "facts.sqlclient.<server>.error"),
    "facts.sqlclient.<server>.milliseconds",
    "facts.sqlclient.<server>.value.failure",
    "facts.sqlclient.<server>.value.answers[].fault",
    "facts.sqlclient.<server>.value.answers[].sets[].columns[]",
    "facts.sqlclient.<server>.value.answers[].sets[].rows[][]",
)
# The last part of a path that may hold a person's or an account's name or SID.
# An error's message may quote a name; a path may lead through a person's folder.
PERSONS = frozenset(
    {
        *("service_account", "account", "sid", "sids[]", "user", "user_name", "groups[]"),
        *("logon_name", "message", "error", "subject", "raw", "root", "path", "physical_path"),
        *("rows[][]", "failure", "fault", "asked_as", "user_id", "login", "granted_by"),
        *("proxy", "winhttp", "policy_proxy", "machine_proxy", "shared_configuration"),
    }
)
OF_PERSONS = ("logins[]", "principals[]", "tokens[]", "persons[]", "licences[]")
DIRECTORY = "facts.accounts.value.directory.value."  # about the service account
PERSONS_AT = frozenset(
    {
        "facts.accounts.value.account.value.name",
        "facts.accounts.value.administrators.value.name",
        "facts.accounts.value.administrators.value.members[].name",
    }
)


def about_persons(path: str) -> bool:
    """Whether a field may name a person or an account."""
    above, _, last = path.rpartition(".")
    of_sql = path.startswith("sql.") and last == "name" and above.endswith(OF_PERSONS)
    named = path in PERSONS_AT or path.startswith(DIRECTORY) or of_sql
    return named or path.rpartition(".")[2] in PERSONS


@cache
def fields() -> tuple[str, ...]:
    """Every path, once, in the models' order: `facts.os.value.build`."""
    windows = _of_model(Sections, "facts")
    sql = [*_of_model(ServerSections, "sql"), *_of_model(DatabaseSections, "sql")]
    columns = [path for path in sql if ".value." in path and ".error." not in path]
    found = dict.fromkeys((*ANSWERED, *windows, *ASKED_SQL, *columns))
    return tuple(found)


def field_list() -> list[str]:
    """The lines that `-List` prints."""
    return [*TITLE, *(f"{path} *" if about_persons(path) else path for path in fields())]


def _of_model(model: type[BaseModel], path: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield from _of_type(field.annotation, f"{path}.{name}")


def _of_type(kind: Any, path: str) -> Iterator[str]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from _of_model(kind, path)
        return
    inner = get_args(kind)
    if get_origin(kind) in (list, tuple):
        yield from _of_type(inner[0], f"{path}[]")
    elif any(_holds_more(one) for one in inner):
        for one in inner:
            if _holds_more(one):
                yield from _of_type(one, path)
    else:
        yield path


def _holds_more(kind: Any) -> bool:
    """Whether a type of a union has fields or members of its own."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return True
    return get_origin(kind) in (list, tuple) or any(map(_holds_more, get_args(kind)))
