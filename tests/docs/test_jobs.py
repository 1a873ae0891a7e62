"""docs/ci.md's nightly jobs: what their services' own checkers and a shell say of them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]


def example(title: str) -> str:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    (text,) = re.findall(rf"## {title}\n\n```yaml\n(.*?)```", page, re.DOTALL)
    return str(text)


@pytest.mark.slow
@pytest.mark.parametrize("broken", ["", "condition: always()", "allowFailedBuilds: true"])
def test_azures_schema_accepts_its_example(tmp_path: Path, broken: str) -> None:
    """As Microsoft publishes it, in the copy that check-jsonschema brings; and not everything."""
    command = shutil.which("check-jsonschema", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("pip install check-jsonschema")
    text = example("Azure DevOps")
    assert broken in text
    text = text.replace(broken, "nosuchkey: x") if broken else text
    (tmp_path / "azure-pipelines.yml").write_text(text, encoding="utf-8")
    schema = ["--builtin-schema", "vendor.azure-pipelines", "--data-transform", "azure-pipelines"]
    done = subprocess.run(
        [command, *schema, "--regex-variant", "nonunicode", tmp_path / "azure-pipelines.yml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) is (not broken), done.stdout + done.stderr


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell's lines")
@pytest.mark.parametrize("nights", [["2026-11-24"], ["2026-11-24", "2026-11-25"]])
def test_only_tonights_report_is_published(tmp_path: Path, nights: list[str]) -> None:
    """Of the two services' lines; where tonight's run has made none, yesterday's is not taken."""
    steps = yaml.safe_load(example("GitHub Actions"))["jobs"]["customer01"]["steps"]
    lines = [one["run"] for one in steps if "find" in one.get("run", "")]
    steps = yaml.safe_load(example("Azure DevOps"))["steps"]
    lines += [one["script"] for one in steps if "find" in one.get("script", "")]
    assert len(lines) == 3
    (tmp_path / "tonight").mkdir()
    (tmp_path / ".begun").touch()
    begun = (tmp_path / ".begun").stat().st_mtime
    for night, seconds in zip(nights, (-9, 9), strict=False):
        folder = tmp_path / "reports" / "customer01" / f"{night}T031500Z"
        folder.mkdir(parents=True)
        for name in ("summary.md", "junit.xml"):
            (folder / name).write_text(night, encoding="utf-8")
            os.utime(folder / name, (begun + seconds, begun + seconds))
    environment = os.environ | {"GITHUB_STEP_SUMMARY": str(tmp_path / "shown.md")}
    said = "".join(
        subprocess.run(
            ["bash", "-c", line],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for line in lines
    )
    tonight = nights[1:]
    assert (tmp_path / "shown.md").read_text(encoding="utf-8") == "".join(tonight)
    published = [one.read_text(encoding="utf-8") for one in (tmp_path / "tonight").iterdir()]
    assert published == tonight
    place = tmp_path / "reports" / "customer01"
    shown = [f"##vso[task.uploadsummary]{place}/{one}T031500Z/summary.md" for one in tonight]
    assert said.splitlines() == shown
