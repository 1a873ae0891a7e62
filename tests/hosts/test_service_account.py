"""The service account's rights, decided: deny wins, groups count,
and what was not read never passes and never fails.
"""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acceptance.errors import UnreadError
from acceptance.evidence.access import AccountsSection, DirectoryAccount
from acceptance.hosts.accounts import ADMINISTRATORS, ServiceAccount
from acceptance.hosts.decisions import Who, decide, decide_in_order
from acceptance.hosts.directory import filetime, password_end, troubles
from acceptance.text import said

NOW = datetime(2026, 11, 24, tzinfo=UTC)
DOMAIN = "S-1-5-21-1-2-3"
ACCOUNT, GROUP, ORPHAN = f"{DOMAIN}-1105", f"{DOMAIN}-1201", f"{DOMAIN}-1999"
sids = st.frozensets(st.sampled_from([ACCOUNT, GROUP, "S-1-1-0", "S-1-5-11", ADMINISTRATORS]))


def read(value: Any) -> dict[str, Any]:
    return {"status": "ok", "value": value, "milliseconds": 1}


def unread(
    kind: str = "System.Security.SecurityException", status: str = "denied"
) -> dict[str, Any]:
    return {
        "status": status,
        "error": {"type": kind, "message": "Zugriff verweigert"},
        "milliseconds": 1,
    }


def section(**changes: Any) -> ServiceAccount:
    data = {
        "service_account": "ACME\\svc",
        "computer_name": "WEB01",
        "domain": "acme.example.test",
        "domain_role": 3,
        "secure_channel": read(True),
        "account": read({"sid": ACCOUNT, "name": "ACME\\svc"}),
        "tokens": [
            {
                "logon_name": "svc@acme.example.test",
                "answer": read({"user": ACCOUNT, "groups": [GROUP, "S-1-5-2"]}),
            }
        ],
        "directory": unread("System.DirectoryServices.DirectoryServicesCOMException", "error"),
        "administrators": read(
            {"name": "VORDEFINIERT\\Administratoren", "members": [{"sid": ORPHAN, "name": None}]}
        ),
        "rights": [
            {"right": right, "answer": read({"sids": []})}
            for right in (
                "SeBatchLogonRight",
                "SeDenyBatchLogonRight",
                "SeServiceLogonRight",
                "SeDenyServiceLogonRight",
            )
        ],
    }
    return ServiceAccount("web01", AccountsSection.model_validate(data | changes))


def rights(**holders: list[str]) -> list[dict[str, Any]]:
    names = (
        "SeBatchLogonRight",
        "SeDenyBatchLogonRight",
        "SeServiceLogonRight",
        "SeDenyServiceLogonRight",
    )
    return [{"right": name, "answer": read({"sids": holders.get(name, [])})} for name in names]


@given(own=sids, granted=sids, denied=sids, more=sids)
def test_what_is_decided_without_all_groups_holds_with_them(
    own: frozenset[str], granted: frozenset[str], denied: frozenset[str], more: frozenset[str]
) -> None:
    """Groups that were not read may leave a question open; they never turn a decision round."""
    certain = decide("web01", Who(own | more, True), granted, denied)
    try:
        early = decide("web01", Who(own, False, "no token"), granted, denied)
    except UnreadError:
        return
    assert early.allowed == certain.allowed


@given(own=sids, granted=sids, denied=sids)
def test_deny_wins(own: frozenset[str], granted: frozenset[str], denied: frozenset[str]) -> None:
    decision = decide("web01", Who(own, True), granted, denied)
    assert decision.allowed == bool(own & granted and not own & denied)


def test_a_group_in_the_token_counts() -> None:
    """Nested groups are in the token, however deep."""
    account = section(rights=rights(SeServiceLogonRight=[GROUP]))
    assert account.may_log_on("SeServiceLogonRight").allowed
    assert account.may_log_on("SeServiceLogonRight").by == {GROUP}


@pytest.mark.parametrize("holder", ["S-1-5-80-0", "S-1-5-2", "S-1-5-32-544"])
def test_what_is_not_the_accounts_does_not_count(holder: str) -> None:
    """A domain account is none of NT SERVICE\\ALL SERVICES;
    the token's NETWORK is the asking logon's, not a service's.
    """
    assert (
        not section(rights=rights(SeServiceLogonRight=[holder]))
        .may_log_on("SeServiceLogonRight")
        .allowed
    )


