"""`supported.yaml`: which releases of a product are supported, who says so, and until when.

A list beside hosts.yaml decides the products that it names; the catalogue's own decides the others.
"""

import re
from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BeforeValidator, ValidationError, model_validator

from acceptance.errors import InventoryError
from acceptance.inventory.types import Day, Model, Text
from acceptance.text import NOTHING, Sentence, said
from acceptance.yamlfile import read_yaml
from acceptance.yamlmodel import first_error

SUPPORTED = "supported.yaml"
Product = Literal["Synergy", "Globe+", "SQL Server", "Windows"]
State = Literal["ended", "awaiting", "supported"]
Number = tuple[int, ...]
# What a server states, by the year that people call it by.
YEARS: dict[Product, dict[str, str]] = {
    "SQL Server": {
        "2012": "11.0",
        "2014": "12.0",
        "2016": "13.0",
        "2017": "14.0",
        "2019": "15.0",
        "2022": "16.0",
        "2025": "17.0",
    },
    "Windows": {
        "2012": "9200",
        "2012 R2": "9600",
        "2016": "14393",
        "2019": "17763",
        "2022": "20348",
        "2025": "26100",
    },
}
FORMS: dict[Product, tuple[str, str]] = {
    "Synergy": (r"[1-9]\d\d", "a release such as 503"),
    "Globe+": (r"[1-9]\d\d", "a release such as 503"),
    "SQL Server": (r"\d{1,2}(\.\d+){0,3}", "a year such as 2019, or a version such as 15.0"),
    "Windows": (r"\d{4,5}", "a year such as 2019, or a build such as 17763"),
}


def _release(value: Any) -> Any:
    # YAML reads an unquoted 503 and 15.0 as numbers; true is none.
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


class Listed(Model):
    """One release.

    `valid_until`: the last day on which what stands here holds; `never`: without an end.
    """

    product: Product
    release: Annotated[Text, BeforeValidator(_release)]
    state: State
    source: Text
    confirmed_by: Text | None = None
    valid_until: Day | Literal["never"] | None = None

    @model_validator(mode="after")
    def _can_decide(self) -> Self:
        pattern, form = FORMS[self.product]
        if not re.fullmatch(pattern, self._stated):
            raise ValueError(f"release of {self.product} must be {form}")
        if self.state == "supported" and (self.confirmed_by is None or self.valid_until is None):
            raise ValueError(
                "a supported release needs confirmed_by, and valid_until: a day such as 2027-06-30,"
                " or never"
            )
        return self

    @property
    def _stated(self) -> str:
        return YEARS.get(self.product, {}).get(self.release, self.release)

    @property
    def number(self) -> Number:
        """What a server states of it: 2019 is 15.0."""
        return numbered(self._stated)

    @property
    def name(self) -> str:
        """As people call it: 15.0 is 2019."""
        years = YEARS.get(self.product, {})
        return next(
            (year for year, stated in years.items() if stated == self._stated), self.release
        )

    @property
    def last_day(self) -> date | None:
        """None: what stands here has no end."""
        return self.valid_until if isinstance(self.valid_until, date) else None

    def over(self, on: date) -> bool:
        """Whether nobody stands for it any more."""
        return self.last_day is not None and self.last_day < on


class Answer(NamedTuple):
    """What the list says of releases that were found;
    `why`: where it leaves them open, or they have ended.
    """

    state: State
    why: Sentence = NOTHING
    expected: Sentence = NOTHING  # which ones are supported


class Supported(NamedTuple):
    """All that is listed, by product."""

    releases: tuple[Listed, ...] = ()

    def of(self, product: Product, *found: str | int, on: date) -> Answer:
        """The worst that it says of these releases:
        any that ended, else any that it leaves open.
        """
        mine = [one for one in self.releases if one.product == product]
        answers = [_of_one(product, str(one), mine, on) for one in found]
        order: tuple[State, ...] = ("ended", "awaiting", "supported")
        worst = min(answers, key=lambda one: order.index(one.state), default=Answer("awaiting"))
        names = [one.name for one in mine if one.state == "supported" and not one.over(on)]
        expected = said("a supported release of {product} (none is listed)", product=product)
        if names:
            text = "one of the supported releases of {product}: {releases}"
            expected = said(text, product=product, releases=", ".join(names))
        return Answer(worst.state, worst.why, expected)

    def entry(self, product: Product, found: str | int) -> Listed | None:
        """Where a release stands in the list: 15.0.4123 is one of 15.0."""
        return _entry([one for one in self.releases if one.product == product], numbered(found))

    @property
    def sha256(self) -> str:
        """Digest of the list: tells a changed list from a changed server."""
        lines = (one.model_dump_json() for one in self.releases)
        return sha256("\n".join(lines).encode()).hexdigest()


