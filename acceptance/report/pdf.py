"""The report as PDF, printed by the system's Chromium, Chrome or Edge;
no browser is brought along.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from acceptance.errors import ReportError
from acceptance.report.files import PAGE, SIGNED_PAGE, is_signed
from acceptance.secrets import environment

COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
    "chrome",
)
# Where installers put them without changing PATH.
PLACES = (
    r"%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe",
    r"%ProgramFiles%\Microsoft\Edge\Application\msedge.exe",
    r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
SECONDS = 180


def find_browser() -> str:
    """The program to print with. Raises ReportError where there is none."""
    for command in COMMANDS:
        path = shutil.which(command)
        if path:
            return path
    for place in PLACES:
        if Path(os.path.expandvars(place)).is_file():
            return os.path.expandvars(place)
    raise ReportError(
        "there is no Chromium, Chrome or Edge on this machine to print a PDF with.",
        "Install one, name one with --browser, or open report.html in any browser and print it.",
    )


def print_pdf(folder: Path, output: Path | None = None, browser: str | None = None) -> Path:
    """Print the report, with its signatures where it is signed;
    beside its folder unless `output` says where.

    Raises ReportError: no report, no browser, it failed,
    or the PDF would be an added file of a signed report.
    """
    page = folder / (SIGNED_PAGE if (folder / SIGNED_PAGE).is_file() else PAGE)
    if not page.is_file():
        raise ReportError(f"{folder} is no report: it holds no {PAGE}.")
    folder = folder.resolve()
    target = (output or folder.with_name(f"{folder.parent.name}-{folder.name}.pdf")).resolve()
    if is_signed(folder) and folder in target.parents:
        raise ReportError(
            f"{target} would be a file added to a signed report.",
            "Choose a place outside its folder.",
        )
    with tempfile.TemporaryDirectory(
        prefix="acceptance-pdf-", ignore_cleanup_errors=True
    ) as scratch:
        made = Path(scratch) / "report.pdf"
        _print(browser or find_browser(), page.resolve().as_uri(), made, Path(scratch))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(made, target)
    return target


def _print(browser: str, address: str, made: Path, scratch: Path) -> None:
    arguments = [
        browser,
        "--headless",
        "--disable-gpu",
        "--no-first-run",
        "--disable-extensions",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-pdf-header-footer",
        f"--user-data-dir={scratch / 'profile'}",
        f"--print-to-pdf={made}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium refuses to start for root with its sandbox
    try:
        ran = subprocess.run(  # noqa: S603
            [*arguments, address],
            env=environment(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ReportError(f"{browser} did not print within {SECONDS} seconds.") from None
    except OSError as error:
        raise ReportError(f"{browser} could not be started: {error.strerror}.") from None
    if not made.is_file() or not made.read_bytes().startswith(b"%PDF"):
        said = ran.stderr.decode("utf-8", errors="replace").strip().splitlines()
        last = said[-1][:300] if said else "nothing"
        raise ReportError(f"{browser} made no PDF (exit status {ran.returncode}); it said: {last}")
