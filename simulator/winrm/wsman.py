"""WS-Management messages of the Windows remote shell: pure functions on text ([MS-WSMV], DSP0226).

Order and names of the elements follow recorded exchanges with a real WinRM service.
"""

import base64
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

SOAP = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
MICROSOFT = "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"
SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
FAULT_DETAIL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail"
WSMAN_FAULT = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
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


@dataclass(frozen=True)
class Fault:
    """A WSManFault: its number decides, its text is in the server's language.

    `detail`: the last word of w:FaultDetail, where the service gives one; `provider`: the shell's plugin speaks.
    """

    code: int
    subcode: str
    reason: str
    detail: str = ""
    provider: bool = False
    whose: str = "Sender"


# seen: test_winrs_operation_timeout
TIMED_OUT = Fault(
    2150858793,
    "w:TimedOut",
    "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.",
    whose="Receiver",
)
# seen: test_winrs_bad_cmd_id
UNEXPECTED_SELECTORS = Fault(
    2150858843,
    "w:InvalidSelectors",
    "The Windows Remote Shell received a request to perform an operation on a command identifier that does not exist.",
    detail="UnexpectedSelectors",
)
# seen: test_winrs_fail_poll_process
INVALID_PARAMETER = Fault(
    87, "w:InvalidParameter", "The parameter is incorrect. ", "InvalidValue", provider=True
)
# The numbers of wsmerror.h, and Win32's own.
ACTION_NOT_SUPPORTED = Fault(
    2150858771, "a:ActionNotSupported", "The action is not supported by the service."
)
NO_SUCH_RESOURCE = Fault(
    2150858752,
    "a:DestinationUnreachable",
    "The resource URI was not found in the WS-Management catalog.",
    detail="InvalidResourceURI",
)
NOT_UNDERSTOOD = Fault(
    2150858768,
    "s:NotUnderstood",
    "The service cannot process a SOAP header that is marked as mustUnderstand by the client.",
    whose="MustUnderstand",
)
HEADER_REQUIRED = Fault(
    2150858769,
    "a:MessageInformationHeaderRequired",
    "The request does not have all the expected SOAP headers.",
)
INVALID_TIMEOUT = Fault(
    2150858881, "w:TimedOut", "The timeout header in the request is invalid.", "InvalidTimeout"
)
ENVELOPE_TOO_LARGE = Fault(
    2150858824, "w:EncodingLimit", "The request exceeds MaxEnvelopeSize.", "MaxEnvelopeSize"
)
ACCESS_DENIED = Fault(5, "w:AccessDenied", "Access is denied. ")
INPUT_ENDED = Fault(109, "w:InternalError", "The pipe has been ended. ", provider=True)
LINE_TOO_LONG = Fault(
    2147942606, "w:InternalError", "The filename or extension is too long. ", provider=True
)
BUSY = Fault(170, "w:InternalError", "The requested resource is in use. ")
TOO_MANY_SHELLS = Fault(
    2150859173,
    "w:QuotaLimit",
    "The maximum number of concurrent shells for this user was exceeded.",
)
TOO_MANY_COMMANDS = Fault(
    2150859174,
    "w:QuotaLimit",
    "The maximum number of concurrent operations for this user was exceeded.",
)


# Headers that a client may mark as mustUnderstand.
UNDERSTOOD = {
    ADDRESSING: {"Action", "To", "ReplyTo", "FaultTo", "From", "MessageID"},
    WSMAN: {"ResourceURI", "MaxEnvelopeSize", "OperationTimeout", "OptionSet", "SelectorSet",
            "Locale"},
    MICROSOFT: {"DataLocale", "SessionId", "OperationID", "SequenceId", "ActivityId"},
}  # fmt: skip
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")


@dataclass(frozen=True)
class Request:
    """What the simulator needs of a request. `operation_timeout` in seconds, None for none."""

    action: str
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

    def has(self, option: str) -> bool:
        return self.options.get(option, "").lower() in ("true", "1")


def parse_request(body: bytes) -> Request:
    """Read one envelope. Raises ValueError for what is no WS-Man request."""
    root = _parsed(body)

    def text(path: str) -> str:
        node = root.find(path, NAMES)
        return (node.text or "").strip() if node is not None else ""

    found = root.find("s:Header", NAMES)
    headers = list(found) if found is not None else []
    stream = root.find("s:Body/rsp:Send/rsp:Stream", NAMES)
    line = root.find("s:Body/rsp:CommandLine", NAMES)
    words = [] if line is None else [(word.text or "").strip() for word in line]
    options = root.findall("s:Header/w:OptionSet/w:Option", NAMES)
    return Request(
        action=text("s:Header/a:Action"),
        message_id=text("s:Header/a:MessageID"),
        resource=text("s:Header/w:ResourceURI"),
        understood=all(_is_understood(header) for header in headers),
        operation_timeout=_seconds(text("s:Header/w:OperationTimeout") or "PT60S"),
        options={option.get("Name", ""): (option.text or "").strip() for option in options},
        shell_id=text("s:Header/w:SelectorSet/w:Selector[@Name='ShellId']"),
        command_id=_command_id(root),
        command_line=" ".join(word for word in words if word),
        stdin=base64.b64decode(stream.text or "") if stream is not None else b"",
        stdin_end=stream is not None and stream.get("End", "").lower() in ("true", "1"),
    )


