"""The Windows server itself, .NET, PowerShell and the server's resources."""

from acceptance.fixtures.selection import requirements

GIB = 1024**3
WORKSTATION = 1  # Win32_OperatingSystem.ProductType


@requirements(
    "os.windows_server",
    sections=["os"],
    expected="Windows Server with build {minimum_build} (2016) or later",
)
def test_windows_server_version(requirement, host, record):
    kind = "a workstation" if host.os.product_type == WORKSTATION else "a server"
    record.found(
        f"{host.os.product_name}, build {host.os.build}, {kind} (product type {host.os.product_type})"
    )
    assert host.os.product_type != WORKSTATION
    assert host.os.build >= requirement.minimum_build


@requirements(
    "os.dotnet",
    sections=["dotnet"],
    expected=".NET Framework {minimum_version} or later (Release >= {minimum_release})",
)
def test_dotnet_framework(requirement, host, record):
    release = host.dotnet.release
    record.found(
        f"Release {release} (version {host.dotnet.version})"
        if release
        else "no .NET Framework 4.5 or later"
    )
    assert release is not None
    assert release >= requirement.minimum_release


@requirements(
    "os.powershell",
    sections=["powershell"],
    expected="Windows PowerShell {minimum_version} or later in {language_mode}",
)
def test_powershell_is_usable(requirement, host, record):
    powershell = host.powershell
    record.found(f"version {powershell.version}, {powershell.language_mode}")
    assert version(powershell.version) >= version(requirement.minimum_version)
    assert powershell.language_mode == requirement.language_mode


@requirements(
    "os.cores",
    sections=["os"],
    expected="processor cores as agreed in the inventory (thresholds.cores)",
)
def test_processor_cores(requirement, host, customer, record):
    record.found(f"{host.os.cores} cores, {host.os.logical_processors} logical processors")
    wanted = record.threshold("cores", customer.thresholds.cores, "cores")
    assert host.os.cores >= wanted


@requirements(
    "os.memory",
    sections=["os"],
    expected="memory as agreed in the inventory (thresholds.memory_gb)",
)
def test_memory(requirement, host, customer, record):
    memory = host.os.memory_bytes / GIB
    record.found(f"{memory:.1f} GiB")
    wanted = record.threshold("memory_gb", customer.thresholds.memory_gb, "GiB")
    assert memory >= wanted * (1 - requirement.tolerance_percent / 100)


@requirements(
    "os.free_disk",
    sections=["os"],
    expected="free disk space as agreed in the inventory (thresholds.free_disk_gb)",
)
def test_free_disk_space(requirement, host, customer, record):
    free = host.free_bytes(host.os.system_drive) / GIB
    record.found(f"{free:.1f} GiB free on {host.os.system_drive}")
    wanted = record.threshold("free_disk_gb", customer.thresholds.free_disk_gb, "GiB")
    assert free >= wanted


def version(text):
    return tuple(int(part) for part in text.split("."))


@requirements(
    "os.domain_account",
    sections=["accounts"],
    expected="the service account exists and is an account of the domain",
)
def test_service_account_is_a_domain_account(requirement, host, record):
    account = host.service_account
    sid = account.sid
    record.found(f"{account.section.account.value.name}, {sid}" if sid else account.missing_text)
    assert sid
    assert not account.local
    assert account.of_a_domain


@requirements(
    "os.account_usable",
    sections=["accounts"],
    expected="the service account is enabled, not locked and not expired",
)
def test_service_account_can_be_used(requirement, host, record):
    account = host.service_account
    if account.sid is None:
        record.found(account.missing_text)
        assert account.sid
    if account.directory is None and account.has_token:
        record.found(
            "Windows makes a token for it (S4U); the directory is out of reach from this session"
        )
        record.cannot_decide(
            "Windows refuses a token to most accounts that are disabled, locked or expired, but no document says always: "
            "the directory only decides, which a session over WinRM cannot ask"
        )
    troubles = account.troubles(host.evidence.collected_at)
    record.found(", ".join(troubles) or "enabled, not locked, not expired, says the directory")
    assert not troubles


@requirements(
    "os.password_valid",
    sections=["accounts"],
    expected="the service account's password has not expired",
)
def test_service_account_password_is_valid(requirement, host, record):
    account = host.service_account
    record.found(
        account.missing_text
        if account.sid is None
        else "the directory is out of reach from this session"
    )
    assert account.sid
    if account.directory is None:
        record.cannot_decide(
            "whether the password has expired stands in the directory only, which a session over WinRM cannot ask"
        )
    expired, text = account.password
    record.found(text)
    assert not expired


@requirements(
    "os.local_administrator",
    sections=["accounts"],
    expected="the service account is a member of the local Administrators, directly or through groups",
)
def test_service_account_is_local_administrator(requirement, host, record):
    account = host.service_account
    membership = account.administrator()
    where = (
        "this server is a domain controller: its Administrators are the domain's; "
        if account.on_domain_controller
        else ""
    )
    through = account.names(membership.by)
    record.found(
        f"{where}{f'member through {through}' if membership.allowed else no_member(account)}"
    )
    assert membership.allowed


@requirements(
    "os.logon_right",
    sections=["accounts"],
    expected="the service account holds {right}, and nothing denies it",
)
def test_service_account_may_log_on(requirement, host, record):
    account = host.service_account
    decision = account.may_log_on(requirement.right)
    record.found(decision_text(account, decision, requirement.right))
    assert decision.allowed


@requirements(
    "os.iis_administrator",
    sections=["accounts", "iis"],
    expected="the service account may change IIS's configuration (applicationHost.config)",
)
def test_service_account_may_administer_iis(requirement, host, record):
    account, iis = host.service_account, host.iis
    if iis is None:
        record.found("IIS is not on this server")
        assert iis
    decision = account.may_write(iis.access)
    record.found(decision_text(account, decision, "writing"))
    assert decision.allowed


def no_member(account):
    if account.sid is None:
        return account.missing_text
    members = account.section.administrators
    names = (
        [one.name or f"{one.sid} (orphaned or unknown)" for one in members.value.members]
        if members.status == "ok"
        else []
    )
    return f"not a member; direct members: {', '.join(names) or 'not read'}"


def decision_text(account, decision, what):
    if account.sid is None:
        return account.missing_text
    by = account.names(decision.by)
    if decision.allowed:
        return f"{what} allowed by {by}"
    return f"{what} denied by {by}" if by else f"{what} granted to none of the account's groups"
