"""The simulated WinRM service answers recorded requests as the real service did: same elements,
states, faults, output.

Left out: the recordings of PSRP (another protocol) and of WINRS_SKIP_CMD_SHELL (Server 2008 R2
only).
"""

import base64
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from acceptance.simulator.windows.runner import Emit, Result
from acceptance.simulator.winrm import messages, refusals
from acceptance.simulator.winrm.refusals import FaultError
from acceptance.simulator.winrm.shells import Shells

SAMPLES = (
    "test_winrs_standard",
    "test_winrs_stderr_rc",
    "test_winrs_unicode",
    "test_winrs_send",
    "test_winrs_operation_timeout",
    "test_winrs_bad_cmd_id",
    "test_winrs_fail_poll_process",
)
ATTRIBUTES = ("Name", "End", "State", "Code", "provider", "path")
TEXTS = (
    "Action",
    "Value",
    "FaultDetail",
    "ExitCode",
    "ResourceURI",
    "InputStreams",
    "OutputStreams",
)


def local(tag: str) -> str:
    return tag.rpartition("}")[2]


def shape(response: bytes) -> list[Any]:
    """What a client can tell of a response: elements in order, telling attributes and texts, and
    each stream's bytes.
    """
    seen: list[Any] = []
    streams: dict[str, bytes] = {}
    for element in ElementTree.fromstring(response).iter():
        tag = local(element.tag)
        if tag == "ActivityId":  # newer servers only, and no client reads it
            continue
        if tag == "Stream" and not element.get("End"):
            name = element.attrib["Name"]
            streams[name] = streams.get(name, b"") + base64.b64decode(element.text or "")
            continue
        attributes = {key: element.attrib[key] for key in ATTRIBUTES if key in element.attrib}
        text = element.text if tag in TEXTS else None
        seen.append((tag, attributes, text))
    return [*seen, streams]


class Recorded:
    """Says what the recorded program said, one Receive after another."""

    def __init__(self, receives: list[list[Any]]) -> None:
        self.receives = receives
        self.asked = threading.Semaphore(0)

    def run(self, _line: str, _stdin: Iterator[bytes], emit: Emit) -> Result:
        for *elements, streams in self.receives:
            self.asked.acquire()
            states = [
                attributes["State"] for tag, attributes, _ in elements if tag == "CommandState"
            ]
            if states == [messages.STATE_DONE]:
                [code] = [text for tag, _, text in elements if tag == "ExitCode"]
                return Result(streams.get("stdout", b""), streams.get("stderr", b""), int(code))
            for name, data in streams.items():
                emit(name, data)
        return Result(b"", b"", 0)


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_service_answers_as_recorded(shared: Path, sample: str) -> None:
    """XML is compared as XML, without ids, addresses and reasons in the server's language."""
    path = shared / "data" / "wsman-samples" / f"{sample}.yml"
    exchanges = [
        (
            messages.parse_request(message["request"].encode()),
            message["request"],
            message["response"].encode(),
        )
        for message in yaml.safe_load(path.read_text(encoding="utf-8"))["messages"]
    ]
    runner = Recorded(
        [shape(reply) for request, _, reply in exchanges if request.action == messages.RECEIVE]
    )
    shells = Shells(runner, {})  # type: ignore[arg-type]
    ids: dict[str, str] = {}
    for request, text, recorded in exchanges:
        for theirs, ours in ids.items():
            text = text.replace(theirs, ours)
        request = messages.parse_request(text.replace("PT10S", "PT0.1S").encode())
        if request.action == messages.RECEIVE:
            runner.asked.release()
        answer = answered(shells, request)
        assert shape(answer)[1:] == shape(recorded)[1:], request.action
        ids |= id_pairs(recorded, answer)


def answered(shells: Shells, request: messages.Request) -> bytes:
    try:
        return shells.answer(request, "vagrant")
    except FaultError as error:
        return refusals.fault_response(request, error.fault, "server")


def id_pairs(recorded: bytes, answer: bytes) -> dict[str, str]:
    """The recording's ShellId and CommandId -> ours."""
    theirs, ours = (
        {
            local(one.tag): one.text or ""
            for one in ElementTree.fromstring(text).iter()
            if local(one.tag) in NEW_IDS
        }
        for text in (recorded, answer)
    )
    return {theirs[tag]: ours[tag] for tag in theirs}


NEW_IDS = ("ShellId", "CommandId")
