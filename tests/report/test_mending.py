"""The mending scripts as texts: they parse whatever the names, and comments stay comments."""

from pathlib import Path
from typing import Any

import pytest

from acceptance.catalogue.requirements import load_catalogue
from acceptance.findings.compose import remedy_of
from acceptance.findings.finding import COUNTED, Finding, Kind
from acceptance.findings.record import Record
from acceptance.report.mending import mending_scripts, write_mending
from acceptance.report.results import Results
from acceptance.text import NOTHING
from tests.catalogue.test_remedies import HOSTILE, commands_of
from tests.report.samples import finding, results
from tests.tsql import parse_tsql

CATALOGUE = load_catalogue(Path(__file__).parents[2] / "tests_infra" / "requirements")
TEXT = "x'\u2019\n$(Stop-Computer) `; */ DROP DATABASE y --"


def everything(names: dict[str, str], text: str) -> Results:
    """Each requirement not met: on web00 as it is, and each cause of it on another server."""
    found: list[Finding] = []
    for number, one in enumerate(CATALOGUE):
        for index, cause in enumerate(("", *one.parameters.causes)):
            record = Record(NOTHING)
            record.mend(cause, **names)
            remedy, mends = remedy_of(one, record, names)
            made: dict[str, Any] = {"requirement": one.id, "marker": one.marker, "title": text}
            made |= {"found": text, "remedy": str(remedy), "mends": mends, "owner": one.owner}
            made |= {"host": f"web{index:02}"}
            found.append(finding(number, Kind.NOT_MET, restart=any(m.restart for m in mends)))
            found[-1] = found[-1].model_copy(update=made)
    return results(found)


@pytest.mark.pwsh
def test_they_parse_and_hostile_names_begin_no_command(shared: Path, tmp_path: Path) -> None:
    odd = mending_scripts(everything(HOSTILE, TEXT))
    usual = mending_scripts(everything(dict.fromkeys(HOSTILE, "x"), "x"))
    assert list(odd) == list(usual)
    names = [name for name in odd if name.endswith(".ps1")]
    told = commands_of([made[name] for made in (odd, usual) for name in names])
    for name, hostile, plain in zip(names, told, told[len(names) :], strict=False):
        assert hostile["errors"] == [], name
        assert hostile["commands"] == plain["commands"], name
    assert sum(len(one["commands"]) for one in told) > 100
    for kind, made in (("odd", odd), ("usual", usual)):
        for name in set(made) - set(names):
            place = tmp_path / f"{kind}-{name}"
            place.write_text(made[name], encoding="utf-8")
    parsed = parse_tsql(shared, tmp_path)
    assert len(parsed) > 2
    for name, one in parsed.items():
        assert one["errors"] == [], name
        usual_one = parsed[name.replace("odd", "usual")]
        assert one["statements"] == usual_one["statements"]
        assert not {"DropDatabaseStatement", "DropLoginStatement"} & set(one["statements"])


def test_one_installation_and_one_restart_at_the_end_which_is_only_said() -> None:
    """Whatever is by hand, or has a name that is not known, is a comment with its owner."""
    scripts = mending_scripts(everything({}, "x"))
    script = scripts["web00.ps1"]
    code = [line for line in script.splitlines() if not line.startswith("#")]
    assert sum("Install-WindowsFeature" in line for line in code) == 1
    assert "Restart-Computer" in code[-1]
    assert code[-1].startswith("Write-Host")
    assert sum("Restart-Computer" in line for line in code) == 1
    assert "#     Add-LocalGroupMember -SID S-1-5-32-544 -Member <service_account>" in script
    assert "# By hand, ICT administrator:" in script
    assert "-- By hand, Exact partner:" in scripts["web00.sql"]
    assert not [line for line in scripts["web00.sql"].splitlines() if line.startswith("USE <")]


def test_a_dutch_script_tells_what_is_by_hand_in_dutch() -> None:
    """Every remedy of the catalogue that is prose, with and without names."""
    english = everything({"service_account": "ACME\\svc"}, "x")
    dutch = "\n".join(mending_scripts(english.model_copy(update={"language": "nl"})).values())
    prose = [mend.command for one in english.findings for mend in one.mends if mend.type == "text"]
    assert len(prose) > 40
    assert [one for one in prose if one in dutch] == []
    assert "Met de hand, ICT-beheerder:" in dutch


def test_only_what_is_not_met_is_mended() -> None:
    kinds = [one for one in COUNTED if one is not Kind.NOT_MET]
    assert mending_scripts(results([finding(n, one) for n, one in enumerate(kinds)])) == {}


@pytest.mark.parametrize("host", ["../web01", "/etc/web01", "a b", "", "x" * 100, "-x", "a\nb"])
def test_a_hosts_name_is_no_path(host: str) -> None:
    assert mending_scripts(results([finding(1, Kind.NOT_MET, host=host)])) == {}


def test_a_script_that_is_none_any_more_goes(tmp_path: Path) -> None:
    """And its language is the page's."""
    write_mending(tmp_path, everything({}, "x"))
    assert (tmp_path / "mend" / "web00.sql").exists()
    one = results([finding(1, Kind.NOT_MET)], language="nl")
    write_mending(tmp_path, one)
    [left] = (tmp_path / "mend").iterdir()
    data = left.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf# Herstelt ")
    assert b"\r\n" in data
    assert b"\r\r" not in data
