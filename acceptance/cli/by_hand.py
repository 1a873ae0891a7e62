"""`acceptance script` and `acceptance import`: the way there and back of a server that is read by hand."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from acceptance.catalogue.requirements import Catalogue
from acceptance.collecting.by_hand.answer import read_answer, refuse_other_question
from acceptance.collecting.by_hand.script import NAME, question, script_by_hand, script_digest
from acceptance.collecting.parameters import parameters_of
from acceptance.collecting.script import SECTIONS
from acceptance.errors import EvidenceError, UsageError
from acceptance.evidence.binding import OF_ACCOUNT
from acceptance.inventory.file import load_inventory
from acceptance.inventory.select import RESERVED, select_customers
from acceptance.report.files import write_whole
from acceptance.text import one_line


@dataclass(frozen=True)
class Told:
    """An answer that may be laid in: what a person reads first, its bytes, and where it goes."""

    lines: list[str]
    data: bytes
    place: Path


def write_script(
    inventory: Path, selection: str, catalogue: Catalogue, output: Path, now: datetime
) -> list[str]:
    """The script once, and one question for each chosen host that is read by hand."""
    customers = load_inventory(inventory, RESERVED)
    asked: dict[str, bytes] = {}
    for name, hosts in select_customers(customers, selection).items():
        customer = customers.customers[name]
        for host, one in hosts.items():
            if one.connection is None or one.connection.backend != "script":
                continue
            parameters = parameters_of(customer, host, catalogue)
            left_out = frozenset() if customer.service_account else OF_ACCOUNT
            sections = [one for one in SECTIONS if one not in left_out]
            asked[f"{name}-{host}.ask.json"] = question(name, host, sections, parameters, now)
    if not asked:
        raise UsageError(
            "{selection}: no host there is read by hand.",
            "Set backend: script in its connection.",
            selection=selection,
        )
    output.mkdir(parents=True, exist_ok=True)
    write_whole(output / NAME, script_by_hand())
    for file, data in asked.items():
        write_whole(output / file, data)
    return [
        f"{output / NAME}: SHA-256 {script_digest()}",
        *(f"{output / file}" for file in asked),
        "Copy both to the server, read the script, run it there; then: acceptance import FILE",
    ]


def told_of(inventory: Path, file: Path, catalogue: Catalogue, now: datetime) -> Told:
    """What an answer is of. Raises EvidenceError for one that no run of this inventory would take."""
    answer = read_answer(file)
    name, host = answer.question.customer, answer.question.host
    customers = load_inventory(inventory, RESERVED)
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
    refuse_other_question(answer, file, parameters_of(customer, host, catalogue), now)
    hours = (now - answer.answered.at).total_seconds() / 3600
    read = [section for section in SECTIONS if getattr(answer.sections, section) is not None]
    states = ", ".join(f"{one} {getattr(answer.sections, one).status}" for one in read)
    lines = [
        f"{file}: {name}/{host}, read by {answer.who}, {hours:.1f} hours ago",
        f"  code {answer.code}: compare it over the telephone; nothing else finds an edited answer",
        f"  {states or 'no section was read'}",
    ]
    stamp = f"{answer.answered.at:%Y%m%dT%H%M%S}-{answer.code}"
    folder = customers.path_of(name).parent / "answers" / name
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
