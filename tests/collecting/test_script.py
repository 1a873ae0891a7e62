"""What is sent to a host, and what is made of its answer (collecting/script.py),
with and without a real PowerShell.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acceptance.backends.base import DONE, Output
from acceptance.collecting.output import ANTIVIRUS, clixml_errors, parse_output
from acceptance.collecting.script import (
    SECTIONS,
    arguments,
    collector_script,
    digest,
    section_seconds,
    stdin_payload,
)
from acceptance.errors import OutputError, UnreadError
from acceptance.evidence.windows import Read, Sections, Unread
from acceptance.hosts import reading

DOTNET = {"status": "ok", "value": {"release": 461808, "version": "4.7.03190"}, "milliseconds": 3}
ABSENT = {
    "status": "absent",
    "error": {"type": "T", "message": "m", "hresult": -1, "line": 2, "id": "i"},
    "milliseconds": 1,
}
some_sections = st.lists(st.sampled_from(SECTIONS), unique=True)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def answer(
    data: Any, before: str = "", after: str = "", stderr: bytes = b"", exit_code: int = 0
) -> Output:
    """What the bootstrap prints: lines of ASCII JSON between sentinels, here one or `sections`."""
    lines = data if isinstance(data, Lines) else [data]
    text = "".join(f"{before}@@FACT@@{json.dumps(one)}@@END@@{after}\r\n" for one in lines)
    return Output(text.encode(), stderr, exit_code)


class Lines(list[Any]):
    """Several lines of one answer."""


def sections(**values: Any) -> Lines:
    return Lines({"section": name, "answer": value} for name, value in values.items())


def fault(output: Output) -> str:
    with pytest.raises(OutputError) as caught:
        parse_output("web01", output)
    assert caught.value.host == "web01"
    assert caught.value.remedy
    return caught.value.message


# --- what is sent ---------------------------------------------------------------------------------


@given(some_sections)
def test_what_is_sent_is_ascii_with_crlf(names: list[str]) -> None:
    """Code pages of consoles differ; a lone \\n or \\r would be another line on another host."""
    payload = stdin_payload(names)
    assert payload.isascii()
    assert payload.endswith(b"\r\n")
    assert b"\n" not in payload.replace(b"\r\n", b"")
    assert b"\r" not in payload.replace(b"\r\n", b"")


@given(some_sections)
def test_the_first_line_is_the_parameters_the_rest_is_the_script(names: list[str]) -> None:
    first, script = stdin_payload(names, deadline=60).decode("ascii").split("\r\n", 1)
    assert json.loads(first) == {"sections": names, "seconds": section_seconds(60)}
    assert script == f"{collector_script(names)}\r\n"


@given(some_sections)
def test_only_the_sections_asked_for_are_sent(names: list[str]) -> None:
    """`-m iis` reads nothing that only `os` needs."""
    script = collector_script(names)
    for name in SECTIONS:
        function = f"Get-{name.capitalize()}Section"
        assert script.count(f"function {function} {{") == (name in names)
        assert script.count(f"${{function:{function}}}") == (name in names)


def test_the_digest_changes_with_the_script() -> None:
    """The evidence says what was run: other sections, another digest; the same ones, the same."""
    subsets = [SECTIONS[:count] for count in range(len(SECTIONS) + 1)]
    assert len({digest(names) for names in subsets}) == len(subsets)
    assert digest(SECTIONS) == digest(list(SECTIONS))


def test_the_digest_covers_every_character(monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest(["dotnet"])
    script = collector_script(["dotnet"]).replace("'Release'", "'Release '")
    monkeypatch.setattr("acceptance.collecting.script.collector_script", lambda _names: script)
    assert digest(["dotnet"]) != before


# --- what comes back ------------------------------------------------------------------------------


def test_sections_that_were_read_and_sections_that_were_not() -> None:
    """A section that failed has a status and an error, and no value;
    one that was not asked for is None.
    """
    read = parse_output("web01", answer(sections(dotnet=DOTNET, iis=ABSENT)))
    assert isinstance(read.dotnet, Read)
    assert read.dotnet.value.release == 461808
    assert isinstance(read.iis, Unread)
    assert (read.iis.status, read.iis.error.line) == ("absent", 2)
    assert read.os is None


@pytest.mark.parametrize(
    "noise", ["", "Windows PowerShell\r\n", "\ufeff", "@@END@@", "\x1b[0m@@", "{}"]
)
def test_text_around_the_sentinels_is_ignored(noise: str) -> None:
    """A profile, an antivirus or a banner may print before and after."""
    read = parse_output(
        "web01", answer(sections(dotnet=DOTNET), before=noise, after=noise.replace("@@END@@", ""))
    )
    assert isinstance(read.dotnet, Read)


def test_a_sentinel_inside_the_data_ends_nothing() -> None:
    value = {"release": 1, "version": "@@END@@ @@FACT@@"}
    read = parse_output("web01", answer(sections(dotnet=DOTNET | {"value": value})))
    assert isinstance(read.dotnet, Read)
    assert read.dotnet.value.version == "@@END@@ @@FACT@@"


@pytest.mark.parametrize("stdout", [b"", b"{}@@END@@", b"Access denied\r\n"])
def test_without_sentinels_the_exit_code_and_what_was_printed_are_told(stdout: bytes) -> None:
    message = fault(Output(stdout, b"", 5))
    assert "exit code 5" in message
    assert (stdout.decode().strip() or "nothing") in message


def test_without_sentinels_powershells_own_errors_are_told() -> None:
    stderr = (
        b'#< CLIXML\r\n<Objs Version="1.1.0.1"><S '
        b'S="Error">Zugriff_x000D__x000A_verweigert</S></Objs>'
    )
    assert "Zugriff verweigert" in fault(Output(b"noise", stderr, 1))


def test_the_cause_is_one_line() -> None:
    """A finding's cause is one line, whatever a host prints;
    control characters never reach a terminal.
    """
    for stdout in (b"one\r\ntwo\n\nthree", b"\x1b[31mred\x07"):
        message = fault(Output(stdout, b"", 1))
        assert message.isprintable(), message


def test_a_script_that_failed_as_a_whole_says_where_and_why() -> None:
    data = {
        "ok": False,
        "type": "System.Exception",
        "message": "out of\r\norder",
        "line": 12,
        "hresult": -1,
        "id": "x",
    }
    message = fault(answer(data, exit_code=70))
    assert "line 12: System.Exception: out of order" in message


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "text",
        {},
        {"ok": True},
        {"section": "dotnet"},
        {"answer": DOTNET},
        {"section": None, "answer": DOTNET},
        {"section": [], "answer": DOTNET},
        {"mode": "ConstrainedLanguage"},
        {"ok": False},
        {"ok": False, "message": "\ud800"},
        sections(surprise=DOTNET),
    ],
)
def test_a_wrong_shape_is_an_output_error(data: Any) -> None:
    """What is not as agreed is told, and never taken for an answer."""
    fault(answer(data))


@pytest.mark.parametrize(
    "text", ["", "{", "nope", '{"ok": NaN', "[" * 100_000, '{"a":' * 100_000, "1" * 5000]
)
def test_broken_json_is_an_output_error(text: str) -> None:
    fault(Output(f"@@FACT@@{text}@@END@@".encode(), b"", 0))


@pytest.mark.parametrize(
    "broken",
    [
        None,
        {},
        {"status": "ok"},
        {"status": "ok", "value": None, "milliseconds": 1},
        {"status": "ok", "value": {"release": 1}, "milliseconds": 1},
        {"status": "ok", "value": {"release": 1, "version": "4", "surprise": 1}, "milliseconds": 1},
        {"status": "fine", "value": {"release": 1, "version": "4"}, "milliseconds": 1},
        {"status": "error", "milliseconds": 1},
    ],
)
def test_a_section_of_the_wrong_shape_costs_no_other(broken: Any) -> None:
    """One failing section never costs another;
    a wrong shape is 'error', never a value, never 'absent'.
    """
    read = parse_output("web01", answer(sections(dotnet=broken, iis=ABSENT)))
    assert isinstance(read.iis, Unread)
    assert isinstance(read.dotnet, Unread)
    assert read.dotnet.status == "error"
    assert "not as agreed" in read.dotnet.error.message


def test_half_a_character_becomes_a_replacement() -> None:
    """A registry value may hold half of a surrogate pair, which no JSON or HTML file can."""
    value = {"release": 1, "version": "a\ud83d b \U0001f600"}
    read = parse_output("web01", answer(sections(dotnet=DOTNET | {"value": value})))
    assert isinstance(read.dotnet, Read)
    assert read.dotnet.value.version == "a\ufffd b \U0001f600"


def test_in_constrained_language_only_version_and_mode_are_known() -> None:
    """The other sections are unread, which is not absent."""
    read = parse_output(
        "web01", answer({"mode": "ConstrainedLanguage", "version": "5.1.17763.1"}, exit_code=71)
    )
    assert isinstance(read.powershell, Read)
    assert read.powershell.value.language_mode == "ConstrainedLanguage"
    others = [getattr(read, name) for name in SECTIONS if name != "powershell"]
    assert [(one.status, one.error.type) for one in others] == [("error", "LanguageMode")] * len(
        others
    )


def parsed(output: Output) -> Sections | str:
    """The sections, or the sentence that an OutputError says; any other error is a bug."""
    try:
        return parse_output("web01", output)
    except OutputError as error:
        return error.message


@given(st.binary(), st.binary(), st.integers(0, 255))
def test_any_bytes_give_sections_or_one_line(stdout: bytes, stderr: bytes, exit_code: int) -> None:
    """Whatever a server answers is hostile text."""
    for text in (stdout, b"@@FACT@@" + stdout + b"@@END@@"):
        result = parsed(Output(text, stderr, exit_code))
        assert isinstance(result, Sections) or result.isprintable()


@given(json_values)
def test_any_json_gives_sections_or_one_line(data: Any) -> None:
    """What was parsed can be written to evidence and read again: nothing is lost later."""
    for value in (
        data,
        {"section": "dotnet", "answer": data},
        {"section": data, "answer": DOTNET},
        sections(dotnet=data),
        {"ok": False, "message": data},
    ):
        result = parsed(answer(value))
        if isinstance(result, Sections):
            assert Sections.model_validate_json(result.model_dump_json()) == result
        else:
            assert result.isprintable()


# --- CLIXML on stderr -----------------------------------------------------------------------------


def clixml_escape(text: str) -> str:
    """As PowerShell writes strings: UTF-16 units outside printable ASCII as _xHHHH_,
    and `_x` itself so, too.
    """
    raw = text.encode("utf-16-le", "surrogatepass")
    units = [int.from_bytes(raw[at : at + 2], "little") for at in range(0, len(raw), 2)]
    escaped = "".join(
        chr(unit) if 32 <= unit < 127 and unit != 95 else f"_x{unit:04X}_" for unit in units
    )
    return (
        escaped.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
    )


@given(st.lists(st.text(), max_size=4))
def test_clixml_errors_are_read_back_whole(texts: list[str]) -> None:
    """Several <Objs> may follow each other; letters outside the BMP come as two escapes."""
    stderr = "#< CLIXML\r\n" + "".join(
        '<Objs Version="1.1.0.1"><S S="progress">noise</S><S '
        f'S="Error">{clixml_escape(text)}</S></Objs>'
        for text in texts
    )
    wanted = "".join(char if char.isprintable() else " " for char in "".join(texts))
    assert clixml_errors(stderr) == " ".join(wanted.split())


def test_clixml_surrogate_pairs_are_one_character() -> None:
    assert (
        clixml_errors('<Objs><S S="Error">_xD83D__xDE00_ _xD83D_</S></Objs>') == "\U0001f600 \ufffd"
    )


def test_clixml_escapes_are_decoded_once() -> None:
    """`_x005F_` is an underscore, and what follows it is text."""
    assert (
        clixml_errors('<S S="Error">_x005F_x0041_ &amp;lt; &apos;&#x41;</S>') == "_x0041_ &lt; 'A"
    )


def test_progress_is_no_error() -> None:
    """ "Preparing modules for first use" is normal noise."""
    assert (
        clixml_errors(
            '#< CLIXML\r\n<Objs><Obj S="progress"><MS><S N="x">Preparing</S></MS></Obj></Objs>'
        )
        == ""
    )


# --- with a real PowerShell -----------------------------------------------------------------------

TEXTS = [
    "Stra\u00dfe na\u00efve \u0141\u00f3d\u017a \u65e5\u672c\u8a9e \u05e9\u05dc\u05d5\u05dd",
    "\"double\" 'single' \u201ctypographic\u201d \u2018single\u2019 \u201elow\u201c `backtick`",
    "$notAVariable $(1 + 1) @splat #comment; & | > < % {0}",
    "\U0001f600 \U0001f469\u200d\U0001f4bb \U00010348",
    "one\r\ntwo\nthree\ttab \x00\x07\x1b[31m \x7f",
    "@@END@@ @@FACT@@ _x000A_ \\u0041 \\",
    "",
    "".join(map(chr, range(1, 0x500))) + "\u2028\u2029\ufeff\uffff",
]
# Each stands in for a section's own function:
# what is asked for, sent, called, caught and printed stays the real thing.
STAND_INS = """
function Get-OsSection { [CmdletBinding()] param([object] $Parameters)
    throw 'first'
}
function Get-DotnetSection { [CmdletBinding()] param([object] $Parameters)
    Get-Content -LiteralPath '/no/such/file' -Raw
}
function Get-FeaturesSection { [CmdletBinding()] param([object] $Parameters)
    throw (New-Object -TypeName UnauthorizedAccessException -ArgumentList 'no')
}
function Get-PowershellSection { [CmdletBinding()] param([object] $Parameters)
    [ordered]@{ version = 'x'; edition = $null; language_mode = 'FullLanguage'; is_64_bit = $true
        execution_policies = @(
            foreach ($text in $Parameters.texts) { @{ scope = 'x'; policy = [string]$text } }
        ) }
}
function Get-IisSection { [CmdletBinding()] param([object] $Parameters)
    throw [string]$Parameters.texts[0]
}
"""


def run(names: Sequence[str], stand_ins: str, parameters: Any, seconds: float = 60) -> Output:
    """The real payload through a real PowerShell,
    with some functions replaced just before each section is called.
    """
    _, script = stdin_payload(names).decode("ascii").split("\r\n", 1)
    call = "Invoke-Section -Section ${function:"
    script = script.replace(f"\r\n{call}", f"\n{stand_ins}".replace("\n", "\r\n") + call)
    return run_script(script, parameters, seconds)


def run_script(script: str, parameters: Any, seconds: float = 60) -> Output:
    payload = "\r\n".join([json.dumps({"seconds": seconds, **parameters}), script])
    command = [shutil.which("pwsh") or "pwsh", *arguments()]
    done = subprocess.run(
        command, input=payload.encode("ascii"), capture_output=True, timeout=60, check=False
    )
    return Output(done.stdout, done.stderr, done.returncode)


def answers(output: Output) -> dict[str, Any]:
    """The raw answer of each section."""
    lines = [json.loads(one) for one in re.findall(rb"@@FACT@@(.*)@@END@@", output.stdout)]
    return {line["section"]: line["answer"] for line in lines}


@pytest.fixture(scope="module")
def output() -> Output:
    return run(SECTIONS, STAND_INS, {"texts": TEXTS})


@pytest.fixture(scope="module")
def answered(output: Output) -> Sections:
    return parse_output("web01", output)


@pytest.mark.pwsh
def test_a_section_that_throws_costs_no_other(answered: Sections) -> None:
    """That section alone is 'error', with its line in the script that was sent;
    the others answer.
    """
    assert isinstance(answered.os, Unread)
    assert (answered.os.status, answered.os.error.message) == ("error", "first")
    script = collector_script(["os"])
    before = script[: script.rindex("Invoke-Section")].replace("#@@ os\r\n", "").count("\n")
    assert (
        answered.os.error.line
        == before + STAND_INS[: STAND_INS.index("throw 'first'")].count("\n") + 1
    )
    assert isinstance(answered.powershell, Read)


@pytest.mark.pwsh
def test_a_missing_file_is_absent_and_a_refusal_is_denied(answered: Sections) -> None:
    """By exception type: messages are in the server's language."""
    assert isinstance(answered.dotnet, Unread)
    assert answered.dotnet.status == "absent"
    assert isinstance(answered.features, Unread)
    assert answered.features.status == "denied"


