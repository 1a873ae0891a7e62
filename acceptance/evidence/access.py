"""Shapes of what concerns access: the sections `accounts` and `remote`."""

from typing import Annotated, Literal

from pydantic import Base64Bytes, PositiveInt

from acceptance.evidence.envelope import Read, Strict, Unread
from acceptance.evidence.shapes import Count, Truth, once


class Identity(Strict):
    """An account's SID, and its name as Windows spells it."""

    sid: str
    name: str


class Token(Strict):
    """The groups that Windows puts into an account's token: nested, domain and local ones."""

    user: str
    groups: list[str]


class TokenAnswer(Strict):
    """`logon_name`: user@domain. Which account was meant is told by the token's `user`."""

    logon_name: str
    answer: Read[Token] | Unread


class LogonLimits(Strict):
    """Where and when an account may log on; None: anywhere, at any hour.

    `computers`: NetBIOS or DNS names, with commas between them (userWorkstations, [MS-ADA3]).
    `hours`: base64, a bit for each hour of the week (logonHours, [MS-SAMR] 2.2.6.5).
    """

    computers: str | None
    hours: Base64Bytes | None


class DirectoryAccount(Strict):
    """The directory's word on an account. Dates are FILETIME numbers (100 ns since 1601);
    None: not there.

    Source: userAccountControl, msDS-User-Account-Control-Computed, accountExpires, pwdLastSet,
    msDS-UserPasswordExpiryTimeComputed. `limits` None: collectors before 2026-11 did not ask.
    """

    user_account_control: Count | None
    computed: Count | None
    account_expires: Count | None
    password_last_set: Count | None
    password_expires: Count | None
    limits: LogonLimits | None = None


class Member(Strict):
    """A direct member of a group; `name` None: orphaned, or of a domain that did not answer."""

    sid: str
    name: str | None


class Administrators(Strict):
    """The local Administrators (S-1-5-32-544) under their name on this server."""

    name: str
    members: Annotated[list[Member], once("sid")]


class Holders(Strict):
    """Who holds a user right directly, by SID."""

    sids: list[str]


class RightAnswer(Strict):
    """`right`: the constant's name, such as SeBatchLogonRight."""

    right: str
    answer: Read[Holders] | Unread


class AccountsSection(Strict):
    """`{"service_account": "DEMO\\\\svc", "domain_role": 3, "account": {"status": "ok", ...},
    "tokens": [...], ...}`

    `domain_role`: 0/2 workgroup, 1/3 member, 4/5 domain controller (Win32_ComputerSystem).
    `secure_channel`: whether a domain controller answers; None on a server that needs none.
    `tokens` and `directory` are asked for a known account only.
    """

    service_account: str
    computer_name: str
    domain: str
    domain_role: Literal[0, 1, 2, 3, 4, 5]
    secure_channel: Read[bool] | Unread | None
    account: Read[Identity] | Unread
    tokens: list[TokenAnswer]
    directory: Read[DirectoryAccount] | Unread | None
    administrators: Read[Administrators] | Unread
    rights: Annotated[list[RightAnswer], once("right")]


class RemoteService(Strict):
    """TermService or a service of TeamViewer, in Win32_Service's English words."""

    name: str
    state: str
    start_mode: str


class FirewallProfile(Strict):
    """Domain, Private or Public."""

    name: str
    enabled: bool


class FirewallRule(Strict):
    """A rule in force. `profiles`: "Any", or names with commas."""

    name: str
    enabled: bool
    inbound: bool
    allows: bool
    profiles: str


class Firewall(Strict):
    """`categories`: of the connected networks: DomainAuthenticated, Private, Public."""

    profiles: Annotated[list[FirewallProfile], once("name")]
    categories: list[str]
    rules: list[FirewallRule]


class Program(Strict):
    """An installed program: an entry of the Uninstall hives."""

    name: str
    version: str | None
    publisher: str | None


class RemoteSection(Strict):
    """`{"denied": 0, "denied_by_policy": null, "port": 3389, "listening": true, "services": [...],
    ...}`

    `denied`: fDenyTSConnections, 0 = Remote Desktop on; a policy's value wins; None: not set.
    """

    denied: Count | None
    denied_by_policy: Count | None
    port: PositiveInt
    listening: Truth
    services: Annotated[list[RemoteService], once("name")]
    firewall: Read[Firewall] | Unread
    teamviewer: list[Program]
