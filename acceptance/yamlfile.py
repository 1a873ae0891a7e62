"""YAML files that people write: read safely, with the line of every node;
errors name file and line.
"""

import re
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from acceptance.errors import LocatedError
from acceptance.text import Sentence, said

Keys = tuple[str | int, ...]


class YamlFile(NamedTuple):
    """A file's data, and the line (from 1) of every key and list item by its way from the top."""

    path: Path
    data: Any
    lines: dict[Keys, int]
    faults: tuple[LocatedError, ...] = ()  # of single values: the rest of the file can be used

    def line_of(self, *keys: str | int) -> int:
        """The line of a node; of its nearest ancestor where the node itself is missing."""
        for end in range(len(keys), -1, -1):
            if keys[:end] in self.lines:
                return self.lines[keys[:end]]
        return 1


TWICE = "duplicate key '{name}' (first in line {line}). Keep one of them."
INVALID = "is no valid YAML: {problem}."


class Loader(yaml.SafeLoader):
    """Plain values only; booleans are `true` and `false`, as in YAML 1.2,
    so that `on` and `no` stay text.

    No aliases: a few lines of them stand for billions of values, or for themselves; so no anchors
    either, and no merge keys. `faults`: the line and the sentence of each value that cannot be
    read.
    """

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.faults: list[tuple[int, Sentence]] = []

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(
                problem="aliases (*name) are not read; write it out", problem_mark=mark
            )
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None):
            raise yaml.MarkedYAMLError(
                problem="anchors (&name) are not read; write each place out",
                problem_mark=event.start_mark,
            )
        return super().compose_node(parent, index)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError:
            problem = "no such date or number; text that looks like one needs quotes"
        except yaml.constructor.ConstructorError as fault:
            problem = _in_words(str(fault.problem))
        self.faults.append((node.start_mark.line + 1, said(INVALID, problem=problem)))
        return None


BOOLEAN = "tag:yaml.org,2002:bool"
Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != BOOLEAN]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver(BOOLEAN, re.compile("^(?:true|false)$"), ["t", "f"])


SAFE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's, where PyYAML has it


ANCHOR = re.compile(r"(?<!\S)&\w")
MERGE = "tag:yaml.org,2002:merge"


class _Composer(SAFE_LOADER):  # type: ignore[misc]
    yaml_implicit_resolvers = Loader.yaml_implicit_resolvers


def _composed_fast(text: str) -> yaml.Node | None:
    """The nodes by libyaml, ten times as fast;
    None where there is anything that Loader has to tell.
    """
    if ANCHOR.search(text):
        return None  # or a text that looks like one
    try:
        root: yaml.Node | None = _Composer(text).get_single_node()
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    seen: set[int] = set()
    waiting = [root] if root else []
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            return None  # an alias
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            waiting += [one for pair in node.value for one in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
    return root


ESCAPE = (
    "a backslash in double quotes makes another character of what follows:"
    " write the value in single quotes, such as 'DOMAIN\\user'"
)
# What PyYAML says, and what it means to somebody who writes an inventory. The first that fits.
PROBLEMS = (
    (r"unknown escape|expected escape", ESCAPE),
    (
        r"mapping values are not allowed",
        "a key stands where none can be: the line is indented too far, the one above lacks its"
        " colon, or a text with ': ' in it needs quotes",
    ),
    (
        r"expected <block end>|expected '<document start>'",
        "the line is indented otherwise than those it belongs to; keys of one level begin in the"
        " same column",
    ),
    (r"expected ':'", "a line that is neither `key: value` nor an item of a list (`- value`)"),
    (r"character '\\t'", "the line is indented with a tab; use blanks"),
    (r"cannot start any token", "a text that begins with a special character needs quotes"),
    (r"unexpected end of stream|document separator", "quotes that are opened are never closed"),
    (r"expected ',' or '[]}]'", "a list [a, b] or {key: value} is not closed, or lacks a comma"),
    (r"sequence entries are not allowed", "an item of a list (`- value`) stands where none can be"),
    (r"single document", "a second document begins (`---`); a file has one"),
    (r"\btag\b", "tags (!name) are not read; text that begins with ! needs quotes"),
)


def _in_words(problem: str) -> str:
    return next((words for said, words in PROBLEMS if re.search(said, problem)), problem)


def read_yaml(path: Path, error: type[LocatedError], *, whole: bool = True) -> YamlFile:
    """Read one YAML document. Raises `error` for a file that is missing, unreadable,
    empty or no YAML.

    Single values that cannot be read, and keys that come twice, are raised too;
    without `whole` they are the result's `faults`, by line.
    No message repeats what stands in the file, save for keys: it may be a secret.
    """
    text = _read_text(path, error)
    lines: dict[Keys, int] = {}
    try:
        loader = Loader(text)
        root = _composed_fast(text) or loader.get_single_node()
        if root is not None:
            _note_lines(root, (), lines, loader, text)
        data = loader.construct_document(root) if root is not None else None
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        problem = _in_words(f"{fault.context or ''}, {fault.problem or ''}".strip(", "))
        if problem.startswith("while "):
            problem = str(fault.problem)
        raise error(path, mark.line + 1 if mark else 1, INVALID, problem=problem) from None
    except yaml.reader.ReaderError as fault:
        raise error(
            path,
            text.count("\n", 0, fault.position) + 1,
            "is no valid YAML: the character #x{code} is not allowed.",
            code=f"{fault.character:04x}",
        ) from None
    except RecursionError:
        raise error(path, 1, "is no valid YAML: it is nested too deeply.") from None
    if data is None:
        raise error(path, 1, "is empty.")
    faults = tuple(
        error(path, line, "{what}", what=what)
        for line, what in sorted(loader.faults, key=lambda fault: fault[0])
    )
    if whole and faults:
        raise faults[0]
    return YamlFile(path, data, lines, faults)


def _read_text(path: Path, error: type[LocatedError]) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise error(path, 1, "no such file.") from None
    except OSError as fault:
        raise error(path, 1, "cannot be read: {why}.", why=str(fault.strerror)) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = fault.object[: fault.start].count(b"\n") + 1
        raise error(
            path, line, "is not UTF-8 (byte {byte}).", "Save it as UTF-8.", byte=fault.start
        ) from None


def shown(key: object) -> str:
    """A key as messages show it: only what a key may consist of,
    since `password:Secret` is a key too.
    """
    text = str(key)
    kept = re.match(r"[\w.-]{0,40}", text, re.ASCII)
    assert kept is not None
    return text if kept[0] == text else f"{kept[0]}…"


def _note_lines(
    node: yaml.Node, keys: Keys, lines: dict[Keys, int], loader: Loader, text: str
) -> None:
    line = node.start_mark.line + 1
    lines.setdefault(keys, line)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.tag == MERGE:
                problem = "merge keys (<<) are not read; write it out"
                loader.faults.append((key.start_mark.line + 1, said(INVALID, problem=problem)))
            name = key.value if isinstance(key, yaml.ScalarNode) else str(key.start_mark)
            here, line = (*keys, name), key.start_mark.line + 1
            if here in lines:
                twice = said(TWICE, name=shown(name), line=lines[here])
                loader.faults.append((line, twice))
            lines[here] = line
            _note_lines(value, here, lines, loader, text)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _note_lines(value, (*keys, index), lines, loader, text)
    elif isinstance(node, yaml.ScalarNode) and node.style == '"':
        written = text[node.start_mark.index : node.end_mark.index]
        if "\\" in re.sub(r'\\[\\"]', "", written):
            where = ".".join(map(shown, keys))
            loader.faults.append((line, said("{where}: {what}.", where=where, what=ESCAPE)))
