"""The tests that judge rules, found by reading `test_*.py` as text: nothing of them is run."""

import ast
import string
from pathlib import Path
from typing import Any, NamedTuple

from acceptance.catalogue.rules import Requirement
from acceptance.text import Sentence, said


class Rule(NamedTuple):
    """The test of a rule: `@requirements("iis.component", sections=["features"], ...)`.

    `expected`: the template of what it expects, filled from a requirement's fields.
    """

    name: str
    sections: tuple[str, ...]
    elsewhere: tuple[str, ...]  # sections of the customer's other Windows servers
    expected: str
    function: str
    file: Path
    line: int


def rules(tests: Path) -> list[Rule]:
    """Every rule that a test in the folder `tests` judges."""
    found = []
    for path in sorted(tests.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                judged = filter(_is_requirements, node.decorator_list)
                found += [_rule(call, node, path) for call in judged]
    return found


def _is_requirements(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "requirements"
    )


def _rule(call: ast.expr, function: ast.FunctionDef, path: Path) -> Rule:
    assert isinstance(call, ast.Call)
    said = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    sections = (*said["sections"], *said.get("sql_sections", ()))
    name = ast.literal_eval(call.args[0])
    elsewhere = tuple(said.get("windows_sections", ()))
    expected = said["expected"]
    return Rule(name, sections, elsewhere, expected, function.name, path, function.lineno)


def expectation(template: str, requirement: Requirement) -> Sentence:
    """The judge's sentence with the requirement's fields that it names;
    lists as people write them.
    """
    names = {name for _, name, _, _ in string.Formatter().parse(template) if name}
    return said(
        template, **{name: _in_words(getattr(requirement.parameters, name)) for name in names}
    )


def _in_words(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value
