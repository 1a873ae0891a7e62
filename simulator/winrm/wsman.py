"""WS-Management messages of the Windows remote shell: pure functions on text ([MS-WSMV], DSP0226).

Order and names of the elements follow recorded exchanges with a real WinRM service.
"""

import base64
import re
import uuid
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
ACTION_NOT_SUPPORTED = Fault(
    2150858770, "a:ActionNotSupported", "The action is not supported by the service."
)
ACCESS_DENIED = Fault(5, "w:AccessDenied", "Access is denied. ")
BUSY = Fault(170, "w:InternalError", "The requested resource is in use. ")
TOO_MANY_SHELLS = Fault(
    2150859173,
    "w:QuotaLimit",
    "The maximum number of concurrent shells for this user was exceeded.",
)


@dataclass(frozen=True)
class Request:
    """What the simulator needs of a request. `operation_timeout` in seconds."""

    action: str
    message_id: str
    operation_timeout: float
    shell_id: str
    command_id: str
    command_line: str
    stdin: bytes
    stdin_end: bool
    desired_streams: bool


def parse_request(body: bytes) -> Request:
    """Read one envelope. Raises ValueError for what is no WS-Man request."""
    if b"<!DOCTYPE" in body:
        raise ValueError("a document type is not allowed")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - no entities without a document type
    except ElementTree.ParseError as error:
        raise ValueError(f"not XML: {error}") from None

    def text(path: str) -> str:
        node = root.find(path, NAMES)
        return (node.text or "").strip() if node is not None else ""

    header = "s:Header"
    stream = root.find("s:Body/rsp:Send/rsp:Stream", NAMES)
    desired = root.find("s:Body/rsp:Receive/rsp:DesiredStream", NAMES)
    signal = root.find("s:Body/rsp:Signal", NAMES)
    command = next(
        (node.get("CommandId", "") for node in (stream, desired, signal) if node is not None), ""
    )
    timeout = re.fullmatch(r"PT(\d+(?:\.\d+)?)S", text(f"{header}/w:OperationTimeout"))
    return Request(
        action=text(f"{header}/a:Action"),
        message_id=text(f"{header}/a:MessageID"),
        operation_timeout=float(timeout[1]) if timeout else 60.0,
        shell_id=text(f"{header}/w:SelectorSet/w:Selector[@Name='ShellId']"),
        command_id=command,
        command_line=" ".join(
            filter(
                None,
                [
                    text("s:Body/rsp:CommandLine/rsp:Command"),
                    text("s:Body/rsp:CommandLine/rsp:Arguments"),
                ],
            )
        ),
        stdin=base64.b64decode(stream.text or "") if stream is not None else b"",
        stdin_end=stream is not None and stream.get("End", "").lower() == "true",
        desired_streams=desired is not None,
    )


def _envelope(action: str, relates_to: str, body: str, more: str = "") -> bytes:
    text = (
        f'<s:Envelope xml:lang="en-US" xmlns:s="{SOAP}" xmlns:a="{ADDRESSING}" xmlns:x="{TRANSFER}" xmlns:w="{WSMAN}"'
        f' xmlns:rsp="{SHELL}" xmlns:p="{MICROSOFT}"{more}><s:Header><a:Action>{action}</a:Action>'
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID><a:To>{ANONYMOUS}</a:To>"
        f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
    return text.encode()


def create_response(request: Request, shell_id: str, address: str, owner: str) -> bytes:
    body = (
        f"<x:ResourceCreated><a:Address>{escape(address)}</a:Address><a:ReferenceParameters><w:ResourceURI>{RESOURCE_CMD}</w:ResourceURI>"
        f'<w:SelectorSet><w:Selector Name="ShellId">{shell_id}</w:Selector></w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>'
        f"<rsp:Shell><rsp:ShellId>{shell_id}</rsp:ShellId><rsp:ResourceUri>{RESOURCE_CMD}</rsp:ResourceUri><rsp:Owner>{escape(owner)}</rsp:Owner>"
        "<rsp:ClientIP>127.0.0.1</rsp:ClientIP><rsp:IdleTimeOut>PT7200.000S</rsp:IdleTimeOut><rsp:InputStreams>stdin</rsp:InputStreams>"
        "<rsp:OutputStreams>stdout stderr</rsp:OutputStreams><rsp:ShellRunTime>P0DT0H0M0S</rsp:ShellRunTime>"
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
    """A command's output as Stream elements, then its state; at its end (exit code known) each stream's end too."""
    command = quoteattr(request.command_id)
    pieces = [
        f'<rsp:Stream Name="{name}" CommandId={command}>{base64.b64encode(data).decode()}</rsp:Stream>'
        for name, data in streams
    ]
    state = f'<rsp:CommandState CommandId={command} State="{STATE_RUNNING}"></rsp:CommandState>'
    if exit_code is not None:
        pieces += [
            f'<rsp:Stream Name="{name}" CommandId={command} End="true"></rsp:Stream>'
            for name in ("stdout", "stderr")
        ]
        state = f'<rsp:CommandState CommandId={command} State="{STATE_DONE}"><rsp:ExitCode>{exit_code}</rsp:ExitCode></rsp:CommandState>'
    return _envelope(
        f"{RECEIVE}Response",
        request.message_id,
        f"<rsp:ReceiveResponse>{''.join(pieces)}{state}</rsp:ReceiveResponse>",
    )


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
        f"<s:Fault><s:Code><s:Value>s:{fault.whose}</s:Value><s:Subcode><s:Value>{fault.subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="">{reason}</s:Text></s:Reason><s:Detail>{detail}'
        f'<f:WSManFault xmlns:f="{WSMAN_FAULT}" Code="{fault.code}" Machine={quoteattr(machine)}><f:Message>{message}</f:Message></f:WSManFault>'
        "</s:Detail></s:Fault>"
    )
    return _envelope("http://schemas.dmtf.org/wbem/wsman/1/wsman/fault", request.message_id, body)
