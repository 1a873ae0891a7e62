"""The collectors held against style.md's house rules and against the truth about servers,
with PowerShell's own parser.

`parse.ps1` tells what stands in a script;
a rule below is a function that gives sentences about what is wrong. What collectors may use stands
in `powershell_allowed.yaml`; `powershell_bad.yaml` has faults that the rules must catch.
A new collector is found by itself.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from acceptance.collecting.script import OWN, POWERSHELL, SECTIONS, arguments, collector_script
from tests.collecting.dotnet import EMITTED, Framework
from tests.collecting.parsing import facts_of

pytestmark = pytest.mark.pwsh

HERE = Path(__file__).parent
COLLECTORS = Path(__file__).parents[2] / "acceptance" / "collecting" / "powershell"
PATHS = {path.stem: path for path in sorted(COLLECTORS.glob("*.ps1"))}
# What the script by hand has around the collectors: it keeps the same rules.
BY_HAND = {path.stem: path for path in sorted((COLLECTORS.parent / "by_hand").glob("*.ps1"))}
ALLOWED: dict[str, Any] = yaml.safe_load(
    (HERE / "powershell_allowed.yaml").read_text(encoding="utf-8")
)
BAD: dict[str, list[Any]] = yaml.safe_load(
    (HERE / "powershell_bad.yaml").read_text(encoding="utf-8")
)
BAD_CASES = [(rule, index) for rule, faults in BAD.items() for index in range(len(faults))]

GOOD_SECTION = """# Section good: an example. Needs no rights. Source: none. Server 2016 and later.
function Get-GoodSection {{
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Parameters)
    {body}
}}
"""
GOOD_BODIES = [
    "Get-CimInstance -ClassName Win32_Service -Filter \"Name='W3SVC'\" | ForEach-Object "
    "-Process { [string]$_.State }",
    "$fact = [ordered]@{ value = $null }; $fact.value = Get-RegistryValue -Path 'HKLM:\\X' "
    "-Name 'Y'; $fact",
    "$all = @(Get-CimInstance -ClassName Win32_Processor); "
    "($all | Measure-Object -Property NumberOfCores -Sum).Sum",
    "$asked = @{ ClassName = 'Win32_Service'; Filter = 'ProcessId=0' }; "
    "@(Get-CimInstance @asked).Count",
    "foreach ($one in @(Get-CimInstance -ClassName Win32_Service)) { $one.Name }",
]

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Source:
    """A parsed script.

    `stem`: the collector's name, or `assembled` (as sent); `near`: the prelude's functions.
    """

    stem: str
    raw: bytes
    fact: dict[str, Any]
    near: Rows = field(default_factory=list)

    def rows(self, kind: str) -> Rows:
        rows: Rows = self.fact[kind]
        return rows

    @property
    def is_section(self) -> bool:
        return self.stem not in ("bootstrap", "prelude", "assembled", *BY_HAND)

    @property
    def functions(self) -> dict[str, dict[str, Any]]:
        """Functions in reach: a section is sent with the prelude only,
        so another section's are not.
        """
        return {row["name"]: row for row in [*self.near, *self.rows("functions")]}

    def allowed(self, kind: str) -> set[str]:
        """A list of powershell_allowed.yaml, with what is allowed in this script only (as sent:
        in any section).
        """
        stems = {self.stem}
        if self.stem == "assembled":
            stems = set(ALLOWED["only"]) - {"bootstrap", *BY_HAND}
        extra = [name for stem in stems for name in ALLOWED["only"].get(stem, {}).get(kind, ())]
        return {name.casefold() for name in (*ALLOWED[kind], *extra)}


class Truth:
    """What Windows PowerShell 5.1 has on Server 2016 and 2019,
    and what was documented for 2016 to 2025.
    """

    def __init__(self, folder: Path) -> None:
        def read(pattern: str) -> dict[str, Any]:
            (path,) = folder.glob(pattern)
            data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8-sig"))
            return data

        profiles = [read("server2016-*.json"), read("server2019-*.json")]
        core, merged = read("docs-powershell-5.1-core.json"), read("merged-cmdlets.json")
        self.seen = [_commands(profile) for profile in profiles]
        self.modules = {module.casefold() for profile in profiles for module in profile["modules"]}
        self.core = _commands(core)
        self.documented: dict[str, dict[str, Any]] = merged["cmdlets"]
        self.names: dict[str, str] = {name.casefold(): name for name in self.documented}
        self.common = set(merged["common"]) - {"UseTransaction", "WhatIf", "Confirm"}
        self.aliases = {
            name.casefold() for source in (*profiles, core, merged) for name in source["aliases"]
        }
        self.cim = {
            name.casefold(): one for name, one in read("cim-classes.json")["classes"].items()
        }

        self.dotnet = Framework(folder / "dotnet-framework-4.6.2.json")

    def name(self, name: str) -> str | None:
        """The command's own spelling where it exists on both servers; None otherwise."""
        spelt = self.names.get(name.casefold())
        if spelt is None:
            return None
        if all(spelt in seen for seen in self.seen):
            return spelt
        entry = self.documented[spelt]
        module_unseen = entry["m"].casefold() not in self.modules
        return spelt if module_unseen and {"2016", "2019"} <= set(entry["doc"]) else None

    def parameters(self, name: str) -> set[str]:
        """Parameters that both servers have,
        and those that providers add (known from the documentation of 5.1).
        """
        if not all(name in seen for seen in self.seen):
            return set(self.documented[name]["p"]) | self.common
        by_provider = self.core.get(name, set()) - {
            "FollowSymlink"
        }  # documented for 5.1 by mistake: PowerShell 6
        return set.intersection(*(seen[name] for seen in self.seen)) | by_provider | self.common