def test_without_a_token_a_direct_grant_counts_and_the_rest_stays_open() -> None:
    tokens = [{"logon_name": "svc@acme", "answer": unread()}]
    direct = section(tokens=tokens, rights=rights(SeBatchLogonRight=[ACCOUNT]))
    assert direct.may_log_on("SeBatchLogonRight").allowed
    with pytest.raises(UnreadError, match="SecurityException"):
        direct.may_log_on("SeServiceLogonRight")
    denied = section(
        tokens=tokens, rights=rights(SeBatchLogonRight=[ACCOUNT], SeDenyBatchLogonRight=[GROUP])
    )
    with pytest.raises(UnreadError, match="groups are not known"):
        denied.may_log_on("SeBatchLogonRight")


def test_a_token_of_another_account_is_not_taken() -> None:
    """The same name may exist in two domains: the SID decides."""
    other = [
        {
            "logon_name": "svc@acme",
            "answer": read({"user": f"{DOMAIN}-9", "groups": [ADMINISTRATORS]}),
        }
    ]
    with pytest.raises(UnreadError):
        section(tokens=other).administrator()


def test_an_orphan_in_the_group_disturbs_nothing() -> None:
    assert not section().administrator().allowed
    members = [{"sid": ORPHAN, "name": None}, {"sid": GROUP, "name": "ACME\\Admins"}]
    token = [
        {
            "logon_name": "svc@acme",
            "answer": read({"user": ACCOUNT, "groups": [GROUP, ADMINISTRATORS]}),
        }
    ]
    account = section(administrators=read({"name": "x", "members": members}), tokens=token)
    assert account.administrator().allowed
    assert account.names(account.administrator().by) == "ACME\\Admins"


@pytest.mark.parametrize("channel", [read(False), unread()])
def test_an_unknown_name_without_a_domain_controller_is_unread(channel: Any) -> None:
    """No domain controller answers: the account may well exist."""
    account = section(
        account=unread("IdentityNotMapped", "absent"),
        tokens=[],
        directory=None,
        secure_channel=channel,
    )
    with pytest.raises(UnreadError, match="domain controller"):
        _ = account.sid


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "domain acme.example.test"),
        ({"domain_role": 2, "domain": "WORKGROUP", "secure_channel": None}, "workgroup WORKGROUP"),
        ({"domain_role": 5, "secure_channel": None}, "domain acme.example.test"),
    ],
)
def test_an_account_that_does_not_exist_has_a_plain_answer(
    changes: dict[str, Any], words: str
) -> None:
    members = [{"sid": f"{DOMAIN}-512", "name": "ACME\\Domain Admins"}]
    account = section(
        account=unread("IdentityNotMapped", "absent"),
        tokens=[],
        directory=None,
        administrators=read({"name": "x", "members": members}),
        **changes,
    )
    assert account.sid is None
    assert words in str(account.missing_text)
    assert not account.administrator().allowed
    assert not account.may_log_on("SeBatchLogonRight").allowed


def test_an_unknown_name_of_another_domain_is_unread() -> None:
    """The server's own domain controllers answer; whether the other domain's do is not known.

    Both names of the own domain count.
    """
    unknown = {"account": unread("IdentityNotMapped", "absent"), "tokens": [], "directory": None}
    with pytest.raises(UnreadError, match="account's own domain"):
        _ = section(**unknown, service_account="PARTNER\\svc").sid
    members = [{"sid": f"{DOMAIN}-512", "name": "CORP\\Domain Admins"}]
    known = unknown | {"administrators": read({"name": "x", "members": members})}
    for name in ("CORP\\svc", "acme.example.test\\svc", "WEB01\\svc"):
        assert section(**known, service_account=name).sid is None
    # The first label of the domain's DNS name is not its short name.
    with pytest.raises(UnreadError, match="account's own domain"):
        _ = section(**known, service_account="ACME\\svc").sid


@pytest.mark.parametrize(
    ("sid", "of_a_domain"),
    [(ACCOUNT, True), ("S-1-5-18", False), ("S-1-5-20", False), ("S-1-5-82-1-2", False)],
)
def test_what_windows_itself_brings_is_no_domain_account(sid: str, of_a_domain: bool) -> None:
    """NT AUTHORITY\\NETWORK SERVICE is not of this server by its name,
    and no account of a domain either.
    """
    account = section(account=read({"sid": sid, "name": "NT AUTHORITY\\NETWORK SERVICE"}))
    assert not account.local
    assert account.of_a_domain is of_a_domain


