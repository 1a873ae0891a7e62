"""WS-Management messages of the Windows remote shell: requests as the service reads them, and what
it answers; pure functions on bytes ([MS-WSMV], DSP0226).

Order and names of the elements follow recorded exchanges with a real WinRM service.
"""

import base64
import re
import uuid
from collections.abc import Mapping
from typing import NamedTuple
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

SOAP = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
MICROSOFT = "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"
SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
ANONYMOUS = f"{ADDRESSING}/role/anonymous"
RESOURCE_CMD = f"{SHELL}/cmd"

CREATE = f"{TRANSFER}/Create"
DELETE = f"{TRANSFER}/Delete"
COMMAND = f"{SHELL}/Command"
SEND = f"{SHELL}/Send"
RECEIVE = f"{SHELL}/Receive"
SIGNAL = f"{SHELL}/Signal"
STATE_RUNNING = f"{SHELL}/CommandState/Running"
STATE_DONE = f"{SHELL}/CommandState/Done"

NAMES = {"s": SOAP, "a": ADDRESSING, "w": WSMAN, "rsp": SHELL}
# Headers that a client may mark as mustUnderstand.
UNDERSTOOD = {
    ADDRESSING: {"Action", "To", "ReplyTo", "FaultTo", "From", "MessageID"},
    WSMAN: {"ResourceURI", "MaxEnvelopeSize", "OperationTimeout", "OptionSet", "SelectorSet",
            "Locale"},
    MICROSOFT: {"DataLocale", "SessionId", "OperationID", "SequenceId", "ActivityId"},
}  # fmt: skip
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


class Request(NamedTuple):
    """What the simulator needs of a request. `size` in bytes; `operation_timeout` in seconds, None
    for none.
    """

    size: int
    action: str
    to: str
    message_id: str
    resource: str
    understood: bool
    operation_timeout: float | None
    options: Mapping[str, str]
    shell_id: str
    command_id: str
    command_line: str
    stdin: bytes
    stdin_end: bool


def parse_request(body: bytes) -> Request:
    """Read one envelope. Raises ValueError or ElementTree.ParseError for what is none."""
    whole = body.decode("utf-8-sig")
    if "<!DOCTYPE" in whole:
        raise ValueError("a document type is not allowed")
    root = ElementTree.fromstring(whole)  # noqa: S314 - so there are no entities

    def text(path: str) -> str:
        node = root.find(path, NAMES)
        return (node.text or "").strip() if node is not None else ""

    stream = root.find("s:Body/rsp:Send/rsp:Stream", NAMES)
    command = root.find("s:Body//*[@CommandId]", NAMES)
    words = [(word.text or "").strip() for word in root.findall("s:Body/rsp:CommandLine/*", NAMES)]
    options = root.findall("s:Header/w:OptionSet/w:Option", NAMES)
    return Request(
        size=len(body),
        action=text("s:Header/a:Action"),
        to=text("s:Header/a:To"),
        message_id=text("s:Header/a:MessageID"),
        resource=text("s:Header/w:ResourceURI"),
        understood=all(_is_understood(header) for header in root.findall("s:Header/*", NAMES)),
        operation_timeout=_seconds(text("s:Header/w:OperationTimeout") or "PT60S"),
        options={option.get("Name", ""): (option.text or "").strip() for option in options},
        shell_id=text("s:Header/w:SelectorSet/w:Selector[@Name='ShellId']"),
        command_id=command.get("CommandId", "") if command is not None else "",
        command_line=" ".join(word for word in words if word),
        stdin=base64.b64decode(stream.text or "") if stream is not None else b"",
        stdin_end=stream is not None and is_true(stream.get("End", "")),
    )


def is_true(text: str) -> bool:
    """An xs:boolean."""
    return text.lower() in ("true", "1")


def _is_understood(header: ElementTree.Element) -> bool:
    if not is_true(header.get(f"{{{SOAP}}}mustUnderstand", "")):
        return True
    namespace, _, name = header.tag.removeprefix("{").partition("}")
    return name in UNDERSTOOD.get(namespace, ())


def _seconds(duration: str) -> float | None:
    """An xs:duration, which must not be negative."""
    found = _DURATION.fullmatch(duration)
    if found is None or not any(found.groups()):
        return None
    factors = zip(found.groups(), (86400, 3600, 60, 1), strict=True)
    return sum(float(value) * factor for value, factor in factors if value)


def envelope(action: str, request: Request, body: str) -> bytes:
    """The answer to a request."""
    text = (
        f'<s:Envelope xml:lang="en-US" xmlns:s="{SOAP}" xmlns:a="{ADDRESSING}"'
        f' xmlns:x="{TRANSFER}" xmlns:w="{WSMAN}" xmlns:rsp="{SHELL}" xmlns:p="{MICROSOFT}">'
        f"<s:Header><a:Action>{action}</a:Action>"
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID><a:To>{ANONYMOUS}</a:To>"
        f"<a:RelatesTo>{escape(request.message_id)}</a:RelatesTo></s:Header>"
        f"<s:Body>{body}</s:Body></s:Envelope>"
    )
    return text.encode()


def created(request: Request, shell_id: str, owner: str) -> str:
    """The body after Create."""
    return (
        f"<x:ResourceCreated><a:Address>{escape(request.to)}</a:Address><a:ReferenceParameters>"
        f"<w:ResourceURI>{RESOURCE_CMD}</w:ResourceURI><w:SelectorSet>"
        f'<w:Selector Name="ShellId">{shell_id}</w:Selector></w:SelectorSet>'
        "</a:ReferenceParameters></x:ResourceCreated>"
        f"<rsp:Shell><rsp:ShellId>{shell_id}</rsp:ShellId>"
        f"<rsp:ResourceUri>{RESOURCE_CMD}</rsp:ResourceUri><rsp:Owner>{escape(owner)}</rsp:Owner>"
        "<rsp:ClientIP>127.0.0.1</rsp:ClientIP><rsp:IdleTimeOut>PT7200.000S</rsp:IdleTimeOut>"
        "<rsp:InputStreams>stdin</rsp:InputStreams>"
        "<rsp:OutputStreams>stdout stderr</rsp:OutputStreams>"
        "<rsp:ShellRunTime>P0DT0H0M0S</rsp:ShellRunTime>"
        "<rsp:ShellInactivity>P0DT0H0M0S</rsp:ShellInactivity></rsp:Shell>"
    )


def received(request: Request, streams: list[tuple[str, bytes]], exit_code: int | None) -> str:
    """A command's output, then its state; at its end (exit code known) each stream's end too.

    The exit code is 32 bits with a sign, whatever the program's system made of it.
    """
    command = f"CommandId={quoteattr(request.command_id)}"
    pieces = [
        f'<rsp:Stream Name="{name}" {command}>{base64.b64encode(data).decode()}</rsp:Stream>'
        for name, data in streams
    ]
    if exit_code is None:
        pieces.append(f'<rsp:CommandState {command} State="{STATE_RUNNING}"></rsp:CommandState>')
    else:
        for name in ("stdout", "stderr"):
            pieces.append(f'<rsp:Stream Name="{name}" {command} End="true"></rsp:Stream>')
        code = (exit_code + 2**31) % 2**32 - 2**31
        pieces.append(
            f'<rsp:CommandState {command} State="{STATE_DONE}">'
            f"<rsp:ExitCode>{code}</rsp:ExitCode></rsp:CommandState>"
        )
    return f"<rsp:ReceiveResponse>{''.join(pieces)}</rsp:ReceiveResponse>"
