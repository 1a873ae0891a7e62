"""The service account's rights, decided from what was read:
what cannot be decided raises, it is never "no".

>>> account.member_of(ADMINISTRATORS)
True
"""

from collections.abc import Collection
from datetime import datetime

from acceptance.errors import UnreadError
from acceptance.evidence.access import AccountsSection, DirectoryAccount
from acceptance.evidence.envelope import Read, Unread
from acceptance.evidence.wellknown import WELL_KNOWN
from acceptance.evidence.windows import FileAccess
from acceptance.hosts import directory
from acceptance.hosts.decisions import Decision, Who, decide, decide_in_order
from acceptance.hosts.lookup import (
    DOMAIN,
    direct_members,
    in_workgroup,
    on_domain_controller,
    sid_of,
)
from acceptance.text import NOTHING, Sentence, said

ADMINISTRATORS = "S-1-5-32-544"
EVERYONE, NETWORK, AUTHENTICATED_USERS = "S-1-1-0", "S-1-5-2", "S-1-5-11"
# What a logon of that kind adds to the token. Not S-1-5-80-0 (NT SERVICE\ALL SERVICES):
# a domain account is none of these.
LOGON_KINDS = {"SeBatchLogonRight": "S-1-5-3", "SeServiceLogonRight": "S-1-5-6"}
# FileSystemRights: WriteData, and the generic rights that bring it.
WRITES = 0x2 | 0x10000000 | 0x40000000


