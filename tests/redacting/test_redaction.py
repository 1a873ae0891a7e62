"""No name leaves; what was equal stays equal; structure, lengths and dates stay."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from acceptance.simulator.internet import Endpoints
from acceptance.simulator.windows.runner import RECORDINGS, ReplayRunner
from acceptance.simulator.windows.twin import load_twin
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from acceptance.hosts.chains import ends_in, public_roots
from acceptance.redacting.redaction import Redaction
from acceptance.redacting.words import harmless
from tests.cli.test_by_hand import call


def redacted(data: Any) -> tuple[Any, Redaction]:
    redaction = Redaction()
    redaction.prepare(data)
    return redaction.value(data), redaction


def test_a_name_is_replaced_alike_wherever_it_stands() -> None:
    """In keys too, whatever its case, within a path or an address; as long as it was."""
    data = {
        "account": "CONTOSO\\j.peeters",
        "path": "C:\\Users\\j.peeters\\Desktop",
        "address": "contoso-app7.contoso.nl:5986",
        "databases": {"Contoso_Synergy": 1},
        "message": "De gebruiker Contoso\\j.peeters werd niet gevonden.",
    }
    made, redaction = redacted(data)
    text = json.dumps(made)
    for name in ("contoso", "peeters", "gebruiker"):
        assert name not in text.casefold()
    company = made["account"].split("\\")[0]
    assert company.isupper()
    assert len(company) == len("CONTOSO")
    assert made["path"].split("\\")[2] == made["account"].split("\\")[1]
    assert list(made["databases"]) == [f"{company.capitalize()}_Synergy"]
    assert made["address"].endswith(".nl:5986")
    assert made["address"].count(company.lower()) == 2
    assert len(redaction.replaced) >= 5


def test_a_customer_who_is_called_as_the_suite_speaks_is_named_nowhere_by_that() -> None:
    """Where it is the customer's name it goes; where Windows says it, it stays, and is told."""
    inventory = {"customers": {"exact-web": {"title": "Exact Web Service B.V.", "hosts": {}}}}
    evidence = {"customer": "exact-web", "sections": {"service": {"value": "Web Service"}}}
    redaction = Redaction()
    made = [redaction.value(one) for one in (inventory, evidence)]
    [name] = made[0]["customers"]
    assert name == made[1]["customer"]
    for text in (name, made[0]["customers"][name]["title"]):
        assert not {"exact", "web", "service"} & set(text.casefold().replace("-", " ").split())
    assert made[1]["sections"] == evidence["sections"]
    assert redaction.shared == {"exact", "web", "service"}


@pytest.mark.parametrize(
    "text",
    [
        "W3SVC",
        "Running",
        "v4.0",
        "S-1-5-32-544",
        "127.0.0.1",
        "0.0.0.0:443",
        "SeBatchLogonRight",
        "2026-11-25T23:57:20.740144Z",
        "C:\\inetpub\\wwwroot",
        "BUILTIN\\Administrators",
        "a" * 64,
    ],
)
def test_what_everybody_has_stays(text: str) -> None:
    assert redacted({"value": text})[0] == {"value": text}


def test_a_sid_is_the_same_one_as_text_and_as_bytes() -> None:
    """SQL Server keeps it in hexadecimal; the last part, which says what kind it is, stays."""
    made, _ = redacted(
        {
            "sid": "S-1-5-21-1000000001-1000000002-1000000003-1105",
            "bytes": "0x01050000000000051500000001CA9A3B02CA9A3B03CA9A3B51040000",
            "domain": "S-1-5-21-1000000001-1000000002-1000000003",
        }
    )
    parts = [int(one) for one in made["sid"].split("-")[4:]]
    assert parts[3] == 1105
    assert made["sid"].startswith(f"{made['domain']}-")
    assert parts[:3] != [1000000001, 1000000002, 1000000003]
    hexadecimal = b"".join(one.to_bytes(4, "little") for one in parts).hex().upper()
    assert made["bytes"] == f"0x010500000000000515000000{hexadecimal}"


