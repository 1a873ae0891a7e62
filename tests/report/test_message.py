"""docs/ci.md's message over all customers: sent on change and at least daily, by apprise's own
client to a receiver on this machine.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from acceptance.findings.finding import Kind
from acceptance.report.overview import write_overview
from tests.docs.examples import blocks
from tests.report.test_overview import NOON, put

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="a POSIX shell's recipe"),
]
[RECIPE] = [one.text for one in blocks() if one.page == "docs/ci.md" and "apprise" in one.text]
DAY = 24 * 3600


class Receiver(HTTPServer):
    """What it was sent; `status` is what it answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hears)
        self.heard: list[dict[str, Any]] = []
        self.status = 200


class Hears(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append(json.loads(body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def tell(folder: Path, receiver: Receiver) -> list[str]:
    """The messages that the page's recipe sends now."""
    before = len(receiver.heard)
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    to = f"json://127.0.0.1:{receiver.server_port}/?format=markdown"
    at_home = {"PATH": programs, "HOME": str(folder), "APPRISE_URLS": to}
    subprocess.run(["bash", "-c", RECIPE], cwd=folder, env=os.environ | at_home, check=False)
    return [one["message"] for one in receiver.heard[before:]]


def test_it_is_sent_on_change_and_at_least_daily(tmp_path: Path, receiver: Receiver) -> None:
    """Once each; what was not delivered is sent again; what a name holds is no markup."""
    pytest.importorskip("apprise")
    reports = tmp_path / "reports"
    put(reports, "good")
    put(reports, "a*b*<c>", kind=Kind.NOT_MET)
    write_overview(reports, NOON)
    [first] = tell(tmp_path, receiver)
    assert first.startswith("## All customers: 1 rejected, 1 accepted")
    assert r"- a\*b\*\<c\>: rejected: " in first
    assert tell(tmp_path, receiver) == [], "nothing has changed"
    write_overview(reports, NOON)
    assert tell(tmp_path, receiver) == [], "written again is no change"

    put(reports, "new", kind=Kind.NOT_MET)
    write_overview(reports, NOON)
    receiver.status = 500
    assert len(tell(tmp_path, receiver)) == 1
    receiver.status = 200
    [second] = tell(tmp_path, receiver)
    assert "2 rejected, 1 accepted" in second
    assert tell(tmp_path, receiver) == []

    yesterday = time.time() - DAY
    os.utime(reports / ".sent", (yesterday, yesterday))
    assert tell(tmp_path, receiver) == [second], "no message is no sign of life"
    assert tell(tmp_path, receiver) == []
