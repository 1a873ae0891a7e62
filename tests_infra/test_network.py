"""Remote access, what the server must reach, and what reaches it."""

from acceptance.fixtures.entrance import ask_where_tls_ends, ask_which_is_in_use, at_the_proxy
from acceptance.fixtures.selection import requirements

from acceptance.catalogue.rules.network import CertificateLasts, Outbound, TlsClient, TlsServer
from acceptance.exact.entrance import Entrance, is_loopback
from acceptance.exact.site import STARTED, SynergySite
from acceptance.findings.record import Record
from acceptance.hosts import network
from acceptance.hosts.certificates import bound_text, decode, holds_for_days, lasting, names_of
from acceptance.hosts.windows import WindowsHost
from acceptance.inventory.models import Customer
from acceptance.text import said

AGREED = ("TLSv1.2", "TLSv1.3")  # as OpenSSL calls them


@requirements(
    "network.remote_access",
    sections=["remote"],
    expected="Remote Desktop reached from here, or TeamViewer installed with its service running",
)
def test_remote_access(host: WindowsHost, record: Record) -> None:
    desktop, teamviewer = host.remote_desktop, host.teamviewer
    record.found_each([desktop.text, teamviewer.text])
    if not desktop.yes and teamviewer.yes is None:
        record.cannot_decide("somebody at the server starts TeamViewer: who does, and when?")
    if desktop.yes is None and not teamviewer.yes:
        record.cannot_decide("whether Remote Desktop's port is reached was not tried from here")
    assert desktop.yes or teamviewer.yes


@requirements(
    "network.outbound", sections=["outbound"], expected="{url} answers this server over TLS 1.2"
)
def test_address_is_reached(requirement: Outbound, host: WindowsHost, record: Record) -> None:
    answer = host.reaches(requirement.url)
    record.found("{answer} ({proxies})", answer=answer.text, proxies=host.proxies_text)
    if answer.yes is None:
        record.cannot_decide("whether the address itself answered, or something between")
    assert answer.yes


@requirements(
    "network.tls_client",
    sections=["schannel"],
    expected="{version} is not switched off for programs on this server",
)
def test_tls_is_usable_by_programs(
    requirement: TlsClient, host: WindowsHost, record: Record
) -> None:
    off = host.tls_switched_off(requirement.version, "Client")
    left_open = host.tls_left_to_programs
    record.found_each([*off, *left_open] or [said("{version} is on", version=requirement.version)])
    assert not off
    if left_open:
        record.cannot_decide(
            "programs that were built for a .NET before 4.7 cannot use it then, later ones can"
        )


@requirements(
    "network.no_interception",
    sections=["outbound"],
    expected="the three addresses show their own certificates",
)
def test_tls_is_not_intercepted(host: WindowsHost, record: Record) -> None:
    answer = host.interception
    record.found(answer.text)
    if answer.yes is None:
        record.cannot_decide(
            "the certificates' issuers alone do not tell whether something opens the connections"
        )
    assert not answer.yes


@requirements(
    "network.database_reached",
    sections=["outbound"],
    expected="every SQL Server of the customer is reached over TCP",
)
def test_database_server_is_reached(host: WindowsHost, customer: Customer, record: Record) -> None:
    databases = {name: one for name, one in customer.hosts.items() if "database" in one.roles}
    by_instance = [
        name for name, one in databases.items() if one.sql and one.sql.instance and not one.sql.port
    ]
    unplaced = [name for name, one in databases.items() if not one.address]
    tried = [name for name in databases if name not in (*by_instance, *unplaced)]
    answers = [host.reaches(f"database {name}") for name in tried]
    unknown = [said("{host}: no port is known of its instance", host=name) for name in by_instance]
    record.found_each([*(answer.text for answer in answers), *unknown])
    assert all(answer.yes for answer in answers)
    if unplaced:
        record.ask(*(f"hosts.{name}.sql" for name in unplaced))
    if by_instance:
        record.cannot_decide(
            "an instance's port may change: set sql.port in the inventory, so that it can be tried"
        )
    assert answers


@requirements(
    "network.https_binding",
    sections=["iis"],
    expected="the Synergy site is started and has an https binding with a certificate and its key",
)
def test_https_binding(synergy_site: SynergySite, customer: Customer, record: Record) -> None:
    if customer.tls_ends == "proxy":
        record.found("{subject}", subject=at_the_proxy(synergy_site, customer, record).subject)
        return
    entrance = synergy_site.entrance(customer.external_host)
    record.found_each(bound_text(one) for one in entrance.certificates)
    if entrance.foreign:
        record.found(
            "{name} leads to the site {site}, which does not carry Synergy",
            name=customer.external_host or "",
            site=entrance.foreign,
        )
    ask_where_tls_ends(entrance, synergy_site, customer, record)
    assert entrance.bindings
    reached = synergy_site.behind(entrance.bindings)
    stopped = [one for one in reached if one.site_state != STARTED]
    if stopped:
        record.found_each(
            said("the site {site}: {state}", site=one.site.name, state=one.site_state)
            for one in stopped
        )
    assert len(stopped) < len(reached)
    good = [bool(one and one.found and one.has_private_key) for one in entrance.certificates]
    decide_for_every_answer(good, entrance, customer, record)


