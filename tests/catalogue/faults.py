"""One fault each: what is broken in the compliant twin, and which requirements must then fail.

A fault that has others follow from it lists them all; nothing else may change.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from pathlib import Path

from acceptance.simulator.windows.twin import Twin

from acceptance.catalogue.requirements import load_catalogue
from acceptance.catalogue.rules.iis import Component
from tests.surgery import rewrite

CATALOGUE = Path(__file__).parents[2] / "tests_infra" / "requirements"
CONFIG = r"C:\Windows\System32\inetsrv\config\applicationHost.config"
SYNERGY = r"C:\Program Files\Exact Synergy Enterprise"
DOTNET = r"HKLM:\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full"
STATES = ("Available", "Removed", "InstallPending", "UninstallPending")


@dataclass(frozen=True)
class Fault:
    """`name` is the host's name in the run; `fails`:
    the ids that are not met, all others stay as they were.

    `others`: ids that become something else than "not met". `base`: the twin that is broken.
    `seconds`: how long an address is waited for; enough for a busy machine, and short where the
    fault is that nothing ever answers. `left_out`: sections that the fault cannot reach; they are
    taken from the compliant twin, since asking costs time.
    """

    name: str
    breaks: Callable[[Twin], None]
    fails: frozenset[str]
    others: Mapping[str, str] = field(default_factory=dict)
    base: str = "server2019-delegated"
    seconds: float = 60
    left_out: frozenset[str] = frozenset({"accounts", "remote", "outbound", "schannel", "upkeep"})


def _without_features() -> Iterator[Fault]:
    """Each feature that the catalogue asks for, in each state in turn;
    several ids may ask for one.
    """
    asking: dict[str, set[str]] = {}
    for one in load_catalogue(CATALOGUE):
        if isinstance(one.parameters, Component):
            asking.setdefault(one.parameters.feature, set()).add(one.id)
    for state, (feature, ids) in zip(cycle(STATES), asking.items(), strict=False):
        breaks = partial(_set_feature, feature=feature, state=state)
        yield Fault(f"without-{feature.lower()}", breaks, frozenset(ids))


def _set_feature(twin: Twin, feature: str, state: str) -> None:
    if feature not in twin.features:
        raise LookupError(f"{twin.name} has no feature {feature}: name it in its file")
    twin.features[feature] = state


def _operating_system(name: str, **values: object) -> Fault:
    def breaks(twin: Twin) -> None:
        twin.cim["Win32_OperatingSystem"][0].update(values)

    return Fault(name, breaks, frozenset({"OS-01"}))


def _dotnet_462(twin: Twin) -> None:
    twin.registry[DOTNET].update(Release=394802, Version="4.6.01586")


def _no_dotnet_4(twin: Twin) -> None:
    del twin.registry[DOTNET]


def _powershell_5_0(twin: Twin) -> None:
    twin.powershell["version"] = "5.0.10586.117"


def _two_cores(twin: Twin) -> None:
    twin.cim["Win32_Processor"] = [
        {"DeviceID": "CPU0", "NumberOfCores": 2, "NumberOfLogicalProcessors": 4}
    ]


def _little_memory(twin: Twin) -> None:
    twin.cim["Win32_ComputerSystem"][0]["TotalPhysicalMemory"] = 8 * 1024**3


def _full_disk(twin: Twin) -> None:
    twin.cim["Win32_LogicalDisk"][0]["FreeSpace"] = 5 * 1024**3


def _w3svc_stopped(twin: Twin) -> None:
    twin.service("W3SVC")["State"] = "Stopped"


def _w3svc_manual(twin: Twin) -> None:
    twin.service("W3SVC")["StartMode"] = "Manual"


def _w3svc_missing(twin: Twin) -> None:
    twin.cim["Win32_Service"].remove(twin.service("W3SVC"))


def _no_synergy(twin: Twin) -> None:
    twin.files = {path: text for path, text in twin.files.items() if not path.startswith(SYNERGY)}


def _library_without_pages(twin: Twin) -> None:
    del (
        twin.files[rf"{SYNERGY}\docs\Portal.aspx"],
        twin.files[rf"{SYNERGY}\Services\Exact.Entity.REST.svc"],
    )


def _pool_stopped(twin: Twin) -> None:
    twin.appcmd["apppool"]["Synergy"] = "Stopped"


def _was_stopped(twin: Twin) -> None:
    twin.service("WAS")["State"] = "Stopped"


def _pool_missing(twin: Twin) -> None:
    rewrite(twin, CONFIG, '<add name="Synergy"', '<add name="Other"')


def _pool_with_an_umlaut_stopped(twin: Twin) -> None:
    rewrite(twin, CONFIG, '"Synergy"', '"Synergie \u00fc"')
    twin.appcmd["apppool"] = {"DefaultAppPool": "Started", "Synergie \u00fc": "Stopped"}


def _old_copy(where: str) -> Callable[[Twin], None]:
    """A second Synergy application that nobody uses, with its pool stopped."""
    application = (
        '<application path="/Synergy_old" applicationPool="Old">'
        f'<virtualDirectory path="/" physicalPath="{SYNERGY}" /></application>'
    )
    binding = '<bindings><binding protocol="http" bindingInformation="*:8080:" /></bindings>'

    site = f'<site name="Old" id="7">{application}{binding}</site><siteDefaults />'
    pools = '<add name="DefaultAppPool" />'

    def breaks(twin: Twin) -> None:
        rewrite(twin, CONFIG, pools, f'{pools}<add name="Old" />')
        twin.appcmd["apppool"]["Old"] = "Stopped"
        if where == "another site":
            rewrite(twin, CONFIG, "<siteDefaults />", site)
            twin.appcmd["site"]["Old"] = "Started"
        else:
            rewrite(twin, CONFIG, "<bindings>", f"{application}<bindings>")

    return breaks


def _no_https(twin: Twin) -> None:
    https = 'protocol="https" bindingInformation="*:443:"'
    rewrite(twin, CONFIG, https, 'protocol="net.tcp" bindingInformation="808:*"')


def _runtime_2(twin: Twin) -> None:
    own = 'autoStart="true" managedRuntimeVersion="v4.0"'
    rewrite(twin, CONFIG, own, 'managedRuntimeVersion="v2.0"')


def _runtime_2_by_default(twin: Twin) -> None:
    defaults = '<applicationPoolDefaults managedRuntimeVersion="{}">'
    rewrite(twin, CONFIG, 'autoStart="true" managedRuntimeVersion="v4.0"', "")
    rewrite(twin, CONFIG, defaults.format("v4.0"), defaults.format("v2.0"))


def _runtime_nowhere(twin: Twin) -> None:
    """Then the schema's default holds, which is no managed code since IIS 8.0."""
    rewrite(twin, CONFIG, ' managedRuntimeVersion="v4.0"', "")


