"""The Synergy site in IIS: the applications whose folder holds Synergy's files, their bindings and certificates.

>>> site = SynergySite(host)
>>> [str(application) for application in site.applications]
['Default Web Site/Synergy in C:\\Program Files (x86)\\Exact Software\\Synergy']
"""

from pathlib import PureWindowsPath

from acceptance.errors import UnreadError
from acceptance.evidence.windows import Application, Binding, Certificate, Folder, Pool, Site
from acceptance.hosts import network
from acceptance.hosts.windows import WindowsHost
from acceptance.text import Sentence, said


class SynergyApplication:
    """An IIS application that carries Exact Synergy, with its pool (None: the pool does not exist)."""

    def __init__(self, host: WindowsHost, site: Site, application: Application) -> None:
        self._host = host
        self.application = application
        self.bindings = site.bindings
        self.pool: Pool | None = host.pool(application.pool)
        self.address = f"{site.name}{application.path}"

    @property
    def pool_state(self) -> str:
        """Started, Stopped, ... as appcmd says it. Raises UnreadError where it did not say anything of this pool."""
        if self.pool is None:
            return "missing"
        if self.pool.state is not None:
            return self.pool.state
        activation = self._host.windows_service("WAS")
        if activation is None or activation.state != "Running":
            return "not running, since the service WAS is not"
        raise UnreadError(
            "{host}: appcmd did not list the pool {pool}.",
            "Look at it in IIS Manager, or run on the server itself: appcmd list apppool /xml",
            host=self._host.name,
            pool=self.pool.name,
        )

    def in_words(self) -> Sentence:
        """Where it is."""
        folder = str(PureWindowsPath(self.application.physical_path or ""))
        return said("{address} in {folder}", address=self.address, folder=folder)


class SynergySite:
    """What IIS serves of Exact Synergy on one server. From section `iis`."""

    def __init__(self, host: WindowsHost) -> None:
        self.host = host

    @property
    def applications(self) -> list[SynergyApplication]:
        """The applications whose folder, or its parent, holds Synergy's files.

        Raises UnreadError when none was found and a folder could not be looked at.
        """
        iis = self.host.iis
        sites = iis.sites if iis else []
        every = [(site, application) for site in sites for application in site.applications]
        found = [
            SynergyApplication(self.host, site, application)
            for site, application in every
            if any(_is_synergys(folder) for folder in application.folders)
        ]
        folders = [folder for _, application in every for folder in application.folders]
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

    def bindings(self, protocol: str) -> list[Binding]:
        """The bindings of one protocol ("http", "https") of the sites that carry Synergy."""
        bindings = [binding for one in self.applications for binding in one.bindings]
        return [binding for binding in bindings if binding.protocol == protocol]

    @property
    def certificates(self) -> list[Certificate | None]:
        """One per https binding of the Synergy sites; None: a binding without one.

        Raises UnreadError for a central certificate store: its files cannot be looked at.
        """
        certificates = [binding.certificate for binding in self.bindings("https")]
        if any(one is not None and one.source == "central" for one in certificates):
            raise UnreadError(
                "{host}: the Synergy site's certificate is in a central store, which was not read.",
                "Look at the certificate in the store's share.",
                host=self.host.name,
            )
        return certificates

    def certificate_for(self, name: str) -> bool:
        """Whether a certificate of the Synergy sites holds for a host name."""
        known = [one for one in self.certificates if one is not None and one.found]
        return any(network.matches(name, one.dns_names or []) for one in known)


def _is_synergys(folder: Folder) -> bool:
    return folder.marks is not None and folder.marks.synergy


def _was_not_looked_at(folder: Folder) -> bool:
    return folder.exists is None or (folder.exists and folder.marks is None)
