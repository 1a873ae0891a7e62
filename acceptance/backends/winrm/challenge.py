"""What a 401 offers, and whether the request that got it carried credentials:
only then an account was refused.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

# WWW-Authenticate's scheme -> the inventory's word (`connection.auth`).
WAYS = {
    "negotiate": ("ntlm", "kerberos"),
    "ntlm": ("ntlm",),
    "kerberos": ("kerberos",),
    "credssp": ("credssp",),
    "basic": ("basic",),
}
NTLM_MESSAGE = b"NTLMSSP\0"
AUTHENTICATE = 3  # [MS-NLMP] 2.2.1.3: the message that proves the password
SCHEME = re.compile(r"(?:^|,)\s*([A-Za-z][\w-]*)(?=\s|,|$)")


@dataclass
class Challenge:
    """The last 401 of a conversation. `offered`: its schemes as the server spells them;
    `tried`: credentials were sent.

    `at_stake` is called before any are, and may raise.
    `accepted`: an answer that can be believed was no 401, and its request carried credentials.
    """

    at_stake: Callable[[], None] = lambda: None
    offered: list[str] = field(default_factory=list)
    tried: bool = False
    accepted: bool = False

    def note(self, offers: Iterable[str], authorization: str | bytes | None) -> None:
        """A 401 with these WWW-Authenticate headers,
        to a request with this Authorization header.
        """
        self.offered = [scheme for offer in offers for scheme in SCHEME.findall(offer)]
        self.tried = self.tried or carries_credentials(authorization)

    def offers(self, auth: str) -> bool:
        """Whether the server offers the inventory's way to log in."""
        ways = {way for scheme in self.offered for way in WAYS.get(scheme.casefold(), ())}
        return auth in ways


def carries_credentials(authorization: str | bytes | None) -> bool:
    """Whether an Authorization header proves a password or a ticket,
    and does not merely begin to talk.

    >>> carries_credentials("Basic dTpw"), carries_credentials(None)
    (True, False)
    """
    if isinstance(authorization, bytes):  # as CredSSP's library sets it
        authorization = authorization.decode("latin-1")
    _, _, token = (authorization or "").partition(" ")
    if not token:
        return False
    try:
        data = base64.b64decode(token)
    except binascii.Error:
        return True  # whatever it is, it was more than a greeting
    at = data.find(NTLM_MESSAGE)
    if at < 0:
        return True  # Basic, a Kerberos ticket, CredSSP's TLS
    kind = int.from_bytes(data[at + 8 : at + 12], "little")
    return kind == AUTHENTICATE
