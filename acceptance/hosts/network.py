"""An answer with its words, and what the registry and a certificate's names say of TLS.

Pure: reads facts, knows no requirement.
"""

from collections.abc import Iterable
from typing import NamedTuple

from acceptance.errors import UnreadError
from acceptance.evidence.connections import SchannelSection
from acceptance.text import Sentence, in_ascii, said


class Answer(NamedTuple):
    """An answer with the words for a finding; `yes` None: what was read does not decide it."""

    yes: bool | None
    text: Sentence


def switched_off(schannel: SchannelSection, version: str, side: str) -> list[Sentence]:
    """What in the registry keeps a TLS version from `Client` or `Server`;
    for clients also from .NET Framework 4.

    Raises UnreadError for a version that was not looked at.
    """
    if not any((one.version, one.side) == (version, side) for one in schannel.protocols):
        raise UnreadError(
            "whether {version} is switched off ({side}) was not read.", version=version, side=side
        )
    found = [
        said("{version} is switched off in Schannel ({side})", version=version, side=side)
        for one in schannel.protocols
        if (one.version, one.side) == (version, side) and one.switched_off
    ]
    if side == "Client":
        found += [
            said("SchUseStrongCrypto and SystemDefaultTlsVersions are 0 in {key}", key=one.path)
            for one in schannel.frameworks
            if one.strong_crypto == 0 and one.system_defaults == 0
        ]
    return found


def left_to_programs(schannel: SchannelSection) -> list[Sentence]:
    """Where .NET's registry values leave it to what a program was built for; []: nowhere.

    Without SchUseStrongCrypto only a program for .NET 4.7 and later takes Windows' own
    versions (learn.microsoft.com, "TLS best practices with the .NET Framework").
    """
    return [
        said("SchUseStrongCrypto is 0 in {key}, SystemDefaultTlsVersions is not set", key=one.path)
        for one in schannel.frameworks
        if one.strong_crypto == 0 and one.system_defaults is None
    ]


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether a certificate with these DNS names holds for `name`: exactly,
    or a wildcard for one label (RFC 6125).

    Names beyond ASCII compare in the form that travels: münchen.example is xn--mnchen-3ya.example.
    """
    wanted = in_ascii(name)
    for pattern in (in_ascii(one) for one in patterns):
        head, _, rest = pattern.partition(".")
        if pattern == wanted or (
            head == "*" and rest and wanted.partition(".")[2] == rest and wanted.partition(".")[0]
        ):
            return True
    return False