def _commands(source: dict[str, Any]) -> dict[str, set[str]]:
    return {
        name: set(parameters)
        for module in source["modules"].values()
        for name, parameters in module.items()
    }


def at(row: dict[str, Any], text: str) -> str:
    return f"line {row['line']}: {text}"


def named(command: dict[str, Any]) -> Rows:
    """A command's parameters with names, those of its splats included."""
    return [*command["named"], *command["splats"]]


def value_of(command: dict[str, Any], parameter: str) -> str | None:
    return next(
        (
            one["value"]
            for one in named(command)
            if (one["name"] or "").casefold() == parameter.casefold()
        ),
        None,
    )


def made(source: Source) -> Rows:
    """What New-Object makes, in the allow-lists' words: a type, and its static member `new`."""
    return [
        {"line": row["line"], "type": value_of(row, "TypeName") or "<computed>", "name": "new"}
        for row in source.rows("commands")
        if (row["name"] or "").casefold() == "new-object"
    ]


# --- rules of form --------------------------------------------------------------------------------


def parses(source: Source) -> Iterable[str]:
    return [at(row, row["message"]) for row in source.rows("errors")]


def ascii_only(source: Source) -> Iterable[str]:
    """powershell.exe 5.1 reads files without BOM as ANSI, and consoles' code pages differ."""
    return [f"byte {index} is {byte:#x}" for index, byte in enumerate(source.raw) if byte > 126]


def dotnet_exists(source: Source, truth: Truth) -> Iterator[str]:
    """Types, static members and methods are .NET Framework 4.6.2's, with as many arguments."""
    for row in [
        *source.rows("types"),
        *({"line": one["line"], "name": one["type"]} for one in made(source)),
    ]:
        if truth.dotnet.find(row["name"]) is None:
            yield at(row, f"[{row['name']}]")
    for row in source.rows("members"):
        name, count = row["name"], row["arguments"]
        if name is None or row["type"] == EMITTED:
            continue
        if row["static"] and row["type"]:
            if not truth.dotnet.has_static(row["type"], name, count):
                yield at(row, f"[{row['type']}]::{name} with {count} arguments")
        elif row["call"] and not row["static"] and not truth.dotnet.has_instance(name, count):
            yield at(row, f".{name} with {count} arguments")


NUMBER = re.compile(r"-?(\d+(\.\d+)?|0x[0-9a-f]+)(l|[kmgtp]b)?", re.IGNORECASE)


