"""`acceptance script` and `acceptance import`: the way there and back of a server that is read
by hand.
"""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from acceptance.catalogue.requirements import Catalogue
from acceptance.cli.asked_by_hand import facts_of, open_points, question_of, selected
from acceptance.cli.hand_over import GUIDE, MAIL, packed, signed_script, words
from acceptance.cli.page_answers import is_of_page, told_of_page
from acceptance.collecting.by_hand.answer import read_answer
from acceptance.collecting.by_hand.joined import refuse_other, wanted_of
from acceptance.collecting.by_hand.script import (
    NAME,
    question_file,
    script_by_hand,
    script_digest,
)
from acceptance.collecting.script import OWN, SECTIONS
from acceptance.errors import EvidenceError, UsageError
from acceptance.inventory.file import load_inventory
from acceptance.inventory.select import RESERVED, select_hosts
from acceptance.report.files import write_whole
from acceptance.text import one_line


class Told(NamedTuple):
    """An answer that may be laid in: what a person reads first, its bytes, and where it goes."""

    lines: list[str]
    data: bytes
    place: Path


class HandOver(NamedTuple):
    """How the script goes out.

    `markers` "": everything; `key`: a PKCS#12 file to sign the script with; `report`: the folder of
    one whose open points the script is to show again; `checks`: a folder of an engineer's own.
    """

    output: Path
    markers: str = ""
    zipped: bool = False
    language: str = "en"
    key: Path | None = None
    passphrase: str | None = None
    report: Path | None = None
    checks: Path | None = None


def write_script(
    inventory: Path,
    selection: str,
    catalogue: Catalogue,
    tests: Path,
    how: HandOver,
    now: datetime,
) -> list[str]:
    """The script once, and one question for each chosen host that is read by hand."""
    read = load_inventory(inventory, RESERVED)
    name, chosen = select_hosts(read, selection)
    customer = read.customers[name]
    hosts = [
        host
        for host, one in chosen.items()
        if one.connection and one.connection.backend == "script"
    ]
    if not hosts:
        raise UsageError(
            "{selection}: no host there is read by hand.",
            "Set backend: script in its connection.",
            selection=selection,
        )
    wanted = selected(catalogue, how.markers)
    script = script_by_hand()
    if how.key is not None:
        script = signed_script(script, how.key, how.passphrase)
    files = {NAME: script}
    own = facts_of(how.checks, inventory, selection) if how.checks is not None else None
    for host in hosts:
        asked = question_of(name, customer, host, catalogue, wanted, tests, now)
        if how.report is not None:
            points = open_points(how.report, name, customer, host, catalogue)
            asked = asked.model_copy(update={"open": points})
        if own is not None:
            more = {"sections": (*asked.sections, OWN), "parameters": asked.parameters | {OWN: own}}
            asked = asked.model_copy(update=more)
        files[f"{name}-{host}.ask.json"] = question_file(asked)
    if how.zipped:
        signed = how.key is not None
        for kind in (GUIDE, MAIL):
            text = words(kind, how.language, name, hosts, signed=signed)
            files[f"{kind}.txt"] = text.replace("\n", "\r\n").encode("utf-8")
        files = {f"{name}-script.zip": packed(files)}
    how.output.mkdir(parents=True, exist_ok=True)
    for file, data in files.items():
        write_whole(how.output / file, data)
    return [
        *(f"{how.output / file}" for file in files),
        f"The script's SHA-256: {script_digest()}",
        "Copy all to the server, read the script, run it there; then: acceptance import FILE",
    ]


def told_of(inventory: Path, file: Path, catalogue: Catalogue, now: datetime) -> Told:
    """What an answer is of.

    Raises EvidenceError for one that no run of this inventory would take.
    """
    customers = load_inventory(inventory, RESERVED)
    if is_of_page(file):
        told, place = told_of_page(customers, file, now)
        return Told(told, file.read_bytes(), place)
    answer = read_answer(file)
    name, host = answer.question.customer, answer.question.host
    customer = customers.customers.get(name)
    connection = customer.hosts[host].connection if customer and host in customer.hosts else None
    if customer is None or connection is None or connection.backend != "script":
        raise EvidenceError(
            "{file}: is of {customer}/{host}, which {inventory} does not read by hand.",
            "Name the inventory with --inventory, or set backend: script there.",
            file=str(file),
            customer=one_line(name, 60),
            host=one_line(host, 60),
            inventory=str(inventory),
        )
    refuse_other(answer, file, wanted_of(name, customer, host, catalogue), now)
    hours = (now - answer.answered.at).total_seconds() / 3600
    read = [section for section in SECTIONS if getattr(answer.sections, section) is not None]
    states = ", ".join(f"{one} {getattr(answer.sections, one).status}" for one in read)
    lines = [
        f"{file}: {name}/{host}, read by {answer.who}, {hours:.1f} hours ago",
        f"  code {answer.code}: compare it over the telephone; nothing else finds an edited answer",
        f"  {states or 'no section was read'}",
    ]
    stamp = f"{answer.answered.at:%Y%m%dT%H%M%S}-{answer.code}"
    folder = customers.answers_of(name)
    return Told(lines, file.read_bytes(), folder / f"{name}-{host}.{stamp}.answer.json")


def lay_in(told: Told) -> str:
    """Lay the answer's bytes unchanged into its place, never over another."""
    told.place.parent.mkdir(parents=True, exist_ok=True)
    try:
        with told.place.open("xb") as file:
            file.write(told.data)
    except FileExistsError:
        if told.place.read_bytes() == told.data:
            return f"{told.place}: is there already."
        raise UsageError("{place}: exists and is another.", place=str(told.place)) from None
    return f"{told.place}: laid in."
