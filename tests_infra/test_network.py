"""Remote access, what the server must reach, and what reaches it."""

from acceptance.fixtures.selection import requirements


@requirements(
    "network.remote_access",
    sections=["remote"],
    expected="Remote Desktop reached from here, or TeamViewer installed with its service running",
)
def test_remote_access(requirement, host, record):
    rdp, teamviewer = host.remote_desktop, host.teamviewer
    record.found(f"{rdp.text}; {teamviewer.text}")
    if rdp.yes is None and not teamviewer.yes:
        record.cannot_decide("whether Remote Desktop's port is reached was not tried from here")
    assert rdp.yes or teamviewer.yes


@requirements(
    "network.outbound", sections=["outbound"], expected="{url} answers this server over TLS 1.2"
)
def test_address_is_reached(requirement, host, record):
    answer = host.reaches(requirement.url)
    record.found(f"{answer.text} ({host.proxies_text})")
    assert answer.yes


@requirements(
    "network.tls_client",
    sections=["schannel"],
    expected="{version} is not switched off for programs on this server",
)
def test_tls_is_usable_by_programs(requirement, host, record):
    off = host.tls_switched_off(requirement.version, "Client")
    left_open = host.tls_left_to_programs
    record.found_each([*off, *left_open] or [f"{requirement.version} is on"])
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
def test_tls_is_not_intercepted(requirement, host, record):
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
def test_database_server_is_reached(requirement, host, customer, record):
    databases = {name: one for name, one in customer.hosts.items() if "database" in one.roles}
    by_instance = [
        name for name, one in databases.items() if one.sql and one.sql.instance and not one.sql.port
    ]
    answers = [host.reaches(f"database {name}") for name in databases if name not in by_instance]
    record.found_each(
        [answer.text for answer in answers]
        + [f"{name}: no port is known of its instance" for name in by_instance]
    )
    assert all(answer.yes for answer in answers)
    if by_instance:
        record.cannot_decide(
            "an instance's port may change: set sql.port in the inventory, so that it can be tried"
        )
    assert answers


@requirements(
    "network.https_binding",
    sections=["iis"],
    expected="the Synergy site has an https binding with a certificate and its key",
)
def test_https_binding(requirement, host, record):
    certificates = host.synergy_certificates
    record.found_each(certificate_text(one) for one in certificates)
    assert any(one and one.found and one.has_private_key for one in certificates)


@requirements(
    "network.certificate_name",
    sections=["iis"],
    expected="a certificate that holds for the external name (external_host)",
)
def test_certificate_holds_for_the_name(requirement, host, customer, record):
    names = [name for one in found(host) for name in one.dns_names]
    record.found(f"certificate for {', '.join(names) or 'no name'}")
    if customer.external_host is None:
        record.cannot_decide(
            "the inventory sets no external_host: compare with the name that developers use"
        )
    assert host.certificate_for(customer.external_host)


@requirements(
    "network.certificate_trusted", sections=["iis"], expected="a certificate that Windows trusts"
)
def test_certificate_is_trusted(requirement, host, record):
    at = host.evidence.collected_at
    certificates = [(one.subject, one.distrust(at)) for one in found(host)]
    record.found_each(f"{subject}: {', '.join(why) or 'trusted'}" for subject, why in certificates)
    assert certificates
    assert not any(why for _, why in certificates)


@requirements(
    "network.certificate_lasts",
    sections=["iis"],
    expected="a certificate that holds for {days} days more",
)
def test_certificate_is_not_near_its_end(requirement, host, record):
    certificates = found(host)
    at = host.evidence.collected_at
    record.found_each(
        f"{one.subject}: from {one.not_before:%Y-%m-%d} to {one.not_after:%Y-%m-%d}"
        for one in certificates
    )
    assert certificates
    assert all(
        one.not_before <= at and (one.not_after - at).days >= requirement.days
        for one in certificates
    )


@requirements(
    "network.tls_server",
    sections=["schannel"],
    expected="{version} is not switched off for this server's sites",
)
def test_tls_is_offered(requirement, host, record):
    off = host.tls_switched_off(requirement.version, "Server")
    record.found_each(off or [f"{requirement.version} is on"])
    assert not off


@requirements(
    "network.no_plain_http", sections=["iis"], expected="the Synergy site has no http binding"
)
def test_no_plain_http(requirement, host, record):
    assert_site(host, record)
    bindings = host.synergy_bindings("http")
    record.found_each([one.information for one in bindings] or ["no http binding"])
    assert not bindings


@requirements("network.vpn", sections=[], expected="external developers connect over a VPN")
def test_external_access_over_vpn(requirement, record):
    record.found("the inventory says vpn")
    record.cannot_decide(
        "a VPN of the customer's cannot be seen from a server: a person confirms it"
    )


def found(host):
    """The certificates of the Synergy site that are in the server's store."""
    return [one for one in host.synergy_certificates if one and one.found]


def assert_site(host, record):
    applications = host.synergy_applications()
    record.found("no Synergy site")
    assert applications


def certificate_text(certificate):
    if certificate is None:
        return "https binding without a certificate"
    if not certificate.found:
        return f"https binding, certificate {certificate.thumbprint or 'in the central store'} is not in this server's store"
    return f"https binding with {certificate.subject}, {'with' if certificate.has_private_key else 'without'} its private key"
