"""Every recording is judged, and says what stands beside it: adding one is adding files."""

import json
import shutil
from itertools import cycle
from pathlib import Path

import pytest
import yaml

from tests.cli.test_by_hand import call
from tests.fixtures.conftest import run_pytest

HERE = Path(__file__).parent
RECORDINGS = sorted(path.parent for path in HERE.glob("*/hosts.yaml"))


def judged(recording: Path, tmp_path: Path) -> dict[str, dict[str, str]]:
    """The kind of finding of every requirement, by host."""
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
    hosts = {one["host"] for one in ran.results["findings"]}
    return {host: ran.kinds(host) for host in sorted(hosts)}


@pytest.mark.slow
@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.name)
def test_a_recording_is_judged_as_is_expected(recording: Path, tmp_path: Path) -> None:
    """Of every requirement, not only of those that somebody thought of."""
    expected = yaml.safe_load((recording / "expected.yaml").read_text(encoding="utf-8"))
    found = judged(recording, tmp_path)
    assert found == expected, yaml.safe_dump(found)


# A customer's names where no field is for them: what servers say in their own words.
SAID = (
    "Login failed for user 'KOFA\\j.sloetjes'. Reason: no login. [CLIENT: 10.20.30.40]",
    "C:\\Users\\j.sloetjes\\Kofa Bakkerijen\\3012345.log cannot be opened",
    "Gebeurtenis 7000: de service Sloetjes-Koppeling op MUN01.kofa.example.test via 10.20.30.40.",
)
NAMES = ("kofa", "mun01", "pot01", "sloetjes", "bakkerijen", "koppeling", "3012345", "10.20.30.40")


@pytest.mark.slow
def test_a_recording_is_made_by_the_pages_words(tmp_path: Path) -> None:
    """Of a customer's evidence, with his names in free text too: judged the same, and a search
    finds none of them.
    """
    source, made = tmp_path / "source", tmp_path / "made"
    shutil.copytree(HERE / "demo", source)
    files = sorted((source / "evidence").iterdir())
    for file in files:
        evidence = json.loads(file.read_bytes())
        for said, (name, section) in zip(cycle(SAID), evidence["sections"].items()):
            if section is None:  # nobody asked for it, so nothing is judged by it
                error = {"type": "X", "message": said, "hresult": -1, "line": 1, "id": said}
                evidence["sections"][name] = {"status": "error", "error": error, "milliseconds": 1}
        file.write_text(json.dumps(evidence), encoding="utf-8")
    assert any("sloetjes" in file.read_text(encoding="utf-8") for file in files)
    status, told = call(
        "redact", str(source / "hosts.yaml"), *map(str, files), "--output", str(made)
    )
    assert status == 0, told
    (made / "evidence").mkdir()
    for file in made.glob("*.json"):
        text = file.read_text(encoding="utf-8").casefold()
        assert not [name for name in NAMES if name in f"{file.name} {text}"]
        file.rename(made / "evidence" / file.name)
    inventory = (made / "hosts.yaml").read_text(encoding="utf-8")
    assert not [name for name in NAMES if name in inventory.casefold()]
    (customer,) = yaml.safe_load(inventory)["customers"].values()
    before = yaml.safe_load((source / "hosts.yaml").read_text(encoding="utf-8"))
    names = dict(zip(customer["hosts"], before["customers"]["bepe"]["hosts"], strict=True))
    found = {names[host]: kinds for host, kinds in judged(made, tmp_path).items()}
    assert found == yaml.safe_load((source / "expected.yaml").read_text(encoding="utf-8"))


def test_there_is_a_recording() -> None:
    """A folder that nothing is found in would pass."""
    assert RECORDINGS
