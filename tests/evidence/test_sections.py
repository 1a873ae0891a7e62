"""`sections=[…]` of a rule is what its judge reads:
with nothing else in the evidence it says the same.
"""

from dataclasses import replace

import pytest

from acceptance.catalogue.requirements import Catalogue
from acceptance.evidence.file import Evidence
from acceptance.evidence.sql import DATABASE_SECTIONS, SERVER_SECTIONS
from acceptance.evidence.windows import Sections
from tests.evidence.without_pytest import Judge, Pair

pytestmark = [pytest.mark.slow, pytest.mark.pwsh]


def stripped(evidence: Evidence, kept: set[str]) -> Evidence:
    """The evidence with these sections alone."""
    gone = dict.fromkeys(set(Sections.model_fields) - kept)
    made = evidence.model_copy(update={"sections": evidence.sections.model_copy(update=gone)})
    if made.sql is None:
        return made
    server = dict.fromkeys(set(SERVER_SECTIONS) - kept)
    database = dict.fromkeys(set(DATABASE_SECTIONS) - kept)
    sql = made.sql.model_copy(
        update={
            "sections": made.sql.sections.model_copy(update=server),
            "databases": {
                name: one.model_copy(update=database) for name, one in made.sql.databases.items()
            },
        }
    )
    return made.model_copy(update={"sql": sql})


def test_a_rule_names_every_section_that_it_reads(
    pair: Pair, catalogue: Catalogue, rules: dict[str, Judge]
) -> None:
    whole = dict(pair.judged(catalogue, rules))
    for rule, judge in rules.items():
        elsewhere = judge.about["elsewhere"]
        named = {*judge.about["sections"], *elsewhere.windows, *elsewhere.sql}
        part = replace(pair, web=stripped(pair.web, named), database=stripped(pair.database, named))
        alone = dict(part.judged(catalogue, rules))
        for requirement in catalogue.by_rule(rule):
            assert alone[requirement.id] == whole[requirement.id], rule


def test_a_rule_names_no_section_that_it_does_not_read(
    pair: Pair, catalogue: Catalogue, rules: dict[str, Judge]
) -> None:
    """Without any one of its sections, something of it is said otherwise:
    else nobody has to be asked for it.
    """
    whole = dict(pair.judged(catalogue, rules))
    idle = []
    for rule, judge in rules.items():
        for section in judge.about["sections"]:
            everything = {*Sections.model_fields, *SERVER_SECTIONS, *DATABASE_SECTIONS} - {section}
            part = replace(
                pair,
                web=stripped(pair.web, everything),
                database=stripped(pair.database, everything),
            )
            said = dict(part.judged(catalogue, rules))
            ids = [one.id for one in catalogue.by_rule(rule)]
            if all(said[one] == whole[one] for one in ids):
                idle.append(f"{rule}: {section}")
    assert idle == []
