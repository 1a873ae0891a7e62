"""The pages of docs/ that are made from the catalogue: traceability.md, rules.md, and catalogue/
in every language.

Renew them in the repository's folder: python -m acceptance.cli.pages
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from acceptance.catalogue.judges import Rule, expectation, rules
from acceptance.catalogue.pages import rules_page, traceability
from acceptance.catalogue.place import own_tests
from acceptance.catalogue.remedies import Remedy, filled
from acceptance.catalogue.requirements import MARKERS, Catalogue, load_catalogue
from acceptance.catalogue.rules import Requirement
from acceptance.cli.decides import deciding
from acceptance.report.catalogs import ENGLISH, languages
from acceptance.report.texts import load_texts
from acceptance.report.translating import told
from acceptance.text import Sentence


def pages(tests: Path) -> dict[str, str]:
    """Each page by its place under docs/. Raises CatalogueError."""
    catalogue, judged = load_catalogue(tests / "requirements"), rules(tests)
    made = {"traceability.md": traceability(catalogue), "rules.md": rules_page(judged)}
    for language in languages():
        folder = "" if language == ENGLISH else f"{language}/"
        for marker in MARKERS:
            page = requirements_page(catalogue, judged, marker, language)
            made[f"{folder}catalogue/{marker}.md"] = page
    return made


def requirements_page(catalogue: Catalogue, judged: list[Rule], marker: str, language: str) -> str:
    """What a marker's requirements ask, read, and take to be met, in a language; Markdown."""
    texts = load_texts(language)
    head = texts["catalogue"]["title"].format(area=texts["area"][marker])
    parts = [f"# {head}\n", f"{texts['catalogue']['intro'].format(marker=marker)}\n"]
    by_name = {rule.name: rule for rule in judged}
    for one in catalogue:
        if one.marker == marker:
            rows = _rows(one, by_name[one.rule], texts["catalogue"], language)
            title = told(Sentence(template=one.title), language).text
            table = "".join(f"| {name} | {_cell(text)} |\n" for name, text in rows)
            parts.append(f"## {one.id} {title}\n\n| | |\n| --- | --- |\n{table}")
    return "\n".join(parts)


def _rows(
    one: Requirement, rule: Rule, texts: Mapping[str, Any], language: str
) -> Iterator[tuple[str, str]]:
    def in_words(template: str) -> str:
        return _prose(told(Sentence(template=template), language).text)

    yield texts["clause"], in_words(one.clause) if one.clause else texts["no_clause"]
    if one.reading:
        yield texts["reading"], in_words(one.reading)
    yield texts["holds"], "; ".join(_where(one, texts, language))
    yield texts["reads"], "; ".join(_read(rule, texts)) or texts["nothing"]
    expected = told(expectation(rule.expected, one), language).text
    yield texts["met"], _prose(expected)
    names = [f"`{fact.name}`" for fact in deciding(rule.file, rule.function)]
    if names:
        yield texts["decides"], ", ".join(names)
    owner = load_texts(language)["owner"][one.owner]
    yield texts["owner"], texts["waivable" if one.waivable else "not_waivable"].format(owner=owner)
    yield texts["remedy"], _mends(one.remedy_for(""), one, language)
    for cause, remedy in one.by_cause.items():
        yield texts["remedy_for"].format(cause=cause), _mends(remedy, one, language)


def _where(one: Requirement, texts: Mapping[str, Any], language: str) -> Iterator[str]:
    phases = load_texts(language)["phase"]
    yield ", ".join(texts["role"][role] for role in one.roles)
    yield ", ".join(phases[phase] for phase in one.phases)
    if one.only_if:
        yield texts["only_if"].format(switch=one.only_if)
    if one.since:
        yield texts["since"].format(day=one.since)


def _read(rule: Rule, texts: Mapping[str, Any]) -> Iterator[str]:
    """The sections, each with what it holds."""
    said = {
        name: f"`{name}`: {texts['section'].get(name, name)}"
        for name in (*rule.sections, *rule.elsewhere)
    }
    yield from (said[name] for name in rule.sections)
    for name in rule.elsewhere:
        yield said[name] if rule.sections else texts["elsewhere"].format(section=said[name])


def _mends(remedy: Remedy, one: Requirement, language: str) -> str:
    """Prose in the language; a command as it is, with `<name>` for what a run fills in."""
    sentence = filled(remedy.template, one.parameters.named)
    if remedy.type == "text":
        return _prose(told(sentence, language).text)
    return f"`` {sentence} ``" if "`" in str(sentence) else f"`{sentence}`"


def _prose(text: str) -> str:
    """A `<name>` is no markup."""
    return re.sub(r"<(\w+)>", r"`<\1>`", text)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    """Write them all; nothing is written where the catalogue is wrong."""
    for name, text in pages(own_tests()).items():
        path = Path("docs") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
