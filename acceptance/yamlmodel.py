"""pydantic's errors about a YAML file, as one sentence with file and line."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from acceptance.errors import LocatedError, in_words
from acceptance.yamlfile import Keys, YamlFile, shown

Loc = tuple[str | int, ...]
ALLOWED = "Allowed: {allowed}."
GUESS = "Allowed: {allowed}. Did you mean '{close}'?"


def first_error(
    error: ValidationError,
    source: YamlFile,
    kind: type[LocatedError],
    prefix: Keys = (),
    forms: Mapping[str, str] | None = None,
    allowed: Callable[[Loc], list[str]] | None = None,
    moved: Callable[[Loc, Any], str] | None = None,
) -> LocatedError:
    """The first of pydantic's errors, by line, as one sentence; the value itself is never repeated:
    it may be a secret.

    `forms`: what a pattern asks for, in words. `allowed`: the keys that may stand at a place.
    `moved`: what to write instead of a key and its value that were allowed once; "" for any other.
    """
    located = []
    for detail in error.errors(include_url=False):
        keys = _real_keys((*prefix, *detail["loc"]), source)
        located.append((source.line_of(*keys), keys, detail))
    line, keys, detail = min(
        located, key=lambda one: (one[2]["type"] != "extra_forbidden", one[0])
    )  # a misspelt key explains a missing one
    parent = ".".join(map(shown, keys[:-1])) or "the file"
    instead = moved(detail["loc"], detail["input"]) if moved else ""
    if detail["type"] == "extra_forbidden" and instead:
        where = ".".join(map(shown, keys))
        text = "{where} has its own file now, supported.yaml beside hosts.yaml."
        return kind(source.path, line, text, "Write there: {line}", where=where, line=instead)
    if detail["type"] == "extra_forbidden":
        # `{password: a,bcd}` makes the rest of a password a key without a value.
        name = "…" if detail["input"] is None else shown(keys[-1])
        known = allowed(detail["loc"][:-1]) if allowed else []
        close = difflib.get_close_matches(name, known, n=1)
        hint = ALLOWED if known else ""
        return kind(
            source.path,
            line,
            "unknown key '{name}' in {parent}.",
            GUESS if close else hint,
            name=name,
            parent=parent,
            allowed=", ".join(known),
            close="".join(close),
        )
    if detail["type"] == "missing":
        missing = str(keys[-1])
        return kind(source.path, line, "{parent}: '{key}' is missing.", parent=parent, key=missing)
    where = ".".join(map(shown, keys)) or "the file"
    told = in_words(detail, forms or {})
    return kind(source.path, line, "{where}: {what}.", where=where, what=told)


def keys_at(model: Any, loc: Loc) -> list[str]:
    """The keys of the mapping at pydantic's `loc`, by the models' own annotations."""
    here = model
    for part in loc:
        here = _bare(here)
        if get_origin(here) in (dict, tuple):  # a name or a place: the values' type, whatever it is
            here = get_args(here)[-1 if get_origin(here) is dict else 0]
        elif isinstance(here, type) and issubclass(here, BaseModel):
            here = here.model_fields[str(part)].annotation
    here = _bare(here)
    is_model = isinstance(here, type) and issubclass(here, BaseModel)
    return list(here.model_fields) if is_model else []


def _bare(annotation: Any) -> Any:
    """Without `Annotated` and `| None`."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    others = [one for one in get_args(annotation) if one is not type(None)]
    is_optional = len(others) < len(get_args(annotation))
    return _bare(others[0]) if is_optional else annotation


def _real_keys(loc: Iterable[str | int], source: YamlFile) -> Keys:
    # pydantic adds the tag of a union's member, and "[key]" for a key itself:
    # neither is a key of the file.
    keys: Keys = ()
    parts = [part for part in loc if part != "[key]"]
    for position, part in enumerate(parts):
        name = part if (*keys, part) in source.lines else str(part)
        if (*keys, name) in source.lines:
            keys = (*keys, name)
        elif position == len(parts) - 1:
            keys = (*keys, part)
    return keys