@pytest.mark.pwsh
def test_every_letter_survives_the_way_there_and_back(output: Output, answered: Sections) -> None:
    """Parameters over stdin, values over stdout:
    letters, quotes, line ends, emoji, control characters.
    """
    assert output.stdout.isascii()
    assert isinstance(answered.powershell, Read)
    policies = answered.powershell.value.execution_policies or []
    assert [policy.policy for policy in policies] == TEXTS
    assert isinstance(answered.iis, Unread)
    assert answered.iis.error.message == TEXTS[0]


@pytest.mark.pwsh
def test_nothing_but_the_answer_is_printed(output: Output) -> None:
    """A line for each section, and one that says that nothing follows; warnings and progress are
    switched off, and stderr stays empty.
    """
    *lines, nothing, last = output.stdout.splitlines()
    assert (nothing, last) == (b"", b"@@DONE@@0")
    assert len(lines) == len(SECTIONS)
    assert all(line.startswith(b"@@FACT@@") for line in lines)
    assert (output.stderr, output.exit_code) == (b"", 0)


THROWN = {  # what is thrown: the status that it must give
    "throw (New-Object -TypeName UnauthorizedAccessException)": "denied",
    "throw (New-Object -TypeName Security.SecurityException)": "denied",
    "throw (New-Object -TypeName Runtime.InteropServices.COMException -ArgumentList 'x', "
    "-2147024891)": "denied",
    "throw (New-Object -TypeName IO.FileNotFoundException)": "absent",
    "throw (New-Object -TypeName IO.DirectoryNotFoundException)": "absent",
    "Get-Item -LiteralPath '/no/such'": "absent",
    "[void][IO.File]::ReadAllText('/no/such')": "absent",  # .NET's exceptions come wrapped
    "[void][Activator]::CreateInstance([IO.FileStream], @('/no/such/x', "
    "[IO.FileMode]::Open))": "absent",
    "Get-NoSuchCommand": "error",
    "$Parameters.nothing": "error",
    "[int]'x'": "error",
    "throw 'access is denied'": "error",
}


