"""pytest-html as it really is: its page of a small run, with our part in it by its hooks."""

import subprocess
import sys
from pathlib import Path

from acceptance.report.log_page import completed, summary_part
from acceptance.report.results import Results
from tests.report.samples import results

ROWS = 26
HOOKS = """
import pytest
from acceptance.fixtures.technical_log import TechnicalLog
from tests.report.samples import results

def pytest_configure(config):
    config.pluginmanager.register(TechnicalLog(results, lambda: {total}), "acceptance-log")
"""


def log_page_of(folder: Path, total: int = ROWS) -> str:
    """The page that pytest-html writes of the tests in `folder`, whatever their outcome."""
    (folder / "hooks.py").write_text(HOOKS.replace("{total}", str(total)), encoding="utf-8")
    options = ["-q", "--html=log.html", "--self-contained-html", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-p", "hooks", *options]
    here = Path(__file__).parents[2]
    path = {"PYTHONPATH": f"{folder}:{here}", "PATH": "/usr/bin:/bin"}
    subprocess.run(command, cwd=folder, env=path, capture_output=True, timeout=120, check=False)
    return (folder / "log.html").read_text(encoding="utf-8")


def with_results(page: str, shown: Results) -> str:
    """The report, as if the run behind pytest-html's page had found this."""
    return completed(page.replace(summary_part(results(), ROWS), summary_part(shown, ROWS)), shown)