def test_a_name_that_was_not_looked_up_is_unread() -> None:
    """Another error than "no such name" says nothing of the account."""
    with pytest.raises(UnreadError):
        _ = section(
            account=unread("System.SystemException", "error"), tokens=[], directory=None
        ).sid


def test_a_local_account_is_told_by_its_computer_and_decided_by_its_direct_membership() -> None:
    """Local groups cannot nest, so no token is needed."""
    members = [{"sid": ACCOUNT, "name": "WEB01\\svc"}]
    local = {
        "account": read({"sid": ACCOUNT, "name": "web01\\svc"}),
        "tokens": [{"logon_name": "x", "answer": unread()}],
    }
    assert section(**local).local
    assert not section(**local).administrator().allowed
    assert (
        section(**local, administrators=read({"name": "x", "members": members}))
        .administrator()
        .allowed
    )
    with pytest.raises(UnreadError):
        section(**local, administrators=unread()).administrator()


HERE = ("WEB01", "demo.example.test")


def limits(computers: str | None = None, hours: bytes | None = None) -> dict[str, Any]:
    return {"limits": {"computers": computers, "hours": b64encode(hours) if hours else None}}


def record(**changes: Any) -> DirectoryAccount:
    data: dict[str, Any] = {
        "user_account_control": 0x200,
        "computed": 0,
        "account_expires": 0,
        "password_last_set": 133500000000000000,
        "password_expires": 134500000000000000,
        "limits": {"computers": None, "hours": None},
    }
    return DirectoryAccount.model_validate(data | changes)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"user_account_control": 0x202}, ["disabled"]),
        ({"computed": 0x10}, ["locked"]),
        ({"account_expires": 133000000000000000}, ["expired on 2022-06-18"]),
        ({"account_expires": 135000000000000000}, []),
        ({"user_account_control": 0x202, "computed": 0x10}, ["disabled", "locked"]),
        (limits(""), []),
        (limits("web01"), []),
        (limits("APP07, Web01"), []),
        (limits("web01.demo.example.test"), []),
        (limits("APP07,WEB011"), ["may log on to other computers only: APP07, WEB011"]),
        (limits("DEMO"), ["may log on to other computers only: DEMO"]),
        (limits(hours=b"\xff" * 21), []),
        (limits(hours=b"\xff" * 20 + b"\x7f"), ["may not log on at every hour of the week"]),
        (limits(hours=bytes(21)), ["may not log on at every hour of the week"]),
    ],
)
def test_the_directorys_record_says_why_an_account_cannot_be_used(
    changes: dict[str, Any], found: list[str]
) -> None:
    assert [str(one) for one in troubles(record(**changes), NOW, *HERE)] == found


def test_a_computer_of_the_same_name_in_another_domain_may_be_another_one() -> None:
    with pytest.raises(UnreadError, match="its name does not tell"):
        troubles(record(**limits("web01.other.example.test")), NOW, *HERE)


def test_where_an_earlier_collector_did_not_ask_nobody_knows() -> None:
    with pytest.raises(UnreadError, match="was not asked where and when"):
        troubles(record(limits=None), NOW, *HERE)


@pytest.mark.parametrize("missing", ["user_account_control", "computed", "account_expires"])
def test_an_incomplete_record_decides_nothing(missing: str) -> None:
    with pytest.raises(UnreadError):
        troubles(record(**{missing: None}), NOW, *HERE)


@pytest.mark.parametrize(
    ("changes", "expired", "words"),
    [
        ({}, False, "expires on 2027-03-20"),
        ({"password_expires": 0x7FFFFFFFFFFFFFFF}, False, "never expires"),
        ({"password_last_set": 0, "password_expires": 0}, True, "must be changed"),
        ({"password_last_set": 0, "password_expires": None}, True, "must be changed"),
        ({"password_last_set": None, "password_expires": 0}, True, "must be changed"),
        ({"computed": 0x800000, "password_expires": 133600000000000000}, True, "expired on 2024"),
        ({"password_expires": 133600000000000000}, True, "expired on 2024"),  # no flag yet
        *(
            (  # never to be changed by hand, whatever pwdLastSet says
                {
                    "user_account_control": 0x200 | bit,
                    "password_last_set": 0,
                    "password_expires": 0x7FFFFFFFFFFFFFFF,
                },
                False,
                "never expires",
            )
            for bit in (0x10000, 0x40000, 0x1000, 0x2000, 0x800)
        ),
    ],
)
def test_a_password_and_its_end(changes: dict[str, int], expired: bool, words: str) -> None:
    found, text = password_end(record(**changes), NOW)
    assert (found, words in str(text)) == (expired, True), text