@pytest.mark.pwsh
def test_the_status_of_an_error_comes_from_its_type_and_number() -> None:
    """denied and absent are answers that a requirement may build on:
    no other error may look like them.
    """
    bodies = "\n".join(
        f"function Get-{number}Section {{ [CmdletBinding()] param([object] $Parameters) {body} }}"
        for number, body in enumerate(THROWN)
    )
    calls = "".join(
        f"\n's{number}' = (Invoke-Section -Section ${{function:Get-{number}Section}} "
        "-Parameters $Parameters).status"
        for number in range(len(THROWN))
    )
    output = run(["dotnet"], f"{bodies}\nreturn [ordered]@{{{calls}\n}}\n", {})
    found = answers(output)["dotnet"]
    assert list(zip(THROWN, found.values(), strict=True)) == list(THROWN.items())


WITHOUT_CONFIGURATION = """
$env:windir = '/no/windows'
function Get-CimInstance { param($ClassName, $Filter)
    if ($Parameters.service) { @{ Name = 'W3SVC'; State = 'x'; StartMode = 'x' } }
}
function Get-RedirectionPath { param($Folder) $Parameters.share }
$iis = ${function:Get-IisSection}
$status = { (Invoke-Section -Section $iis -Parameters $args[0]).status }
return [ordered]@{
    nothing = (& $status @{ service = $false; share = $null })
    service = (& $status @{ service = $true; share = $null })
    share = (& $status @{ service = $false; share = '/no/share' })
}
"""


