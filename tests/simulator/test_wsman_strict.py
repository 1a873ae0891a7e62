"""The simulated WinRM service refuses what a real one refuses, and takes what a real one takes."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from acceptance.simulator.windows.runner import Emit, Result
from acceptance.simulator.winrm import messages, refusals, shells
from acceptance.simulator.winrm.messages import parse_request
from acceptance.simulator.winrm.refusals import Fault, FaultError
from acceptance.simulator.winrm.server import WsManServer
from acceptance.simulator.winrm.shells import Shells

OWNER = r"DEMO\acceptance"
HEADER = {
    "a:MessageID": "uuid:1",
    "w:ResourceURI": messages.RESOURCE_CMD,
    "w:OperationTimeout": "PT0.2S",
}


class Echo:
    """Says its command line, then what comes on its input as it comes."""

    def run(self, line: str, stdin: Iterator[bytes], emit: Emit) -> Result:
        emit("stdout", line.encode() + b":")
        for piece in stdin:
            emit("stdout", piece)
        return Result(b"", b"", -1)


def envelope(action: str, body: str = "", shell: str = "", more: str = "", **header: str) -> bytes:
    values = HEADER | {"a:Action": action} | {key.replace("_", ":"): v for key, v in header.items()}
    lines = "".join(f"<{name}>{value}</{name}>" for name, value in values.items() if value)
    if shell:
        selector = f'<w:Selector Name="ShellId">{shell}</w:Selector>'
        lines += f"<w:SelectorSet>{selector}</w:SelectorSet>"
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in messages.NAMES.items())
    return (
        f"<s:Envelope {spaces}><s:Header>{lines}{more}</s:Header><s:Body>{body}</s:Body>"
        "</s:Envelope>"
    ).encode()


class Client:
    """Sends envelopes to shells, without a network."""

    def __init__(self) -> None:
        self.shells = Shells(Echo(), {})

    def ask(self, message: bytes, owner: str = OWNER) -> str:
        return self.shells.answer(parse_request(message), owner).decode()

    def fault(self, message: bytes, owner: str = OWNER) -> Fault:
        with pytest.raises(FaultError) as caught:
            self.ask(message, owner)
        return caught.value.fault

    def shell(self, owner: str = OWNER, more: str = "") -> str:
        return between(self.ask(envelope(messages.CREATE, more=more), owner), "rsp:ShellId")

    def command(self, shell: str, line: str = "<rsp:Command>x</rsp:Command>") -> str:
        body = f"<rsp:CommandLine>{line}</rsp:CommandLine>"
        return between(self.ask(envelope(messages.COMMAND, body, shell)), "rsp:CommandId")

    def send(self, shell: str, command: str, end: str = "false") -> bytes:
        stream = f'<rsp:Stream Name="stdin" CommandId="{command}" End="{end}">aGk=</rsp:Stream>'
        return envelope(messages.SEND, f"<rsp:Send>{stream}</rsp:Send>", shell)

    def receive(self, shell: str, command: str, name: str = "CommandId", **header: str) -> bytes:
        body = f'<rsp:Receive><rsp:DesiredStream {name}="{command}">stdout</rsp:DesiredStream>'
        return envelope(messages.RECEIVE, f"{body}</rsp:Receive>", shell, **header)


def between(text: str, tag: str) -> str:
    return text.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]


@pytest.fixture
def client() -> Client:
    return Client()


UNKNOWN_HEADER = '<x:Mine xmlns:x="urn:mine" s:mustUnderstand="true">1</x:Mine>'


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (envelope(messages.CREATE, a_MessageID=""), refusals.HEADER_REQUIRED),
        (envelope(messages.CREATE, more=UNKNOWN_HEADER), refusals.NOT_UNDERSTOOD),
        (envelope(messages.CREATE, w_OperationTimeout="PT-1S"), refusals.INVALID_TIMEOUT),
        (envelope(messages.CREATE, w_OperationTimeout="-PT1S"), refusals.INVALID_TIMEOUT),
        (envelope(messages.CREATE, w_OperationTimeout="20"), refusals.INVALID_TIMEOUT),
        (envelope(messages.CREATE, w_ResourceURI="urn:nothing"), refusals.NO_SUCH_RESOURCE),
        (envelope(messages.CREATE, w_ResourceURI=""), refusals.NO_SUCH_RESOURCE),
        (
            envelope(
                messages.CREATE,
                w_ResourceURI="http://schemas.microsoft.com/powershell/Microsoft.PowerShell",
            ),
            refusals.NO_SUCH_RESOURCE,
        ),
        (envelope(f"{messages.TRANSFER}/Get"), refusals.ACTION_NOT_SUPPORTED),
    ],
    ids=["no MessageID", "mustUnderstand", "PT-1S", "-PT1S", "20", "unknown resource",
         "no resource", "PowerShell", "Get"],
)  # fmt: skip
def test_what_a_service_refuses(client: Client, message: bytes, fault: Fault) -> None:
    assert client.fault(message) == fault


def test_an_unknown_header_that_need_not_be_understood_is_passed_over(client: Client) -> None:
    assert client.shell(more=UNKNOWN_HEADER.replace("true", "false"))


@pytest.mark.parametrize("length", [shells.LONGEST_LINE, shells.LONGEST_LINE + 1])
def test_a_command_line_is_as_long_as_cmd_takes(client: Client, length: int) -> None:
    shell = client.shell()
    body = f"<rsp:CommandLine><rsp:Command>{'x' * length}</rsp:Command></rsp:CommandLine>"
    message = envelope(messages.COMMAND, body, shell)
    if length <= shells.LONGEST_LINE:
        assert "CommandId" in client.ask(message)
    else:
        assert client.fault(message) == refusals.LINE_TOO_LONG


def test_nothing_is_taken_after_the_inputs_end(client: Client) -> None:
    shell = client.shell()
    command = client.command(shell)
    client.ask(client.send(shell, command, end="true"))
    assert client.fault(client.send(shell, command)) == refusals.INPUT_ENDED


def test_another_users_shell_is_denied(client: Client) -> None:
    shell = client.shell()
    command = client.command(shell)
    for message in (
        client.send(shell, command),
        client.receive(shell, command),
        envelope(messages.DELETE, shell=shell),
        envelope(messages.COMMAND, "<rsp:CommandLine/>", shell),
    ):
        assert client.fault(message, r"DEMO\other") == refusals.ACCESS_DENIED


def test_shells_over_quota_are_refused_per_user(client: Client) -> None:
    for _ in range(shells.MAX_SHELLS_PER_USER):
        last = client.shell()
    assert client.fault(envelope(messages.CREATE)) == refusals.TOO_MANY_SHELLS
    assert client.shell(r"DEMO\other")
    client.ask(envelope(messages.DELETE, shell=last))
    assert client.shell()


def test_commands_over_quota_are_refused_until_they_are_signalled(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shells, "MAX_OPERATIONS_PER_USER", 2)
    shell = client.shell()
    first, _ = client.command(shell), client.command(shell)
    over = envelope(messages.COMMAND, "<rsp:CommandLine/>", shell)
    assert client.fault(over) == refusals.TOO_MANY_COMMANDS
    client.ask(envelope(messages.SIGNAL, f'<rsp:Signal CommandId="{first}"/>', shell))
    assert "CommandId" in client.ask(over)


def test_a_program_starts_with_its_command_and_waits_for_its_input(client: Client) -> None:
    shell = client.shell()
    arguments = "<rsp:Arguments>a</rsp:Arguments><rsp:Arguments>b c</rsp:Arguments>"
    command = client.command(shell, f"<rsp:Command>x</rsp:Command>{arguments}")
    assert "eCBhIGIgYzo=" in client.ask(client.receive(shell, command))  # "x a b c:"
    assert client.fault(client.receive(shell, command)) == refusals.TIMED_OUT
    client.ask(client.send(shell, command))
    assert "aGk=" in client.ask(client.receive(shell, command))
    client.ask(client.send(shell, command, end="true"))
    answers = ""
    while messages.STATE_DONE not in answers:
        answers += client.ask(client.receive(shell, command, w_OperationTimeout="PT5M0S"))
    assert "<rsp:ExitCode>-1</rsp:ExitCode>" in answers


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("PT5M0S", 300), ("PT0.5S", 0.5), ("P1DT1H", 90000), ("PT60.000S", 60)],
)
def test_durations(duration: str, seconds: float) -> None:
    message = envelope(messages.CREATE, w_OperationTimeout=duration)
    assert parse_request(message).operation_timeout == seconds


def post(server: WsManServer, body: bytes, **headers: str) -> Any:
    kind = {"Content-Type": "application/soap+xml;charset=UTF-8"}
    return requests.post(
        f"https://localhost:{server.port}/wsman",
        data=body,
        headers=kind | headers,
        auth=("me", "secret"),
        verify=str(server.ca_file),
        timeout=10,
    )


def test_over_the_network() -> None:
    """Nothing without a login; a message over MaxEnvelopeSize is refused."""
    methods = frozenset({"Basic"})
    with WsManServer(Echo(), users={"me": "secret"}, tls=True, authentications=methods) as server:
        address = f"https://localhost:{server.port}/wsman"
        assert requests.post(address, verify=str(server.ca_file), timeout=10).status_code == 401
        large = envelope(messages.CREATE, "x" * shells.MAX_ENVELOPE)
        refused = post(server, large)
        assert refused.status_code == 500
        assert f'Code="{refusals.ENVELOPE_TOO_LARGE.code}"' in refused.text
        assert post(server, envelope(messages.CREATE)).status_code == 200
        assert threading.active_count() < 20
