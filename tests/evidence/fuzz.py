"""Every field of a compliant pair of hosts, replaced by each of these values and removed."""

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from acceptance.catalogue.requirements import Catalogue
from acceptance.evidence.envelope import Unread
from acceptance.evidence.file import Evidence
from acceptance.findings.outcome import Outcome, Said
from tests.evidence.without_pytest import Judge, Pair

VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1,
    10**12,
    "",
    "x",
    "Stopped",
    "0",
    [],
    {},
    502,  # a release
    "502",
    "2010-01-01T00:00:00",  # a time of SQL Server's own clock
    "2010-01-01T00:00:00Z",
    "9999-12-31T23:59:59-12:00",  # no instant of UTC that Python can write
    "0001-01-01T00:00:00+12:00",
]
GONE = object()
MOST = 3  # of a list's elements: the others are alike
Path = tuple[str | int, ...]


def paths(data: Any, above: Path = ()) -> Iterator[Path]:
    """Every key at any depth; how long a section took says nothing of a server."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key != "milliseconds":
                yield (*above, key)
                yield from paths(value, (*above, key))
    elif isinstance(data, list):
        for index, value in enumerate(data[:MOST]):
            yield from paths(value, (*above, index))


def name_of(path: Path) -> str:
    """`sections.os.value.disks.*.free_bytes`: elements of a list, and databases, are alike."""
    parts = ["*" if isinstance(part, int) else part for part in path]
    if parts[:2] == ["sql", "databases"] and len(parts) > 2:
        parts[2] = "*"
    return ".".join(parts)


def replaced(data: Any, path: Path, value: Any) -> Any:
    """A copy with one value replaced, or removed (GONE)."""
    made = copy.deepcopy(data)
    place = made
    for part in path[:-1]:
        place = place[part]
    if value is GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return made


def changed(data: Any, path: Path, value: Any) -> Evidence | None:
    """The evidence with one change; None:
    it is refused, or the section that holds it is not read for its shape.
    """
    try:
        evidence = Evidence.model_validate_json(json.dumps(replaced(data, path, value)))
    except ValidationError:
        return None
    return None if _of_another_shape(evidence) else evidence


def _of_another_shape(evidence: Evidence) -> bool:
    parts: list[Any] = [evidence.sections]
    if evidence.sql is not None:
        parts += [evidence.sql.sections, *evidence.sql.databases.values()]
    found = [section for part in parts for _, section in part]
    return any(isinstance(one, Unread) and one.error.type == "Shape" for one in found)


def outcomes(
    pair: Pair, which: str, path: Path, catalogue: Catalogue, rules: dict[str, Judge]
) -> Iterator[tuple[Any, dict[str, Said]]]:
    """`(value, what every judge said)` for each value that makes evidence of the agreed shape."""
    data = json.loads(getattr(pair, which).model_dump_json())
    for value in [*VALUES, GONE]:
        evidence = changed(data, path, value)
        if evidence is not None:
            yield value, dict(replace(pair, **{which: evidence}).judged(catalogue, rules))


def broke(said: dict[str, Said]) -> list[str]:
    """What a judge could not cope with."""
    return [
        f"{requirement}: {one.reason}"
        for requirement, one in said.items()
        if one.outcome is Outcome.UNREAD and "the test itself failed" in str(one.reason)
    ]
