"""Faults of the service account, remote access and the network; see faults.py."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from acceptance.simulator.windows.twin import Twin

from tests.catalogue.faults import CONFIG, Fault
from tests.surgery import rewrite

DOMAIN = "S-1-5-21-1000000001-1000000002-1000000003"
ACCOUNT, APPLICATIONS, ADMINS = f"{DOMAIN}-1105", f"{DOMAIN}-1201", f"{DOMAIN}-1202"
ADMINISTRATORS = "S-1-5-32-544"
WWW, AZURE, API, SQL, OWN = (
    "203.0.113.11:443",
    "203.0.113.12:443",
    "203.0.113.13:443",
    "198.51.100.21:1433",
    "198.51.100.10:3389",
)
TLS = r"HKLM:\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols"
FRAMEWORK = r"HKLM:\SOFTWARE\Microsoft\.NETFramework\v4.0.30319"
TERMINAL_SERVER = r"HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server"
TERMINAL_POLICY = r"HKLM:\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services"
CERTIFICATE_KEY = (
    r"HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters\SslBindingInfo\0.0.0.0:443"
)
RULE = "RemoteDesktop-UserMode-In-TCP"
THUMBPRINT = "5F2D019C44A0B713E86A90CC27D53B710E4F9862"
WRITE = 0x2

ALL_OF_ACCOUNT = frozenset(f"OS-{number:02}" for number in range(7, 14))
BY_TOKEN = frozenset({"OS-10", "OS-11", "OS-13"})  # what the account has through groups
SERVERS_OWN = frozenset({"os", "dotnet", "powershell", "features", "upkeep"})
NOTHING: frozenset[str] = frozenset()
NORMAL = {"useraccountcontrol": 0x200}  # without "password never expires"
EXPIRED = NORMAL | {
    "msds_user_account_control_computed": 0x800000,
    "msds_userpasswordexpirytimecomputed": 133600000000000000,
}
TO_BE_CHANGED = NORMAL | {"pwdlastset": 0, "msds_userpasswordexpirytimecomputed": 0}
SHOWN_UNKNOWN = dict.fromkeys(("NET_08", "NET_09", "NET_10", "NET_11"), "awaiting confirmation")
UNREAD, AWAITING = "could not be checked", "awaiting confirmation"


def _fault(name: str, breaks: Callable[[Twin], Any], *fails: str, **others: str) -> Fault:
    kinds = {key.replace("_", "-"): kind for key, kind in others.items()}
    return Fault(name, breaks, frozenset(fails), kinds, left_out=SERVERS_OWN)


def _of_the_machine(name: str, breaks: Callable[[Twin], Any], *fails: str) -> Fault:
    """Two sections name the machine: where one were left out, they would contradict each other."""
    return Fault(name, breaks, frozenset(fails), {}, left_out=SERVERS_OWN - {"os"})


def _silent(name: str, breaks: Callable[[Twin], Any], *fails: str, **others: str) -> Fault:
    kinds = {key.replace("_", "-"): kind for key, kind in others.items()}
    return Fault(name, breaks, frozenset(fails), kinds, seconds=6, left_out=SERVERS_OWN)


def _record(**values: int | str) -> Callable[[Twin], None]:
    """The directory's record of the account, changed."""
    return lambda twin: twin.accounts["directory"][ACCOUNT].update(
        {name.replace("_", "-"): value for name, value in values.items()}
    )


def _right(name: str, *holders: str) -> Callable[[Twin], None]:
    return lambda twin: twin.accounts["rights"].update({name: list(holders)})


def _error(command: str, kind: str) -> Callable[[Twin], None]:
    return lambda twin: twin.errors.update(
        {command: {"type": kind, "message": "Zugriff verweigert"}}
    )


def _endpoint(address: str, **values: str) -> Callable[[Twin], None]:
    return lambda twin: twin.network["endpoints"][address].update(values)


