"""Two signers, and a report's signing and verifying in short."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from acceptance.findings.finding import Kind, Promised
from acceptance.signing.keys import Trusted, fingerprint
from acceptance.signing.sign import sign_report
from acceptance.signing.sign_off import Signature
from acceptance.signing.verify import Verification
from tests.report.samples import finding

NOW = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)


SUPPLIER, CUSTOMER = (
    Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2)
)


TRUSTED = {
    fingerprint(SUPPLIER.public_key()): Trusted("Supplier B.V.", "supplier"),
    fingerprint(CUSTOMER.public_key()): Trusted("Customer N.V.", "customer"),
}


PROMISE = Promised(who="J. Jansen", by=date(2026, 12, 1))


DECIDED = [finding(1, Kind.MET), finding(7, Kind.NOT_MET, promise=PROMISE)]


Make = Callable[..., Path]


def sign(folder: Path, party: str = "supplier") -> Signature:
    key, name = (SUPPLIER, "S. Süpplier") if party == "supplier" else (CUSTOMER, "C. Customer")
    return sign_report(folder, key, party=party, name=name, role="manager", now=NOW)  # type: ignore[arg-type]


def named(result: Verification) -> set[tuple[str, str]]:
    return {(problem.file, problem.what) for problem in result.problems}


def changed_results(folder: Path, **changed: object) -> None:
    content = json.loads((folder / "results.json").read_bytes())
    (folder / "results.json").write_text(json.dumps(content | changed), encoding="utf-8")
