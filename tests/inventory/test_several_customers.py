"""A mistake costs the customer that it concerns; customers may stand in files of their own."""

from datetime import date
from pathlib import Path

import pytest

from acceptance.catalogue.place import own_tests
from acceptance.catalogue.requirements import load_catalogue
from acceptance.cli.check import check_inventory
from acceptance.cli.without_effect import rules_that_may_await
from acceptance.errors import AcceptanceError, InventoryError
from acceptance.inventory.file import load_inventory
from acceptance.inventory.models import Inventory
from acceptance.inventory.select import RESERVED, select_customers
from acceptance.yamlmodel import keys_at

ONE = """\
title: {title}
service_account: ACME\\svc
hosts:
  web01:
    roles: [web]
    connection: {{address: web01.example.test, username: ACME\\admin, password: env:ACME_WINRM}}
"""


def customers(**texts: str) -> str:
    """hosts.yaml of several customers, each a text of its own keys."""
    lines = ["customers:"]
    for name, text in texts.items():
        lines += [f"  {name}:", *(f"    {line}" for line in text.splitlines())]
    return "\n".join(lines) + "\n"


def write(folder: Path, **files: str) -> Inventory:
    """`hosts` is hosts.yaml; every other one stands below customers/."""
    (folder / "customers").mkdir(exist_ok=True)
    for name, text in files.items():
        path = folder / "hosts.yaml" if name == "hosts" else folder / "customers" / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
    return load_inventory(folder / "hosts.yaml", RESERVED)


GOOD = ONE.format(title="Acme")
INCLUDE = "include: customers/*.yaml\n"


@pytest.mark.parametrize(
    "bad",
    [
        GOOD.replace("title", "titel"),
        GOOD + "title: again\n",
        GOOD.replace("Acme", "2026-02-30"),
        GOOD.replace("Acme", "!secret x"),
        GOOD.replace("ACME\\admin", '"ACME\\backup"'),
        GOOD.replace("[web]", "[wep]"),
        GOOD + "waivers: [{requirement: IIS-07}]\n",
        "just text",
    ],
)
@pytest.mark.parametrize("order", [("acme", "bolt"), ("bolt", "acme")])
def test_one_customers_mistake_costs_that_customer(
    tmp_path: Path, bad: str, order: tuple[str, str]
) -> None:
    """Within one hosts.yaml too, whichever stands first."""
    texts = {"acme": bad, "bolt": GOOD}
    inventory = write(tmp_path, hosts=customers(**{name: texts[name] for name in order}))
    assert set(inventory.customers) == {"bolt"}
    assert str(inventory.broken["acme"]).startswith(f"{tmp_path / 'hosts.yaml'}:")
    assert select_customers(inventory, "all").keys() == {"bolt"}
    with pytest.raises(InventoryError):
        select_customers(inventory, "acme")


@pytest.mark.parametrize("form", ["its own keys", "below customers"])
def test_a_file_for_each_customer(tmp_path: Path, form: str) -> None:
    """Paths are relative to the file that names them, and so are the lines."""
    text = GOOD if form == "its own keys" else customers(bolt=GOOD)
    text = text.replace("env:ACME_WINRM", "env:X, ca_file: ca.pem")
    (tmp_path / "customers").mkdir()
    (tmp_path / "customers" / "ca.pem").touch()
    inventory = write(tmp_path, hosts=INCLUDE + customers(acme=GOOD), bolt=text)
    assert set(inventory.customers) == {"acme", "bolt"}
    assert inventory.path_of("bolt") == tmp_path / "customers" / "bolt.yaml"
    title = text.splitlines().index(next(one for one in text.splitlines() if "title" in one)) + 1
    assert inventory.line_of("customers", "bolt", "title") == title
    connection = inventory.customers["bolt"].hosts["web01"].connection
    assert connection is not None
    assert connection.ca_file == tmp_path / "customers" / "ca.pem"


