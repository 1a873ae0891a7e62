"""The Synergy site in IIS: the applications whose folder holds Synergy's files,
their bindings and certificates.

>>> site = SynergySite(host)
>>> [str(application) for application in site.applications]
['Default Web Site/Synergy in C:\\Program Files (x86)\\Exact Software\\Synergy']
"""

from collections.abc import Collection
from pathlib import PureWindowsPath

from acceptance.errors import UnreadError
from acceptance.evidence.connections import SeenSite
from acceptance.evidence.windows import Application, Binding, Certificate, Folder, Pool, Site
from acceptance.exact.entrance import Entrance, as_served, entrance, sites_taking
from acceptance.exact.front_door import FrontDoor, front_door
from acceptance.hosts.windows import WindowsHost
from acceptance.text import Sentence, said

STARTED = "Started"  # appcmd's word in every language


class SynergyApplication:
    """An IIS application that carries Exact Synergy,
    with its pool (None: the pool does not exist).
    """

    def __init__(self, host: WindowsHost, site: Site, application: Application) -> None:
        self._host = host
        self.application = application
        self.site = site
        self.pool: Pool | None = host.pool(application.pool)
        self.address = f"{site.name}{application.path}"

    @property
    def folders(self) -> frozenset[PureWindowsPath]:
        """Where its program files may stand, each with the folder `bin`."""
        return frozenset(PureWindowsPath(one.path) for one in _own_folders(self.application))

    @property
    def site_state(self) -> str:
        """Started, Stopped, ... as appcmd says it.

        Raises UnreadError where it did not say anything of this site.
        """
        return self._state(self.site.state, "site", self.site.name)

    @property
    def pool_state(self) -> str:
        """Started, Stopped, ... as appcmd says it.

        Raises UnreadError where it did not say anything of this pool.
        """
        if self.pool is None:
            return "missing"
        return self._state(self.pool.state, "pool", self.pool.name)

    def _state(self, listed: str | None, kind: str, name: str) -> str:
        if listed is not None:
            return listed
        activation = self._host.windows_service("WAS")
        if activation is None or activation.state != "Running":
            return "not running, since the service WAS is not"
        raise UnreadError(
            "{host}: appcmd did not list the {kind} {name}.",
            "Look at it in IIS Manager, or run on the server itself: appcmd list {object} /xml",
            object={"pool": "apppool"}.get(kind, kind),
            host=self._host.name,
            kind=kind,
            name=name,
        )

    def in_words(self) -> Sentence:
        """Where it is."""
        folder = str(PureWindowsPath(self.application.physical_path or ""))
        return said("{address} in {folder}", address=self.address, folder=folder)