def no_newer_syntax(source: Source) -> Iterator[str]:
    """Only what PowerShell 4 and 5.1 have; PowerShell 7's parser takes more."""
    yield from (
        at(row, row["kind"]) for row in source.rows("nodes") if row["kind"] not in ALLOWED["nodes"]
    )
    yield from (
        at(row, row["text"])
        for row in source.rows("operators")
        if row["name"] not in ALLOWED["operators"]
    )
    yield from (at(row, row["of"] + "?.") for row in source.rows("members") if row["conditional"])
    yield from (at(row, "&") for row in source.rows("pipelines") if row["background"])
    # A server with PowerShell 4 is below the minimum, and still tells everything else.
    yield from (
        at(row, f"[{row['type']}]::new is PowerShell 5's: New-Object")
        for row in source.rows("members")
        if row["static"] and (row["name"] or "").casefold() == "new"
    )
    yield from (
        at(row, "??=")
        for row in source.rows("assignments")
        if row["operator"] not in ("Equals", "PlusEquals")
    )
    for row in source.rows("tokens"):
        number = row["kind"] == "Number" and not NUMBER.fullmatch(row["text"])
        escape = "String" in row["kind"] and re.search(r"`e|`u\{", row["text"])
        if number or escape or row["kind"].startswith("Question"):
            yield at(row, row["text"])


def no_backticks(source: Source) -> Iterable[str]:
    """No continued lines: a splat reads better, and a blank after a backtick breaks it."""
    return [
        at(row, "a backtick continues the line")
        for row in source.rows("tokens")
        if row["kind"] == "LineContinuation"
    ]


def header_comment(source: Source) -> Iterator[str]:
    """On top: what it reads, rights needed, source, versions."""
    head = re.match(r"(#.*\r?\n)*", source.raw.decode("ascii", "replace"))
    text = head[0] if head else ""
    if source.is_section:
        parts = (
            rf"^# Section {source.stem}: ",
            r"\bNeeds\b",
            r"\bSource: ",
            r"\bServer 20\d\d and later\b",
        )
        yield from (f"the header lacks {part}" for part in parts if not re.search(part, text))


def one_section_function(source: Source) -> Iterator[str]:
    """Section `features` = features.ps1 = Get-FeaturesSection,
    and no second section in the file.
    """
    wanted = f"Get-{source.stem.capitalize()}Section"
    sections = [row["name"] for row in source.rows("functions") if row["name"].endswith("Section")]
    if source.is_section and sections != [wanted]:
        yield f"section functions {sections}, not [{wanted}]"


def function_form(source: Source) -> Iterator[str]:
    for row in source.rows("functions"):
        if "CmdletBinding" not in row["attributes"]:
            yield at(row, f"{row['name']} has no [CmdletBinding()] param(...)")
        yield from (
            at(row, f"${one['name']} has no type") for one in row["parameters"] if not one["types"]
        )


def approved_verbs(source: Source) -> Iterator[str]:
    """An approved verb that reads, and a singular noun."""
    for row in source.rows("functions"):
        verb, _, noun = row["name"].partition("-")
        if (
            verb.casefold() not in source.allowed("verbs")
            or not noun
            or re.search(r"[^su]s$", noun)
        ):
            yield at(row, row["name"])


def strict_mode_once(source: Source) -> Iterator[str]:
    strict = [row for row in source.rows("commands") if row["name"] == "Set-StrictMode"]
    stop = [row for row in source.rows("assignments") if row["root"] == "$ErrorActionPreference"]
    if source.stem in ("prelude", "assembled"):
        if [value_of(row, "Version") for row in strict] != ["2.0"] or [
            row["value"] for row in stop
        ] != ["'Stop'"]:
            yield "the prelude sets strict mode 2.0 and 'Stop' once"
    elif source.stem != "bootstrap":
        yield from (at(row, "only the prelude sets this") for row in (*strict, *stop))


def only_the_prelude_catches(source: Source) -> Iterable[str]:
    """One failing section never costs another, and no section hides its own error."""
    allowed = {name for names in ALLOWED["catching"].values() for name in names} - {""}
    allowed |= {""} if source.stem == "bootstrap" else set()
    return [
        at(row, f"{row['in']} catches")
        for row in source.rows("catches")
        if row["in"] not in allowed
    ]


def no_empty_catch(source: Source) -> Iterable[str]:
    return [at(row, "empty catch") for row in source.rows("catches") if row["empty"]]


