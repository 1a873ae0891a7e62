"""What a WinRM service may answer: from where it was asked, not endless, in time,
and over http sealed like the question.

pywinrm and requests leave these open: they follow redirects (and log in there),
read whatever comes, wait as long as one byte comes in time, send what stands in ~/.netrc,
and take a clear answer to a sealed message.
"""

from collections.abc import Callable, Iterator
from typing import Any

import requests
import winrm.protocol
from requests.adapters import HTTPAdapter
from winrm.exceptions import WinRMTransportError

from acceptance.backends.winrm.challenge import Challenge, carries_credentials
from acceptance.backends.winrm.replies import UnacceptableAnswerError, is_soap

LARGEST_ANSWER = 4 * 2**20  # bytes; WinRM's own limit is MaxEnvelopeSizekb, 500 by default


class GuardedAdapter(HTTPAdapter):
    """Refuses redirects, and answers beyond LARGEST_ANSWER after decompression;
    also during the log-in's own requests.

    What a 401 offers, and that another answer took the credentials, is noted in `challenge`.
    """

    def __init__(self, challenge: Challenge) -> None:
        super().__init__()
        self.challenge = challenge

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        authorization = request.headers.get("Authorization")
        if carries_credentials(authorization):
            self.challenge.at_stake()
        response = super().send(request, *args, **kwargs)
        if response.status_code == 407:  # NTLM would prove the password to whoever asks
            response.raw.close()
            raise WinRMTransportError("http", 407, "")
        if response.status_code == 401:
            offers = response.raw.headers.getlist("WWW-Authenticate")
            self.challenge.note(offers, authorization)
        else:
            self.challenge.accepted |= carries_credentials(authorization)
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().casefold()
        if response.ok and kind == "text/html":
            response.raw.close()
            raise UnacceptableAnswerError("it is a web page, as of a sign-in or a proxy")
        if response.is_redirect:
            response.raw.close()
            raise UnacceptableAnswerError(
                f"it sends us elsewhere (HTTP status {response.status_code})"
            )
        # Only wrapped, not read: NTLM binds itself to the certificate of the still open connection.
        vars(response.raw)["stream"] = _bounded(response.raw)
        return response


def _bounded(raw: Any) -> Callable[..., Iterator[bytes]]:
    stream: Callable[..., Iterator[bytes]] = raw.stream

    def bounded(*args: Any, **kwargs: Any) -> Iterator[bytes]:
        size = 0
        for part in stream(*args, **kwargs):
            size += len(part)
            if size > LARGEST_ANSWER:
                raw.close()
                raise UnacceptableAnswerError(f"one answer is larger than {LARGEST_ANSWER:,} bytes")
            yield part

    return bounded


def guard(protocol: winrm.protocol.Protocol, challenge: Challenge, *, sealed: bool) -> None:
    """Make a new Protocol's session keep to this module's rules.
    With `sealed`, log in now and encrypt every message.

    The Protocol was made with message_encryption "never", so nothing was sent before.
    """
    transport = protocol.transport
    session = transport.build_session()
    session.trust_env = False
    for scheme in ("https://", "http://"):
        session.mount(scheme, GuardedAdapter(challenge))
    if sealed:
        transport.setup_encryption(session)
        challenge.accepted = False  # in clear anybody says yes
        _sealed_only(transport.encryption, challenge)


def _sealed_only(encryption: Any, challenge: Challenge) -> None:
    opened: Callable[[requests.Response], bytes] = encryption.parse_encrypted_response
    expected = f'protocol="{encryption.protocol_string.decode()}"'

    def parse(response: requests.Response) -> bytes:
        if expected in response.headers.get("Content-Type", ""):
            plain = opened(response)
            challenge.accepted = True
            return plain
        if response.ok or is_soap(response.content):
            raise UnacceptableAnswerError(
                "it answers an encrypted message in clear, so anybody may have answered"
            )
        return b""  # a page of a proxy, or nothing: its status says enough

    encryption.parse_encrypted_response = parse
