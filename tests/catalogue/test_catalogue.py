"""The catalogue: what loads, what is refused, and that the documents made from it are current."""

import os
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from acceptance.simulator.windows.twin import load_twin

from acceptance.catalogue import agreed
from acceptance.catalogue.judges import rules
from acceptance.catalogue.requirements import Document, definition_sha256, load_catalogue
from acceptance.catalogue.rules import RULES, Requirement
from acceptance.catalogue.rules.iis import Component
from acceptance.cli.explain import explain
from acceptance.cli.pages import pages
from acceptance.errors import CatalogueError, InventoryError
from acceptance.findings.finding import Kind
from acceptance.findings.judge import weighed
from acceptance.inventory.file import load_inventory
from acceptance.report.catalogs import languages
from acceptance.report.texts import load_texts
from acceptance.report.translating import told
from acceptance.text import Sentence
from tests.catalogue.faults import CONFIG
from tests.surgery import rewrite

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests_infra"
DOCUMENT = 'title: T\nclauses:\n  - {clause: "A > b", marker: iis}\n'
ENTRY = """- id: IIS-01
  title: t
  clause: "A > b"
  rule: iis.component
  roles: [web]
  feature: Web-Server
  remedy: do it
"""


def folder_with(tmp_path: Path, iis: str) -> Path:
    (tmp_path / "document.yaml").write_text(DOCUMENT, encoding="utf-8")
    (tmp_path / "iis.yaml").write_text(iis, encoding="utf-8")
    return tmp_path


def test_a_complete_entry_loads(tmp_path: Path) -> None:
    """One YAML entry is all that a requirement of a known rule needs."""
    catalogue = load_catalogue(folder_with(tmp_path, ENTRY))
    assert [requirement.id for requirement in catalogue] == ["IIS-01"]


def test_it_is_read_once_while_its_files_stay_as_they_are(tmp_path: Path) -> None:
    """A changed word counts at once, whenever the file was written; so does a file that goes."""
    folder = folder_with(tmp_path, ENTRY)
    first = load_catalogue(folder)
    assert load_catalogue(folder) is first
    at = (folder / "iis.yaml").stat()
    (folder / "iis.yaml").write_text(ENTRY.replace("title: t", "title: u"), encoding="utf-8")
    os.utime(folder / "iis.yaml", ns=(at.st_atime_ns, at.st_mtime_ns))
    assert [one.title for one in load_catalogue(folder)] == ["u"]
    (folder / "iis.yaml").unlink()
    (folder / "iis.yaml").mkdir()
    with pytest.raises(CatalogueError, match=r"iis\.yaml"):
        load_catalogue(folder)


@pytest.mark.parametrize(
    ("broken", "line", "words"),
    [
        (ENTRY.replace("feature: Web-Server", "feature: ''"), 6, "feature"),
        (ENTRY.replace("  feature: Web-Server\n", ""), 1, "feature"),
        (ENTRY.replace("roles: [web]", "roles: []"), 5, "roles"),
        (ENTRY.replace("roles: [web]", "roles: [webb]"), 5, "web"),
        (ENTRY.replace("A > b", "A > c"), 3, "no clause"),
        (ENTRY.replace("IIS-01", "OS-01"), 1, "does not belong"),
        (ENTRY.replace("iis.component", "iis.nothing"), 4, "iis.component"),
        (ENTRY + ENTRY, 8, "twice"),
        (ENTRY + "  surprise: 1\n", 8, "surprise"),
        ("[]\n", 1, "not empty"),
    ],
)
def test_a_broken_entry_names_file_and_line(
    tmp_path: Path, broken: str, line: int, words: str
) -> None:
    """An expectation that everything would satisfy, a typing error, a duplicate:
    each is refused, with its line.
    """
    folder = folder_with(tmp_path, broken)
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"{folder / 'iis.yaml'}:{line}:")


def test_the_document_has_every_component() -> None:
    """The role, sixteen components and six groups, one requirement each;
    all clauses of the markers that are built.
    """
    catalogue = load_catalogue(TESTS / "requirements")
    assert len({one.clause for one in catalogue.by_rule("iis.component")}) >= 1 + 16 + 6
    assert not catalogue.clauses_to_come()


def test_every_rule_has_one_test() -> None:
    """A requirement without a test would never be judged."""
    judged = [rule.name for rule in rules(TESTS)]
    assert sorted(judged) == sorted(
        {requirement.rule for requirement in load_catalogue(TESTS / "requirements")}
    )


