"""After the installation: beside the newest signed report of before it, and no other."""

from datetime import timedelta
from pathlib import Path

from acceptance.findings.finding import Finding, Kind
from acceptance.report.changes import EarlierRuns
from acceptance.report.compared import Signer
from acceptance.report.html import page_html
from acceptance.report.results import Results
from acceptance.report.signed import Signed
from acceptance.report.since_acceptance import since_acceptance
from acceptance.report.summary import summary
from acceptance.report.terminal import closing_table
from acceptance.signing.who_signed import who_signed
from tests.report.samples import NOON, finding, results
from tests.report.write import write_report
from tests.signing.samples import sign

CUSTOMER = Signer(name="C. Customer", party="customer", meaning="accepts with the named points")
ACCEPTED = Signed((CUSTOMER,))


def run(phase: str, day: int, *findings: Finding) -> Results:
    started = NOON + timedelta(days=day)
    return results(list(findings), whole=True).model_copy(
        update={"phase": phase, "started": started}
    )


def installed(folder: Path, *findings: Finding) -> Results:
    """A run of today in the customer's folder, beside what lies there."""
    now = run("installed", 9, *findings)
    like = {"customer": now.customer, "phase": "prepare"}
    prepared = EarlierRuns(folder / "now", like, now.started)
    since = since_acceptance(prepared, lambda name: who_signed(folder / name), now)
    return now.model_copy(update={"since_acceptance": since})


def sysadmin(kind: Kind) -> Finding:
    return finding(11, kind, requirement="SQL-11", marker="sql", weight="hint", host="db01")


def test_the_newest_accepted_report_of_before_is_the_measure(tmp_path: Path) -> None:
    """Not the last ones, which nobody accepted; nor one of after the installation."""
    met = [finding(number, Kind.MET) for number in (1, 2, 3)]
    made = {
        "old": run("prepare", 0, *met),
        "signed": run("prepare", 1, *met, finding(4, Kind.WAIVED), finding(5, Kind.NOT_MET)),
        "unsigned": run("prepare", 2, finding(1, Kind.NOT_MET)),
        "delivered": run("prepare", 2, *met),
        "after": run("installed", 3, *met),
    }
    for name, one in made.items():
        write_report(tmp_path / name, one)
        if name != "unsigned":
            sign(tmp_path / name, "supplier" if name == "delivered" else "customer")
    told = installed(
        tmp_path,
        finding(1, Kind.MET),
        finding(2, Kind.NOT_MET),
        finding(3, Kind.COULD_NOT_BE_CHECKED),
        finding(4, Kind.WAIVED),
        finding(5, Kind.NOT_MET),
        finding(6, Kind.MET, requirement="SQL-04", marker="sql"),
    )
    since = told.since_acceptance
    assert since is not None
    assert (since.folder, since.signed_by) == ("signed", [CUSTOMER])
    assert since.kept == 2
    assert [(one.requirement, one.before, one.now) for one in since.lost] == [
        ("IIS-02", Kind.MET, Kind.NOT_MET),
        ("IIS-03", Kind.MET, Kind.COULD_NOT_BE_CHECKED),
    ]
    assert since.new == ["SQL-04"]
    page = page_html(told)
    assert "In order then, and open now: 2" in page
    assert "C. Customer, for the customer, accepts this report with the named points" in page
    line = "Since acceptance (signed): 2 still in order, 2 lost (IIS-02, IIS-03)."
    assert line in closing_table(told, tmp_path, colour=False, quiet=True)
    assert "- Lost since the signed acceptance: 2: IIS-02 web01" in summary(told)


def test_whether_sysadmin_was_withdrawn_is_told_or_not_known() -> None:
    before = [("signed", run("prepare", 0, finding(1, Kind.MET)))]
    for findings, word in (
        ([sysadmin(Kind.MET)], "withdrawn"),
        ([sysadmin(Kind.HINT)], "not withdrawn"),
        ([sysadmin(Kind.COULD_NOT_BE_CHECKED)], "unknown"),
        ([], "unknown"),
    ):
        now = run("installed", 1, *findings, finding(1, Kind.MET))
        since = since_acceptance(before, lambda _: ACCEPTED, now)
        assert since is not None
        assert since.sysadmin == word


def test_without_a_signed_report_or_before_the_installation_there_is_nothing(
    tmp_path: Path,
) -> None:
    before = [("unsigned", run("prepare", 0, finding(1, Kind.MET)))]
    assert since_acceptance(before, lambda _: Signed(), run("installed", 1)) is None
    assert since_acceptance(before, lambda _: ACCEPTED, run("prepare", 1)) is None
