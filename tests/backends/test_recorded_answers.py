"""Every recorded answer of a real WinRM service, to every question of ours: taken, or told."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from acceptance.simulator.winrm import messages
from winrm.exceptions import WinRMTransportError

from acceptance.backends.winrm.challenge import Challenge
from acceptance.backends.winrm.conversation import Conversation, conversation_with
from acceptance.backends.winrm.faults import OPERATION_TIMED_OUT, meaning
from acceptance.backends.winrm.replies import Received
from acceptance.backends.winrm.sentences import told
from acceptance.errors import RemoteFaultError
from acceptance.inventory.connection import Connection

CONNECTION = Connection(address="web01", username="ACME\\a", password="env:X")
Ask = Callable[[Conversation], Any]
SHELL, COMMAND = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
QUESTIONS: dict[str, Ask] = {
    "CreateResponse": lambda one: one.open_shell(codepage=65001),
    "CommandResponse": lambda one: one.run_command(SHELL, "powershell.exe"),
    "SendResponse": lambda one: one.send_command_input(SHELL, COMMAND, b"x", end=True),
    "ReceiveResponse": lambda one: one.receive(SHELL, COMMAND),
    "SignalResponse": lambda one: one.cleanup_command(SHELL, COMMAND),
    "DeleteResponse": lambda one: one.close_shell(SHELL, close_session=False),
}


@pytest.fixture(scope="module")
def answers(shared: Path) -> dict[str, str]:
    """Recorded answers by file and place."""
    found = {
        f"{path.stem}-{number}": message["response"]
        for path in sorted((shared / "data" / "wsman-samples").glob("*.yml"))
        for number, message in enumerate(
            yaml.safe_load(path.read_text(encoding="utf-8"))["messages"]
        )
    }
    assert len(found) > 40
    return found


def asked(ask: Ask, answer: str) -> Any:
    """What our client makes of an answer, once it says that it is to our message."""

    def transported(message: str) -> bytes:
        request = messages.parse_request(message.encode())
        text = re.sub(
            "(RelatesTo>)[^<]*<", lambda found: f"{found[1]}{request.message_id}<", answer
        )
        text = re.sub('CommandId="[^"]*"', f'CommandId="{COMMAND}"', text)
        if "Code=" in text:
            raise WinRMTransportError("http", 500, text)
        return text.encode()

    conversation = conversation_with(CONNECTION, "secret")
    conversation._transported = transported  # type: ignore[assignment]
    return ask(conversation)


def kind_of(answer: str) -> str:
    found = re.search("Action[^>]*>([^<]*)<", answer)
    assert found is not None
    return found[1].rsplit("/", 1)[-1]


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_is_taken_by_its_own_question_and_told_by_every_other(
    answers: dict[str, str], question: str
) -> None:
    taken, sentences = 0, set()
    for name, answer in answers.items():
        code = re.search('Code="([0-9]+)"', answer)
        try:
            value = asked(QUESTIONS[question], answer)
        except Exception as error:
            assert kind_of(answer) != question, name
            found = told("web01", CONNECTION, error, Challenge())
            assert found.remedy, name
            assert "broke off" not in found.message, name
            if code is not None:
                assert isinstance(found, RemoteFaultError), name
                assert (found.code, meaning(found.code) is not None) == (int(code[1]), True), name
            sentences.add(found.message)
            continue
        waits = question == "ReceiveResponse" and code and int(code[1]) == OPERATION_TIMED_OUT
        assert kind_of(answer) == question or waits, name
        taken += 1
        if question == "ReceiveResponse":
            assert isinstance(value, Received)
            assert bool(value) is not (bool(waits) or "psrp" in name), name  # PSRP's has no command
    assert taken
    assert len(sentences) >= 4  # each fault's own, and that of another kind


def test_the_output_of_a_recorded_command_is_read_whole(answers: dict[str, str]) -> None:
    """Streams and the exit code, as they were sent."""
    found = {
        name: asked(QUESTIONS["ReceiveResponse"], answer)
        for name, answer in answers.items()
        if "winrs_standard" in name and kind_of(answer) == "ReceiveResponse"
    }
    assert [*found.values()] == [Received(b"hi\r\n", b"", 0)]
