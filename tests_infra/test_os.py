"""The Windows server itself, .NET, PowerShell and the server's resources."""

from acceptance.fixtures.selection import requirements

from acceptance.catalogue.rules.os import (
    Dotnet,
    LogonRight,
    Powershell,
    WindowsServer,
)
from acceptance.errors import UnreadError
from acceptance.findings.record import Record
from acceptance.hosts.accounts import ServiceAccount
from acceptance.hosts.decisions import Decision
from acceptance.hosts.windows import WindowsHost
from acceptance.text import Sentence, said

WORKSTATION = 1  # Win32_OperatingSystem.ProductType
CLIENT = "Client"  # InstallationType in the registry, the same in every language
SERVERS = ("Server", "Server Core")


@requirements(
    "os.windows_server",
    sections=["os"],
    expected="Windows Server with build {minimum_build} (2016) or later",
)
def test_windows_server_version(
    requirement: WindowsServer, host: WindowsHost, record: Record
) -> None:
    workstation = host.os.product_type == WORKSTATION
    record.found(
        "{name}, build {build}, {kind} (product type {type}, installation type {installation})",
        name=host.os.product_name,
        build=host.os.build,
        kind=said("a workstation") if workstation else said("a server"),
        type=host.os.product_type,
        installation=host.os.installation_type,
    )
    assert host.os.product_type != WORKSTATION
    # Windows 10 and 11 multi-session say product type 3, and are client Windows all the same.
    assert host.os.installation_type != CLIENT
    if host.os.installation_type not in SERVERS:
        record.cannot_decide("what this installation type is of is not known")
    assert host.os.build >= requirement.minimum_build


@requirements(
    "os.dotnet",
    sections=["dotnet"],
    expected=".NET Framework {minimum_version} or later (Release >= {minimum_release})",
)
def test_dotnet_framework(requirement: Dotnet, host: WindowsHost, record: Record) -> None:
    release = host.dotnet.release
    record.found("no .NET Framework 4.5 or later")
    assert release is not None
    version_text = str(host.dotnet.version)
    record.found("Release {release} (version {version})", release=release, version=version_text)
    assert release >= requirement.minimum_release


@requirements(
    "os.powershell",
    sections=["powershell"],
    expected="Windows PowerShell {minimum_version} or later in {language_mode}",
)
def test_powershell_is_usable(requirement: Powershell, host: WindowsHost, record: Record) -> None:
    powershell = host.powershell
    mode = powershell.language_mode
    record.found("version {version}, {mode}", version=powershell.version, mode=mode)
    assert version(powershell.version) >= version(requirement.minimum_version)
    assert powershell.language_mode == requirement.language_mode


def version(text: str) -> tuple[int, ...]:
    parts = text.split(".")
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise UnreadError(
            "{text} is no version that could be compared.", text=text or said("(empty)")
        )
    return tuple(map(int, parts))


@requirements(
    "os.domain_account",
    inventory=["service_account"],
    sections=["accounts"],
    expected="the service account exists and is an account of the domain",
)
def test_service_account_is_a_domain_account(host: WindowsHost, record: Record) -> None:
    account = host.service_account
    record.found(account.missing_text)
    assert account.sid
    record.found("{name}, {sid}", name=account.name, sid=account.sid)
    assert not account.local
    assert account.of_a_domain
    if account.no_user:
        record.cannot_decide("{why}", why=account.no_user)


@requirements(
    "os.account_usable",
    inventory=["service_account"],
    sections=["accounts"],
    expected="the service account is enabled, not locked, not expired, "
    "and may log on to this server at any hour",
)
def test_service_account_can_be_used(host: WindowsHost, record: Record) -> None:
    account = host.service_account
    record.found(account.missing_text)
    assert account.sid
    if account.directory is None and account.has_token:
        record.found(
            "Windows makes a token for it (S4U); the directory is out of reach from this session"
        )
        record.cannot_decide(
            "Windows refuses a token to most accounts that are disabled, locked or expired, "
            "but no document says always; where and at which hours it may log on stands in the "
            "directory only, which a session over WinRM cannot ask"
        )
    troubles = account.troubles(host.evidence.collected_at)
    record.found(
        "enabled, not locked, not expired, to log on at any hour on this server, says the directory"
    )
    if troubles:
        record.found_each(troubles)
    assert not troubles


