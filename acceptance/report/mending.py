"""Scripts that mend what is not met, from the findings alone: `mend/<host>.ps1`, `mend/<host>.sql`.

To be reviewed and run by the server's administrator; nothing here, and nobody of us, runs them.
Each step stands under its requirement, first tells what is there now, and is passed over where
nothing is left to do; the first error ends the script. What cannot be scripted is a comment.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path

from acceptance.catalogue.remedies import powershell_literal, sql_literal
from acceptance.findings.finding import Finding, Kind, Mend
from acceptance.findings.points import area_order
from acceptance.report.files import write_whole
from acceptance.report.results import Results
from acceptance.report.texts import load_texts
from acceptance.report.translating import command_of, part_of, title_of
from acceptance.text import one_line

FOLDER = "mend"
SQL_AREAS = ("sql", "synergy", "licence")  # where prose goes that belongs to no command
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")  # what a results.json says is no path yet
Texts = Mapping[str, str]


def write_mending(folder: Path, results: Results) -> None:
    """Write the scripts of a report into its folder, and take away what is no longer one."""
    scripts = mending_scripts(results)
    place = folder / FOLDER
    for left in place.glob("*") if place.is_dir() else ():
        if left.name not in scripts:
            left.unlink()
    for name, text in scripts.items():
        place.mkdir(exist_ok=True)
        # With its mark Windows PowerShell 5.1 and SQL Server's tools read UTF-8.
        write_whole(place / name, text.replace("\n", "\r\n").encode("utf-8-sig"))


def script_names(results: Results) -> list[str]:
    """The names of the scripts that lie beside the report's page."""
    return [name for name, *_ in _parted(results)]


def mending_scripts(results: Results) -> dict[str, str]:
    """Each script by its file's name; none for a server of which nothing is not met."""
    words = load_texts(results.language)
    texts = words["mending"] | words["owner"]
    write = {".ps1": _powershell, ".sql": _sql}
    return {
        name: write[kind](results, host, findings, texts)
        for name, host, kind, findings in _parted(results)
    }


def _parted(results: Results) -> Iterator[tuple[str, str, str, list[Finding]]]:
    """Each script's name, server and kind, and what it is to mend in the order in which that is
    best done: what others depend on first, what needs a restart last.
    """
    parts: dict[tuple[str, str], list[Finding]] = {}
    for one in results.findings:
        if one.kind is Kind.NOT_MET and NAME.fullmatch(one.host):
            kind = ".sql" if _is_sql(one) else ".ps1"
            parts.setdefault((one.host, kind), []).append(one)
    for (host, kind), findings in parts.items():
        findings.sort(key=lambda one: (one.restart, area_order(one.marker), one.requirement))
        yield f"{host}{kind}", host, kind, findings


def _is_sql(finding: Finding) -> bool:
    types = {one.type for one in finding.mends}
    return "sql" in types or ("powershell" not in types and finding.marker in SQL_AREAS)


def _head(results: Results, host: str, texts: Texts, call: str) -> Iterator[str]:
    """The first lines, without the comment's sign."""
    yield texts["head"].format(
        host=host, customer=results.customer, day=f"{results.started:%Y-%m-%d %H:%M} UTC"
    )
    yield texts["review"]
    yield call


def _what(finding: Finding, language: str) -> str:
    """A requirement's title and what was found, on one line."""
    return one_line(f"{title_of(finding, language)}: {part_of(finding, 'found', language).text}")


def _by_hand(
    finding: Finding, language: str, texts: Texts, commands: Iterable[str]
) -> Iterator[str]:
    """What nobody but a person can do, without the comment's sign."""
    owner = texts.get(finding.owner, finding.owner)
    yield f"{finding.requirement}  {_what(finding, language)}"
    yield texts["by_hand"].format(owner=owner)
    for one in commands:
        yield f"    {one_line(one, 2000)}"


# --- PowerShell