@pytest.mark.parametrize("address", ["10.20.30.40", "192.168.7.8", "8.8.4.4", "2a02:58::7"])
def test_addresses_become_others_of_their_kind(address: str) -> None:
    made = redacted([f"at {address}", address])[0]
    assert address not in made[0]
    assert made[0] == f"at {made[1]}"
    private = made[1].startswith(("10.", "192.168."))
    assert private == address.startswith(("10.", "192.168."))
    assert ip_address(made[1]).version == ip_address(address).version


def test_numbers_that_name_a_customer_are_replaced_and_small_ones_stay() -> None:
    made, _ = redacted({"number": "3012345", "division": "001", "port": 5986, "name": "3012345"})
    assert made["number"] != "3012345"
    assert made["number"] == made["name"]
    assert len(made["number"]) == 7
    assert (made["division"], made["port"]) == ("001", 5986)


@pytest.mark.parametrize(
    "text",
    [
        "Login failed for user 'CONTOSO\\j.peeters'. [CLIENT: 10.20.30.40]",
        "the way to 10.20.30.40. did not lead to 10.20.30.40, ::ffff:10.20.30.40 or (10.20.30.40)",
        "card 00:15:5D:0A:0B:0C, 00-15-5D-0A-0B-0C, {1F2E3D4C-1234-4567-8910-123456789012}",
        "licence 3012345 in C:\\temp\\3012345.log?klant=3012345&of=contoso_3012345",
        "call +31 515 123456, 0515-123456 or 0612345678",
        "S-1-12-1-1111111111-2222222222-333333333-444444444 is mailed to j.peeters%40contoso.nl",
        "Server=tcp:CONTOSO-SQL01,1433;User ID=peeters;Password=CONTOSO01",
        "thumbprint 1234567890123456789012345678901234567890 of CN=app.contoso.nl, O=Contoso",
    ],
)
def test_a_name_in_a_servers_own_words_is_replaced(text: str) -> None:
    """Event texts, paths, connection strings, errors of SQL Server."""
    made = str(redacted({"error": {"message": text}, "file_version": f"1.2 {text}"})[0]).casefold()
    secrets = r"contoso|peeters|10\.20\.30\.40|15.5d.0a|3d4c|8910|3012345|123456|1{9}|061234"
    assert not re.findall(secrets, made)


def test_a_thumbprint_within_a_text_is_that_of_the_certificate() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    own = certificate("app.contoso.nl", key, "app.contoso.nl", key, authority=False)
    thumbprint = sha1(own, usedforsecurity=False).hexdigest()
    made, _ = redacted(
        {"thumbprint": thumbprint, "text": f"no key of {thumbprint}."}
        | {"raw": base64.b64encode(own).decode()}
    )
    assert made["text"] == f"no key of {made['thumbprint']}."
    assert made["thumbprint"] != thumbprint


@pytest.mark.parametrize("text", ["15.0.4385.2", "10.0.17763.1", "v4.8", "16.0.100.2"])
def test_a_version_stays(text: str) -> None:
    assert redacted({"file_version": text})[0] == {"file_version": text}


def test_a_services_own_sid_stays() -> None:
    """Windows makes it of the service's name: the same everywhere."""
    sid = "S-1-5-80-3880718306-3832830129-1677859214-2598158968-1052248003"
    assert redacted({"sids": [sid]})[0] == {"sids": [sid]}


def certificate(name: str, key: Any, issuer: str, signer: Any, *, authority: bool) -> bytes:
    def of(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    start = datetime(2026, 1, 2, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(of(name))
        .issuer_name(of(issuer))
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=90))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    )
    return made.sign(signer, hashes.SHA256()).public_bytes(Encoding.DER)