def test_a_new_optional_field_changes_no_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else every finding would seem to have a changed requirement when the suite is updated."""
    catalogue = load_catalogue(TESTS / "requirements")
    monkeypatch.setitem(RULES, "iis.component", Component)  # a subclass takes its place

    class Later(Component):
        grade: str = "high"

    class LaterDocument(Document):
        edition: str = ""

    class LaterRequirement(Requirement):
        severity: str = "high"

    for one in catalogue.by_rule("iis.component"):
        entry = one.model_dump(mode="json", exclude_defaults=True, by_alias=True)
        entry |= one.parameters.model_dump()
        same = (Requirement.of_entry(entry), LaterRequirement.of_entry(entry))
        assert {definition_sha256(later) for later in same} == {definition_sha256(one)}
        other = Requirement.of_entry(entry | {"grade": "low"})
        more = LaterRequirement.of_entry(entry | {"severity": "low"})
        assert len({definition_sha256(later) for later in (one, other, more)}) == 3
    document = LaterDocument.model_validate(catalogue.document.model_dump(by_alias=True))
    assert replace(catalogue, document=document).sha256 == catalogue.sha256


def test_explain_names_what_decides_and_fills_the_remedy() -> None:
    """The property behind the assert, the rule's class,
    and the commands as they are to be typed.
    """
    text = "\n".join(explain(load_catalogue(TESTS / "requirements"), TESTS, "IIS-07"))
    assert re.search(r"decided .*evidence/windows\.py:\d+ \(Feature\.installed\)", text)
    assert re.search(r"rule .*rules/iis\.py:\d+: Component \(iis\.component\)", text)
    assert "Install-WindowsFeature -Name 'Web-Http-Logging' -Source" in text
    assert "{" not in text


def test_explain_finds_what_decides_by_types() -> None:
    """Through local names, loops and comprehensions; the line is the property's own."""
    catalogue = load_catalogue(TESTS / "requirements")
    for requirement, name in (
        ("OS-01", "OsSection.build"),
        ("IIS-26", "SynergyApplication.pool_state"),
        ("NET-02", "WindowsHost.reaches"),
        ("SQL-02", "SqlInstance.own_login"),
    ):
        lines = explain(catalogue, TESTS, requirement)
        [line] = [one for one in lines if one.startswith("decided") and f"({name})" in one]
        file, _, number = line.split()[1].rpartition(":")
        text = (ROOT / file).read_text(encoding="utf-8").splitlines()[int(number) - 1]
        assert name.rpartition(".")[2] in text


def test_explain_walks_through_every_requirement() -> None:
    """Hints too, and whatever a judge imports."""
    catalogue = load_catalogue(TESTS / "requirements")
    without = []
    for one in catalogue.entries:
        lines = explain(catalogue, TESTS, one)
        assert any(line.startswith("asserted") for line in lines), one
        without += [] if any(line.startswith("decided") for line in lines) else [one]
    assert len(without) < len(catalogue.entries) / 5, without


def test_surgery_that_finds_nothing_is_told() -> None:
    """A fault that changes nothing would prove that its requirement never fails."""
    twin = load_twin("server2019")
    with pytest.raises(LookupError, match="does not hold"):
        rewrite(twin, CONFIG, "<no such element", "")


def test_explain_walks_from_id_to_judge() -> None:
    """Each stop names a file and the line of the thing itself."""
    lines = explain(load_catalogue(TESTS / "requirements"), TESTS, "iis-07")
    text = "\n".join(lines)
    for stop in ("iis.yaml:", "features.ps1:", "windows.py:", "test_iis.py:", "judge.py:"):
        assert stop in text
    defined = next(line for line in lines if line.startswith("defined"))
    number = int(defined.rsplit(":", 1)[1])
    assert (
        "IIS-07"
        in (TESTS / "requirements" / "iis.yaml")
        .read_text(encoding="utf-8")
        .splitlines()[number - 1]
    )


def test_pages_made_from_the_catalogue_are_current(made: dict[str, str]) -> None:
    """Renew them with: python -m acceptance.cli.pages."""
    for name, page in made.items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == page, name
    kept = {path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("catalogue/*.md")}
    assert {path.as_posix() for path in kept} == {name for name in made if "catalogue/" in name}


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages(TESTS)


def test_every_section_that_is_judged_has_words() -> None:
    """`catalogue.section` of report/texts/en.yaml: what a reader is told that it holds."""
    words = load_texts("en")["catalogue"]["section"]
    assert {name for one in rules(TESTS) for name in (*one.sections, *one.elsewhere)} == set(words)


def test_every_requirement_stands_in_every_language(made: dict[str, str]) -> None:
    """With its clause, what is read, when it is met and what mends each of its causes."""
    for language in languages():
        folder = "catalogue/" if language == "en" else f"{language}/catalogue/"
        texts = load_texts(language)["catalogue"]
        for one in load_catalogue(TESTS / "requirements"):
            page = made[f"{folder}{one.marker}.md"]
            part = page.split(f"\n## {one.id} ")[1].split("\n## ")[0]
            title = told(Sentence(template=one.title), language)
            assert part.startswith(title.text)
            for row in ("clause", "holds", "reads", "met", "owner", "remedy"):
                assert f"\n| {texts[row]} | " in part, (language, one.id, row)
            for cause in one.by_cause:
                assert texts["remedy_for"].format(cause=cause) in part
            assert not re.search(r"\{\w*\}", part), part


def test_every_word_of_the_document_is_tied() -> None:
    """In its order, none left out and none made up: to a clause, or to why nothing tests it."""
    text = (TESTS / "requirements" / "document.md").read_text(encoding="utf-8")
    document = load_catalogue(TESTS / "requirements").document
    assert _letters("".join(one.words for one in document.sentences)) == _letters(text)
    assert document.retrieved