def _parsed(body: bytes) -> ElementTree.Element:
    """The bytes decide on the encoding: .NET clients declare utf-16 and send UTF-8."""
    wide = body.startswith((b"\xff\xfe", b"\xfe\xff")) or body[1:2] == b"\0"
    encoding = ("utf-16" if body[:1] in b"\xff\xfe" else "utf-16-le") if wide else "utf-8-sig"
    text = body.decode(encoding)
    if "<!DOCTYPE" in text:
        raise ValueError("a document type is not allowed")
    try:
        return ElementTree.fromstring(_DECLARATION.sub("", text, count=1))  # noqa: S314 - no entities
    except ElementTree.ParseError as error:
        raise ValueError(f"not XML: {error}") from None


def _is_understood(header: ElementTree.Element) -> bool:
    if header.get(f"{{{SOAP}}}mustUnderstand", "").lower() not in ("true", "1"):
        return True
    namespace, _, name = header.tag.removeprefix("{").partition("}")
    return name in UNDERSTOOD.get(namespace, ())


def _command_id(root: ElementTree.Element) -> str:
    """Of the body's element that names a command, with or without the attribute's prefix."""
    for path in ("Send/rsp:Stream", "Receive/rsp:DesiredStream", "Signal", "CommandLine"):
        node = root.find(f"s:Body/rsp:{path}", NAMES)
        if node is not None:
            return node.get("CommandId") or node.get(f"{{{SHELL}}}CommandId") or ""
    return ""


def _seconds(duration: str) -> float | None:
    """An xs:duration, which must not be negative."""
    found = _DURATION.fullmatch(duration)
    if found is None or not any(found.groups()):
        return None
    factors = zip(found.groups(), (86400, 3600, 60, 1), strict=True)
    return sum(float(value) * factor for value, factor in factors if value)


def identify_response() -> bytes:
    """What anybody may ask without a login (DSP0226, Identify)."""
    own = "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"
    return (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Header/><s:Body><i:IdentifyResponse xmlns:i="{own}">'
        f"<i:ProtocolVersion>{WSMAN}</i:ProtocolVersion>"
        "<i:ProductVendor>Microsoft Corporation</i:ProductVendor>"
        "<i:ProductVersion>OS: 0.0.0 SP: 0.0 Stack: 3.0</i:ProductVersion>"
        "</i:IdentifyResponse></s:Body></s:Envelope>"
    ).encode()


def _envelope(action: str, relates_to: str, body: str) -> bytes:
    text = (
        f'<s:Envelope xml:lang="en-US" xmlns:s="{SOAP}" xmlns:a="{ADDRESSING}"'
        f' xmlns:x="{TRANSFER}" xmlns:w="{WSMAN}" xmlns:rsp="{SHELL}" xmlns:p="{MICROSOFT}">'
        f"<s:Header><a:Action>{action}</a:Action>"
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID><a:To>{ANONYMOUS}</a:To>"
        f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
    return text.encode()


def create_response(request: Request, shell_id: str, address: str, owner: str) -> bytes:
    body = (
        f"<x:ResourceCreated><a:Address>{escape(address)}</a:Address><a:ReferenceParameters>"
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
    return _envelope(f"{CREATE}Response", request.message_id, body)


def command_response(request: Request, command_id: str) -> bytes:
    body = f"<rsp:CommandResponse><rsp:CommandId>{command_id}</rsp:CommandId></rsp:CommandResponse>"
    return _envelope(f"{COMMAND}Response", request.message_id, body)


def send_response(request: Request) -> bytes:
    return _envelope(f"{SEND}Response", request.message_id, "<rsp:SendResponse/>")


def signal_response(request: Request) -> bytes:
    return _envelope(f"{SIGNAL}Response", request.message_id, "<rsp:SignalResponse/>")


def delete_response(request: Request) -> bytes:
    return _envelope(f"{DELETE}Response", request.message_id, "")


def receive_response(
    request: Request, streams: list[tuple[str, bytes]], exit_code: int | None
) -> bytes:
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
    body = f"<rsp:ReceiveResponse>{''.join(pieces)}</rsp:ReceiveResponse>"
    return _envelope(f"{RECEIVE}Response", request.message_id, body)


def fault_response(request: Request, fault: Fault, machine: str) -> bytes:
    """HTTP 500's body."""
    reason = escape(fault.reason)
    message = reason
    if fault.provider:
        path = r"%systemroot%\system32\winrscmd.dll"
        message = (
            f'<f:ProviderFault provider="Shell cmd plugin" path="{path}">{reason}</f:ProviderFault>'
        )
    detail = f"<w:FaultDetail>{FAULT_DETAIL}/{fault.detail}</w:FaultDetail>" if fault.detail else ""
    body = (
        f"<s:Fault><s:Code><s:Value>s:{fault.whose}</s:Value><s:Subcode>"
        f"<s:Value>{fault.subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="">{reason}</s:Text></s:Reason><s:Detail>{detail}'
        f'<f:WSManFault xmlns:f="{WSMAN_FAULT}" Code="{fault.code}" Machine={quoteattr(machine)}>'
        f"<f:Message>{message}</f:Message></f:WSManFault></s:Detail></s:Fault>"
    )
    return _envelope("http://schemas.dmtf.org/wbem/wsman/1/wsman/fault", request.message_id, body)
