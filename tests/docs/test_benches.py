"""The benchmarks still measure something: a change of the suite has broken two of them unseen."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench import one_conversation, ways, workers
from tests.fixtures.conftest import ROOT

pytestmark = pytest.mark.slow


def test_a_report_of_sixty_findings_is_made_signed_and_printed() -> None:
    """In a process of its own: Playwright has one driver in each."""
    call = [sys.executable, "-m", "bench.report_sizes", "60"]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].count("|") == 11


@pytest.mark.pwsh
def test_one_conversation_and_single_commands_both_answer() -> None:
    requests, _ = one_conversation.measured(0, one_conversation.one_conversation)
    commands = list(one_conversation.DISTINCT[2:4])  # the registry, and the engine's own
    single, _ = one_conversation.measured(
        0, lambda server: one_conversation.one_command_each(server, commands)
    )
    assert 0 < requests < single


def test_a_cluster_asks_some_customers(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="needs the extra fleet")
    rows = list(workers.measure(2, (1,), tmp_path / "run"))
    assert len(rows) == 2


@pytest.mark.pwsh
@pytest.mark.parametrize("name", ways.WAYS)
def test_each_way_is_measured(name: str) -> None:
    """What goes there is at least the script, and what comes back the facts."""
    one = ways.WAYS[name](name)
    assert one.way == name
    assert min(one.sent, one.received) > 3_000
    # The port is tried before a log-in; by hand nothing is connected.
    assert one.connections == (0 if "hand" in name else 1 if "SSH" in name else 2)