def _computer(**values: Any) -> Callable[[Twin], None]:
    return lambda twin: twin.cim["Win32_ComputerSystem"][0].update(values)


def _certificate(**values: Any) -> Callable[[Twin], None]:
    return lambda twin: twin.certificates[THUMBPRINT].update(values)


def _registry(key: str, **values: int) -> Callable[[Twin], None]:
    return lambda twin: twin.registry.setdefault(key, {}).update(values)


def _account_missing(twin: Twin) -> None:
    del twin.accounts["principals"][ACCOUNT]


def _no_administrator(twin: Twin) -> None:
    twin.accounts["local_groups"][ADMINISTRATORS].remove(ADMINS)


def _no_domain_controller(twin: Twin) -> None:
    twin.accounts["domain_controller"] = False


def _in_no_domain(twin: Twin) -> None:
    _computer(PartOfDomain=False, DomainRole=2, Domain="WORKGROUP")(twin)
    twin.accounts["domain_controller"] = False


def _domain_controller(twin: Twin) -> None:
    _computer(DomainRole=5)(twin)
    twin.cim["Win32_OperatingSystem"][0]["ProductType"] = 2


def _configuration_denied(twin: Twin) -> None:
    twin.acls[CONFIG].insert(0, {"sid": APPLICATIONS, "allow": False, "rights": WRITE})


def _configuration_not_granted(twin: Twin) -> None:
    twin.acls[CONFIG] = [entry for entry in twin.acls[CONFIG] if entry["sid"] != ADMINISTRATORS]


def _rdp_stopped(twin: Twin) -> None:
    twin.service("TermService")["State"] = "Stopped"


def _rdp_not_listening(twin: Twin) -> None:
    twin.network["listeners"].remove(3389)


def _firewall_closed(twin: Twin) -> None:
    for rule in twin.firewall["rules"].values():
        rule["enabled"] = False
    del twin.network["endpoints"][OWN]


def _blocked_on_the_way(twin: Twin) -> None:
    del twin.network["endpoints"][OWN]


def _team_viewer(twin: Twin, state: str = "Running") -> None:
    _registry(TERMINAL_SERVER, fDenyTSConnections=1)(twin)
    key = r"HKLM:\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall\TeamViewer"
    twin.registry[key] = {"DisplayName": "TeamViewer Host", "DisplayVersion": "15.50.5"}
    twin.cim["Win32_Service"].append(
        {"Name": "TeamViewer", "State": state, "StartMode": "Auto", "StartName": "LocalSystem"}
    )


def _team_viewer_stopped(twin: Twin) -> None:
    _team_viewer(twin, "Stopped")


def _name_unknown(twin: Twin) -> None:
    del twin.network["names"]["www.clickker.nl"]


def _intercepted(twin: Twin) -> None:
    for address in (WWW, AZURE, API):
        _endpoint(address, issuer="Corporate CA")(twin)


def _untrusted(twin: Twin) -> None:
    _endpoint(API, issuer="Unknown CA")(twin)


def _proxy(twin: Twin, **values: Any) -> None:
    twin.network["system_proxy"] = "proxy.demo.example.test:3128"
    twin.network["endpoints"]["198.51.100.5:3128"] = {"kind": "proxy"} | values


def _proxy_wants_credentials(twin: Twin) -> None:
    _proxy(twin, status=407)


def _no_framework_tls(twin: Twin) -> None:
    _registry(FRAMEWORK, SchUseStrongCrypto=0, SystemDefaultTlsVersions=0)(twin)


def _binding_without_certificate(twin: Twin) -> None:
    del twin.registry[CERTIFICATE_KEY]


def _binding_without_hash(twin: Twin) -> None:
    del twin.registry[CERTIFICATE_KEY]["SslCertHash"]


def _certificate_ends_soon(twin: Twin) -> None:
    _certificate(not_after=(datetime.now(UTC) + timedelta(days=10)).isoformat())(twin)