def errors_are_not_silenced(source: Source) -> Iterator[str]:
    """List, then look: a silenced error makes unread look like absent."""
    for command in source.rows("commands"):
        for one in named(command):
            if re.fullmatch(r"ErrorA.*|ErrorV.*|EA|EV", one["name"] or "", re.I):
                yield at(command, f"-{one['name']} {one['value']}")


def messages_are_not_matched(source: Source) -> Iterable[str]:
    """Messages are in the server's language: decide by exception type and HResult."""
    kinds = "match|like|eq|ne|contains|in"
    pattern = re.compile(rf"\.Message\b.*-(not|[ic])?({kinds})\b", re.I)
    return [at(row, row["text"]) for row in source.rows("operators") if pattern.search(row["text"])]


def named_parameters_only(source: Source) -> Iterator[str]:
    """No positional arguments to a command with a name."""
    for command in source.rows("commands"):
        if command["name"] is None or command["name"].casefold() in {
            "write-output"
        } & source.allowed("commands"):
            continue
        yield from (at(command, f"{command['name']} {text}") for text in command["bare"])
        for one in command["named"]:
            if one["name"] in ALLOWED["switches"] and one["separate"]:
                yield at(command, f"{command['name']} -{one['name']} {one['value']}")


def no_built_commands(source: Source) -> Iterator[str]:
    """No command and no script made from text; `&` calls only what is listed."""
    invoked = ALLOWED["invoked"]
    stems = invoked.values() if source.stem == "assembled" else [invoked.get(source.stem, [])]
    callable_ = {name for names in stems for name in names}
    for command in source.rows("commands"):
        if command["operator"] == "Dot" or (
            command["name"] is None and command["text"] not in callable_
        ):
            yield at(command, f"{command['operator']} {command['text']}")
        if (command["name"] or "").casefold() in ("invoke-expression", "iex"):
            yield at(command, command["name"])
    for row in source.rows("members"):
        created = (row["type"] or "").casefold() == "scriptblock" and source.stem != "bootstrap"
        if created or (row["name"] or "").casefold().startswith(
            ("invoke", "newscriptblock", "expandstring")
        ):
            yield at(row, f"{row['of']} {row['name']}")


# --- rules that prove a collector read-only -------------------------------------------------------


def external_programs_only_list(source: Source) -> Iterator[str]:
    programs: dict[str, str] = ALLOWED["programs"]
    for row in source.rows("tokens"):
        for name in (
            re.findall(r"[\w.-]+\.(?:exe|com|cmd|bat|vbs|msc)\b", row["text"], re.I)
            if row["kind"] != "Comment"
            else ()
        ):
            if name not in programs:
                yield at(row, name)
    for command in source.rows("commands"):
        if command["text"] == "$Command" and not any(
            re.fullmatch(pattern, " ".join(command["bare"])) and not named(command)
            for pattern in programs.values()
        ):
            yield at(command, f"$Command {' '.join(command['bare'])}")


def commands_are_allowed(source: Source) -> Iterator[str]:
    """By the list of what may be used, parameters included;
    own functions are held by the other rules.
    """
    lists = [ALLOWED["commands"], *(own.get("commands", {}) for own in ALLOWED["only"].values())]
    parameters = {
        name.casefold(): {one.casefold() for one in listed}
        for one_list in lists
        for name, listed in one_list.items()
    }
    for command in source.rows("commands"):
        name = command["name"]
        if name is None or name in source.functions:
            continue
        if name.casefold() not in source.allowed("commands"):
            yield at(command, name)
        for one in named(command):
            if one["name"] is None or one["name"].casefold() not in parameters.get(
                name.casefold(), ()
            ):
                yield at(command, f"{name} -{one['name']}")


def types_are_allowed(source: Source) -> Iterable[str]:
    allowed = source.allowed("types")
    return [
        at(row, f"[{name}]")
        for key, rows in (("name", source.rows("types")), ("type", made(source)))
        for row in rows
        if (name := row[key]).casefold() not in allowed
    ]


def attributes_are_allowed(source: Source) -> Iterable[str]:
    """Some attributes run code."""
    allowed = source.allowed("attributes")
    return [
        at(row, row["name"])
        for row in source.rows("attributes")
        if row["name"].casefold() not in allowed
    ]


