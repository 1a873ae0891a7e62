"""The twin: the state of one simulated server, read from `twins/<name>.yaml`, shaped as Windows
shows it.

>>> twin = load_twin("server2019")
>>> twin.features["Web-Http-Logging"] = "Available"  # break one thing: exactly IIS-07 fails
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from acceptance.simulator.twinfiles import read_twin


@dataclass
class Twin:
    """One server. All names are Windows' own; a file may `extends` another one and names only what
    differs.

    `cim`: class -> instances. `registry`: key -> values ("hex:0a,0b" is binary). `files`: path ->
    text, or a program's versions. `features`: Get-WindowsFeature's name -> InstallState. `appcmd`:
    site and apppool -> name -> state. `certificates`: thumbprint -> certificate. `accounts`: LSA's
    and the directory's answers, by SID. `acls`: path -> entries. `firewall`: profiles, connected
    networks, rules. `network`: what the server reaches (simulator/internet.py). `errors`: command
    or path -> the .NET exception that it throws. `delays`: the same -> seconds that it takes.
    """

    name: str
    powershell: dict[str, Any]
    cim: dict[str, list[dict[str, Any]]]
    registry: dict[str, dict[str, Any]]
    files: dict[str, Any]
    features: dict[str, str]
    appcmd: dict[str, dict[str, str]]
    certificates: dict[str, dict[str, Any]] = field(default_factory=dict)
    accounts: dict[str, Any] = field(default_factory=dict)
    acls: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    firewall: dict[str, Any] = field(default_factory=dict)
    network: dict[str, Any] = field(default_factory=dict)
    display_names: dict[str, str] = field(default_factory=dict)
    errors: dict[str, dict[str, str]] = field(default_factory=dict)
    delays: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> str:
        """What the stand-in module reads."""
        return json.dumps(asdict(self), default=str)

    def service(self, name: str) -> dict[str, Any]:
        """The Win32_Service instance called `name`. Raises StopIteration where there is none."""
        return next(one for one in self.cim["Win32_Service"] if one["Name"] == name)


def load_twin(name: str) -> Twin:
    """The twin of `twins/<name>.yaml`. Raises FileNotFoundError, and TypeError for a key that
    is none of Twin's."""
    return Twin(name=name, **read_twin(name))