def _no_product_type(twin: Twin) -> None:
    """PowerShell's [int] makes a 0 of it, which is no workstation."""
    twin.cim["Win32_OperatingSystem"][0]["ProductType"] = None


def _processors_not_told(twin: Twin) -> None:
    for processor in twin.cim["Win32_Processor"]:
        processor["NumberOfCores"] = None


OS_UNREAD = dict.fromkeys(("OS-01", "OS-04", "OS-05", "OS-06"), "could not be checked")
# Without a Synergy site there is no pool and no binding to look at.
CERTIFICATES = ("NET-08", "NET-09", "NET-10", "NET-11")
SITE = frozenset({"IIS-25", "IIS-26", "IIS-27", "NET-08", "NET-09", "NET-10", "NET-11", "NET-13"})

FAULTS = [
    *_without_features(),
    _operating_system("server-2012-r2", BuildNumber="9600", Version="6.3.9600"),
    _operating_system("windows-10", ProductType=1),
    Fault("product-type-not-told", _no_product_type, frozenset(), OS_UNREAD),
    Fault("cores-not-told", _processors_not_told, frozenset(), OS_UNREAD),
    Fault("dotnet-4.6.2", _dotnet_462, frozenset({"OS-02"})),
    Fault("no-dotnet-4", _no_dotnet_4, frozenset({"OS-02"})),
    Fault("powershell-5.0", _powershell_5_0, frozenset({"OS-03"})),
    Fault("two-cores", _two_cores, frozenset({"OS-04"})),
    Fault("little-memory", _little_memory, frozenset({"OS-05"})),
    Fault("full-disk", _full_disk, frozenset({"OS-06"})),
    Fault("w3svc-stopped", _w3svc_stopped, frozenset({"IIS-24"})),
    Fault("w3svc-manual", _w3svc_manual, frozenset({"IIS-24"})),
    Fault("w3svc-missing", _w3svc_missing, frozenset({"IIS-24"})),
    Fault("no-synergy", _no_synergy, SITE),
    Fault("library-without-pages", _library_without_pages, SITE),
    Fault("pool-stopped", _pool_stopped, frozenset({"IIS-26"})),
    Fault("was-stopped", _was_stopped, frozenset({"IIS-25", "IIS-26", "NET-08"})),
    Fault("pool-with-an-umlaut-stopped", _pool_with_an_umlaut_stopped, frozenset({"IIS-26"})),
    Fault("an-old-copy-in-another-site", _old_copy("another site"), frozenset()),
    Fault(
        "an-old-copy-in-the-same-site",
        _old_copy("the same site"),
        frozenset(),
        {"IIS-26": "awaiting confirmation"},
    ),
    # It may be offered by a proxy before it: where TLS ends is asked.
    Fault("no-https", _no_https, frozenset(), dict.fromkeys(CERTIFICATES, "awaiting confirmation")),
    Fault("pool-missing", _pool_missing, frozenset({"IIS-26", "IIS-27"})),
    Fault("runtime-2", _runtime_2, frozenset({"IIS-27"})),
    Fault("runtime-2-by-default", _runtime_2_by_default, frozenset({"IIS-27"})),
    Fault("runtime-nowhere", _runtime_nowhere, frozenset({"IIS-27"})),
]
