"""What the suite's own tests share:
the markers `pwsh` and `slow`, and where the reference data is.
"""

import os
import shutil
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).parents[2] / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="the suite's own slow tests too")


def pytest_configure(config: pytest.Config) -> None:
    """A warning is an error here, and only here: a library's must not break a customer's night."""
    if config.getoption("hosts") is not None:
        return  # pytest reads this file for --hosts too, where development packages may be missing
    config.addinivalue_line("filterwarnings", "error")
    if config.pluginmanager.hasplugin("hypothesispytest"):
        from hypothesis import HealthCheck, settings

        # How long an example takes depends on what else the machine does.
        settings.register_profile(
            "suite", deadline=None, suppress_health_check=[HealthCheck.too_slow]
        )
        settings.load_profile("suite")


def pytest_sessionstart(session: pytest.Session) -> None:
    """One wrong line of the catalogue is one line here,
    and not a failure of every test that runs the suite.
    """
    if session.config.getoption("hosts") is not None:
        return
    # A shell's background job ignores Ctrl-C, and so would each program that a test interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from acceptance.catalogue.requirements import load_catalogue
    from acceptance.errors import CatalogueError

    try:
        load_catalogue(Path(__file__).parents[1] / "tests_infra" / "requirements")
    except CatalogueError as error:
        pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Slow tests run with --slow, or where somebody names them:
    by `-m slow` or by their node id.
    """
    named = "slow" in config.option.markexpr or any("::" in one for one in config.args)
    if config.option.slow or named:
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in slow]


@pytest.fixture(autouse=True)
def _a_memory_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No test remembers what another's servers refused, or writes where the user's runs do."""
    folder = str(tmp_path_factory.getbasetemp() / f"state-{uuid.uuid4()}")
    for variable in ("XDG_STATE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, folder)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("pwsh") and shutil.which("pwsh") is None:
        pytest.skip("needs PowerShell 7 on PATH (pwsh)")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """In CI, where everything is there, a skipped test is a failed one."""
    report = yield
    if report.skipped and os.environ.get("ACCEPTANCE_NO_SKIPS") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but nothing may skip here: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def shared() -> Path:
    """The team's reference data beside the repository; without it a test skips."""
    if not SHARED.is_dir():
        pytest.skip("needs the reference data in ../shared")
    return SHARED


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The system's Chromium, started once: Playwright has one driver in a process."""
    path = (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    if path is None:
        pytest.skip("needs Chromium on PATH")
    playwright = pytest.importorskip("playwright.sync_api")
    quiet = [
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=["--no-sandbox", *quiet])
        yield started
        started.close()
