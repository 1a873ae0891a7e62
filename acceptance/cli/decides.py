"""Which property decides: what a judge asserts, followed by types to where it is defined.

>>> deciding(Path("test_iis.py"), "test_component_is_installed")  # assert feature.installed
[Decides("Feature.installed", PosixPath("…/evidence/windows.py"), 120)]
"""

import ast
import importlib
import inspect
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

FACTS = ("acceptance.evidence.", "acceptance.hosts.", "acceptance.exact.")  # who tells facts


class Decides(NamedTuple):
    """A property, method or field, as `Feature.installed`, and its place."""

    name: str
    file: Path
    line: int


def deciding(file: Path, name: str) -> list[Decides]:
    """What the asserts of the function `name` read of the facts, each once, in their order.

    Where they read what a helper made, everything that the function reads.
    """
    module = ast.parse(file.read_text(encoding="utf-8"))
    functions = [one for one in module.body if isinstance(one, ast.FunctionDef)]
    function = next(one for one in functions if one.name == name)
    names = _Names(function, _imported(module))
    asserted = [node.test for node in ast.walk(function) if isinstance(node, ast.Assert)]
    found = [one for test in asserted for one in names.read_by(test)]
    whole = [node for node in ast.walk(function) if isinstance(node, ast.Attribute)]
    return list(dict.fromkeys(found or [one for node in whole for one in names.read_by(node)]))


def _imported(module: ast.Module) -> dict[str, Any]:
    """What the module takes from the rooms that tell facts; nothing else of it is loaded."""
    found: dict[str, Any] = {}
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(FACTS):
            for one in node.names:
                found[one.asname or one.name] = _taken(str(node.module), one.name)
    return found


def _taken(module: str, name: str) -> Any:
    """`from acceptance.hosts import upkeep` takes a module, which nobody may have loaded yet."""
    source = importlib.import_module(module)
    return (
        getattr(source, name)
        if hasattr(source, name)
        else importlib.import_module(f"{module}.{name}")
    )


@dataclass
class _Names:
    """The types of a function's names, and the expressions that made its local ones."""

    function: ast.FunctionDef
    imported: dict[str, Any]
    types: dict[str, Any] = field(default_factory=dict)
    made: dict[str, ast.expr] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for argument in self.function.args.args:
            if isinstance(argument.annotation, ast.Name):
                self.types[argument.arg] = self.imported.get(argument.annotation.id)
        for node in ast.walk(self.function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                self.made[name] = node.value
                self.types[name] = self.type_of(node.value)
            elif isinstance(node, (ast.For, ast.comprehension)):
                self._each(node.target, node.iter)

    def _each(self, target: ast.expr, over: ast.expr) -> None:
        """A loop's variable has its list's type of element."""
        held = get_args(self.type_of(over))
        if isinstance(target, ast.Name) and len(held) == 1:
            self.types[target.id] = held[0]

    def type_of(self, node: ast.expr) -> Any:
        """As annotated; None where nothing says it."""
        if isinstance(node, ast.Name):
            taken = self.imported.get(node.id)
            return self.types.get(node.id, taken if inspect.ismodule(taken) else None)
        if isinstance(node, ast.Call):
            return self.type_of(node.func)
        if isinstance(node, ast.ListComp):
            self._each(node.generators[0].target, node.generators[0].iter)
            return list[self.type_of(node.elt) or Any]  # type: ignore[misc]  # made at run time
        if isinstance(node, ast.Attribute):
            return _type_of_member(self.type_of(node.value), node.attr)
        return None

    def read_by(self, node: ast.expr) -> Iterator[Decides]:
        """The facts at the end of each chain of dots; a local name stands for what made it."""
        if isinstance(node, ast.Name) and node.id in self.made:
            yield from self.read_by(self.made[node.id])
            return
        if isinstance(node, ast.Attribute):
            place = _place(self.type_of(node.value), node.attr)
            if place is not None:
                yield place
                if isinstance(node.value, ast.Name):
                    yield from self.read_by(node.value)
                return
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.comprehension):
                for condition in child.ifs:
                    yield from self.read_by(condition)
            elif isinstance(child, ast.expr):
                yield from self.read_by(child)


def _plain(annotation: Any) -> Any:
    """A class without its `| None`."""
    if get_origin(annotation) in (Union, types.UnionType):
        return next(one for one in get_args(annotation) if one is not type(None))
    return annotation


def _type_of_member(owner: Any, name: str) -> Any:
    if inspect.ismodule(owner):
        function = getattr(owner, name, None)
        hints = get_type_hints(function) if inspect.isfunction(function) else {}
        return _plain(hints.get("return"))
    if not inspect.isclass(owner := _plain(owner)):
        return None
    member = inspect.getattr_static(owner, name, None)
    member = member.fget if isinstance(member, property) else member
    hints = get_type_hints(member if inspect.isfunction(member) else owner)
    return _plain(hints.get("return" if inspect.isfunction(member) else name))


def _place(owner: Any, name: str) -> Decides | None:
    """Where the member is defined; None for what is no fact of ours."""
    owner = _plain(owner)
    function = getattr(owner, name, None) if inspect.ismodule(owner) else None
    if inspect.isfunction(function):
        line = function.__code__.co_firstlineno
        return Decides(
            f"{owner.__name__.rpartition('.')[2]}.{name}", Path(function.__code__.co_filename), line
        )
    if not inspect.isclass(owner):
        return None
    for one in owner.__mro__:
        if f"{one.__module__}.".startswith(FACTS) and name in {*vars(one), *_annotated(one)}:
            file, line = _lines(one, name)
            return Decides(f"{one.__name__}.{name}", file, line)
    return None


def _annotated(owner: type) -> dict[str, Any]:
    return inspect.get_annotations(owner)


def _lines(owner: type, name: str) -> tuple[Path, int]:
    """Where the class says it; the class itself, where another base does."""
    first, members = _members(owner)
    return Path(inspect.getfile(owner)), members.get(name, first)


@cache
def _members(owner: type) -> tuple[int, dict[str, int]]:
    """The line of a class, and of each of its methods and fields."""
    source, first = inspect.getsourcelines(owner)
    [made] = ast.parse("".join(source)).body
    assert isinstance(made, ast.ClassDef)
    members: dict[str, int] = {}
    for node in made.body:
        if isinstance(node, ast.FunctionDef):
            members.setdefault(node.name, first + node.lineno - 1)
        elif isinstance(node, ast.AnnAssign):
            members.setdefault(ast.unparse(node.target), first + node.lineno - 1)
    return first, members
