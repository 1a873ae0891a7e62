"""What the service refuses: WSManFaults by number, and how they are told ([MS-WSMV], DSP0226)."""

from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from acceptance.simulator.winrm.messages import Request, envelope

FAULT = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
WSMAN_FAULT = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"


class Fault(NamedTuple):
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
TIMED_OUT = Fault(2150858793, "w:TimedOut", "The operation has timed out.", whose="Receiver")
UNEXPECTED_SELECTORS = Fault(
    2150858843, "w:InvalidSelectors", "There is no such shell or command.", "UnexpectedSelectors"
)
INVALID_PARAMETER = Fault(
    87, "w:InvalidParameter", "The parameter is incorrect. ", "InvalidValue", provider=True
)
ACTION_NOT_SUPPORTED = Fault(
    2150858771, "a:ActionNotSupported", "The action is not supported by the service."
)
NO_SUCH_RESOURCE = Fault(
    2150858752, "a:DestinationUnreachable", "The resource URI is unknown.", "InvalidResourceURI"
)
NOT_UNDERSTOOD = Fault(
    2150858768, "s:NotUnderstood", "A header must be understood and is not.", whose="MustUnderstand"
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


class FaultError(Exception):
    """The service answers with this fault."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


def fault_response(request: Request, fault: Fault, machine: str) -> bytes:
    """HTTP 500's body."""
    reason = escape(fault.reason)
    message = reason
    if fault.provider:
        path = r"%systemroot%\system32\winrscmd.dll"
        message = (
            f'<f:ProviderFault provider="Shell cmd plugin" path="{path}">{reason}</f:ProviderFault>'
        )
    detail = f"<w:FaultDetail>{FAULT}Detail/{fault.detail}</w:FaultDetail>" if fault.detail else ""
    body = (
        f"<s:Fault><s:Code><s:Value>s:{fault.whose}</s:Value><s:Subcode>"
        f"<s:Value>{fault.subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="">{reason}</s:Text></s:Reason><s:Detail>{detail}'
        f'<f:WSManFault xmlns:f="{WSMAN_FAULT}" Code="{fault.code}" Machine={quoteattr(machine)}>'
        f"<f:Message>{message}</f:Message></f:WSManFault></s:Detail></s:Fault>"
    )
    return envelope(FAULT, request, body)
