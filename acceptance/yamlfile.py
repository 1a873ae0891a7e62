"""YAML files that people write: read safely, with the line of every node; errors name file and line."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from acceptance.errors import LocatedError

Keys = tuple[str | int, ...]


@dataclass(frozen=True)
class YamlFile:
    """A file's data, and the line (from 1) of every key and list item by its way from the top."""

    path: Path
    data: Any
    lines: dict[Keys, int]

    def line_of(self, *keys: str | int) -> int:
        """The line of a node; of its nearest ancestor where the node itself is missing."""
        for end in range(len(keys), -1, -1):
            if keys[:end] in self.lines:
                return self.lines[keys[:end]]
        return 1


def read_yaml(path: Path, error: type[LocatedError]) -> YamlFile:
    """Read one YAML document. Raises `error` for a missing or unreadable file, bad syntax, an empty file, a duplicate key."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise error(path, 1, "no such file.") from None
    except UnicodeDecodeError as fault:
        raise error(path, 1, f"is not UTF-8 (byte {fault.start}).", "Save it as UTF-8.") from None
    except OSError as fault:
        raise error(path, 1, f"cannot be read: {fault.strerror}.") from None
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        lines: dict[Keys, int] = {}
        if root is not None:
            _note_lines(root, (), lines, path, error)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        raise error(
            path, mark.line + 1 if mark else 1, f"is no valid YAML: {fault.problem or fault.context}."
        ) from None
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        raise error(path, 1, f"is no valid YAML: {' '.join(str(fault).split())}.") from None
    if data is None:
        raise error(path, 1, "is empty.")
    return YamlFile(path, data, lines)


def _note_lines(node: yaml.Node, keys: Keys, lines: dict[Keys, int], path: Path, error: type[LocatedError]) -> None:
    lines.setdefault(keys, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else str(key.start_mark)
            here = (*keys, name)
            if here in lines:
                raise error(
                    path,
                    key.start_mark.line + 1,
                    f"duplicate key {name!r} (first in line {lines[here]}).",
                    "Keep one of them.",
                )
            lines[here] = key.start_mark.line + 1
            _note_lines(value, here, lines, path, error)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _note_lines(value, (*keys, index), lines, path, error)


def first_error(error: ValidationError, source: YamlFile, kind: type[LocatedError], prefix: Keys = ()) -> LocatedError:
    """The first of pydantic's errors, by line, as one sentence; the value itself is never repeated: it may be a secret."""
    located = []
    for detail in error.errors(include_input=False, include_url=False):
        keys = _real_keys((*prefix, *detail["loc"]), source)
        located.append((source.line_of(*keys), keys, detail))
    line, keys, detail = min(
        located, key=lambda one: (one[2]["type"] != "extra_forbidden", one[0])
    )  # a misspelt key explains a missing one
    where = ".".join(map(str, keys)) or "the file"
    if detail["type"] == "extra_forbidden":
        return kind(source.path, line, f"unknown key {keys[-1]!r} in {'.'.join(map(str, keys[:-1])) or 'the file'}.")
    if detail["type"] == "missing":
        return kind(source.path, line, f"{'.'.join(map(str, keys[:-1])) or 'the file'}: {keys[-1]!r} is missing.")
    message = detail["msg"].removeprefix("Value error, ").rstrip(".")
    if detail["type"] == "string_type":
        message = f"{message}; write it in quotes"
    return kind(source.path, line, f"{where}: {message}.")


def _real_keys(loc: Iterable[str | int], source: YamlFile) -> Keys:
    # pydantic puts the tag of a union's member into the way; it is no key of the file.
    keys: Keys = ()
    parts = list(loc)
    for position, part in enumerate(parts):
        if (*keys, part) in source.lines or position == len(parts) - 1:
            keys = (*keys, part)
    return keys
