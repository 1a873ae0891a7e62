"""What a reply must be before it is believed:
to this message, of this command, in WS-Man's own elements.

Pure functions on bytes. pywinrm itself takes the first element whose name ends fittingly,
whosever it is. Shapes: [MS-WSMV] 2.2.4 and 3.1.4; DSP0226 for the envelope.
"""

import base64
import re
from typing import NamedTuple
from xml.etree import ElementTree

SOAP = "{http://www.w3.org/2003/05/soap-envelope}"
ADDRESSING = "{http://schemas.xmlsoap.org/ws/2004/08/addressing}"
TRANSFER = "{http://schemas.xmlsoap.org/ws/2004/09/transfer}"
WSMAN = "{http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd}"
SHELL = "{http://schemas.microsoft.com/wbem/wsman/1/windows/shell}"
DONE = SHELL.strip("{}") + "/CommandState/Done"
HEADER, BODY, FAULT = f"{SOAP}Header", f"{SOAP}Body", f"{SOAP}Body/{SOAP}Fault"
CREATED = f"{BODY}/{TRANSFER}ResourceCreated/{ADDRESSING}ReferenceParameters/{WSMAN}SelectorSet"
EXIT_CODE = re.compile(r"-?[0-9]{1,10}")


class UnacceptableAnswerError(Exception):
    """An answer that no WinRM service gives; the message follows the host's name."""


class Received(NamedTuple):
    """One answer to Receive. `exit_code`: the ended command's; None: it still runs."""

    stdout: bytes
    stderr: bytes
    exit_code: int | None

    def __bool__(self) -> bool:
        return bool(self.stdout or self.stderr) or self.exit_code is not None


def envelope(text: bytes) -> ElementTree.Element:
    """A SOAP message. Raises UnacceptableAnswerError for other XML, ParseError for none."""
    if b"<!DOCTYPE" in text:
        raise UnacceptableAnswerError("it has a document type, which SOAP does not allow")
    root = ElementTree.fromstring(text)  # noqa: S314 - without a document type there are no entities
    if root.tag != f"{SOAP}Envelope":
        raise UnacceptableAnswerError("it is no SOAP envelope")
    return root


def is_soap(text: bytes) -> bool:
    """Whether it is a SOAP message at all, and not a proxy's page."""
    try:
        envelope(text)
    except (UnacceptableAnswerError, ElementTree.ParseError):
        return False
    return True


def is_fault(reply: bytes, message: bytes) -> bool:
    """Whether a reply is a fault. Raises UnacceptableAnswerError where it answers another message.

    A fault may not say which message it is of: the service could not read that then.
    """
    root, question = envelope(reply), envelope(message)
    fault = root.find(FAULT) is not None
    answered, sent = _header(root, "RelatesTo"), _header(question, "MessageID")
    if answered.casefold() != sent.casefold() and (answered or not fault):
        raise UnacceptableAnswerError("it answers another message than was sent")
    if not fault and _header(root, "Action") != f"{_header(question, 'Action')}Response":
        raise UnacceptableAnswerError("it answers another kind of message than was sent")
    return fault


def shell_id(reply: bytes) -> str:
    """Of the answer to Create."""
    for selector in envelope(reply).findall(f"{CREATED}/{WSMAN}Selector"):
        if selector.get("Name") == "ShellId" and selector.text:
            return selector.text.strip()
    raise UnacceptableAnswerError("it names no shell")


def command_id(reply: bytes) -> str:
    """Of the answer to Command."""
    found = _text(envelope(reply), f"{BODY}/{SHELL}CommandResponse/{SHELL}CommandId")
    if not found:
        raise UnacceptableAnswerError("it names no command")
    return found


def received(reply: bytes, command: str) -> Received:
    """Of the answer to Receive: what is of `command`;
    where its end is told several times, the last counts.
    """
    response = envelope(reply).find(f"{BODY}/{SHELL}ReceiveResponse")
    if response is None:
        raise UnacceptableAnswerError("it has nothing of what was asked for")
    own = [one for one in response if one.get("CommandId", "").casefold() == command.casefold()]
    output = {"stdout": b"", "stderr": b""}
    exit_code = None
    for one in own:
        if one.tag == f"{SHELL}Stream" and one.get("Name") in output:
            output[one.attrib["Name"]] += _bytes(one.text or "")
        elif one.tag == f"{SHELL}CommandState" and one.get("State") == DONE:
            exit_code = _exit_code(one)
    return Received(output["stdout"], output["stderr"], exit_code)


def _header(root: ElementTree.Element, name: str) -> str:
    return _text(root, f"{HEADER}/{ADDRESSING}{name}")


def _text(root: ElementTree.Element, path: str) -> str:
    return (root.findtext(path) or "").strip()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError:  # binascii.Error is one; so is a letter beyond ASCII
        raise UnacceptableAnswerError("the output in it is no base64") from None


def _exit_code(state: ElementTree.Element) -> int:
    text = _text(state, f"{SHELL}ExitCode")
    if not EXIT_CODE.fullmatch(text):
        raise UnacceptableAnswerError("the command's end has no exit code")
    return int(text)