def test_the_document_is_the_one_that_was_handed_over(shared: Path) -> None:
    handed = (shared / "requirements-document.md").read_text(encoding="utf-8")
    assert (TESTS / "requirements" / "document.md").read_text(encoding="utf-8") == handed


def test_every_requirement_stands_for_words_of_the_document() -> None:
    """By its clause, whose words are the document's own; both labels of a component are there."""
    catalogue = load_catalogue(TESTS / "requirements")
    said = {one.clause: one.words for one in catalogue.document.sentences if one.clause}
    for one in catalogue:
        if one.clause:
            words = one.clause.rsplit(" > ", 1)[1]
            assert _letters(words)[:12] in _letters(said[one.clause]), one.id
    for label in ("Frequent HTTP Features", "Standard Document", "Browse through folders"):
        assert [one.id for one in catalogue if label in one.clause]


SENTENCES = 'sentences:\n  - {words: "b", clause: "A > b"}\n'


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (DOCUMENT + SENTENCES.replace("A > b", "A > c"), 5, "no clause"),
        (DOCUMENT + SENTENCES.replace(', clause: "A > b"', ""), 5, "why it has none"),
        (DOCUMENT + SENTENCES.replace("clause: ", "not_testable: "), 3, "no sentence"),
    ],
)
def test_a_loose_end_of_the_tie_is_refused(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    folder = folder_with(tmp_path, ENTRY)
    (folder / "document.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match=words) as caught:
        load_catalogue(folder)
    assert str(caught.value).startswith(f"{folder / 'document.yaml'}:{line}:")


def test_what_counts_from_a_later_day_is_coming_until_then(tmp_path: Path) -> None:
    """A new sentence turns no customer red overnight; on its day it counts."""
    catalogue = load_catalogue(folder_with(tmp_path, ENTRY + "  from: 2027-01-01\n"))
    for day, weight in ((date(2026, 12, 31), "coming"), (date(2027, 1, 1), "required")):
        assert [one.weight for one in catalogue.counting((), day)] == [weight]
    assert weighed(Kind.NOT_MET, "coming") is Kind.COMING
    assert weighed(Kind.MET, "coming") is Kind.MET
    with pytest.raises(CatalogueError, match="from: DATE"):
        load_catalogue(folder_with(tmp_path, ENTRY + "  weight: coming\n"))


def test_an_agreement_on_what_was_replaced_is_confirmed_anew(tmp_path: Path) -> None:
    """IIS-25 has replaced SYN-01: a waiver of that one says nothing of the other."""
    catalogue = load_catalogue(TESTS / "requirements")
    assert "SYN-01" not in catalogue.entries
    text = (
        "customers:\n  acme:\n    title: ACME\n    service_account: ACME\\svc\n"
        "    hosts: {db01: {roles: [database], sql: {server: db01}}}\n"
        "    promises:\n      - {requirement: SYN-01, who: J, by: 2026-12-01}\n"
    )
    (tmp_path / "hosts.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InventoryError, match=":7: SYN-01 was replaced by IIS-25"):
        agreed.check(catalogue, load_inventory(tmp_path / "hosts.yaml"))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def test_what_nobody_can_grant_cannot_be_waived(tmp_path: Path) -> None:
    """The customer's consent and Exact's licence:
    a waiver of them is an error of the inventory, with its line.
    """
    catalogue = load_catalogue(TESTS / "requirements")
    assert {one.id for one in catalogue if not one.waivable} >= {"SYN-09", "LIC-01", "LIC-02"}
    text = (
        "customers:\n  acme:\n    title: ACME\n    service_account: ACME\\svc\n"
        "    hosts: {db01: {roles: [database], sql: {server: db01}}}\n"
        "    waivers:\n      - {requirement: LIC-01, reason: r, requested_by: A, "
        "approved_by: B, approver_role: C,\n"
        "         agreed_on: 2026-11-01, until: 2026-12-01}\n"
    )
    (tmp_path / "hosts.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InventoryError) as caught:
        agreed.check(catalogue, load_inventory(tmp_path / "hosts.yaml"))
    assert (
        str(caught.value)
        == f"{tmp_path / 'hosts.yaml'}:7: LIC-01 cannot be waived: the catalogue says so."
    )


WHOSE = {
    "supplier": {"SYN-08", "SQL-05", "SQL-09"},  # made or chosen by who installs Clickker
    "customer": {"SYN-09"},
    "Exact partner": {"IIS-25", "SQL-06", *(f"SYN-{one:02}" for one in range(2, 8))},
}


@pytest.mark.parametrize(("owner", "ids"), WHOSE.items())
def test_what_the_administrator_cannot_mend_is_not_asked_of_him(owner: str, ids: set[str]) -> None:
    """BACO and its password are Exact's; pool, database and versions are the installation's."""
    whose = {one.id: one.owner for one in load_catalogue(TESTS / "requirements")}
    assert {one for one in ids if whose[one] != owner} == set()
