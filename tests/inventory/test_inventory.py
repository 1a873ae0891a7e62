"""hosts.yaml: what loads, what is refused with which line, and that no message repeats a secret.

The faults are files in `assets/`, named after the fault;
`assets/expected.txt` has the one line that each must print.
"""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from acceptance.catalogue import agreed
from acceptance.catalogue.requirements import load_catalogue
from acceptance.errors import InventoryError
from acceptance.inventory.connection import Connection
from acceptance.inventory.file import inventory_schema, load_inventory
from acceptance.inventory.models import Inventory

ROOT = Path(__file__).parents[2]
ASSETS = Path(__file__).parent / "assets"
GOOD = (ASSETS / "good.yaml").read_text(encoding="utf-8")
EXPECTED = dict(
    line.split(":", 1)
    for line in (ASSETS / "expected.txt").read_text(encoding="utf-8").splitlines()
)
IN_CLEAR = "Correct-Horse-Battery-7"  # stands in for a password in the assets


def refused(path: Path) -> str:
    with pytest.raises(InventoryError) as caught:
        load_inventory(path)
    return str(caught.value)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_fault_prints_its_one_line(name: str) -> None:
    """File, line, what is wrong, and what is allowed there."""
    assert refused(ASSETS / name) == f"{ASSETS / name}:{EXPECTED[name]}"


def test_every_asset_has_its_line() -> None:
    assert sorted(EXPECTED) == sorted(
        path.name for path in ASSETS.glob("*.yaml") if path.name != "good.yaml"
    )


def test_no_line_repeats_a_password() -> None:
    """Not even one that stands where a reference belongs.

    As a key of its own it is a key, and shown.
    """
    lines = {name: line for name, line in EXPECTED.items() if name != "secret_as_key.yaml"}
    assert not [name for name, line in lines.items() if IN_CLEAR in line]
    assert sum(IN_CLEAR in (ASSETS / name).read_bytes().decode("latin-1") for name in lines) >= 6


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.yaml") == f"{tmp_path / 'none.yaml'}:1: no such file."
    assert refused(tmp_path).startswith(f"{tmp_path}:1: cannot be read: ")


def test_a_tag_runs_nothing(tmp_path: Path) -> None:
    """YAML's tags can name Python objects: none is made."""
    path = tmp_path / "hosts.yaml"
    path.write_text(
        f'customers: !!python/object/apply:pathlib.Path.touch ["{tmp_path}/made"]\n',
        encoding="utf-8",
    )
    assert "tags" in refused(path)
    assert not (tmp_path / "made").exists()


# --- what holds for any file ----------------------------------------------------------------------


def loaded(path: Path, raw: bytes) -> Inventory | str:
    """The inventory, or the sentence that an InventoryError says; any other error is a bug."""
    path.write_bytes(raw)
    try:
        return load_inventory(path)
    except InventoryError as error:
        return str(error)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("inventory") / "hosts.yaml"


@given(
    raw=st.binary()
    | st.text().map(str.encode)
    | st.text(alphabet="&*!|>%@`-?:,[]{}#'\"\\ \n\tax01").map(str.encode)
)
def test_any_bytes_give_an_inventory_or_one_line(path: Path, raw: bytes) -> None:
    for text in (raw, b"customers: " + raw, GOOD.encode() + b"    waivers: " + raw):
        result = loaded(path, text)
        assert isinstance(result, Inventory) or re.match(
            rf"{re.escape(str(path))}:\d+: .+\.", result
        )