@pytest.mark.parametrize(
    "changes",
    [
        {"password_expires": None},
        {"password_expires": 0},  # "must be changed", and it was set
        {"password_expires": 116500000000000000},  # 1970
        {"password_expires": 1},  # 1601
        {"password_expires": 2**62},  # after year 9999
        {"password_expires": 133400000000000000},  # before it was set
        {"password_last_set": 140000000000000000, "password_expires": 150000000000000000},  # 2044
        {"password_last_set": None},
        {"password_last_set": 0},  # and an end
        {"computed": None},
        {"computed": 0x800000},  # expired, and its end in the future
        {"user_account_control": None},
        {"user_account_control": 0x10200},  # never, and an end
        {
            "user_account_control": 0x10200,
            "computed": 0x800000,
            "password_expires": 0x7FFFFFFFFFFFFFFF,
        },
    ],
)
def test_a_record_that_contradicts_itself_or_has_gaps_decides_nothing(
    changes: dict[str, int | None],
) -> None:
    with pytest.raises(UnreadError):
        password_end(record(**changes), NOW)


@pytest.mark.parametrize("ticks", [1, 12_000_000_000_000_000, 2**62])
def test_an_account_does_not_expire_on_what_is_no_date(ticks: int) -> None:
    """1601, 1639, and a year that no calendar has."""
    with pytest.raises(UnreadError, match="no date"):
        troubles(record(account_expires=ticks), NOW, *HERE)


entries = st.lists(
    st.tuples(st.sampled_from([ACCOUNT, GROUP, "S-1-1-0", ADMINISTRATORS]), st.booleans())
)


@given(own=sids, listed=entries)
def test_the_first_entry_that_concerns_the_account_decides(
    own: frozenset[str], listed: list[tuple[str, bool]]
) -> None:
    """As Windows reads an access list: explicit entries stand first, whatever they say."""
    own_entries = [allow for sid, allow in listed if sid in own]
    decision = decide_in_order("web01", Who(own, True), listed)
    assert decision.allowed == (bool(own_entries) and own_entries[0])


@given(own=sids, more=sids, listed=entries)
def test_what_an_access_list_decides_without_all_groups_holds_with_them(
    own: frozenset[str], more: frozenset[str], listed: list[tuple[str, bool]]
) -> None:
    certain = decide_in_order("web01", Who(own | more, True), listed)
    try:
        early = decide_in_order("web01", Who(own, False, said("no token")), listed)
    except UnreadError:
        return
    assert early.allowed == certain.allowed


def test_a_sid_alone_is_no_user() -> None:
    """A group has one too: only a token or the directory's flags show a user."""
    assert not section().no_user
    without = [{"logon_name": "x", "answer": unread()}]
    assert section(tokens=without, directory=None).no_user
    assert section(tokens=without, directory=unread()).no_user
    flags = read(record().model_dump())
    assert not section(tokens=without, directory=flags).no_user


@pytest.mark.parametrize("flags", [0x1000, 0x2000, 0x800])
def test_a_computer_is_no_user(flags: int) -> None:
    """Windows makes a token for it as for a user;
    so does a group-managed account, which nobody logs in with.
    """
    told = read(record(user_account_control=flags).model_dump())
    assert section(directory=told).no_user
    named = read({"sid": "S-1-5-21-1-2-3-1105", "name": "DEMO\\WEB01$"})
    assert section(account=named, directory=None).no_user


@given(
    st.datetimes(
        min_value=datetime(1602, 1, 1), max_value=datetime(9000, 1, 1), timezones=st.just(UTC)
    )
)
def test_filetimes_are_read_to_the_microsecond(at: datetime) -> None:
    since = at - datetime(1601, 1, 1, tzinfo=UTC)
    ticks = (since.days * 86_400_000_000 + since.seconds * 1_000_000 + since.microseconds) * 10
    assert filetime(ticks) == at
