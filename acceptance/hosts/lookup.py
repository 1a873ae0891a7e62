"""Whether Windows knows an account at all: its SID, or the certainty that there is none."""

from acceptance.errors import UnreadError
from acceptance.evidence.access import AccountsSection
from acceptance.evidence.envelope import Read, Unread
from acceptance.text import Sentence, said

DOMAIN = "S-1-5-21-"  # of a domain or a computer
WORKGROUP_ROLES, DOMAIN_CONTROLLER_ROLES = (0, 2), (4, 5)  # Win32_ComputerSystem.DomainRole


def in_workgroup(section: AccountsSection) -> bool:
    """Whether the server is in no domain."""
    return section.domain_role in WORKGROUP_ROLES


def on_domain_controller(section: AccountsSection) -> bool:
    """Whether the server is one: its own answer is then the domain's."""
    return section.domain_role in DOMAIN_CONTROLLER_ROLES


def direct_members(section: AccountsSection) -> dict[str, str | None] | None:
    """Direct members of the local Administrators by SID, with their names; None: not read."""
    group = section.administrators
    if isinstance(group, Unread):
        return None
    return {one.sid: one.name for one in group.value.members}


def sid_of(host: str, section: AccountsSection) -> str | None:
    """The service account's SID; None: there is no such account.

    Raises UnreadError where that could not be told, as without a domain controller.
    """
    account = section.account
    if isinstance(account, Read):
        return account.value.sid
    channel = section.secure_channel
    certain = on_domain_controller(section) or (isinstance(channel, Read) and channel.value)
    unknown = account.status == "absent"
    if unknown and (in_workgroup(section) or (certain and _of_own_domain(section))):
        return None
    name = section.service_account
    if unknown and certain:
        raise UnreadError(
            "{host}: {account} is unknown here, but the server is in the domain {domain}: "
            "whether a domain controller of the account's own domain answers is not known.",
            "Correct service_account in the inventory, or see to it that the domains trust and "
            "reach each other.",
            host=host,
            account=name,
            domain=section.domain,
        )
    raise UnreadError(
        "{host}: {account} could not be looked up: {type}; domain controller: {channel}.",
        "See to it that the server reaches a domain controller (Test-ComputerSecureChannel), "
        "then run again.",
        host=host,
        account=name,
        type=account.error.type,
        channel=_channel_text(section),
    )


def _of_own_domain(section: AccountsSection) -> bool:
    """Whether the account's name is of the server itself,
    or of a domain whose controllers answer.

    A domain's short name need not be the first label of its DNS name:
    it is known by the members of the local Administrators whose names were just looked up.
    """
    given = section.service_account.partition("\\")[0].casefold()
    members = (direct_members(section) or {}).items()
    answered = {
        name.partition("\\")[0].casefold()
        for sid, name in members
        if name and sid.startswith(DOMAIN)
    }
    own = {section.domain.casefold(), section.computer_name.casefold()}
    return given in answered | own


def _channel_text(section: AccountsSection) -> Sentence:
    channel = section.secure_channel
    if channel is None:
        return said("not needed")
    if isinstance(channel, Unread):
        return said("not known ({type})", type=channel.error.type)
    return said("answers") if channel.value else said("does not answer")
