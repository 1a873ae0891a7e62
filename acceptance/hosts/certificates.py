"""A certificate's names by its bytes: the one place that decodes them.

What Windows PowerShell prints as DnsNameList is display text, of which nobody says that it is the same in
every language; the subject alternative name in the bytes is (RFC 5280 4.2.1.6).
"""

import base64
from collections.abc import Collection

from acceptance.errors import UnreadError


def names_of(raw: str | None, subject: str, shown: Collection[str] | None = None) -> list[str]:
    """The DNS names that a certificate (DER as base64) holds for; []: none, whatever its subject is called.

    `shown`: the display text that was read beside the bytes. Raises UnreadError where the bytes were not
    read, are no certificate, or where the text does not hold their names.
    """
    # Only a certificate needs the library.
    from cryptography import x509

    if raw is None:
        raise UnreadError(
            "the bytes of the certificate {subject} were not read, so for which names it holds is "
            "not known.",
            "Collect again with this version of the suite.",
            subject=subject,
        )
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode(raw, validate=True))
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names = extension.value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        return []
    except ValueError:
        raise UnreadError(
            "the bytes of the certificate {subject} cannot be read.",
            "Look at the certificate on the server.",
            subject=subject,
        ) from None
    text = " ".join(shown or ()).casefold()
    if shown is not None and not all(name.casefold() in text for name in names):
        raise UnreadError(
            "what was read of the certificate {subject} contradicts itself: its bytes hold for "
            "{names}, and Windows shows {shown}.",
            subject=subject,
            names=", ".join(names),
            shown=", ".join(shown) or "no name",
        )
    return names
