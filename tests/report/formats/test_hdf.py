"""`--to hdf`: what MITRE's own readers make of it."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from acceptance.catalogue.place import own_tests
from acceptance.catalogue.requirements import definition_sha256, load_catalogue
from acceptance.cli.report import Format, definitions, write_report
from acceptance.errors import ReportError
from acceptance.findings.finding import Kind
from acceptance.report.formats.hdf import control_id, hdf_bytes
from acceptance.report.results import Results
from tests.report import samples

# Heimdall's word for each of ours.
SHOWN = {
    Kind.MET: "Passed",
    Kind.NOT_MET: "Failed",
    Kind.WAIVED: "Failed",
    Kind.ATTESTED: "Passed",
    Kind.AWAITING: "Not Reviewed",
    Kind.COULD_NOT_BE_CHECKED: "Profile Error",
    Kind.NOT_APPLICABLE: "Not Applicable",
}
READER = """
const inspecjs = require("inspecjs"), converters = require("@mitre/hdf-converters");
const text = require("fs").readFileSync(process.argv[2], "utf-8");
const read = inspecjs.convertFile(text, true);
if (!read["1_0_ExecJson"]) { console.error(JSON.stringify(read.errors)); process.exit(1); }
const controls = read["1_0_ExecJson"].profiles[0].controls;
const status = Object.fromEntries(controls.map(c => [c.id, inspecjs.hdfWrapControl(c).status]));
const caat = new converters.FromHDFToCAATMapper([{data: JSON.parse(text), filename: "x"}]).toCAAT();
console.log(JSON.stringify({status, caat: caat.length ?? caat.byteLength}));
"""


def exported(results: Results) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(hdf_bytes(results, {}))
    return read


def test_a_control_is_one_requirement_on_one_host() -> None:
    results = samples.results(
        [samples.finding(7, Kind.MET, "web01"), samples.finding(7, Kind.NOT_MET, "web02")]
    )
    profile = exported(results)["profiles"][0]
    assert [one["id"] for one in profile["controls"]] == ["IIS-07@web01", "IIS-07@web02"]
    assert profile["groups"][0]["controls"] == ["IIS-07@web01", "IIS-07@web02"]
    assert all(len(one["results"]) == 1 for one in profile["controls"])


def test_what_could_not_be_checked_never_becomes_passed_or_skipped() -> None:
    for control in exported(samples.results(samples.every_kind()))["profiles"][0]["controls"]:
        statuses = {one["status"] for one in control["results"]}
        if control["tags"]["finding"] == Kind.COULD_NOT_BE_CHECKED.value:
            assert statuses == {"error"}
            assert control["impact"] > 0
        assert statuses <= {"passed", "failed", "skipped", "error"}
        assert (control["impact"] == 0) == (control["tags"]["finding"] == Kind.NOT_APPLICABLE.value)


def test_the_code_is_the_catalogues_entry_unless_it_has_changed_since() -> None:
    catalogue = load_catalogue(own_tests() / "requirements")
    same = definition_sha256(catalogue.entries["IIS-07"].requirement)
    results = samples.results(
        [samples.finding(7, definition_sha256=same), samples.finding(8, definition_sha256="0" * 64)]
    )
    code = definitions(results, catalogue)
    assert set(code) == {"IIS-07"}
    controls = json.loads(hdf_bytes(results, code))["profiles"][0]["controls"]
    assert "Web-Http-Logging" in controls[0]["code"]
    assert controls[1]["code"] == ""


def test_a_signed_report_gets_no_new_file(make_report: Callable[..., Path]) -> None:
    report = make_report()
    (report / "signatures").mkdir()
    (report / "signatures" / "one").write_text("x", encoding="utf-8")
    with pytest.raises(ReportError, match="added to a signed report"):
        write_report(
            report,
            Format.csv,
            output=report / "findings.csv",
            language=None,
            browser=None,
            catalogue=lambda: load_catalogue(own_tests() / "requirements"),
        )


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("npm"), reason="needs npm, which fetches MITRE's readers")
def test_heimdall_reads_it(tmp_path: Path) -> None:
    """By `inspecjs` and the converters of the version that installs from npm's registry."""
    packages = ["inspecjs@2.12.6", "@mitre/hdf-converters@2.12.6"]
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(["npm", "install", *options, *packages], cwd=tmp_path, check=True)
    (tmp_path / "read.js").write_text(READER, encoding="utf-8")
    (tmp_path / "out.json").write_bytes(hdf_bytes(samples.results(samples.every_kind()), {}))
    ran = subprocess.run(
        ["node", "read.js", "out.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    read = json.loads(ran.stdout)
    assert read["caat"] > 1000  # a workbook
    assert read["status"] == {control_id(one): SHOWN[one.kind] for one in samples.every_kind()}