class SynergySite:
    """What IIS serves of Exact Synergy on one server. From section `iis`.

    `named`: the application that the inventory says is in use (`Default Web Site/Synergy`,
    or the site's name); `external_host`: the name whose site it is,
    where the inventory names no application.
    """

    def __init__(
        self, host: WindowsHost, named: str | None = None, external_host: str | None = None
    ) -> None:
        self.host = host
        self.named = named
        self.external_host = external_host

    @property
    def applications(self) -> list[SynergyApplication]:
        """The applications with Synergy's files;
        only the one that the inventory names, where it names one.

        Raises UnreadError where there is none of that name.
        """
        found = self._found
        if self.named is None or not found:
            return found
        named = self.named.casefold()
        meant = [
            one for one in found if named in (one.site.name.casefold(), one.address.casefold())
        ]
        if not meant:
            raise UnreadError(
                "{host}: {named} is no application with Synergy's files. There are: {there}.",
                "Correct synergy_site in the inventory.",
                host=self.host.name,
                named=self.named,
                there=[said("{address}", address=one.address) for one in found],
            )
        return meant

    @property
    def in_use(self) -> list[SynergyApplication]:
        """Of several, those in the site that answers for the external name; else all.

        More than one: which of them people work with is not known,
        and an old copy's state means nothing.
        """
        found = self.applications
        name = self.external_host
        if len(found) < 2 or name is None:
            return found
        taking = {site.id for site in sites_taking(self._sites, name)}
        return [one for one in found if one.site.id in taking] or found

    @property
    def _sites(self) -> list[Site]:
        iis = self.host.iis
        return iis.sites if iis else []

    @property
    def _found(self) -> list[SynergyApplication]:
        """The applications whose folder holds Synergy's files, or the folder above "docs".

        Raises UnreadError when none was found and a folder could not be looked at.
        """
        every = [(site, application) for site in self._sites for application in site.applications]
        found = [
            SynergyApplication(self.host, site, application)
            for site, application in every
            if any(_is_synergys(folder) for folder in _own_folders(application))
        ]
        folders = [folder for _, application in every for folder in _own_folders(application)]
        unread = next((folder for folder in folders if _was_not_looked_at(folder)), None)
        if not found and unread is not None:
            raise UnreadError(
                "{host}: no Synergy web site found, but {folder} could not be looked at: {why}.",
                "Let the account read that folder, or run on the server itself.",
                host=self.host.name,
                folder=unread.path,
                why=str(unread.error),
            )
        return found

    @property
    def stopped(self) -> list[SynergyApplication]:
        """Those in a site that is not started."""
        return [one for one in self.applications if one.site_state != STARTED]

    def bindings(self, protocol: str) -> list[Binding]:
        """The bindings of one protocol ("http",
        "https") of the sites that carry the Synergy in use.
        """
        sites = {one.site.id: one.site for one in self.in_use}
        bindings = [binding for site in sites.values() for binding in site.bindings]
        return [binding for binding in bindings if binding.protocol.casefold() == protocol]

    def entrance(self, name: str | None) -> Entrance:
        """What a visitor of https://name meets; None: the inventory names no external name."""
        iis = self.host.iis
        carrying = [one.site for one in self.in_use]
        entries = iis.entries if iis else None
        listed = entrance(self._sites, carrying, entries, name)
        return as_served(listed, entries or [], self._seen, name)

    def behind(self, bindings: Collection[Binding]) -> list[SynergyApplication]:
        """Those that visitors of these bindings reach;
        one that runs elsewhere offers them nothing.
        """
        return [one for one in self.in_use if any(each in bindings for each in one.site.bindings)]

    def front_door(self, name: str) -> FrontDoor:
        """What https://name serves from here: what decides where a proxy ends TLS."""
        return front_door(self._seen, name)

    @property
    def _seen(self) -> SeenSite | None:
        here = self.host.seen_from_here
        return here.site if here else None

    def vouched_for(self, certificate: Certificate) -> bool | None:
        """Whether a public authority stands at the end of its chain; None: that was not read.

        Who trusts only what this server's own store trusts is inside the company.
        """
        # Only a certificate needs the library.
        from acceptance.hosts import chains
        from acceptance.hosts.certificates import decode

        own = decode(certificate.raw, str(certificate.subject)).own_issuer
        if own or (certificate.subject is not None and certificate.subject == certificate.issuer):
            return False  # it vouches for itself
        here = self.host.seen_from_here
        try:
            if certificate.root is None:
                return None
            return chains.is_public(certificate.root, here.authorities if here else [])
        except ValueError:
            return None


def _own_folders(application: Application) -> list[Folder]:
    """Its folder; the one above belongs to it only where the application maps
    to Synergy's "docs".
    """
    own, above = application.folders[:1], application.folders[1:]
    docs = own and PureWindowsPath(own[0].path).name.casefold() == "docs"
    return [*own, *above] if docs else own


def _is_synergys(folder: Folder) -> bool:
    return folder.marks is not None and folder.marks.synergy


def _was_not_looked_at(folder: Folder) -> bool:
    return folder.exists is None or (folder.exists and folder.marks is None)
