"""YAML files that people write: read safely, with the line of every node; errors name file and line."""

import re
from collections.abc import Iterable, Mapping
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


class Loader(yaml.SafeLoader):
    """Plain values only; booleans are `true` and `false`, as in YAML 1.2, so that `on` and `no` stay text.

    No aliases: a few lines of them stand for billions of values, or for themselves.
    """

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(
                problem="aliases (*name) are not read; write it out", problem_mark=mark
            )
        return super().compose_node(parent, index)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError:
            problem = "no such date or number; text that looks like one needs quotes"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from None


BOOLEAN = "tag:yaml.org,2002:bool"
Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != BOOLEAN]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver(BOOLEAN, re.compile("^(?:true|false)$"), ["t", "f"])


def read_yaml(path: Path, error: type[LocatedError]) -> YamlFile:
    """Read one YAML document. Raises `error` for a file that is missing, unreadable, empty, no YAML, or repeats a key.

    No message repeats what stands in the file, save for keys: it may be a secret.
    """
    text = _read_text(path, error)
    lines: dict[Keys, int] = {}
    try:
        loader = Loader(text)
        root = loader.get_single_node()
        if root is not None:
            _note_lines(root, (), lines, path, error)
        data = loader.construct_document(root) if root is not None else None
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        problem = str(fault.problem or fault.context)
        if problem.startswith("but "):
            problem = f"{fault.context}, {problem}"
        if re.search(r"\btag\b", problem):
            problem = "tags (!name) are not read; text that begins with ! needs quotes"
        raise error(path, mark.line + 1 if mark else 1, f"is no valid YAML: {problem}.") from None
    except yaml.reader.ReaderError as fault:
        line = text.count("\n", 0, fault.position) + 1
        raise error(
            path, line, f"is no valid YAML: the character #x{fault.character:04x} is not allowed."
        ) from None
    except RecursionError:
        raise error(path, 1, "is no valid YAML: it is nested too deeply.") from None
    if data is None:
        raise error(path, 1, "is empty.")
    return YamlFile(path, data, lines)


def _read_text(path: Path, error: type[LocatedError]) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise error(path, 1, "no such file.") from None
    except OSError as fault:
        raise error(path, 1, f"cannot be read: {fault.strerror}.") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = fault.object[: fault.start].count(b"\n") + 1
        raise error(
            path, line, f"is not UTF-8 (byte {fault.start}).", "Save it as UTF-8."
        ) from None


def shown(key: object) -> str:
    """A key as messages show it: only what a key may consist of, since `password:Secret` is a key too."""
    text = str(key)
    kept = re.match(r"[\w.-]{0,40}", text, re.ASCII)
    assert kept is not None
    return text if kept[0] == text else f"{kept[0]}…"


def _note_lines(
    node: yaml.Node, keys: Keys, lines: dict[Keys, int], path: Path, error: type[LocatedError]
) -> None:
    lines.setdefault(keys, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else str(key.start_mark)
            here = (*keys, name)
            if here in lines:
                raise error(
                    path,
                    key.start_mark.line + 1,
                    f"duplicate key {shown(name)!r} (first in line {lines[here]}).",
                    "Keep one of them.",
                )
            lines[here] = key.start_mark.line + 1
            _note_lines(value, here, lines, path, error)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _note_lines(value, (*keys, index), lines, path, error)


MESSAGES = {  # pydantic's types of errors, in words for people who write YAML
    "model_type": "must be a mapping (lines of `key: value`)",
    "dict_type": "must be a mapping (lines of `key: value`)",
    "tuple_type": "must be a list, such as [a, b]",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "string_type": "must be text; a number, a date, true and false need quotes to be text",
}


def first_error(
    error: ValidationError,
    source: YamlFile,
    kind: type[LocatedError],
    prefix: Keys = (),
    forms: Mapping[str, str] | None = None,
) -> LocatedError:
    """The first of pydantic's errors, by line, as one sentence; the value itself is never repeated: it may be a secret.

    `forms`: what a pattern asks for, in words.
    """
    located = []
    for detail in error.errors(include_url=False):
        keys = _real_keys((*prefix, *detail["loc"]), source)
        located.append((source.line_of(*keys), keys, detail))
    line, keys, detail = min(
        located, key=lambda one: (one[2]["type"] != "extra_forbidden", one[0])
    )  # a misspelt key explains a missing one
    parent = ".".join(map(shown, keys[:-1])) or "the file"
    if detail["type"] == "extra_forbidden":
        # `{password: a,bcd}` makes the rest of a password a key without a value.
        name = "…" if detail["input"] is None else shown(keys[-1])
        return kind(source.path, line, f"unknown key {name!r} in {parent}.")
    if detail["type"] == "missing":
        return kind(source.path, line, f"{parent}: {keys[-1]!r} is missing.")
    where = ".".join(map(shown, keys)) or "the file"
    return kind(source.path, line, f"{where}: {_sentence(detail, forms or {})}.")


def _sentence(detail: Any, forms: Mapping[str, str]) -> str:
    if detail["type"] == "string_pattern_mismatch":
        pattern = detail["ctx"]["pattern"]
        return forms.get(pattern, f"must have the form {pattern}")
    message: str = MESSAGES.get(detail["type"], detail["msg"])
    return message.removeprefix("Value error, ").replace("Input should be", "must be").rstrip(".")


def _real_keys(loc: Iterable[str | int], source: YamlFile) -> Keys:
    # pydantic adds the tag of a union's member, and "[key]" for a key itself: neither is a key of the file.
    keys: Keys = ()
    parts = [part for part in loc if part != "[key]"]
    for position, part in enumerate(parts):
        name = part if (*keys, part) in source.lines else str(part)
        if (*keys, name) in source.lines:
            keys = (*keys, name)
        elif position == len(parts) - 1:
            keys = (*keys, part)
    return keys
