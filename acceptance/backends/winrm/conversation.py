"""pywinrm's Protocol with replies that are looked at before they are believed,
and a limit for each of its waits.
"""

from typing import Any

import winrm.protocol
import xmltodict
from winrm.exceptions import WinRMOperationTimeoutError, WinRMTransportError

from acceptance.backends.winrm import replies
from acceptance.backends.winrm.replies import Received
from acceptance.inventory.connection import Connection

READ_MARGIN = 10  # seconds that an answer may take beyond the service's own operation time-out
RESOURCE = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd"
RECEIVE = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/Receive"
GRACE_SECONDS = 1.0  # the same, once a host's deadline is near


class Conversation(winrm.protocol.Protocol):
    """One shell's messages. `operation_seconds`: how long the service may keep one waiting."""

    def __init__(self, *, operation_seconds: int, **options: Any) -> None:
        super().__init__(
            operation_timeout_sec=operation_seconds,
            read_timeout_sec=operation_seconds + READ_MARGIN,
            **options,
        )
        self._operation_seconds = operation_seconds
        self._reply = b""
        self._transported = self.transport.send_message
        vars(self.transport)["send_message"] = self._believed

    def hold(self, seconds: float) -> None:
        """The next message's answer has to be here in `seconds`: the service is told,
        and so is the socket.
        """
        whole = max(1, int(seconds))  # WS-Man's shortest
        self.operation_timeout_sec = min(self._operation_seconds, whole)
        longest = self._operation_seconds + READ_MARGIN
        vars(self.transport)["read_timeout_sec"] = min(longest, max(0.0, seconds) + GRACE_SECONDS)

    def _believed(self, message: str | bytes) -> bytes:
        sent = message.encode() if isinstance(message, str) else message
        try:
            reply = self._transported(message)
        except WinRMTransportError as error:
            if replies.is_soap(error.response_text.encode()):
                replies.is_fault(error.response_text.encode(), sent)
                raise
            raise WinRMTransportError("http", error.code, "") from None
        if replies.is_fault(reply, sent):  # told as one, whatever HTTP's status says
            raise WinRMTransportError("http", 200, reply.decode())
        self._reply = reply
        return reply

    def open_shell(self, *arguments: Any, **options: Any) -> str:
        """The new shell's id."""
        super().open_shell(*arguments, **options)
        return replies.shell_id(self._reply)

    def run_command(self, *arguments: Any, **options: Any) -> str:
        """The started command's id."""
        super().run_command(*arguments, **options)
        return replies.command_id(self._reply)

    def receive(self, shell: str, command: str) -> Received:
        """What the command has said since it was last asked;
        nothing where it said nothing in time.
        """
        asked = self.build_wsman_header(action=RECEIVE, resource_uri=RESOURCE, shell_id=shell)
        wanted = {"@CommandId": command, "#text": "stdout stderr"}
        asked["env:Body"] = {"rsp:Receive": {"rsp:DesiredStream": wanted}}
        try:
            return replies.received(
                self.send_message(xmltodict.unparse({"env:Envelope": asked})), command
            )
        except WinRMOperationTimeoutError:
            return Received(b"", b"", None)


def conversation_with(connection: Connection, password: str | None) -> Conversation:
    """A new one, with nothing sent yet."""
    return Conversation(
        endpoint=f"{connection.scheme}://{connection.place}/wsman",
        transport=connection.auth,
        username=connection.username,
        password=password,
        server_cert_validation="validate" if connection.verify_tls else "ignore",
        ca_trust_path=str(connection.ca_file) if connection.ca_file else None,  # None: certifi
        cert_pem=str(connection.certificate) if connection.certificate else None,
        cert_key_pem=str(connection.certificate_key) if connection.certificate_key else None,
        kerberos_hostname_override=connection.kerberos_hostname,
        operation_seconds=connection.operation_seconds,
        message_encryption="never",  # over http, guard() seals the messages
        proxy=None,  # environment proxies are for the internet, not for the customer's servers
    )
