"""Whether somebody can work on the server from outside:
Remote Desktop, Windows' firewall, TeamViewer (pure).
"""

from acceptance.evidence.access import RemoteSection
from acceptance.evidence.connections import FromHere, SeenPort
from acceptance.evidence.envelope import Read
from acceptance.hosts.network import Answer
from acceptance.text import Sentence, said

FIREWALL_PROFILES = {
    "DomainAuthenticated": "Domain",
    "Private": "Private",
    "Public": "Public",
}  # connected network -> profile
STARTED = "Running"


def seen_port(here: FromHere | None, port: int) -> SeenPort | None:
    return next((one for one in here.ports if one.port == port), None) if here else None


def rdp_off(remote: RemoteSection) -> Sentence:
    """Why Remote Desktop cannot work on the server itself; empty when it can."""
    if remote.denied_by_policy is not None and remote.denied_by_policy != 0:
        return said("switched off by group policy")
    if remote.denied_by_policy is None and remote.denied != 0:
        return said("switched off")
    service = next((one for one in remote.services if one.name == "TermService"), None)
    if service is None:
        return said("the service TermService is missing")
    if service.state != STARTED:
        return said("the service TermService is {state}", state=service.state)
    return (
        said("") if remote.listening else said("nothing listens on port {port}", port=remote.port)
    )


def firewall_opens(remote: RemoteSection) -> bool | None:
    """Whether Windows' own rules let Remote Desktop in on every connected network;
    None: not read, or none is connected.
    """
    if not isinstance(remote.firewall, Read) or not remote.firewall.value.categories:
        return None
    firewall = remote.firewall.value
    on = {profile.name for profile in firewall.profiles if profile.enabled}
    active = {FIREWALL_PROFILES.get(category, category) for category in firewall.categories}
    opening = [rule for rule in firewall.rules if rule.enabled and rule.inbound and rule.allows]
    open_for = {name.strip() for rule in opening for name in rule.profiles.split(",")}
    return all(name not in on or "Any" in open_for or name in open_for for name in active)


def remote_desktop(remote: RemoteSection, here: FromHere | None) -> Answer:
    """Whether Remote Desktop can be used:
    on, running, listening, and its port reached from here.
    """
    off = rdp_off(remote)
    if off:
        return Answer(False, said("Remote Desktop: {off}", off=off))
    opens = firewall_opens(remote)
    state = said(
        "Remote Desktop: on, listening on port {port}, Windows' firewall rules {rules}",
        port=remote.port,
        rules=said({True: "open", False: "closed", None: "not read"}[opens]),
    )
    seen = seen_port(here, remote.port)
    if seen is None:
        text = said("{state}, not tried from here", state=state)
        return Answer(False if opens is False else None, text)
    if seen.reached:
        return Answer(True, said("{state}, reached from here", state=state))
    text = said("{state}, not reached ({why}) from here", state=state, why=seen.failure)
    return Answer(False, text)


def teamviewer(remote: RemoteSection) -> Answer:
    """Whether TeamViewer is installed and its service runs; None: somebody has to start it."""
    # An old release may have left its stopped service beside the new one's.
    services = [one for one in remote.services if one.name.startswith("TeamViewer")]
    service = next(
        (one for one in services if one.state == STARTED), services[0] if services else None
    )
    if not remote.teamviewer:
        return Answer(False, said("TeamViewer: not installed"))
    program = f"{remote.teamviewer[0].name} {remote.teamviewer[0].version or ''}".strip()
    if service is None:
        return Answer(None, said("TeamViewer: {program}, its service is missing", program=program))
    text = "TeamViewer: {program}, its service is {state}"
    runs = True if service.state == STARTED else None
    return Answer(runs, said(text, program=program, state=service.state))
