"""pytest-html as it really is: its page of a small run, and its own JavaScript."""

import subprocess
import sys
from importlib import resources
from pathlib import Path


def log_page_of(folder: Path) -> str:
    """The page that pytest-html writes of the tests in `folder`, whatever their outcome."""
    options = ["-q", "--html=log.html", "--self-contained-html", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options]
    subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    return (folder / "log.html").read_text(encoding="utf-8")


def html_script() -> str:
    """pytest-html's own JavaScript, the only other script that may run in a report."""
    script = resources.files("pytest_html").joinpath("resources", "app.js")
    return script.read_text(encoding="utf-8")
