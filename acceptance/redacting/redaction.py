"""Evidence and inventories without the names of a customer: for mailing, and for recordings.

Every word that is not one of the suite's own (words.py) becomes a made-up one of the same length,
the same one each time; so do addresses, SIDs, thumbprints and long numbers. Structure, lengths,
dates and small numbers stay. Certificates are made anew (certificates.py). What cannot be shown to
be harmless is left out and told.
"""

import base64
import ipaddress
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha1
from typing import Any

from acceptance.redacting.certificates import Certificates
from acceptance.redacting.words import WORD, harmless

# Microsoft's and the suite's own closed words, whatever they are made of.
KEPT = frozenset(
    {
        "suite_version",
        "level",
        "collation",
        "edition",
        "product_name",
        "time_zone",
        "installation_type",
    }
)
# Where the customer itself is named: there every word is a name, also one that the suite uses.
NAMED = re.compile(r"(^|\.)customer$|^(\.customers\.[^.]+)?\.title$")
KEPT_AT = ("features[].name", "tables[].name", "firewall.value.rules[].name", "kind", "right")
# What a text is made of, the longest first: the digits of an address or a SID are no words.
_QUAD = r"(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)"
PIECE = re.compile(
    r"(?P<sid>S-1-5-21-\d+-\d+-\d+)"
    r"|(?P<everybodys>S-1-5-80(?:-\d+)+)"  # of a service's name: the same on every Windows
    r"|(?P<guid>(?<![^\W_])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![^\W_]))"
    r"|(?P<thumbprint>(?<![^\W_])[0-9A-Fa-f]{40}(?![^\W_]))"
    r"|(?P<card>(?<![\w:-])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![\w:-]))"
    r"|(?P<long>(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}"
    rf"(?:{_QUAD}|[0-9A-Fa-f]{{0,4}}(?![\w:])))"
    rf"|(?P<short>(?<!\w)(?<!\d\.){_QUAD})"
    r"|(?P<telephone>\+\d[\d ()/-]{6,}\d)"
    r"|(?P<number>(?<![^\W_])\d{6,}(?![^\W_]))"
    rf"|(?P<word>{WORD.pattern})"
)
BYTES_AT = "registry[].fact.value.values[].value"  # REG_BINARY of an own check may be a text
SID_BYTES = re.compile(r"^0x0105000000000005(15000000)([0-9A-Fa-f]{24})([0-9A-Fa-f]{8})$")
DIGEST = re.compile(r"^[0-9a-f]{64}$")
VERSION = re.compile(r"^v?\d+(\.\d+)*$")
VERSIONS = frozenset({"version", "file_version", "product_version"})  # whoever wrote the file
DATE = re.compile(r"^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?$")
DER = re.compile(r"^MI[A-Za-z0-9+/=]{60,}$")
DOCUMENTATION = ("192.0.2", "198.51.100", "203.0.113")
CONSONANTS, VOWELS = "bdfghklmnprstvz", "aeiou"