def _second_certificate_untrusted(twin: Twin) -> None:
    """The name's old certificate is still bound, to one of the server's addresses."""
    https, other = '<binding protocol="https"', THUMBPRINT[::-1]
    added = f'{https} bindingInformation="198.51.100.10:443:" sslFlags="0" />{https}'
    rewrite(twin, CONFIG, https, added)
    own = CERTIFICATE_KEY.replace("0.0.0.0", "198.51.100.10")
    twin.registry[own] = twin.registry[CERTIFICATE_KEY] | {
        "SslCertHash": f"hex:{','.join(other[at : at + 2] for at in range(0, 40, 2))}"
    }
    twin.certificates[other] = twin.certificates[THUMBPRINT] | {"chain": ["UntrustedRoot"]}


def _entry_for_an_address(twin: Twin) -> None:
    """Another product's entry, of which IIS knows nothing."""
    other = THUMBPRINT[::-1]
    twin.registry[CERTIFICATE_KEY.replace("0.0.0.0", "198.51.100.10")] = {
        "SslCertHash": f"hex:{','.join(other[at : at + 2] for at in range(0, 40, 2))}",
    }
    twin.certificates[other] = twin.certificates[THUMBPRINT] | {"subject": "CN=other"}


def _site_stopped(twin: Twin) -> None:
    twin.appcmd["site"]["Default Web Site"] = "Stopped"


def _odd_binding(twin: Twin) -> None:
    """Of another site; the section is read all the same."""
    site = (
        '<site name="Old" id="99"><bindings><binding protocol="https" bindingInformation="odd" />'
        '</bindings><application path="/"><virtualDirectory path="/" physicalPath="Q:\\Gone" />'
        "</application></site>"
    )
    rewrite(twin, CONFIG, "</sites>", f"{site}</sites>")
    twin.appcmd["site"]["Old"] = "Stopped"


def _http_binding(address: str) -> Callable[[Twin], None]:
    def breaks(twin: Twin) -> None:
        https = '<binding protocol="https"'
        http = f'<binding protocol="http" bindingInformation="{address}:80:" />'
        rewrite(twin, CONFIG, https, f"{http}{https}")

    return breaks


def _many(twin: Twin) -> None:
    """One of each kind, for comparing languages."""
    twin.features["Web-Http-Logging"] = "Removed"
    for breaks in (
        _no_administrator,
        _firewall_closed,
        _name_unknown,
        _registry(f"{TLS}\\TLS 1.2\\Server", Enabled=0),
    ):
        breaks(twin)


def _nothing(twin: Twin) -> None:
    """The twin as it is."""


MANY = frozenset({"IIS-07", "OS-10", "OS-11", "OS-13", "NET-01", "NET-02", "NET-12"})
UNSEEN = {"NET-06": AWAITING}  # an address that showed no certificate
_UNREAD_TOKEN = {"OS_10": UNREAD, "OS_11": UNREAD, "OS_13": UNREAD}