def static_members_are_allowed(source: Source) -> Iterable[str]:
    allowed = source.allowed("static_members")
    found = [
        (row, f"{row['type']}::{row['name']}")
        for row in (*(row for row in source.rows("members") if row["static"]), *made(source))
    ]
    return [at(row, text) for row, text in found if text.casefold() not in allowed]


def methods_are_allowed(source: Source) -> Iterable[str]:
    """Calls by name from the list; a member whose name is computed could be any."""
    allowed = source.allowed("methods")
    return [
        at(row, f"{row['of']}.{row['name'] or '<computed>'}")
        for row in source.rows("members")
        if row["name"] is None
        or (row["call"] and not row["static"] and row["name"].casefold() not in allowed)
    ]


def no_redirections(source: Source) -> Iterable[str]:
    return [at(row, row["text"]) for row in source.rows("redirections")]


def only_local_assignments(source: Source) -> Iterator[str]:
    """To plain variables; to members only of hashtables that the same function made."""
    for row in source.rows("assignments"):
        variable = re.fullmatch(r"\$(\w+)", row["root"])
        if variable is None:
            yield at(row, row["root"])
        elif row["kind"] not in ("VariableExpressionAst", "ConvertExpressionAst"):
            made = [
                one
                for one in source.rows("assignments")
                if (one["root"], one["in"]) == (row["root"], row["in"])
            ]
            own = [one["literal"] for one in made if one["kind"] == "VariableExpressionAst"]
            if not own or not all(own):
                yield at(row, f"{row['root']} is not a hashtable made here")


def provider_variables_are_allowed(source: Source) -> Iterator[str]:
    for row in source.rows("variables"):
        sections = source.stem == "assembled" and re.fullmatch(
            r"function:Get-\w+Section", row["name"]
        )
        if (
            ":" in row["name"]
            and row["name"].casefold() not in source.allowed("provider_variables")
            and not sections
        ):
            yield at(row, f"${{{row['name']}}}")


# --- rules of truth: what exists on the servers ---------------------------------------------------


def real_commands(source: Source, truth: Truth) -> Iterator[tuple[dict[str, Any], str]]:
    """Commands that are neither own functions nor aliases,
    with their spelling on the servers where they exist.
    """
    for command in source.rows("commands"):
        if command["name"] and command["name"] not in source.functions:
            yield command, truth.name(command["name"]) or ""


def commands_exist(source: Source, truth: Truth) -> Iterable[str]:
    """In Windows PowerShell 5.1 on Server 2016 and on Server 2019."""
    missing = [command for command, name in real_commands(source, truth) if not name]
    return [
        at(row, row["name"]) for row in missing if not re.fullmatch(r"Get-\w+Section", row["name"])
    ]


def functions_are_in_reach(source: Source, truth: Truth) -> Iterable[str]:
    """A section is sent with the prelude only: it calls no other section's functions."""
    missing = [command for command, name in real_commands(source, truth) if not name]
    return [at(row, row["name"]) for row in missing if re.fullmatch(r"Get-\w+Section", row["name"])]


def commands_are_documented(source: Source, truth: Truth) -> Iterator[str]:
    """For Server 2022 and 2025, of which no profile exists."""
    for command, name in real_commands(source, truth):
        if name and not {"2022", "2025"} <= set(truth.documented[name]["doc"]):
            yield at(command, name)


def no_aliases(source: Source, truth: Truth) -> Iterable[str]:
    called = [row for row in source.rows("commands") if row["name"]]
    return [at(row, row["name"]) for row in called if row["name"].casefold() in truth.aliases]


def full_command_names(source: Source, truth: Truth) -> Iterator[str]:
    """In Microsoft's own spelling, so that a search finds them."""
    for command, name in real_commands(source, truth):
        if command["name"].casefold() not in truth.aliases and name != command["name"]:
            yield at(command, command["name"])


def known_parameters(command: dict[str, Any], source: Source, truth: Truth) -> set[str] | None:
    own = source.functions.get(command["name"])
    if own is not None:
        return {one["name"] for one in own["parameters"]}
    name = truth.name(command["name"] or "")
    return truth.parameters(name) if name else None