def line_to_write(product: Product, releases: Any) -> str:
    """What stands in supported.yaml for releases that another key accepted before."""
    each = [one for one in releases if isinstance(one, str | int | float)] or ["…"]
    end = "state: supported, source: …, confirmed_by: …, valid_until: 2027-06-30"
    return " ".join(f'- {{product: {product}, release: "{one}", {end}}}' for one in each)


def numbered(release: str | int) -> Number:
    """`15.0.4123` as numbers that can be compared."""
    return tuple(map(int, re.findall(r"\d+", str(release))))


def _entry(mine: Iterable[Listed], number: Number) -> Listed | None:
    fitting = [one for one in mine if number[: len(one.number)] == one.number]
    return max(fitting, key=lambda one: len(one.number), default=None)


def _of_one(product: Product, found: str, mine: list[Listed], on: date) -> Answer:
    number, names = numbered(found), {"product": product, "release": found}
    cut = any(number == one.number[: len(number)] != one.number for one in mine)
    if cut or not re.fullmatch(FORMS[product][0], found):
        why = "{release} is no whole release of {product} that could be compared"
        return Answer("awaiting", said(why, **names))
    entry = _entry(mine, number)
    vouched = [one.number for one in mine if one.state == "supported"]
    if entry is None and vouched and number < min(one.number for one in mine):
        why = "{product} {release} is older than every release that supported.yaml lists"
        return Answer("ended", said(why, **names))
    if entry is None and mine and number > max(one.number for one in mine):
        why = "{product} {release} is newer than every release that supported.yaml lists"
        return Answer("awaiting", said(why, **names))
    if entry is None:
        why = "supported.yaml says nothing of {product} {release}"
        return Answer("awaiting", said(why, **names))
    names |= {"release": entry.name, "source": entry.source}
    if entry.state == "ended":
        return Answer("ended", said("{product} {release} has ended ({source})", **names))
    if entry.state == "awaiting":
        why = "nobody has confirmed yet that {product} {release} is supported ({source})"
        return Answer("awaiting", said(why, **names))
    if entry.over(on):
        why = (
            "what supported.yaml says of {product} {release} held until {day} ({source}):"
            " have it confirmed again"
        )
        return Answer("awaiting", said(why, day=str(entry.last_day), **names))
    return Answer("supported")


def load_supported(*paths: Path) -> Supported:
    """The lists that are there; of several that name a product,
    the last one decides all of its releases.

    Raises InventoryError.
    """
    by_product: dict[Product, list[Listed]] = {}
    for path in paths:
        listed = _read(path) if path.is_file() else ()
        by_product |= {one.product: [] for one in listed}
        for one in listed:
            by_product[one.product].append(one)
    return Supported(tuple(one for some in by_product.values() for one in some))


def _read(path: Path) -> tuple[Listed, ...]:
    source = read_yaml(path, InventoryError)
    if not isinstance(source.data, list):
        raise InventoryError(path, 1, "{file} is a list of releases.", file=SUPPORTED)
    found: dict[tuple[Product, Number], Listed] = {}
    for index, data in enumerate(source.data):
        try:
            one = Listed.model_validate(data)
        except ValidationError as error:
            raise first_error(error, source, InventoryError, prefix=(index,)) from None
        if found.setdefault((one.product, one.number), one) is not one:
            raise InventoryError(
                path,
                source.line_of(index),
                "{product} {release} is listed twice.",
                "Keep one of them.",
                product=one.product,
                release=one.release,
            )
    return tuple(found.values())
