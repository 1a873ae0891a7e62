"""A 401: what it offers, and whether anything was sent that it could refuse."""

import base64

import pytest

from acceptance.backends.winrm.challenge import Challenge, carries_credentials


def ntlm(kind: int) -> str:
    return base64.b64encode(b"NTLMSSP\0" + kind.to_bytes(4, "little") + b"rest").decode()


@pytest.mark.parametrize(
    ("header", "carries"),
    [
        (None, False),
        ("", False),
        ("Negotiate", False),
        (f"Negotiate {ntlm(1)}", False),  # a greeting
        (f"Negotiate {ntlm(3)}", True),
        (f"NTLM {ntlm(3)}", True),
        ("Basic dTpw", True),
        ("Kerberos YIIabc=", True),
        (b"CredSSP FgMBAA==", True),
        ("Negotiate not-base64!", True),
    ],
)
def test_only_what_proves_a_password_counts(header: str | bytes | None, carries: bool) -> None:
    assert carries_credentials(header) is carries


@pytest.mark.parametrize(
    ("offers", "auth", "offered"),
    [
        (['Basic realm="WSMAN"'], "basic", True),
        (['Basic realm="WSMAN"'], "ntlm", False),
        (["Negotiate", "Kerberos"], "ntlm", True),
        (["Negotiate"], "kerberos", True),
        (["Kerberos"], "ntlm", False),
        (['Negotiate, Basic realm="x", CredSSP'], "credssp", True),
        (["Negotiate"], "credssp", False),
        ([], "ntlm", False),
    ],
)
def test_what_is_offered_is_read(offers: list[str], auth: str, offered: bool) -> None:
    challenge = Challenge()
    challenge.note(offers, None)
    assert challenge.offers(auth) is offered