def parameters_exist(source: Source, truth: Truth) -> Iterator[str]:
    """On both servers; an own function's are those that it declares."""
    for command in source.rows("commands"):
        known = known_parameters(command, source, truth)
        for one in named(command) if known is not None else ():
            if one["name"] is None:
                yield at(
                    command, f"@{one['value']} is not one hashtable literal of the same function"
                )
            elif not _meant(one["name"], known or set(), truth.documented.get(command["name"], {})):
                yield at(command, f"{command['name']} -{one['name']}")


def full_parameter_names(source: Source, truth: Truth) -> Iterator[str]:
    for command in source.rows("commands"):
        known = known_parameters(command, source, truth)
        for one in named(command) if known is not None else ():
            meant = _meant(
                one["name"] or "", known or set(), truth.documented.get(command["name"], {})
            )
            if meant and one["name"] not in (known or ()):
                yield at(
                    command, f"{command['name']} -{one['name']}: write {', '.join(sorted(meant))}"
                )


def _meant(name: str, known: set[str], entry: dict[str, Any]) -> set[str]:
    """Parameters that PowerShell takes `name` for: itself, an alias, or an abbreviation."""
    if name in known:
        return {name}
    aliases = {
        alias: meant
        for alias, meant in entry.get("a", {}).items()
        if alias.casefold() == name.casefold()
    }
    return set(aliases.values()) | {
        one for one in known if name and one.casefold().startswith(name.casefold())
    }


def literal_path(source: Source, truth: Truth) -> Iterator[str]:
    """-Path takes wildcards: a folder named `a[1]` would be another one."""
    for command, name in real_commands(source, truth):
        if (
            name
            and "LiteralPath" in truth.parameters(name)
            and value_of(command, "Path") is not None
        ):
            yield at(command, f"{name} -Path")


def splat_from_three_parameters(source: Source, truth: Truth) -> Iterator[str]:
    """For the servers' commands; own functions and the bootstrap, which must be short,
    may name more in a line.
    """
    for command, name in real_commands(source, truth):
        if name and len(command["named"]) >= 3 and source.stem != "bootstrap":
            yield at(command, f"{name} with {len(command['named'])} parameters")


PASSED_ON = ("Where-Object", "Sort-Object")  # what comes out is what went in


def cim_reads(source: Source) -> Iterator[tuple[dict[str, Any], str, str]]:
    """(pipeline, class, property) for every property that is read of a CIM object:
    piped, filtered, or by variable.
    """
    classes: dict[tuple[str, str], str] = {}
    for pipeline in source.rows("pipelines"):
        first, *rest = pipeline["stages"]
        command = first["command"] or {"name": None, "named": [], "splats": []}
        text = (first["text"] or "").removeprefix("$")
        name = (
            value_of(command, "ClassName")
            if command["name"] == "Get-CimInstance"
            else classes.get((pipeline["in"], text))
        )
        if name is None:
            continue
        for property_ in _named_properties(command):
            yield pipeline, name, property_
        for stage in rest:
            for property_ in (*stage["command"]["piped"], *_named_properties(stage["command"])):
                yield pipeline, name, property_
            if stage["command"]["name"] not in PASSED_ON:
                break
        else:
            if pipeline["variable"]:
                classes[pipeline["in"], pipeline["variable"]] = name
    for member in source.rows("members"):
        name = classes.get((member["in"], member["of"].removeprefix("$")))
        if name is not None and member["name"] != "Count":
            yield member, name, member["name"]


def _named_properties(command: dict[str, Any]) -> list[str]:
    filtered = re.findall(
        r"(\w+)\s*(?:=|<|>|!=|\bLIKE\b|\bIS\b)", value_of(command, "Filter") or "", re.I
    )
    return filtered + re.findall(r"\w+", value_of(command, "Property") or "")


def cim_classes_exist(source: Source, truth: Truth) -> Iterator[str]:
    """Listed in the reference data, or by us; never computed, never WQL."""
    for command in source.rows("commands"):
        if command["name"] == "Get-CimInstance":
            name = value_of(command, "ClassName") or "(none)"
            if name.casefold() not in truth.cim and name not in ALLOWED["unlisted_cim_classes"]:
                yield at(command, f"class {name}")


