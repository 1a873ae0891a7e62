"""A WS-Management request as the Windows remote shell reads it ([MS-WSMV], DSP0226), and the
names of both."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

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
        # Without a document type there are no entities.
        return ElementTree.fromstring(_DECLARATION.sub("", text, count=1))  # noqa: S314
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