@pytest.mark.parametrize(
    "bad", ["title: [", "", "- a\n- list\n", "customers: 5\n", "include: x.yaml\ncustomers: {}\n"]
)
def test_an_unreadable_file_costs_its_customer(tmp_path: Path, bad: str) -> None:
    inventory = write(tmp_path, hosts=INCLUDE, acme=GOOD, bolt=bad)
    assert set(inventory.customers) == {"acme"}
    assert str(inventory.broken["bolt"]).startswith(f"{tmp_path / 'customers' / 'bolt.yaml'}:")


def test_a_customer_that_is_described_twice_is_not_guessed(tmp_path: Path) -> None:
    """Neither description is taken, also where they differ in case only."""
    for other in ("acme", "ACME"):
        inventory = write(
            tmp_path, hosts=INCLUDE + customers(**{other: GOOD}), acme=GOOD, bolt=GOOD
        )
        assert set(inventory.customers) == {"bolt"}
        assert {other, "acme"} == set(inventory.broken)


@pytest.mark.parametrize("name", ["demo", "all", "Demo", "ALL"])
def test_names_with_a_meaning_behind_hosts_are_refused(tmp_path: Path, name: str) -> None:
    inventory = write(tmp_path, hosts=customers(acme=GOOD, **{name: GOOD}))
    assert "meaning of its own" in str(inventory.broken[name])


def test_an_unknown_customer_is_told_with_those_that_could_not_be_read(tmp_path: Path) -> None:
    """Perhaps it stands in a file that nobody could read."""
    inventory = write(tmp_path, hosts=INCLUDE, acme=GOOD, bolt="title: [")
    with pytest.raises(
        AcceptanceError, match=r"known: acme, demo\. Could not be read: .*bolt.yaml:1"
    ):
        select_customers(inventory, "corp")


def test_check_tells_every_mistake_and_what_settles_nothing(tmp_path: Path) -> None:
    """All customers' at once, each with its file and line; only mistakes make exit status 2."""
    attested = "{requirement: %s, name: J, role: admin, on: %s, document: mail}"
    text = (
        GOOD
        + "attestations:\n"
        + "".join(
            f"  - {attested % pair}\n"
            for pair in (
                ("OS-04", "2026-11-26"),
                ("OS-04", "2025-01-01"),
                ("IIS-07", "2026-11-20"),
                ("OS-04", "2026-11-20"),
            )
        )
    )
    waived = GOOD.replace("web01:\n", "web 01:\n")
    write(tmp_path, hosts=INCLUDE, acme=text, bolt="title: [", corp=waived, dent=GOOD)
    tests = own_tests()
    catalogue = load_catalogue(tests / "requirements")
    checked = check_inventory(tmp_path / "hosts.yaml", catalogue, tests, date(2026, 11, 25))
    assert [Path(str(one).split(":")[0]).stem for one in checked.wrong] == ["bolt", "corp"]
    acme = tmp_path / "customers" / "acme.yaml"
    notes = [line for line in checked.lines if line.startswith(str(acme))]
    assert [line.removeprefix(f"{acme}:").split(":")[0] for line in notes] == ["8", "9", "10"]
    assert all(
        word in line for word, line in zip(("future", "older", "settles"), notes, strict=True)
    )


def test_which_rules_may_await_is_read_from_their_tests() -> None:
    """A threshold may be missing; a component is there or not."""
    found = rules_that_may_await(own_tests())
    assert {"os.cores", "licence.connectivity_client"} & found
    assert "iis.component" not in found


def test_allowed_keys_follow_the_models_not_the_names() -> None:
    """A host may be called as a key is."""
    from acceptance.inventory.file import NAMED

    for name in ("sql", "connection", "licence", "waivers", "web01"):
        assert keys_at(NAMED, ("acme", "hosts", name)) == ["roles", "connection", "sql"]
    assert "server" in keys_at(NAMED, ("acme", "hosts", "db01", "sql"))
    assert "until" in keys_at(NAMED, ("acme", "waivers", 0))
    assert "cores" in keys_at(NAMED, ("acme", "thresholds"))