def test_certificates_are_made_anew_with_their_chain() -> None:
    """Dates and chain stay, names and keys do not; a thumbprint follows its certificate."""
    root, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    top = certificate("Contoso Root", root, "Contoso Root", root, authority=True)
    own = certificate("app.contoso.nl", leaf, "Contoso Root", root, authority=False)
    thumbprint = sha1(own, usedforsecurity=False).hexdigest().upper()
    data = {
        "thumbprint": thumbprint,
        "chain": [base64.b64encode(one).decode() for one in (own, top)],
    }
    made, redaction = redacted(data)
    first, last = [x509.load_der_x509_certificate(base64.b64decode(one)) for one in made["chain"]]
    assert ends_in([first, last], [last])
    assert first.not_valid_after_utc == datetime(2026, 4, 2, tzinfo=UTC)
    (name,) = first.extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    ).value.get_values_for_type(x509.DNSName)
    assert name == redaction.text("app.contoso.nl") != "app.contoso.nl"
    assert b"ontoso" not in first.public_bytes(Encoding.DER)
    now = sha1(first.public_bytes(Encoding.DER), usedforsecurity=False).hexdigest().upper()
    assert made["thumbprint"] == now != thumbprint


def test_public_authorities_stay() -> None:
    """Everybody has them, and whether a certificate is a public one's is decided by their bytes."""
    one = base64.b64encode(public_roots()[0].public_bytes(Encoding.DER)).decode()
    assert redacted({"root": one})[0] == {"root": one}


def test_what_is_no_certificate_is_left_out_and_told() -> None:
    made, redaction = redacted({"sections": {"raw": "MI" + "A" * 100}})
    assert made == {"sections": {"raw": None}}
    assert redaction.left_out == ["sections.raw"]


def test_bytes_of_a_registry_value_are_left_out_and_told() -> None:
    """An own check may name REG_BINARY, and its bytes may be a name."""
    values = [{"name": "Owner", "value": list(b"contoso")}, {"name": "Size", "value": 5986}]
    key = {"key": "HKLM:\\SOFTWARE", "fact": {"status": "ok", "value": {"values": values}}}
    made, redaction = redacted({"own": {"value": {"registry": [key]}}})
    told = made["own"]["value"]["registry"][0]["fact"]["value"]["values"]
    assert [one["value"] for one in told] == [None, 5986]
    assert redaction.left_out == ["own.value.registry[].fact.value.values[].value"]


def test_no_prose_of_the_suite_counts_as_harmless() -> None:
    """Surnames are words too: only names, closed sets and code are taken, no sentence."""
    assert len(harmless()) < 2500
    assert not harmless() & {"contoso", "jansen", "peeters", "vries", "customer01", "db01", "web01"}


def test_the_twins_names_are_found_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a whole server, by the command; files are named anew, and the table stays beside them."""
    monkeypatch.chdir(tmp_path)
    twin = load_twin("demo-web01")
    with Endpoints(twin.network) as endpoints:
        sections = json.loads((RECORDINGS / f"{twin.name}.json").read_bytes())
        asked = json.dumps({"sections": list(sections)}).encode() + b"\n"
        line = "powershell.exe -EncodedCommand IAA="
        said = ReplayRunner(twin, endpoints).run(line, iter([asked]), lambda *_: None).stdout
    text = said.partition(b"@@FACT@@")[2].partition(b"@@END@@")[0]
    Path("web01.json").write_bytes(text)
    status, told = call("redact", "web01.json")
    assert status == 0, told
    (made,) = Path("redacted").iterdir()
    assert "web01" not in made.name
    kept = made.read_text(encoding="utf-8").casefold()
    for name in ("demo", "web01", "1000000001", "203.0.113.11", "5f2d019c44a0b713"):
        assert name not in kept, name
    table = json.loads(Path("redacted.table.json").read_bytes())
    assert "demo" in {one.casefold() for one in table}
    status, told = call("redact", "web01.json")
    assert (status, "is not empty" in told) == (2, True)
    status, told = call("redact", "web01.json", "--output", "web01.json")
    assert (status, "web01.json is a file" in told) == (2, True)
    Path("bad.json").write_text("{", encoding="utf-8")
    status, told = call("redact", "bad.json", "--output", "new")
    assert (status, "cannot be read as JSON" in told) == (2, True)