class Redaction:
    """One redaction over several files: the same name is replaced by the same one in all of them.

    `replaced`: the table, which stays with its owner. `left_out`: places whose value was taken out.
    `shared`: words of the customer's own name that the suite uses too: they stay elsewhere.
    """

    def __init__(self) -> None:
        self.replaced: dict[str, str] = {}
        self.left_out: list[str] = []
        self.shared: set[str] = set()
        self._words: dict[str, str] = {}
        self._certificates = Certificates(self.text)
        self._changes: dict[str, Callable[[str], str]] = {
            "sid": self._sid,
            "guid": _digits,
            "thumbprint": self._thumbprint,
            "card": _digits,
            "long": self._long,
            "short": self._short,
            "telephone": _digits,
            "number": _digits,
        }

    def value(self, value: Any, path: str = "") -> Any:
        """A copy of what JSON or YAML holds, without names."""
        if isinstance(value, dict):
            named = path == ".customers"
            return {
                self._key(key, named): self.value(one, f"{path}.{key}")
                for key, one in value.items()
            }
        if isinstance(value, list):
            if path.endswith(BYTES_AT) and value and all(isinstance(one, int) for one in value):
                self.left_out.append(path.removeprefix("."))
                return None
            return [self.value(one, f"{path}[]") for one in value]
        return self._leaf(value, path) if isinstance(value, str) else value

    def _key(self, key: Any, named: bool) -> Any:
        if not isinstance(key, str):
            return key
        return self._name(key) if named else self.text(key)

    def _leaf(self, text: str, path: str) -> str | None:
        name = path.rpartition(".")[2]
        if NAMED.search(path):
            return self._name(text)
        if name in KEPT or path.endswith(KEPT_AT) or DATE.match(text) or DIGEST.match(text):
            return text
        if name in VERSIONS and VERSION.match(text):
            return text
        if DER.match(text):
            return self._certificate(text, path)
        if name == "winhttp":
            return self._bytes(text)
        return self._known(text, self._sid_bytes) if SID_BYTES.match(text) else self.text(text)

    def _known(self, text: str, change: Callable[[str], str]) -> str:
        if text not in self.replaced:
            self.replaced[text] = change(text)
        return self.replaced[text]

    def text(self, text: str) -> str:
        """A text with its words, addresses and SIDs replaced."""
        return PIECE.sub(self._piece, text)

    def _name(self, text: str) -> str:
        """A text that is nothing but the customer's own name."""
        words = {word.casefold() for word in WORD.findall(text) if len(word) > 1}
        self.shared |= words & harmless()
        return PIECE.sub(lambda found: self._piece(found, named=True), text)

    def _piece(self, found: re.Match[str], named: bool = False) -> str:
        kind, text = found.lastgroup or "", found[0]
        if kind == "word":
            return self._word(text, named)
        return text if kind == "everybodys" else self._known(text, self._changes[kind])

    def _word(self, word: str, named: bool) -> str:
        key = word.casefold()
        if len(word) == 1 or (key in harmless() and not named):
            return word
        if key not in self._words:
            self._words[key] = self._made_up(key)
            self.replaced[word] = _cased(self._words[key], word)
        return _cased(self._words[key], word)

    def _made_up(self, word: str) -> str:
        """As long, with its digits where they were."""
        taken = harmless() | set(self._words.values()) | set(self._words)
        for attempt in range(1000):
            more = attempt // 200  # short words run out
            letters = [
                one if one.isdigit() else secrets.choice(VOWELS if place % 2 else CONSONANTS)
                for place, one in enumerate(word + "x" * more)
            ]
            made = "".join(letters)
            if made not in taken:
                return made
        raise RuntimeError("no word is left")

    def _short(self, text: str) -> str:
        try:
            address = ipaddress.IPv4Address(text)
        except ValueError:
            return text  # a version of four parts, such as 999.0.0.1
        if address.is_loopback or address.is_unspecified or text.endswith(".0.0.0"):
            return text
        last = len(self.replaced) % 250 + 1
        first, middle = text.split(".")[0], [str(secrets.randbelow(250)) for _ in range(2)]
        if not address.is_private or text.startswith(DOCUMENTATION):
            return f"{secrets.choice(DOCUMENTATION)}.{last}"
        return f"10.{'.'.join(middle)}.{last}" if first == "10" else f"192.168.{middle[0]}.{last}"

    def _long(self, text: str) -> str:
        try:
            address = ipaddress.IPv6Address(text)
        except ValueError:
            # No address but a time of day, such as 12:30:45, or words.
            return WORD.sub(lambda found: self._word(found[0], named=False), text)
        if address.is_loopback or address.is_unspecified:
            return text
        return f"2001:db8::{len(self.replaced) + 1:x}"

    def _sid(self, text: str) -> str:
        parts = [self._known(f"SID part {one}", _sid_part) for one in text.split("-")[4:]]
        return f"S-1-5-21-{'-'.join(parts)}"

    def _sid_bytes(self, text: str) -> str:
        found = SID_BYTES.match(text)
        assert found is not None
        parts = [bytes.fromhex(found[2][place : place + 8]) for place in (0, 8, 16)]
        numbers = [str(int.from_bytes(part, "little")) for part in parts]
        made = [self._known(f"SID part {number}", _sid_part) for number in numbers]
        told = "".join(int(one).to_bytes(4, "little").hex().upper() for one in made)
        return f"0x0105000000000005{found[1]}{told}{found[3]}"

    def _thumbprint(self, text: str) -> str:
        made = self._certificates.thumbprints.get(text.upper())
        return made or sha1(secrets.token_bytes(20), usedforsecurity=False).hexdigest().upper()

    def _bytes(self, text: str) -> str:
        """Hexadecimal bytes that hold a text, such as WinHttpSettings' proxy: as long as before."""
        shown = bytes.fromhex(text).decode("latin-1")
        plain = re.sub(
            r"[\x20-\x7e]{3,}", lambda found: self.text(found[0])[: len(found[0])], shown
        )
        return plain.encode("latin-1").hex()

    def _certificate(self, text: str, path: str) -> str | None:
        try:
            made = self._certificates.anew(base64.b64decode(text))
        except ValueError:
            self.left_out.append(path.removeprefix("."))
            return None
        return base64.b64encode(made).decode("ascii")

    def prepare(self, *values: Any) -> None:
        """Look for certificates first: a thumbprint may stand before its certificate."""
        for value in values:
            self._look(value)
        self._certificates.make()

    def _look(self, value: Any) -> None:
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            for one in value:
                self._look(one)
        elif isinstance(value, str) and DER.match(value):
            with suppress(ValueError):
                self._certificates.add(base64.b64decode(value))


def _digits(text: str) -> str:
    """Other digits, letters of hexadecimal ones too; the first one stays, and what parts them."""
    hexadecimal = any(one.isalpha() for one in text)
    made = [secrets.choice("0123456789abcdef" if hexadecimal else "0123456789") for _ in text]
    shaped = [new if old.isalnum() else old for old, new in zip(text[1:], made[1:], strict=True)]
    return _cased(text[:1] + "".join(shaped), text)


def _sid_part(_: str) -> str:
    return str(1_000_000_000 + secrets.randbelow(3_000_000_000))


def _cased(made: str, like: str) -> str:
    shaped = [
        one.upper() if place < len(like) and like[place].isupper() else one
        for place, one in enumerate(made)
    ]
    return "".join(shaped)