@pytest.mark.pwsh
def test_iis_is_absent_only_where_nothing_of_it_is_there() -> None:
    """A configuration out of reach, on a share for instance, is unread:
    it must not become "IIS is not installed".
    """
    found = answers(run(["iis"], WITHOUT_CONFIGURATION, {}))["iis"]
    assert found == {"nothing": "absent", "service": "error", "share": "error"}


BAD_BODIES = {  # what a section does instead of reading: what its error's type must hold
    "Start-Sleep -Seconds 300": "TimeoutException",
    "(New-Object -TypeName Threading.ManualResetEvent -ArgumentList $false).WaitOne()": "Timeout",
    "while ($true) { }": "TimeoutException",
    "[Console]::Out.Write('@@FACT@@{garbage'); 'x'; 'y'": "",
    "exit 9": "InvalidOperationException",
    "[runspace]::DefaultRunspace.CloseAsync(); Start-Sleep -Seconds 300": "",
    "}}} function {": "ParseException",
}


@pytest.mark.pwsh
@pytest.mark.parametrize("body", BAD_BODIES)
def test_a_section_that_misbehaves_costs_itself_only(body: str) -> None:
    """It hangs, in PowerShell or in a native call, writes garbage, ends, or does not parse."""
    script = collector_script(["features", "dotnet", "os"])
    good = "function Get-{}Section {{ param($Parameters) @{{ here = '{}' }} }}\r\n"
    bad = f"function Get-DotnetSection {{ param($Parameters)\r\n{body}\r\n}}\r\n"
    for name in ("Features", "Os"):
        call = f"Invoke-Section -Section ${{function:Get-{name}Section}}"
        script = script.replace(call, good.format(name, name) + call)
    call = "Invoke-Section -Section ${function:Get-DotnetSection}"
    output = run_script(script.replace(call, bad + call), {}, seconds=2)
    read = parsed_raw(output)
    assert read["features"]["value"] == {"here": "Features"}
    assert read["os"]["value"] == {"here": "Os"}
    dotnet = read.get("dotnet", {"status": "error", "error": {"type": ""}})
    if dotnet["status"] == "ok":  # garbage is an answer of the wrong shape
        dotnet = parse_output("web01", answer(sections(dotnet=dotnet))).model_dump()["dotnet"]
    assert dotnet["status"] == "error"
    assert BAD_BODIES[body] in dotnet["error"]["type"]