def cim_properties_exist(source: Source, truth: Truth) -> Iterator[str]:
    for row, name, property_ in cim_reads(source):
        listed = truth.cim.get(name.casefold())
        if listed is not None and property_.casefold() not in {
            one.casefold() for one in listed["props"]
        }:
            yield at(row, f"{name}.{property_}")


HOUSE_RULES: tuple[Callable[[Source], Iterable[str]], ...] = (
    parses,
    ascii_only,
    no_newer_syntax,
    no_backticks,
    header_comment,
    one_section_function,
    function_form,
    approved_verbs,
    strict_mode_once,
    only_the_prelude_catches,
    no_empty_catch,
    errors_are_not_silenced,
    messages_are_not_matched,
    named_parameters_only,
    no_built_commands,
    external_programs_only_list,
    commands_are_allowed,
    types_are_allowed,
    attributes_are_allowed,
    static_members_are_allowed,
    methods_are_allowed,
    no_redirections,
    only_local_assignments,
    provider_variables_are_allowed,
)
TRUTH_RULES: tuple[Callable[[Source, Truth], Iterable[str]], ...] = (
    commands_exist,
    functions_are_in_reach,
    commands_are_documented,
    no_aliases,
    full_command_names,
    parameters_exist,
    full_parameter_names,
    literal_path,
    splat_from_three_parameters,
    cim_classes_exist,
    cim_properties_exist,
    dotnet_exists,
)
NAMES = [rule.__name__ for rule in (*HOUSE_RULES, *TRUTH_RULES)]
STEMS = [
    *PATHS,
    *BY_HAND,
    "assembled",
    "documented/clock",
]  # the script as sent, and the example of docs/adding/section.md


# --- the scripts, parsed once ---------------------------------------------------------------------


def bad_file(rule: str, index: int) -> bytes:
    fault = BAD[rule][index]
    text: str = fault["file"] if isinstance(fault, dict) else GOOD_SECTION.format(body=fault)
    return text.encode("utf-8")


def documented_example() -> bytes:
    page = (Path(__file__).parents[2] / "docs" / "adding" / "section.md").read_text(
        encoding="utf-8"
    )
    return page.split("```powershell\n")[1].split("```")[0].encode()


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Source]:
    """Collectors by stem, the script as sent, `good/<n>` and `<rule>/<n>`:
    all parsed by one pwsh.
    """
    folder = tmp_path_factory.mktemp("scripts")
    everything = PATHS | BY_HAND
    scripts = {f"collectors/{stem}": path.read_bytes() for stem, path in everything.items()}
    scripts["collectors/assembled"] = collector_script([*SECTIONS, OWN]).encode("ascii")
    scripts["documented/clock"] = documented_example()
    scripts |= {f"{rule}/{index}/good": bad_file(rule, index) for rule, index in BAD_CASES}
    scripts |= {
        f"good/{index}/good": GOOD_SECTION.format(body=body).encode()
        for index, body in enumerate(GOOD_BODIES)
    }
    facts = facts_of(scripts, folder)
    near = facts["collectors/prelude"]["functions"]
    parsed = {
        name: Source(Path(name).name, raw, facts[name], near) for name, raw in scripts.items()
    }
    return {
        name.removeprefix("collectors/").removesuffix("/good"): one for name, one in parsed.items()
    }


@pytest.fixture(scope="session")
def truth(shared: Path) -> Truth:
    return Truth(shared / "data" / "ps-profiles")


def broken(name: str, source: Source, request: pytest.FixtureRequest) -> list[str]:
    for rule in HOUSE_RULES:
        if rule.__name__ == name:
            return list(rule(source))
    return list(
        {rule.__name__: rule for rule in TRUTH_RULES}[name](
            source, request.getfixturevalue("truth")
        )
    )


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("rule", NAMES)
def test_collectors_keep_the_rule(
    rule: str, stem: str, sources: dict[str, Source], request: pytest.FixtureRequest
) -> None:
    """Every collector, and the whole script as it is sent, keeps every rule."""
    faults = broken(rule, sources[stem], request)
    assert not faults, f"{stem}.ps1 breaks {rule}: {'; '.join(faults)}"


