"""A certificate by its bytes: the one place that decodes them.

What Windows PowerShell prints as DnsNameList is display text,
of which nobody says that it is the same in every language;
the subject alternative name in the bytes is (RFC 5280 4.2.1.6).
"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from acceptance.errors import UnreadError
from acceptance.evidence.windows import Certificate
from acceptance.text import Sentence, said


class Decoded(NamedTuple):
    """`names`: the DNS names that it holds for; []: none, whatever its subject is called.

    `issuer` in RFC 4514's form. `unfit`: why a browser does not take it for a web site.
    """

    names: list[str]
    issuer: str
    own_issuer: bool
    unfit: list[Sentence]


def decode(raw: str | None, subject: str) -> Decoded:
    """What a certificate's bytes (DER as base64) say.

    Raises UnreadError: not read, or no certificate.
    """
    # Only a certificate needs the library.
    from cryptography import x509

    from acceptance.hosts import chains

    if raw is None:
        raise UnreadError(
            "the bytes of the certificate {subject} were not read, "
            "so what it holds for is not known.",
            "Collect again with this version of the suite.",
            subject=subject,
        )
    try:
        [certificate] = chains.decoded([raw])
        extensions = list(certificate.extensions)
    except ValueError:
        raise UnreadError(
            "the bytes of the certificate {subject} cannot be read.",
            "Look at the certificate on the server.",
            subject=subject,
        ) from None
    names: list[str] = []
    unfit = []
    for one in (extension.value for extension in extensions):
        if isinstance(one, x509.SubjectAlternativeName):
            names = one.get_values_for_type(x509.DNSName)
        if isinstance(one, x509.ExtendedKeyUsage):
            uses = {use.dotted_string for use in one}
            unfit += (
                [] if uses & SERVERS else [said("its extended key usage does not name servers")]
            )
        if isinstance(one, x509.KeyUsage):
            connects = one.digital_signature or one.key_encipherment or one.key_agreement
            unfit += [] if connects else [said("its key usage allows no connection")]
    return Decoded(
        names,
        certificate.issuer.rfc4514_string(),
        certificate.issuer.public_bytes() == certificate.subject.public_bytes(),
        unfit,
    )


# Extended key usage: server authentication, or any (RFC 5280 4.2.1.12).
# Without the extension every use is allowed.
SERVERS = {"1.3.6.1.5.5.7.3.1", "2.5.29.37.0"}


def names_of(raw: str | None, subject: str, shown: Collection[str] | None = None) -> list[str]:
    """The DNS names that a certificate holds for, by its bytes.

    `shown`: the display text that was read beside the bytes.
    Raises UnreadError where the bytes were not read, are no certificate,
    or where the text does not hold their names.
    """
    names = decode(raw, subject).names
    text = " ".join(shown or ()).casefold()
    if shown is not None and not all(any(form in text for form in _forms(name)) for name in names):
        raise UnreadError(
            "what was read of the certificate {subject} contradicts itself: its bytes hold for "
            "{names}, and Windows shows {shown}.",
            subject=subject,
            names=", ".join(names),
            shown=", ".join(shown) or "no name",
        )
    return names


def holds_for_days(certificate: Certificate, at: datetime, days: int) -> bool:
    """Whether it holds at that instant, and for so many days more.

    Raises UnreadError where what Windows told of its dates is not what its bytes say.
    """
    start, end = certificate.not_before, certificate.not_after
    holds = bool(start and start <= at) and bool(end and (end - at).days >= days)
    if holds and certificate.raw is not None:
        _require_same_dates(certificate, certificate.raw)
    return holds


def _require_same_dates(certificate: Certificate, raw: str) -> None:
    from acceptance.hosts import chains

    try:
        [own] = chains.decoded([raw])
    except ValueError:
        return  # what cannot be decoded is told by decode()
    if (own.not_valid_before_utc, own.not_valid_after_utc) != (
        certificate.not_before,
        certificate.not_after,
    ):
        raise UnreadError(
            "what was read of the certificate {subject} contradicts itself: its bytes hold until "
            "{end}, and Windows shows {shown}.",
            subject=str(certificate.subject),
            end=_day(own.not_valid_after_utc),
            shown=_day(certificate.not_after),
        )


def _forms(name: str) -> set[str]:
    """A name as the bytes hold it (xn--mnchen-3ya.example),
    and as Windows shows it (münchen.example).
    """
    return {name.casefold(), ".".join(_in_letters(label) for label in name.split(".")).casefold()}


def _in_letters(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def lasting(subject: str, start: datetime | None, end: datetime | None) -> Sentence:
    """From when and until when a certificate holds, in words."""
    text = "{subject}: from {start} to {end}"
    return said(text, subject=subject, start=_day(start), end=_day(end))


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else "?"


def bound_text(certificate: Certificate | None) -> Sentence:
    """An https binding's certificate, in words."""
    if certificate is None:
        return said("https binding without a certificate")
    if not certificate.found:
        text = "https binding, certificate {thumbprint} is not in this server's store"
        return said(text, thumbprint=certificate.thumbprint or said("in the central store"))
    text = "https binding with {subject}, without its private key"
    if certificate.has_private_key:
        text = "https binding with {subject}, with its private key"
    return said(text, subject=str(certificate.subject))