def parsed_raw(output: Output) -> dict[str, Any]:
    """The raw answers of the lines that are whole."""
    found = {}
    for line in output.stdout.split(b"\n"):
        text = line[line.rfind(b'@@FACT@@{"section') + len("@@FACT@@") : line.rfind(b"@@END@@")]
        if line.strip() and not DONE.match(line + b"\n"):
            one = json.loads(text)
            found[one["section"]] = one["answer"]
    return found


def test_a_section_that_did_not_come_is_unread_and_costs_no_other() -> None:
    """The process ended, or the deadline passed, before it was read."""
    read = parse_output("web01", answer(sections(dotnet=DOTNET)), ["dotnet", "os"])
    assert isinstance(read.dotnet, Read)
    assert isinstance(read.os, Unread)
    assert (read.os.status, read.os.error.type) == ("error", "Missing")


def test_a_section_that_came_twice_is_no_answer() -> None:
    """Which of the two is true cannot be known."""
    twice = Lines([*sections(dotnet=DOTNET), *sections(dotnet=ABSENT)])
    dotnet = parse_output("web01", answer(twice)).dotnet
    assert isinstance(dotnet, Unread)
    assert "twice" in dotnet.error.message


@pytest.mark.pwsh
def test_a_script_that_does_not_parse_is_told() -> None:
    """Even a script of which nothing runs ends as one sentence with its line."""
    output = run_script("#@@ dotnet\r\nfunction {", {})
    read = parse_output("web01", output).dotnet
    assert isinstance(read, Unread)
    assert "ParseException" in read.error.type
    assert read.error.line


