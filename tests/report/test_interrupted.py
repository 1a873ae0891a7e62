"""A run that is interrupted or killed leaves its evidence and a report that says "incomplete"."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from acceptance.report.results import load_results
from simulator.runner import Emit, ReplayRunner, Result
from simulator.server import WsManServer
from simulator.twin import load_twin
from tests.fixtures.conftest import ACCOUNT, PASSWORD, ROOT, SECRET, Site

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
SECONDS = 30


class Hangs:
    """A server that never answers."""

    def __init__(self) -> None:
        self.released = threading.Event()

    def run(self, _line: str, _stdin: bytes, _emit: Emit) -> Result:
        self.released.wait(SECONDS)
        return Result(b"", b"", 1)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_evidence_stays_and_the_report_says_incomplete(site: Site, tmp_path: Path, how: signal.Signals) -> None:
    """web01 has answered, web02 never does; Ctrl-C and a kill both leave web01's evidence and no verdict."""
    hangs = Hangs()
    users = {ACCOUNT: PASSWORD}
    quick = WsManServer(ReplayRunner(load_twin("demo-web01")), users=users, tls=True)
    with quick, WsManServer(hangs, users=users, tls=True) as slow:
        site.add_host("web01", quick)
        site.add_host("web02", slow)
        report = tmp_path / "report"
        process = start(site, report)
        wait_for(report / "evidence" / "web01.json")
        process.send_signal(how)
        wait_for_incomplete(report, "interrupted" if how is signal.SIGINT else "unfinished")
        hangs.released.set()
        process.kill()
        process.wait(SECONDS)
    page = (report / "report.html").read_text(encoding="utf-8")
    assert "Verdict: incomplete" in page
    assert "An incomplete run cannot be signed" in page
    assert load_results(report).verdict.value == "incomplete"
    assert not [path.name for path in report.iterdir() if path.name.startswith(".report")]


def start(site: Site, report: Path) -> "subprocess.Popen[bytes]":
    import json

    inventory = site.folder / "hosts.yaml"
    inventory.write_text(json.dumps({"customers": {"acme": site.customer}}), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--hosts=acme"]
    return subprocess.Popen(
        [*command, f"--inventory={inventory}", f"--report-dir={report}"],
        cwd=ROOT,
        env=os.environ | {SECRET: site.password},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for(path: Path) -> None:
    end = time.monotonic() + SECONDS
    while not path.exists():
        assert time.monotonic() < end, f"{path} never came"
        time.sleep(0.02)


def wait_for_incomplete(report: Path, state: str) -> None:
    end = time.monotonic() + SECONDS
    while load_results(report).state != state:
        assert time.monotonic() < end, f"the report never said {state}"
        time.sleep(0.05)
