"""What the script by hand says that its reader's rights leave open is what then stays open."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.windows.by_hand import Person
from acceptance.simulator.windows.twin import Twin, load_twin

from acceptance.catalogue.place import own_tests
from acceptance.catalogue.requirements import Catalogue
from acceptance.cli.asked_by_hand import question_of, selected
from acceptance.collecting.by_hand.answer import read_answer
from acceptance.collecting.by_hand.script import NAME, question_file, script_by_hand
from acceptance.evidence.envelope import Read
from tests.evidence.without_pytest import Judge, Pair

pytestmark = [pytest.mark.slow, pytest.mark.pwsh]
# By whoever is no elevated administrator.
DENIED = {"type": "System.UnauthorizedAccessException", "message": "Access is denied."}
CONFIGURATION = r"C:\Windows\System32\inetsrv\config\applicationHost.config"
REFUSED = ("Get-WindowsFeature", CONFIGURATION, "Get-UserRightSid")


def unelevated(twin: Twin) -> None:
    """What Windows then refuses: ServerManager, IIS's configuration, LSA's rights. What else it
    may refuse, the first run on a real one decides (docs/fidelity.md).
    """
    twin.accounts["reader"]["elevated"] = False
    twin.errors |= dict.fromkeys(REFUSED, DENIED)


def local_account(twin: Twin) -> None:
    """No ticket: the directory does not answer."""
    twin.accounts["reader"]["account"] = r"WEB01\helper"


def both(twin: Twin) -> None:
    unelevated(twin)
    local_account(twin)


@pytest.mark.parametrize(
    ("reader", "name"),
    [
        (unelevated, "server2019-delegated"),
        (local_account, "server2019"),
        (both, "server2019"),
    ],
)
def test_what_it_says_of_missing_rights_is_what_stays_open(
    pair: Pair,
    catalogue: Catalogue,
    rules: dict[str, Judge],
    tmp_path: Path,
    name: str,
    reader: Callable[[Twin], None],
) -> None:
    wanted = selected(catalogue, "")
    asked = question_of(
        "twins", pair.customer, "web01", catalogue, wanted, own_tests(), datetime.now(UTC)
    )
    (tmp_path / NAME).write_bytes(script_by_hand())
    (tmp_path / "twins-web01.ask.json").write_bytes(question_file(asked))
    twin = load_twin(name)
    reader(twin)
    with Endpoints(twin.network) as endpoints:
        screen = Person(twin, endpoints).run(tmp_path).stdout
    before, _, _ = screen.partition("  os: ok")
    said = re.findall(r"^[^\r\n]*Open without it: (.*)$", before, re.MULTILINE)
    told = {one for line in said for one in line.split(", ")}
    dutch = re.findall(r"Blijft open: (.*)$", before, re.MULTILINE)
    assert dutch == said
    sections = read_answer(tmp_path / "twins-web01.answer.json").sections
    # Another run of the twin shows other certificates: what is read whole is the pair's own.
    found = {
        one: getattr(sections, one)
        for one in asked.sections
        if one == "accounts" or not isinstance(getattr(sections, one), Read)
    }
    web = pair.web.model_copy(update={"sections": pair.web.sections.model_copy(update=found)})
    whole = dict(pair.judged(catalogue, rules))
    here = dict(replace(pair, web=web).judged(catalogue, rules))
    different = {one for one in here if here[one].outcome != whole[one].outcome}
    assert told == different
    assert len(told) == {unelevated: 42, local_account: 2, both: 44}[reader]
