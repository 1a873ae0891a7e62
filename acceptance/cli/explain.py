"""Where a requirement is defined, read and judged: found by reading the source as text, so it cannot go stale."""

import ast
from dataclasses import dataclass
from pathlib import Path

from acceptance.catalogue.requirements import Catalogue
from acceptance.errors import UsageError
from acceptance.report.results import id_ranges

PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Rule:
    """The test that judges a rule: `@requirements("iis.component", sections=["features"], ...)`."""

    name: str
    sections: tuple[str, ...]
    elsewhere: tuple[str, ...]  # sections of the customer's other Windows servers
    function: str
    file: Path
    line: int


def rules(tests: Path) -> list[Rule]:
    """Every rule that a test in the folder `tests` judges."""
    found = []
    for path in sorted(tests.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                found += [
                    _rule(call, node, path)
                    for call in node.decorator_list
                    if _is_requirements(call)
                ]
    return found


def _is_requirements(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "requirements"
    )


def _rule(call: ast.expr, function: ast.FunctionDef, path: Path) -> Rule:
    assert isinstance(call, ast.Call)
    keywords = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    sections = (*keywords["sections"], *keywords.get("sql_sections", ()))
    elsewhere = tuple(keywords.get("windows_sections", ()))
    name = ast.literal_eval(call.args[0])
    return Rule(name, sections, elsewhere, function.name, path, function.lineno)


def explain(catalogue: Catalogue, tests: Path, requirement_id: str) -> list[str]:
    """The stops of a reader's walk from a requirement's id to its judgement, one line each."""
    prefix, _, digits = requirement_id.upper().rpartition("-")
    entry = catalogue.entries.get(f"{prefix}-{digits.zfill(2)}")  # iis-7 will do
    if entry is None:
        raise UsageError(
            f"no requirement {requirement_id!r}; known: {id_ranges(catalogue.entries)}."
        )
    requirement = entry.requirement
    lines = [
        f"{requirement.id}  {requirement.title}",
        f"clause    {requirement.clause}",
        f"defined   {_place(entry.file, entry.line)}",
    ]
    for rule in (rule for rule in rules(tests) if rule.name == requirement.rule):
        for section in rule.sections:
            script, first = collector_of(section)
            lines.append(f"read      {_place(script, _line(script, first))} (section {section})")
            model, number = _class_line(f"class {section.capitalize()}Section(")
            lines.append(f"shape     {_place(model, number)}")
        lines.append(
            f"asserted  {_place(rule.file, rule.line)} ({rule.function}, rule {rule.name})"
        )
    judge = PACKAGE / "findings" / "judge.py"
    lines.append(f"judged    {_place(judge, _line(judge, 'def judge('))}")
    lines.append(f"mended by {requirement.remedy}")
    for cause, remedy in requirement.remedies.items():
        lines.append(f"          {cause}: {remedy}")
    return lines


def collector_of(section: str) -> tuple[Path, str]:
    """Where a section is read, and how the first line of it begins."""
    sql = PACKAGE / "collecting" / "sql" / f"{section}.sql"
    if sql.is_file():
        return sql, "-- Section"
    return PACKAGE / "collecting" / "powershell" / f"{section}.ps1", "function Get-"


def _class_line(text: str) -> tuple[Path, int]:
    """The module of evidence/ that has a line beginning with `text`, and the line."""
    for path in sorted((PACKAGE / "evidence").glob("*.py")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith(text):
                return path, number
    raise LookupError(text)


def _line(path: Path, text: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(text))


def _place(path: Path, line: int) -> str:
    try:
        return f"{path.relative_to(Path.cwd()).as_posix()}:{line}"
    except ValueError:
        return f"{path}:{line}"