@pytest.mark.pwsh
def test_antivirus_costs_the_section_whose_text_it_refuses() -> None:
    """As AMSI does it: the engine does not compile that text, under an id of no language."""
    refuses = (
        "function Get-DotnetSection { param($Parameters)"
        " $at = $MyInvocation.MyCommand.ScriptBlock.Ast.Extent\n"
        "$one = New-Object -TypeName Management.Automation.Language.ParseError"
        f" -ArgumentList $at, '{ANTIVIRUS}', 'x'\n"
        "throw (New-Object -TypeName Management.Automation.ParseException"
        " -ArgumentList (,[Management.Automation.Language.ParseError[]]@($one))) }\n"
        "Get-DotnetSection -Parameters $null\n"
    )
    script = collector_script(["dotnet", "os"])
    call = "Invoke-Section -Section ${function:Get-DotnetSection}"
    script = script.replace(call, refuses.replace("\n", "\r\n") + call)
    call = "Invoke-Section -Section ${function:Get-OsSection}"
    output = run_script(script.replace(call, f"function Get-OsSection {{ 'here' }}\r\n{call}"), {})
    assert answers(output)["os"]["status"] == "ok"
    read = parse_output("web01", Output(output.stdout.split(b"\n")[0], b"", 0))
    assert isinstance(read.dotnet, Unread)
    assert read.dotnet.error.id == ANTIVIRUS
    with pytest.raises(UnreadError, match="Antivirus on the server refused this section's text"):
        reading.read(read.dotnet, "dotnet", "web01")