@requirements(
    "os.password_valid",
    inventory=["service_account"],
    sections=["accounts"],
    expected="the service account's password has not expired",
)
def test_service_account_password_is_valid(host: WindowsHost, record: Record) -> None:
    account = host.service_account
    record.found(account.missing_text)
    assert account.sid
    if account.directory is None:
        record.found("the directory is out of reach from this session")
        record.cannot_decide(
            "whether the password has expired stands in the directory only, "
            "which a session over WinRM cannot ask"
        )
    expired, text = account.password(host.evidence.collected_at)
    record.found(text)
    assert not expired


@requirements(
    "os.local_administrator",
    inventory=["service_account"],
    sections=["accounts"],
    expected="the service account is a member of the local Administrators, "
    "directly or through groups",
)
def test_service_account_is_local_administrator(host: WindowsHost, record: Record) -> None:
    account = host.service_account
    membership = account.administrator()
    what = no_member(account)
    if membership.allowed:
        what = said("member through {names}", names=account.names(membership.by))
    record.found(what)
    if account.on_domain_controller:
        record.found(
            "this server is a domain controller: its Administrators are the domain's; {what}",
            what=what,
        )
        record.mend("domain_controller")
    assert membership.allowed


@requirements(
    "os.logon_right",
    inventory=["service_account"],
    sections=["accounts"],
    expected="the service account holds {right}, and nothing denies it",
)
def test_service_account_may_log_on(
    requirement: LogonRight, host: WindowsHost, record: Record
) -> None:
    account = host.service_account
    decision = account.may_log_on(requirement.right)
    right = decision_text(account, decision, said(requirement.right))
    # The document's other reading, which OS-10 decides.
    text = "to run them: {right}; to create them: {created}"
    record.found(text, right=right, created=may_create(account))
    assert decision.allowed


def may_create(account: ServiceAccount) -> Sentence:
    """Tasks for any account, and services, are created by administrators."""
    try:
        return decision_text(account, account.administrator(), said("creating"))
    except UnreadError as error:
        return error.problem


@requirements(
    "os.iis_administrator",
    inventory=["service_account"],
    sections=["accounts", "iis"],
    expected="the service account may change IIS's configuration (applicationHost.config)",
)
def test_service_account_may_administer_iis(host: WindowsHost, record: Record) -> None:
    account, iis = host.service_account, host.iis
    record.found("IIS is not on this server")
    if not iis:
        record.mend("no_iis")
    assert iis
    decision = account.may_write(iis.access)
    record.found(decision_text(account, decision, said("writing")))
    if not decision.allowed and is_no_administrator(account):
        on_dc = account.on_domain_controller
        record.mend("no_administrator_of_domain_controller" if on_dc else "no_administrator")
    assert decision.allowed


def is_no_administrator(account: ServiceAccount) -> bool:
    """For the remedy only: where the account's groups are not known,
    the requirement's own remedy stands.
    """
    try:
        return not account.administrator().allowed
    except UnreadError:
        return False


def no_member(account: ServiceAccount) -> Sentence:
    if account.sid is None:
        return account.missing_text
    members = account.direct_members()
    if members is None:
        return said("not a member; the direct members were not read")
    names = [name or f"{sid} (?)" for sid, name in members.items()]
    return said("not a member; direct members: {names}", names=", ".join(names) or said("none"))


def decision_text(account: ServiceAccount, decision: Decision, what: Sentence) -> Sentence:
    if account.sid is None:
        return account.missing_text
    by = account.names(decision.by)
    if decision.allowed:
        return said("{what} allowed by {by}", what=what, by=by)
    if by:
        return said("{what} denied by {by}", what=what, by=by)
    return said("{what} granted to none of the account's groups", what=what)
