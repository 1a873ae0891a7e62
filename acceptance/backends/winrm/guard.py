"""What a WinRM service may answer: from where it was asked, not endless, in time, and over http sealed like the question.

pywinrm and requests leave these open: they follow redirects (and log in there), read whatever comes, wait as long as
one byte comes in time, send what stands in ~/.netrc, and take a clear answer to a sealed message.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any, TypeVar

import requests
import winrm.protocol
from requests.adapters import HTTPAdapter

from acceptance.backends.winrm.challenge import Challenge

LARGEST_ANSWER = 4 * 2**20  # bytes; WinRM's own limit is MaxEnvelopeSizekb, 500 by default

T = TypeVar("T")


class UnacceptableAnswerError(Exception):
    """An answer that no WinRM service gives; the message follows the host's name."""


class GuardedAdapter(HTTPAdapter):
    """Refuses redirects, and answers beyond LARGEST_ANSWER after decompression; also during the log-in's own requests.

    What a 401 offers is noted in `challenge`.
    """

    def __init__(self, challenge: Challenge) -> None:
        super().__init__()
        self.challenge = challenge

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        response = super().send(*args, **kwargs)
        if response.status_code == 401:
            offers = response.raw.headers.getlist("WWW-Authenticate")
            self.challenge.note(offers, response.request.headers.get("Authorization"))
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
    """Make a new Protocol's session keep to this module's rules. With `sealed`, log in now and encrypt every message.

    The Protocol was made with message_encryption "never", so nothing was sent before.
    """
    transport = protocol.transport
    session = transport.build_session()
    session.trust_env = False
    for scheme in ("https://", "http://"):
        session.mount(scheme, GuardedAdapter(challenge))
    if sealed:
        transport.setup_encryption(session)
        _sealed_only(transport.encryption)


def _sealed_only(encryption: Any) -> None:
    opened: Callable[[requests.Response], bytes] = encryption.parse_encrypted_response
    expected = f'protocol="{encryption.protocol_string.decode()}"'

    def parse(response: requests.Response) -> bytes:
        if response.ok and expected not in response.headers.get("Content-Type", ""):
            raise UnacceptableAnswerError(
                "it answers an encrypted message in clear, so anybody may have answered"
            )
        return opened(response)

    encryption.parse_encrypted_response = parse


def within(seconds: float, action: Callable[[], T]) -> T:
    """The result of `action`. Raises TimeoutError after `seconds`; a thread then waits on, and ends with the process."""
    result: Future[T] = Future()

    def work() -> None:
        try:
            result.set_result(action())
        except BaseException as error:
            result.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return result.result(seconds)
