"""What .NET Framework 4.6.2 has, as Server 2016 comes: types and members, those of bases too."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROPERTY, ANY = -2, -1  # numbers of arguments in the reference data
# PowerShell's own short names (about_Type_Accelerators) that are no namespace's end.
SHORT = {
    "adsi": "System.DirectoryServices.DirectoryEntry",
    "bool": "System.Boolean",
    "byte": "System.Byte",
    "char": "System.Char",
    "cmdletbinding": "System.Management.Automation.CmdletBindingAttribute",
    "decimal": "System.Decimal",
    "double": "System.Double",
    "hashtable": "System.Collections.Hashtable",
    "initialsessionstate": "System.Management.Automation.Runspaces.InitialSessionState",
    "int": "System.Int32",
    "int16": "System.Int16",
    "int64": "System.Int64",
    "long": "System.Int64",
    "object": "System.Object",
    "ordered": "System.Collections.Specialized.OrderedDictionary",
    "powershell": "System.Management.Automation.PowerShell",
    "ref": "System.Management.Automation.PSReference",
    "regex": "System.Text.RegularExpressions.Regex",
    "runspace": "System.Management.Automation.Runspaces.Runspace",
    "runspacefactory": "System.Management.Automation.Runspaces.RunspaceFactory",
    "scriptblock": "System.Management.Automation.ScriptBlock",
    "string": "System.String",
    "switch": "System.Management.Automation.SwitchParameter",
    "type": "System.Type",
    "void": "System.Void",
    "xml": "System.Xml.XmlDocument",
}
EMITTED = "None"  # the class that a collector makes for native functions


class Framework:
    """The reference data: `types` by name in lower case."""

    def __init__(self, file: Path) -> None:
        data: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8-sig"))
        self.types = {name.casefold(): (name, one) for name, one in data.items()}
        self.instance: dict[str, set[int]] = {}
        for one in data.values():
            for member, counts in one.get("instance", {}).items():
                self.instance.setdefault(member.casefold(), set()).update(counts)

    def find(self, name: str) -> dict[str, Any] | None:
        """A type as a script writes it: `Net.Dns`, `byte[]`, `Func[string,int]`."""
        bare = re.sub(r"\[\]$", "", name)
        generic = re.match(r"([\w.]+)\[(.+)\]$", bare)
        if generic:
            bare = f"{generic[1]}`{generic[2].count(',') + 1}"
        bare = SHORT.get(bare.casefold(), bare)
        for full in (bare, f"System.{bare}", f"System.{bare}Attribute"):
            found = self.types.get(full.casefold())
            if found:
                return found[1]
        return None

    def bases(self, name: str) -> Iterator[dict[str, Any]]:
        """The type, and what it is made from."""
        found = self.find(name)
        while found is not None:
            yield found
            base = found.get("base")
            found = self.types.get(base.casefold(), (base, None))[1] if base else None

    def has_static(self, name: str, member: str, count: int) -> bool:
        """With so many arguments; PROPERTY: it is read."""
        if name.endswith("[]") and member == "new":
            return self.find(name) is not None
        wanted = ".ctor" if member == "new" else member
        return any(
            _fits(counts, count)
            for one in self.bases(name)
            for static, counts in one.get("static", {}).items()
            if static.casefold() == wanted.casefold()
        )

    def has_instance(self, member: str, count: int) -> bool:
        """Of any type: a script does not say whose a method is."""
        setter = re.match(r"set_(\w+)$", member)
        if setter:
            return PROPERTY in self.instance.get(setter[1].casefold(), ())
        return _fits(self.instance.get(member.casefold(), ()), count)


def _fits(counts: Any, count: int) -> bool:
    return count in counts or (ANY in counts and count >= 0)
