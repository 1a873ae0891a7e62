"""Where a requirement is defined, read and judged:
found by reading the source as text, so it cannot go stale.
"""

import inspect
from pathlib import Path

from acceptance.catalogue.judges import rules
from acceptance.catalogue.remedies import Remedy, fill
from acceptance.catalogue.requirements import Catalogue
from acceptance.catalogue.rules import Requirement
from acceptance.cli.decides import deciding
from acceptance.cli.lookup import looked_up

PACKAGE = Path(__file__).parents[1]


def explain(catalogue: Catalogue, tests: Path, asked: str) -> list[str]:
    """The stops of a reader's walk from a requirement's id to its judgement, one line each;
    where a label or words are of several, which ones.
    """
    found = looked_up(catalogue, asked)
    if len(found) > 1:
        return [f"{one.id}  {one.title}" for one in found]
    [requirement] = found
    entry = catalogue.entries[requirement.id]
    lines = [
        f"{requirement.id}  {requirement.title}",
        f"clause    {requirement.clause or 'none: a hint, which the document does not ask for'}",
        *([f"read as   {requirement.reading}"] if requirement.reading else []),
        f"defined   {_place(entry.file, entry.line)}",
        f"rule      {_place_of_class(requirement)} ({requirement.rule})",
    ]
    for rule in (rule for rule in rules(tests) if rule.name == requirement.rule):
        for section in rule.sections:
            script, first = collector_of(section)
            lines.append(f"read      {_place(script, _line(script, first))} (section {section})")
            model, number = _class_line(f"class {section.capitalize()}Section(")
            lines.append(f"shape     {_place(model, number)}")
        lines.append(f"asserted  {_place(rule.file, rule.line)} ({rule.function})")
        for one in deciding(rule.file, rule.function):
            lines.append(f"decided   {_place(one.file, one.line)} ({one.name})")
    judge = PACKAGE / "findings" / "judge.py"
    lines.append(f"judged    {_place(judge, _line(judge, 'def judge('))}")
    lines.append(f"mended by {_filled(requirement, requirement.remedy_for(''))}")
    for cause, remedy in requirement.by_cause.items():
        lines.append(f"          {cause}: {_filled(requirement, remedy)}")
    return lines


def _filled(requirement: Requirement, remedy: Remedy) -> str:
    """With the requirement's own parameters; `<name>` is what only a run or an inventory knows."""
    return fill(remedy.template, requirement.parameters.named)


def _place_of_class(requirement: Requirement) -> str:
    made = type(requirement.parameters)
    line = inspect.getsourcelines(made)[1]
    return f"{_place(Path(inspect.getfile(made)), line)}: {made.__name__}"


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