def _powershell(results: Results, host: str, findings: list[Finding], texts: Texts) -> str:
    call = texts["run_powershell"].format(host=host)
    words = ("now", "nothing", "stops", "status", "not_yet", "mended")
    lines = [*(f"# {one}" for one in _head(results, host, texts, call)), "#Requires -Version 5.1"]
    lines += ["[CmdletBinding(SupportsShouldProcess)]", "param()", "Set-StrictMode -Version 2.0"]
    lines += ["$ErrorActionPreference = 'Stop'", "$words = @{"]
    lines += [f"    {one} = {powershell_literal(texts[one])}" for one in words]
    lines += ["}", "", _step_function(), ""]
    language = results.language
    lines += _features([one for one in findings if _feature(one)], language)
    for finding in findings:
        comments = []
        for mend in () if _feature(finding) else finding.mends:
            if mend.type == "powershell" and not mend.by_hand and not mend.restart:
                lines += _step(finding, mend, language)
            elif not (mend.type == "powershell" and mend.restart):
                comments.append(command_of(mend, language))
        if comments:
            lines += [f"# {one}" for one in _by_hand(finding, language, texts, comments)] + [""]
    if any(one.restart for one in findings):
        lines.append(f"Write-Host {powershell_literal(texts['restart'])}")
    return "\n".join(lines) + "\n"


def _step_function() -> str:
    file = resources.files("acceptance.report").joinpath("templates", "mend.ps1")
    return file.read_text(encoding="ascii").rstrip()


def _feature(finding: Finding) -> bool:
    return bool(finding.mends) and all(one.feature for one in finding.mends)


def _features(findings: list[Finding], language: str) -> Iterator[str]:
    """One installation of all features."""
    if not findings:
        return
    each = dict.fromkeys(one.feature for finding in findings for one in finding.mends)
    names = ", ".join(powershell_literal(one) for one in each)
    ids = ", ".join(one.requirement for one in findings)
    mend = Mend(
        type="powershell",
        command=f"Install-WindowsFeature -Name {names}",
        now=f"Get-WindowsFeature -Name {names} | "
        'ForEach-Object -Process { "$($_.Name) $($_.InstallState)" }',
        done=f"@(Get-WindowsFeature -Name {names} | "
        "Where-Object -FilterScript { $_.InstallState -ne 'Installed' }).Count -eq 0",
        stops=True,
    )
    what = ", ".join(title_of(one, language) for one in findings)
    yield from _lines_of(ids, one_line(what, 1000), mend)


def _step(finding: Finding, mend: Mend, language: str) -> Iterator[str]:
    return _lines_of(finding.requirement, _what(finding, language), mend)


def _lines_of(ids: str, what: str, mend: Mend) -> Iterator[str]:
    stops = " -Stops" if mend.stops else ""
    yield f"Invoke-Step -Id {powershell_literal(ids)} -Why {powershell_literal(what)}{stops} `"
    for name, text in (("Now", mend.now), ("Done", mend.done)):
        if text:
            yield f"    -{name} {{ {text} }} `"
    yield "    -Mend {"
    yield f"        {mend.command}"
    yield "    }"
    yield ""


# --- SQL


def _sql(results: Results, host: str, findings: list[Finding], texts: Texts) -> str:
    call = texts["run_sql"].format(host=host)
    lines = [f"-- {one}" for one in _head(results, host, texts, call)]
    lines += ["SET NOCOUNT ON;", "SET XACT_ABORT ON;", "BEGIN TRY", ""]
    lines.append(f"PRINT {sql_literal(texts['begins'])};")
    language = results.language
    for finding in findings:
        comments = []
        for mend in finding.mends:
            if mend.type == "sql" and not mend.by_hand:
                lines += _query(finding, mend, language, texts)
            else:
                use = f"USE {mend.use}; " if mend.use else ""
                comments.append(f"{use}{command_of(mend, language)}")
        if comments:
            lines += [f"-- {one}" for one in _by_hand(finding, language, texts, comments)] + [""]
    lines += ["END TRY", "BEGIN CATCH", f"    PRINT {sql_literal(texts['stopped'])};"]
    lines += ["    THROW;", "END CATCH;"]
    return "\n".join(lines) + "\n"


def _query(finding: Finding, mend: Mend, language: str, texts: Texts) -> Iterator[str]:
    what = f"{finding.requirement}  {_what(finding, language)}"
    yield f"PRINT {sql_literal(what)};"
    yield f"USE {mend.use};"
    if mend.now:
        yield mend.now
    if mend.done:
        yield f"IF {mend.done}"
        yield f"    PRINT {sql_literal(texts['nothing'])};"
        yield "ELSE"
    yield "BEGIN"
    yield f"    {mend.command}"
    yield f"    PRINT {sql_literal(texts['mended'])};"
    yield "END;"
    yield ""