@requirements(
    "network.certificate_name",
    sections=["iis"],
    expected="a certificate that holds for the external name (external_host)",
)
def test_certificate_holds_for_the_name(
    synergy_site: SynergySite, customer: Customer, record: Record
) -> None:
    name = customer.external_host
    if customer.tls_ends == "proxy":
        shown = at_the_proxy(synergy_site, customer, record).certificate.names
        record.found("certificate for {names}", names=", ".join(shown) or said("no name"))
        assert network.matches(name or "", shown)
        return
    entrance = synergy_site.entrance(name)
    held = [names_of(one.raw, str(one.subject), one.dns_names) for one in entrance.in_store]
    names = ", ".join(one for names in held for one in names)
    record.found("certificate for {names}", names=names or said("no name"))
    ask_where_tls_ends(entrance, synergy_site, customer, record)
    if name is None:
        record.ask("external_host")
    good = [network.matches(name, names) for names in held]
    decide_for_every_answer(good, entrance, customer, record)


@requirements(
    "network.certificate_trusted",
    sections=["iis"],
    expected="a certificate that Windows trusts, of a public authority",
)
def test_certificate_is_trusted(
    host: WindowsHost, synergy_site: SynergySite, customer: Customer, record: Record
) -> None:
    if customer.tls_ends == "proxy":
        door = at_the_proxy(synergy_site, customer, record)
        record.found("{subject}: {why}", subject=door.subject, why=door.unfit or said("trusted"))
        if door.trusted is None:
            record.cannot_decide("whether a public authority vouches for it was not tried")
        assert not door.unfit
        return
    at = host.evidence.collected_at
    entrance = synergy_site.entrance(customer.external_host)
    distrust = [
        [*map(said, one.distrust(at)), *decode(one.raw, str(one.subject)).unfit]
        for one in entrance.in_store
    ]
    record.found_each(
        said("{subject}: {why}", subject=str(one.subject), why=why or said("trusted"))
        for one, why in zip(entrance.in_store, distrust, strict=True)
    )
    ask_where_tls_ends(entrance, synergy_site, customer, record)
    decide_for_every_answer([not why for why in distrust], entrance, customer, record)
    for one in entrance.in_store:
        public = synergy_site.vouched_for(one)
        if not public:
            record.cannot_decide(
                "{issuer} issued it, {who}: whether those who connect from outside trust it is "
                "not known",
                issuer=str(one.issuer),
                who=said("no public authority")
                if public is False
                else said("and who vouches for it was not read"),
            )


@requirements(
    "network.certificate_lasts",
    sections=["iis"],
    expected="a certificate that holds for {days} days more",
)
def test_certificate_is_not_near_its_end(
    requirement: CertificateLasts,
    host: WindowsHost,
    synergy_site: SynergySite,
    customer: Customer,
    record: Record,
) -> None:
    at = host.evidence.collected_at
    if customer.tls_ends == "proxy":
        door = at_the_proxy(synergy_site, customer, record)
        start, end = door.valid
        record.found(lasting(door.subject, *door.valid))
        assert start <= at
        assert (end - at).days >= requirement.days
        return
    entrance = synergy_site.entrance(customer.external_host)
    record.found_each(
        lasting(str(one.subject), one.not_before, one.not_after) for one in entrance.in_store
    )
    ask_where_tls_ends(entrance, synergy_site, customer, record)
    if any(one.not_before is None or one.not_after is None for one in entrance.in_store):
        record.cannot_decide("a certificate's dates were not read: look at it in its store")
    good = [holds_for_days(one, at, requirement.days) for one in entrance.in_store]
    decide_for_every_answer(good, entrance, customer, record)


@requirements(
    "network.tls_server",
    sections=["schannel", "iis"],
    expected="{version} is not switched off for this server's sites",
)
def test_tls_is_offered(
    requirement: TlsServer,
    host: WindowsHost,
    synergy_site: SynergySite,
    customer: Customer,
    record: Record,
) -> None:
    if customer.tls_ends == "proxy":
        protocol = at_the_proxy(synergy_site, customer, record).protocol
        record.found("{protocol} was agreed from here", protocol=protocol or said("nothing"))
        if protocol is None:
            record.cannot_decide("which TLS version the proxy agrees on was not read")
        assert protocol in AGREED
        return
    off = host.tls_switched_off(requirement.version, "Server")
    record.found_each(off or [said("{version} is on", version=requirement.version)])
    assert not off


@requirements(
    "network.no_plain_http",
    sections=["iis"],
    expected="the Synergy site has no http binding, unless for the server itself",
)
def test_no_plain_http(synergy_site: SynergySite, customer: Customer, record: Record) -> None:
    if customer.tls_ends == "proxy":
        record.found("a proxy ends TLS, and reaches IIS by its own bindings")
        record.cannot_decide("whether the proxy also offers the site over plain http: look there")
    record.found("no Synergy site")
    assert synergy_site.in_use
    # What only the server itself can reach leaves it by no wire.
    bindings = [one for one in synergy_site.bindings("http") if not is_loopback(one.information)]
    record.found("no http binding")
    if bindings:
        record.found_each(
            said("http binding {binding}", binding=one.information) for one in bindings
        )
    ask_which_is_in_use(synergy_site, record, doubtful=bool(bindings))
    assert not bindings


@requirements("network.vpn", sections=[], expected="external developers connect over a VPN")
def test_external_access_over_vpn(record: Record) -> None:
    record.found("the inventory says vpn")
    record.cannot_decide(
        "a VPN of the customer's cannot be seen from a server: a person confirms it"
    )


def decide_for_every_answer(
    good: list[bool], entrance: Entrance, customer: Customer, record: Record
) -> None:
    """A visitor may see any of them: all good is met, none is not met, the rest is open."""
    assert any(good)
    if customer.external_host is None:
        record.ask("external_host")
    if entrance.doubt or not all(good):
        record.cannot_decide(
            "which certificate a visitor is shown is not known: {doubt}",
            doubt=entrance.doubt or said("one of several is in order"),
        )
