"""WS-Management messages of the Windows remote shell: pure functions on text ([MS-WSMV], DSP0226).

Order and names of the elements follow recorded exchanges with a real WinRM service.
"""

import base64
import uuid
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from acceptance.simulator.winrm.reading import (
    ADDRESSING,
    ANONYMOUS,
    COMMAND,
    CREATE,
    DELETE,
    FAULT_DETAIL,
    MICROSOFT,
    RECEIVE,
    RESOURCE_CMD,
    SEND,
    SHELL,
    SIGNAL,
    SOAP,
    STATE_DONE,
    STATE_RUNNING,
    TRANSFER,
    WSMAN,
    WSMAN_FAULT,
    Request,
)


@dataclass(frozen=True)
class Fault:
    """A WSManFault: its number decides, its text is in the server's language.

    `detail`: the last word of w:FaultDetail, where the service gives one; `provider`: the shell's
    plugin speaks.
    """

    code: int
    subcode: str
    reason: str
    detail: str = ""
    provider: bool = False
    whose: str = "Sender"


# Numbers of wsmerror.h, and Win32's own. Seen: TIMED_OUT, UNEXPECTED_SELECTORS, INVALID_PARAMETER
# in recorded exchanges.
TIMED_OUT = Fault(
    2150858793,
    "w:TimedOut",
    "The operation is not completed within OperationTimeout.",
    whose="Receiver",
)
UNEXPECTED_SELECTORS = Fault(
    2150858843,
    "w:InvalidSelectors",
    "The shell or command identifier does not exist.",
    "UnexpectedSelectors",
)
INVALID_PARAMETER = Fault(
    87, "w:InvalidParameter", "The parameter is incorrect. ", "InvalidValue", provider=True
)
ACTION_NOT_SUPPORTED = Fault(
    2150858771, "a:ActionNotSupported", "The action is not supported by the service."
)
NO_SUCH_RESOURCE = Fault(
    2150858752,
    "a:DestinationUnreachable",
    "The resource URI was not found in the catalog.",
    "InvalidResourceURI",
)
NOT_UNDERSTOOD = Fault(
    2150858768,
    "s:NotUnderstood",
    "The service cannot process a header marked mustUnderstand.",
    whose="MustUnderstand",
)
HEADER_REQUIRED = Fault(
    2150858769, "a:MessageInformationHeaderRequired", "The request has not all SOAP headers."
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
TOO_MANY_SHELLS = Fault(2150859173, "w:QuotaLimit", "The user has too many shells open.")
TOO_MANY_COMMANDS = Fault(2150859174, "w:QuotaLimit", "The user has too many operations open.")


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
        f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo></s:Header>"
        f"<s:Body>{body}</s:Body></s:Envelope>"
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
