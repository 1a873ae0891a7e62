"""What https://<external name> serves, seen from where the suite runs:
it decides where a reverse proxy ends TLS.

The server's own bindings and certificates are then nobody's but the proxy's.
"""

from datetime import datetime
from typing import NamedTuple

from acceptance.evidence.connections import SeenSite
from acceptance.exact.entrance import leads_outside
from acceptance.hosts import chains
from acceptance.hosts.certificates import Decoded, decode
from acceptance.text import NOTHING, Sentence, said


class FrontDoor(NamedTuple):
    """`doubt`: why what was seen decides nothing; without it there is a certificate.

    `trusted`: a public authority vouches for it; None: not tried. `distrust`: why not.
    `protocol`: of TLS.
    """

    doubt: Sentence
    raw: str = ""
    trusted: bool | None = None
    distrust: str = ""
    protocol: str | None = None

    @property
    def certificate(self) -> Decoded:
        """The certificate that was shown. Raises UnreadError where its bytes cannot be read."""
        return decode(self.raw, "of the external name")

    @property
    def unfit(self) -> list[Sentence]:
        """Why a browser does not take it, whatever its name and its days."""
        return [*self.certificate.unfit, *([] if self.trusted else [said(self.distrust)])]

    @property
    def subject(self) -> str:
        """Whose certificate it calls itself."""
        [one] = chains.decoded([self.raw])
        return one.subject.rfc4514_string()

    @property
    def valid(self) -> tuple[datetime, datetime]:
        """From when and until when it holds."""
        [one] = chains.decoded([self.raw])
        return one.not_valid_before_utc, one.not_valid_after_utc


def front_door(seen: SeenSite | None, name: str) -> FrontDoor:
    """What a visitor of https://name is shown.

    From a private address it may be another one than outside.
    """
    if seen is None or seen.name.casefold() != name.casefold():
        return FrontDoor(said("https://{name} was not asked from here", name=name))
    if seen.certificate is None or seen.step != "done":
        text = "https://{name} showed no certificate from here ({why})"
        return FrontDoor(said(text, name=name, why=seen.failure))
    if not leads_outside(seen):
        text = "{name} leads to {addresses} from here, and elsewhere from outside"
        where = ", ".join(seen.addresses) or said("no address")
        return FrontDoor(said(text, name=name, addresses=where))
    return FrontDoor(NOTHING, seen.certificate, seen.trusted, seen.distrust, seen.protocol)