class ServiceAccount:
    """The service account as one server sees it. From section `accounts`."""

    def __init__(self, host: str, section: AccountsSection) -> None:
        self.host = host
        self.section = section

    def __repr__(self) -> str:
        return f"<service account {self.section.service_account} on {self.host}>"

    @property
    def workgroup(self) -> bool:
        return in_workgroup(self.section)

    @property
    def on_domain_controller(self) -> bool:
        return on_domain_controller(self.section)

    @property
    def sid(self) -> str | None:
        """None: there is no such account.

        Raises UnreadError where that could not be told, as without a domain controller.
        """
        return sid_of(self.host, self.section)

    @property
    def name(self) -> str:
        """The account as Windows spells it,
        or as the inventory does where Windows does not know it.
        """
        account = self.section.account
        return account.value.name if isinstance(account, Read) else self.section.service_account

    @property
    def local(self) -> bool:
        """Whether the account is the server's own, and so no domain account."""
        account = self.section.account
        domain = account.value.name.partition("\\")[0] if isinstance(account, Read) else ""
        return domain.casefold() == self.section.computer_name.casefold()

    @property
    def of_a_domain(self) -> bool:
        """Whether the SID is a domain's or a computer's:
        NT AUTHORITY\\SYSTEM, BUILTIN and NT SERVICE have others.
        """
        return (self.sid or "").startswith(DOMAIN)

    @property
    def missing_text(self) -> Sentence:
        """Why there is no such account."""
        text = "no account {account} (domain {domain})"
        if self.workgroup:
            text = "no account {account} (the server is in the workgroup {domain})"
        return said(text, account=self.section.service_account, domain=self.section.domain)

    @property
    def has_token(self) -> bool:
        """Whether Windows makes a token for the account:
        not for one that is disabled, locked or expired.
        """
        return self._token() is not None

    def _token(self) -> frozenset[str] | None:
        for one in self.section.tokens:
            if isinstance(one.answer, Read) and one.answer.value.user == self.sid:
                return frozenset(one.answer.value.groups) | {one.answer.value.user}
        return None

    @property
    def token_error(self) -> Sentence:
        """Why there is no token, by type."""
        for one in self.section.tokens:
            if isinstance(one.answer, Unread):
                return said("Windows gives no token ({type})", type=one.answer.error.type)
        return said("Windows gives no token for this account")

    def who(self, kind: str = "") -> Who:
        """What the account acts with in a logon of `kind` (a user right's name)."""
        token = self._token()
        always = {EVERYONE, AUTHENTICATED_USERS, *filter(None, [LOGON_KINDS.get(kind)])}
        if token is not None:
            return Who((token - {NETWORK}) | always, True)
        sid = self.sid
        if sid is None:
            return Who(frozenset(), True)
        sids = {sid, *always}
        if self.local and isinstance(self.section.administrators, Unread):
            why = said("the members of the local Administrators were not read")
            return Who(frozenset(sids), False, why)
        if sid in self._direct_members():
            sids.add(ADMINISTRATORS)
        return Who(frozenset(sids), False, self.token_error)

    def direct_members(self) -> dict[str, str | None] | None:
        """Direct members of the local Administrators by SID, with their names; None: not read."""
        return direct_members(self.section)

    def _direct_members(self) -> dict[str, str | None]:
        return self.direct_members() or {}

    def administrator(self) -> Decision:
        """Whether the account is in the local Administrators, also through nested groups.

        `by`: the direct members that lead there.
        """
        if self.sid is None:
            return Decision(False, frozenset())
        who = self.who()
        through = frozenset(who.sids & set(self._direct_members()))
        if ADMINISTRATORS in who.sids:
            return Decision(True, through)
        # A local account is in local groups directly or not at all: local groups cannot nest.
        if who.complete or (self.local and isinstance(self.section.administrators, Read)):
            return Decision(False, frozenset())
        raise UnreadError(
            "{host}: {why}, and the account is no direct member of Administrators; "
            "its groups are not known.",
            "Let the server's computer account read the account's group memberships "
            "(Windows Authorization Access Group).",
            host=self.host,
            why=who.why,
        )

    def may_log_on(self, right: str) -> Decision:
        """Whether the account holds a logon right effectively:
        `SeBatchLogonRight` or `SeServiceLogonRight`; deny wins.
        """
        return decide(
            self.host,
            self.who(right),
            self._holders(right),
            self._holders(right.replace("Se", "SeDeny", 1)),
        )

    def _holders(self, right: str) -> list[str]:
        answer = next((one.answer for one in self.section.rights if one.right == right), None)
        if answer is None:
            raise UnreadError(
                "{host}: who holds {right} was not asked.",
                "Collect again with this version of the suite.",
                host=self.host,
                right=right,
            )
        if isinstance(answer, Read):
            return answer.value.sids
        raise UnreadError(
            "{host}: who holds {right} could not be read: {type}: {message}",
            "Run with an account that is a local administrator.",
            host=self.host,
            right=right,
            type=answer.error.type,
            message=answer.error.message,
        )

    def may_write(self, access: Read[FileAccess] | Unread) -> Decision:
        """Whether the account may change the file that this access list guards."""
        if isinstance(access, Unread):
            raise UnreadError(
                "{host}: the access list could not be read: {type}: {message}",
                "Run with an account that is a local administrator.",
                host=self.host,
                type=access.error.type,
                message=access.error.message,
            )
        writing = [(one.sid, one.allow) for one in access.value.entries if one.rights & WRITES]
        return decide_in_order(self.host, self.who(), writing)

    @property
    def directory(self) -> DirectoryAccount | None:
        """The directory's record; None: out of reach,
        as over WinRM without delegation (second hop).
        """
        record = self.section.directory
        return record.value if isinstance(record, Read) else None

    def troubles(self, at: datetime) -> list[Sentence]:
        """Why the account cannot be used at that instant on this server:
        disabled, locked, expired, kept to other computers or hours, as the directory says.
        """
        if self.directory is None:
            raise UnreadError(
                "{host}: {why}, and the directory is out of reach: the account may be disabled, "
                "locked or expired, or its groups may not be read.",
                "Look at the account on a domain controller.",
                host=self.host,
                why=self.token_error,
            )
        section = self.section
        return directory.troubles(self.directory, at, section.computer_name, section.domain)

    def password(self, at: datetime) -> tuple[bool, Sentence]:
        """(expired at that instant, in words), as the directory says."""
        if self.directory is None:
            raise UnreadError("{host}: the directory is out of reach.", host=self.host)
        return directory.password_end(self.directory, at)

    @property
    def no_user(self) -> Sentence:
        """Why it may be no user's account;
        nothing where the directory or a token shows that it is one.

        A SID alone is a group's as well as a user's, and computers have tokens too.
        """
        record = self.directory
        flags = record.user_account_control if record else None
        if flags is None and not self.has_token:
            return said(
                "whether it is a user or a group is not known: Windows gives no token for it, "
                "and the directory is out of reach"
            )
        if self.name.endswith("$") or (flags is not None and not flags & directory.NORMAL_ACCOUNT):
            return said("it is the account of a computer, of a domain, or a group-managed one")
        return NOTHING

    def names(self, sids: Collection[str]) -> str:
        """SIDs for people: names where they are known;
        Windows' own groups and the account itself with both.
        """
        known = {sid: f"{name} ({sid})" for sid, name in WELL_KNOWN.items()}
        if self.sid is not None:
            known[self.sid] = f"{self.name} ({self.sid})"
        known |= {sid: name for sid, name in self._direct_members().items() if name}
        return ", ".join(sorted(known.get(sid) or sid for sid in sids))