CLIENT_USE = "1.3.6.1.5.5.7.3.2"
ACCESS_FAULTS = [
    _fault("account-missing", _account_missing, *ALL_OF_ACCOUNT),
    _of_the_machine("workgroup", _in_no_domain, *ALL_OF_ACCOUNT),
    _of_the_machine("account-of-the-server", _computer(Name="DEMO"), "OS-07"),
    _fault("account-disabled", _record(useraccountcontrol=514), "OS-08", **_UNREAD_TOKEN),
    _fault(
        "account-locked", _record(msds_user_account_control_computed=0x10), "OS-08", **_UNREAD_TOKEN
    ),
    _fault("account-expired", _record(accountexpires=133000000000000000), "OS-08", **_UNREAD_TOKEN),
    _fault("account-of-other-computers", _record(userworkstations="APP07,web02"), "OS-08"),
    _fault("account-of-office-hours", _record(logonhours="00FE7F" * 7), "OS-08"),
    _fault("password-expired", _record(**EXPIRED), "OS-09"),
    _fault("password-to-be-changed", _record(**TO_BE_CHANGED), "OS-09"),
    _fault("no-administrator", _no_administrator, *BY_TOKEN),
    _fault("batch-not-granted", _right("SeBatchLogonRight"), "OS-11"),
    _fault("batch-denied-to-a-group", _right("SeDenyBatchLogonRight", APPLICATIONS), "OS-11"),
    _fault("service-not-granted", _right("SeServiceLogonRight", "S-1-5-80-0"), "OS-12"),
    _fault("service-denied-to-everyone", _right("SeDenyServiceLogonRight", "S-1-1-0"), "OS-12"),
    _fault("iis-denied", _configuration_denied, "OS-13"),
    _fault("iis-not-granted", _configuration_not_granted, "OS-13"),
    _fault(
        "no-domain-controller",
        _no_domain_controller,
        **{one.replace("-", "_"): UNREAD for one in ALL_OF_ACCOUNT},
    ),
    _fault(
        "directory-out-of-reach",
        _error("Get-DirectoryAttribute", "System.InvalidOperationException"),
        OS_08=AWAITING,
        OS_09=AWAITING,
    ),
    _fault(
        "groups-not-readable",
        _error("Get-S4uToken", "System.UnauthorizedAccessException"),
        **_UNREAD_TOKEN,
    ),
    _fault(
        "rights-not-readable",
        _error("Get-UserRightSid", "System.UnauthorizedAccessException"),
        OS_11=UNREAD,
        OS_12=UNREAD,
    ),
    _fault(
        "domain-role-not-told",
        _computer(DomainRole=None),
        **{one.replace("-", "_"): UNREAD for one in ALL_OF_ACCOUNT},
    ),
    _fault(
        "members-not-readable", _error("Get-GroupMemberSid", "System.InvalidOperationException")
    ),
    Fault("on-a-domain-controller", _domain_controller, NOTHING, left_out=NOTHING),
    _fault("rdp-off", _registry(TERMINAL_SERVER, fDenyTSConnections=1), "NET-01"),
    _fault("rdp-off-by-policy", _registry(TERMINAL_POLICY, fDenyTSConnections=1), "NET-01"),
    _fault("rdp-stopped", _rdp_stopped, "NET-01"),
    _fault("rdp-not-listening", _rdp_not_listening, "NET-01"),
    _fault("rdp-firewall-closed", _firewall_closed, "NET-01"),
    _fault("rdp-blocked-on-the-way", _blocked_on_the_way, "NET-01"),
    _fault("teamviewer-instead", _team_viewer),
    _fault("teamviewer-stopped", _team_viewer_stopped, NET_01=AWAITING),
    _fault("name-unknown", _name_unknown, "NET-02", NET_06=AWAITING),
    _fault("address-refused", _endpoint(WWW, kind="refused"), "NET-02", NET_06=AWAITING),
    _silent("address-silent", _endpoint(AZURE, kind="silent"), "NET-03", NET_06=AWAITING),
    _silent("address-blocked", _endpoint(AZURE, kind="blocked"), "NET-03", NET_06=AWAITING),
    _fault("address-slow", _endpoint(AZURE, kind="slow")),
    _fault("certificate-of-address-expired", _endpoint(API, kind="expired"), "NET-04"),
    _fault("certificate-of-address-for-other-name", _endpoint(API, kind="wrong-name"), "NET-04"),
    _fault("certificate-of-address-untrusted", _untrusted, "NET-04", "NET-06"),
    _fault("through-a-proxy", _proxy),
    _fault(
        "proxy-wants-credentials",
        _proxy_wants_credentials,
        "NET-02",
        "NET-03",
        "NET-04",
        NET_06=AWAITING,
    ),
    # Who answered is not known then: a filter's own page is an answer too.
    _fault(
        "intercepted",
        _intercepted,
        "NET-06",
        NET_02=AWAITING,
        NET_03=AWAITING,
        NET_04=AWAITING,
    ),
    _fault("tls12-off-for-clients", _registry(f"{TLS}\\TLS 1.2\\Client", Enabled=0), "NET-05"),
    _fault(
        "tls12-off-by-default", _registry(f"{TLS}\\TLS 1.2\\Client", DisabledByDefault=1), "NET-05"
    ),
    _fault("tls12-off-for-dotnet", _no_framework_tls, "NET-05"),
    _fault("tls12-left-to-programs", _registry(FRAMEWORK, SchUseStrongCrypto=0), NET_05=AWAITING),
    _fault("database-refused", _endpoint(SQL, kind="refused"), "NET-07"),
    _silent("database-blocked", _endpoint(SQL, kind="blocked"), "NET-07"),
    _fault(
        "binding-without-certificate",
        _binding_without_certificate,
        "NET-08",
        "NET-09",
        "NET-10",
        "NET-11",
    ),
    _fault(
        "binding-without-hash",
        _binding_without_hash,
        NET_08=UNREAD,
        NET_09=UNREAD,
        NET_10=UNREAD,
        NET_11=UNREAD,
    ),
    _fault("certificate-without-key", _certificate(has_private_key=False), "NET-08"),
    _fault("certificate-for-other-name", _certificate(dns_names=["other.example.test"]), "NET-09"),
    _fault("certificate-untrusted", _certificate(chain=["UntrustedRoot"]), "NET-10"),
    _fault("certificate-for-clients", _certificate(purposes=[CLIENT_USE]), "NET-10"),
    _fault("certificate-that-signs-only", _certificate(signs_only=True), "NET-10"),
    _fault("a-computer-as-the-account", _record(useraccountcontrol=0x1000), OS_07=AWAITING),
    # A visitor may be shown either: nothing of the certificate is decided.
    _fault(
        "one-of-two-certificates-of-a-name-untrusted",
        _second_certificate_untrusted,
        **SHOWN_UNKNOWN,
    ),
    _fault("an-address-with-a-certificate-of-its-own", _entry_for_an_address, **SHOWN_UNKNOWN),
    _fault(
        "certificate-of-a-private-authority", _certificate(root="Corporate CA"), NET_10=AWAITING
    ),
    _fault(
        "certificate-that-vouches-for-itself",
        _certificate(issuer="CN=web01.demo.example.test"),
        NET_10=AWAITING,
    ),
    _fault("site-stopped", _site_stopped, "IIS-25", "NET-08"),
    _fault("a-binding-that-nobody-can-read", _odd_binding),
    _fault("issuer-expired", _certificate(chain=["NotTimeValid"]), "NET-10"),
    _fault("certificate-ends-soon", _certificate_ends_soon, "NET-11"),
    _fault("tls12-off-for-servers", _registry(f"{TLS}\\TLS 1.2\\Server", Enabled=0), "NET-12"),
    _fault("plain-http", _http_binding("*"), "NET-13"),
    _fault("plain-http-on-one-address", _http_binding("198.51.100.10"), "NET-13"),
    _fault("plain-http-for-itself", _http_binding("127.0.0.1")),
    _fault("plain-http-for-itself-over-ipv6", _http_binding("[::1]")),
    Fault("dutch", _nothing, frozenset(), base="server2019-nl", left_out=NOTHING),
    Fault("german", _nothing, frozenset(), base="server2019-de", left_out=NOTHING),
    Fault("many-faults-english", _many, MANY, UNSEEN, left_out=NOTHING),
    Fault("many-faults-dutch", _many, MANY, UNSEEN, base="server2019-nl", left_out=NOTHING),
    Fault("many-faults-german", _many, MANY, UNSEEN, base="server2019-de", left_out=NOTHING),
]
