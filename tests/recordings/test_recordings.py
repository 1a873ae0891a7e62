"""Every recording is judged, and says what stands beside it: adding one is adding files."""

import shutil
from pathlib import Path

import pytest
import yaml

from tests.fixtures.conftest import run_pytest

HERE = Path(__file__).parent
RECORDINGS = sorted(path.parent for path in HERE.glob("*/hosts.yaml"))


@pytest.mark.slow
@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.name)
def test_a_recording_is_judged_as_is_expected(recording: Path, tmp_path: Path) -> None:
    """Of every requirement, not only of those that somebody thought of."""
    folder = tmp_path / "recording"
    shutil.copytree(recording, folder)
    inventory = folder / "hosts.yaml"
    (customer,) = yaml.safe_load(inventory.read_text(encoding="utf-8"))["customers"]
    report = tmp_path / "report"
    ran = run_pytest(
        f"--hosts={customer}",
        f"--inventory={inventory}",
        f"--evidence={folder / 'evidence'}",
        f"--report-dir={report}",
        report=report,
    )
    expected = yaml.safe_load((recording / "expected.yaml").read_text(encoding="utf-8"))
    found = {host: ran.kinds(host) for host in expected}
    assert found == expected, yaml.safe_dump(found)
    assert {one["host"] for one in ran.results["findings"]} == set(expected)


def test_there_is_a_recording() -> None:
    """A folder that nothing is found in would pass."""
    assert RECORDINGS