@pytest.mark.parametrize(("rule", "index"), BAD_CASES)
def test_a_fault_is_caught_by_its_own_rule(
    rule: str, index: int, sources: dict[str, Source], request: pytest.FixtureRequest
) -> None:
    """A rule that could not fail would prove nothing."""
    assert broken(rule, sources[f"{rule}/{index}"], request), (
        f"{rule} does not see: {BAD[rule][index]}"
    )


@pytest.mark.parametrize("rule", NAMES)
def test_a_good_section_keeps_the_rule(
    rule: str, sources: dict[str, Source], request: pytest.FixtureRequest
) -> None:
    """The faults are caught for themselves, not for what stands around them."""
    for index in range(len(GOOD_BODIES)):
        assert not broken(rule, sources[f"good/{index}"], request), GOOD_BODIES[index]


def long_lines(text: str) -> list[int]:
    """The numbers of lines over 120 characters, which people read in a customer's console."""
    return [number for number, line in enumerate(text.splitlines(), start=1) if len(line) > 120]


def test_no_line_of_powershell_is_longer_than_120() -> None:
    """The collectors', what goes before them, the script by hand and the simulator's."""
    root = Path(__file__).parents[2]
    folders = (root / "acceptance" / "collecting", root / "simulator")
    scripts = [path for folder in folders for path in folder.rglob("*.ps*1")]
    assert {path.name for path in scripts} >= {"bootstrap.ps1", "Windows.psm1", "head.ps1"}
    found = {path.name: long_lines(path.read_text(encoding="utf-8")) for path in scripts}
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert long_lines(f"# {'x' * 118}\n# {'x' * 119}") == [2]


def test_every_rule_has_a_fault_that_it_catches() -> None:
    """The table of faults is complete."""
    assert sorted(BAD) == sorted(NAMES)


def test_every_section_has_its_collector() -> None:
    """Section `features` = features.ps1, and nothing lies in the folder that no section uses."""
    assert sorted(PATHS) == sorted([*SECTIONS, OWN, "sqlclient", "bootstrap", "prelude"])


def used(kind: str, sources: Iterable[Source]) -> set[str]:
    """What scripts use of what one of the lists allows."""
    sources = list(sources)
    new = [row for source in sources for row in made(source)]
    rows = [
        row
        for source in sources
        for row in source.rows("members" if kind in ("static_members", "methods") else kind)
    ]
    if kind == "static_members":
        rows = [row for row in rows if row["static"]]
        return {f"{row['type']}::{row['name']}".casefold() for row in (*rows, *new)}
    if kind == "types":
        return {
            name.casefold()
            for name in ([row["name"] for row in rows] + [row["type"] for row in new])
        }
    if kind == "commands":
        return {
            f"{row['name']}{name}".casefold()
            for row in rows
            for name in ("", *(f" -{one['name']}" for one in named(row)))
        }
    return {str(row["name"]).casefold() for row in rows if kind != "methods" or row["call"]}


@pytest.mark.parametrize("stem", ["all", *ALLOWED["only"]])
@pytest.mark.parametrize("kind", ["commands", "types", "static_members", "methods", "attributes"])
def test_nothing_is_allowed_that_no_collector_needs(
    kind: str, stem: str, sources: dict[str, Source]
) -> None:
    """An allow-list that grows by itself would let a later change in unseen."""
    listed = ALLOWED.get(kind, []) if stem == "all" else ALLOWED["only"][stem].get(kind, [])
    names = set(listed)
    if kind == "commands" and listed:
        names |= {f"{name} -{one}" for name, parameters in listed.items() for one in parameters}
    needed = used(kind, [sources[name] for name in (PATHS | BY_HAND if stem == "all" else [stem])])
    assert not [name for name in names if name.casefold() not in needed]


def test_the_command_line_is_short_enough_for_cmd() -> None:
    """WinRM runs commands through cmd.exe, which takes 8,191 characters;
    the quotes that a client adds are counted.
    """
    line = " ".join(
        f'"{part}"' for part in (POWERSHELL.replace("%SystemRoot%", r"C:\Windows"), *arguments())
    )
    assert len(line) < 8191 - 500


def test_the_bootstrap_reads_stdin_at_the_top_level(sources: dict[str, Source]) -> None:
    """powershell.exe reads stdin only where `$input` stands outside every script block
    and function.
    """
    assert "input" in sources["bootstrap"].fact["inputs"]