def test_antivirus_that_refuses_everything_is_no_error_of_the_suite() -> None:
    told = fault(answer({"ok": False, "id": ANTIVIRUS, "type": "T", "line": 1, "message": "m"}))
    assert "antivirus on the server refused" in told


@pytest.mark.parametrize(
    ("stderr", "words"),
    [
        (b"'powershell' is not recognized as an internal command,\r\noperable program.", "not rec"),
        (
            "Zugriff durch Gruppenrichtlinie verweigert: geändert".encode("cp850"),
            "verweigert: ge\xe4",
        ),
        ("Zugriff geändert".encode(), "Zugriff ge\xe4ndert"),
        (b'#< CLIXML\r\n<Objs><S S="progress">n</S></Objs>plain words', "said: plain words."),
    ],
)
def test_what_is_said_in_plain_text_is_told(stderr: bytes, words: str) -> None:
    """cmd.exe, group policy and antivirus know no CLIXML, and their code page is the console's."""
    assert words in fault(Output(b"", stderr, 1))


@pytest.mark.parametrize(
    ("stdout", "exit_code", "words"),
    [
        (b'@@FACT@@{"section":"dotnet","answer":{"sta', 1, "cut off in the middle"),
        (b"Only for authorised users!\r\nPress a key", 1, "said: Only for authorised users!"),
        ('@@FACT@@{"section":"dotnet","answer":"\xfc"}@@END@@\n'.encode(), 0, "did not send"),
        (b"", 9009, "has no powershell.exe"),
    ],
)
def test_what_came_instead_of_an_answer_has_a_sentence_of_its_own(
    stdout: bytes, exit_code: int, words: str
) -> None:
    assert words in fault(Output(stdout, b"", exit_code))


@pytest.mark.parametrize(
    "damaged",
    [
        b'@@FACT@@{"section":"os","an@@END@@',
        '@@FACT@@{"section":"os","answer":{"v":"\xfc"}}@@END@@'.encode(),
    ],
)
def test_a_damaged_answer_costs_its_own_section(damaged: bytes) -> None:
    """What is in it is not believed, and the others are."""
    whole = answer(sections(dotnet=DOTNET)).stdout
    read = parse_output("web01", Output(whole + damaged + b"\r\n", b"", 0), ["dotnet", "os"])
    assert isinstance(read.dotnet, Read)
    assert isinstance(read.os, Unread)
    assert "came damaged" in read.os.error.message


@pytest.mark.parametrize("deadline", [3, 60, 300, 900])
def test_a_section_has_its_part_of_the_hosts_time(deadline: float) -> None:
    """Two that hang leave the third part to the others."""
    assert 2 * section_seconds(deadline) < deadline
    assert section_seconds(deadline) >= 1


@pytest.mark.pwsh
def test_a_script_that_ends_without_an_answer_is_told() -> None:
    """As where an antivirus ends the process: its exit code is all that is left."""
    assert "is missing (exit code 9); PowerShell said: nothing" in fault(
        run(["dotnet"], "[Environment]::Exit(9)\n", {})
    )