KEYS = st.sampled_from(
    [
        "customers",
        "acme",
        "title",
        "service_account",
        "hosts",
        "web01",
        "roles",
        "connection",
        "address",
        "auth",
    ]
) | st.sampled_from(
    [
        "password",
        "waivers",
        "until",
        "databases",
        "thresholds",
        "cores",
        "time_zone",
        "attestations",
        "on",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | KEYS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(KEYS | st.integers() | st.booleans(), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(customer=VALUES, host=VALUES, connection=VALUES)
def test_any_values_give_an_inventory_or_one_line(
    path: Path, customer: Any, host: Any, connection: Any
) -> None:
    """Wrong types in every place, the customer's defaults and keys that are no text included."""
    good = yaml.safe_load(GOOD)["customers"]["acme"]
    for data in (
        customer,
        {"customers": customer},
        {"customers": {"acme": customer, 5: good}},
        {"customers": {"acme": good | {"connection": connection, "hosts": host}}},
        {"customers": {"acme": good | {"hosts": {"web01": host}}}},
        {
            "customers": {
                "acme": good | {"hosts": {"web01": {"roles": ["web"], "connection": connection}}}
            }
        },
    ):
        result = loaded(path, yaml.safe_dump(data, allow_unicode=True).encode())
        assert isinstance(result, Inventory) or result.startswith(f"{path}:")


@given(
    before=st.text(max_size=8),
    after=st.text(max_size=8),
    form=st.sampled_from(["%s", "'%s'", '"%s"', " |\n %s"]),
)
def test_no_message_repeats_a_secret(path: Path, before: str, after: str, form: str) -> None:
    """Whatever is written where the password's reference belongs, in block or flow style,
    quoted or not.
    """
    secret = (before + "S3cr3t" + after).replace("\n", "").replace("\r", "").replace("\x85", "")
    block = GOOD.replace("env:ACME_WINRM", form % secret)
    start = GOOD[: GOOD.index("        connection:")]
    flow = (
        f"{start}        connection: {{address: web01, username: a, password: {form % secret}}}\n"
    )
    tight = f"{start}        connection: {{address: web01, username: a, password:{secret}}}\n"
    for text in (block, flow, tight):
        result = loaded(path, text.encode("utf-8", "replace"))
        assert isinstance(result, Inventory) or "S3cr3t" not in result


# --- customer01 and the schema --------------------------------------------------------------------


def test_customer01_loads_and_names_only_requirements_of_the_catalogue() -> None:
    inventory = load_inventory(ROOT / "hosts.yaml")
    agreed.check(load_catalogue(ROOT / "tests_infra" / "requirements"), inventory)
    assert set(inventory.customers["customer01"].hosts) == {"web01", "db01"}


def uncommented(text: str) -> str:
    """hosts.yaml with its examples in force: lines such as `# port: 5986` and `#   - requirement:
    IIS-07`.
    """
    return re.sub(r"^( +)# ( *(?:- )?[a-z_0-9]+:)", r"\1\2", text, flags=re.MULTILINE)


def keys_of(schema: dict[str, Any]) -> set[str]:
    models = [schema, *schema["$defs"].values()]
    return {key for model in models for key in model.get("properties", {})}


def test_customer01_shows_every_key(tmp_path: Path) -> None:
    """Commented or not: whoever copies the example sees all that can be said."""
    text = uncommented((ROOT / "hosts.yaml").read_text(encoding="utf-8"))
    missing = {
        key
        for key in keys_of(inventory_schema())
        if not re.search(rf"^[# -]*{key}:", text, re.MULTILINE)
    }
    assert not missing


def test_customer01s_commented_examples_load_too(tmp_path: Path) -> None:
    """An example that does not load is worse than none."""
    text = uncommented((ROOT / "hosts.yaml").read_text(encoding="utf-8"))
    (tmp_path / "hosts.yaml").write_text(text, encoding="utf-8")
    for name in re.findall(r"[\w-]+\.(?:pem|key)", text):
        (tmp_path / name).touch()
    inventory = load_inventory(tmp_path / "hosts.yaml")
    agreed.check(load_catalogue(ROOT / "tests_infra" / "requirements"), inventory)
    customer = inventory.customers["customer01"]
    assert customer.waivers
    assert customer.attestations
    assert customer.hosts["web01"].connection.ca_file == tmp_path / "customer01-ca.pem"


def test_the_schema_in_docs_is_current() -> None:
    """Made by `python -m acceptance.inventory.file > docs/hosts.schema.json`."""
    assert (
        json.loads((ROOT / "docs" / "hosts.schema.json").read_text(encoding="utf-8"))
        == inventory_schema()
    )


@pytest.mark.parametrize("example", ["hosts.yaml", "uncommented", "simulator/demo.yaml"])
def test_the_schema_accepts_the_examples(example: str) -> None:
    """What an editor says is what the suite says."""
    file = ROOT / ("hosts.yaml" if example == "uncommented" else example)
    text = file.read_text(encoding="utf-8")
    data = yaml.safe_load(uncommented(text) if example == "uncommented" else text)
    as_json = json.loads(
        json.dumps(data, default=str).replace('"true":', '"on":')
    )  # PyYAML alone reads `on` as true
    jsonschema.Draft202012Validator(inventory_schema()).validate(as_json)


@pytest.mark.parametrize(
    "name",
    [
        "unknown_key",
        "misspelt_key",
        "bad_role",
        "database_as_number",
        "misspelt_top_key",
        "password_in_clear",
        "environment_in_other_words",
    ],
)
def test_the_schema_refuses_what_the_suite_refuses(name: str) -> None:
    data = yaml.safe_load((ASSETS / f"{name}.yaml").read_bytes())
    assert not jsonschema.Draft202012Validator(inventory_schema()).is_valid(data)


# --- what a loaded inventory says -----------------------------------------------------------------


def write(tmp_path: Path, text: str) -> Inventory:
    (tmp_path / "hosts.yaml").write_text(text, encoding="utf-8")
    return load_inventory(tmp_path / "hosts.yaml")


def test_a_customers_connection_holds_for_its_hosts_and_a_hosts_own_keys_win(
    tmp_path: Path,
) -> None:
    inventory = write(
        tmp_path,
        "customers:\n  acme:\n    title: ACME\n    service_account: ACME\\svc\n"
        "    connection: {username: 'ACME\\admin', password: 'prompt:', deadline_seconds: 60}\n"
        "    hosts:\n"
        "      web01: {roles: [web], connection: {address: web01}}\n"
        "      db01: {roles: [database], connection: {address: db01, deadline_seconds: 90}}\n",
    )
    hosts = inventory.customers["acme"].hosts
    assert [host.connection.deadline_seconds for host in hosts.values()] == [60, 90]
    assert {host.connection.username for host in hosts.values()} == {"ACME\\admin"}


def test_on_and_off_are_text(tmp_path: Path) -> None:
    """`on:` is a key of an attestation, which YAML 1.1 reads as true."""
    attestation = "{requirement: OS-04, name: J, role: admin, on: 2026-11-20, document: mail}"
    inventory = write(tmp_path, f"{GOOD}    attestations: [{attestation}]\n")
    assert inventory.customers["acme"].attestations[0].on.isoformat() == "2026-11-20"


def test_a_date_may_stand_in_quotes(tmp_path: Path) -> None:
    attestation = "{requirement: OS-04, name: J, role: admin, on: '2026-11-20', document: mail}"
    inventory = write(tmp_path, f"{GOOD}    attestations: [{attestation}]\n")
    assert inventory.customers["acme"].attestations[0].on.isoformat() == "2026-11-20"


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    """Windows' Notepad writes one."""
    assert write(tmp_path, f"\ufeff{GOOD}").customers


def test_the_port_follows_the_scheme() -> None:
    common = {"address": "web01", "username": "a", "password": "prompt:"}
    ports = [
        Connection.model_validate(common | {"scheme": scheme}).effective_port
        for scheme in ("https", "http")
    ]
    assert ports == [5986, 5985]


@pytest.mark.parametrize(
    "reference", ["env:NAME", "keyring:clickker/EXAMPLE\\user", "prompt:", "prompt:for web01"]
)
def test_references_to_secrets(reference: str) -> None:
    fields = {"address": "web01", "username": "a", "password": reference}
    assert Connection.model_validate(fields).password == reference


@pytest.mark.parametrize(
    "text", ["", "env:", "env:1A", "env:A B", "keyring:x", "Env:NAME", "plain", "env"]
)
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be a reference"):
        Connection.model_validate({"address": "web01", "username": "a", "password": text})
