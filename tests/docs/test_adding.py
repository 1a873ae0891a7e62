"""The pages of docs/adding/, walked in a copy of the repository by their own words.

A place is a numbered line, "N. `file`, where", with the block below it;
then the page's commands run.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "adding"
PROMISED = {"requirement": 1, "rule": 3, "section": 4, "sql": 3}  # a rule, and a requirement of it
WORDS = {"One place": 1, "Two places": 2, "Three places": 3, "Four places": 4}
PLACE = re.compile(
    r"^\d\. `(?P<file>[^`]+)`, (?P<where>(?:.+\n)+?)\n(?P<blocks>(?:```\w+\n(?:.*\n)*?```\n)+)",
    re.MULTILINE,
)
LONGEST = 900  # seconds for a command
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WAY = re.compile(r"at its end|a new file|above class `(\w+)`|in class `(\w+)`|below `([^`]+)`")


@dataclass
class Copy:
    """A copy of the repository with an environment of its own, under git, to count what changes."""

    folder: Path

    def run(self, command: str) -> tuple[int, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYT")}
        path = f"{self.folder / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-c", command],
            timeout=LONGEST,
            cwd=self.folder,
            env=kept | {"PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def must(self, command: str) -> str:
        status, said = self.run(command)
        assert status == 0, f"{command}: {said[-4000:]}"
        return said

    def edited(self) -> list[str]:
        """The files that differ from the last commit."""
        said = self.must("git status --porcelain --untracked-files=all")
        return sorted(line[3:] for line in said.splitlines())


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    place = tmp_path_factory.mktemp("adding")
    made = Copy(place / "copy")
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, tracked.stdout.split("\0")):
        if (ROOT / name).is_file():
            (made.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, made.folder / name)
    shared = ROOT.parent / "shared"
    if shared.is_dir():
        (place / "shared").symlink_to(shared)
    made.must(f"{sys.executable} -m venv --without-pip .venv")
    [packages] = (made.folder / ".venv" / "lib").glob("python*/site-packages")
    outer = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "outer.pth").write_text("\n".join(outer), encoding="utf-8")
    made.must(f"{sys.executable} -m uv pip install -q --python .venv/bin/python --no-deps -e .")
    programs = made.folder / ".venv" / "bin"
    (programs / "pytest").write_text(
        '#!/bin/sh\nexec "$(dirname "$0")/python" -m pytest "$@"\n', encoding="ascii"
    )
    (programs / "pytest").chmod(0o755)
    ruff = shutil.which("ruff", path=f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}")
    assert ruff is not None, "ruff is installed with the development packages"
    (programs / "ruff").symlink_to(ruff)
    made.must("git init -q && git config user.email a@b.c && git config user.name a")
    made.must("git add -A && git commit -qm before")
    return made


@pytest.mark.slow
@pytest.mark.pwsh
@pytest.mark.parametrize("page", PROMISED)
def test_a_page_is_walked_as_it_stands(copy: Copy, page: str) -> None:
    """By hand only the promised places are edited; then each command of the page succeeds."""
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    started = time.monotonic()
    places = list(PLACE.finditer(text))
    for place in places:
        edit(copy.folder / place["file"], place["where"], place["blocks"])
    assert copy.edited() == sorted({place["file"] for place in places})
    assert len(copy.edited()) == PROMISED[page]
    [commands] = [block for language, block in BLOCK.findall(text) if language == "sh"]
    for command in commands.splitlines():
        status, said = copy.run(command)
        demo = "--hosts=demo" in command  # it ends with 1: it has faults
        assert status in ((0, 1) if demo else (0,)), f"{command}: {said[-4000:]}"
        assert "INTERNALERROR" not in said
        assert not demo or re.search(r"^Verdict: rejected", said, re.MULTILINE)
    print(f"{page}: {len(copy.edited())} files changed, {time.monotonic() - started:.0f} s")
    copy.must("git add -A && git commit -qm walked")


@pytest.mark.parametrize("page", PROMISED)
def test_a_page_promises_the_places_that_it_lists(page: str) -> None:
    """Counted as they stand there, a rule's with its first requirement."""
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    [said] = [
        number
        for words, number in WORDS.items()
        if f"**{words}**" in text or f"**{words}.**" in text
    ]
    listed = {place["file"] for place in PLACE.finditer(text)}
    assert len(listed) == PROMISED[page] == said + (page == "rule")


def edit(path: Path, where: str, blocks: str) -> None:
    """Each block in its way: the ways stand in the place's words, in the blocks' order."""
    ways = list(WAY.finditer(where))
    each = [block for _, block in BLOCK.findall(blocks)]
    assert len(ways) == len(each), f"{path}: {where}"
    for way, block in zip(ways, each, strict=True):
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if path.suffix == ".py":
            above, block = imports_of(block)
            text = below_docstring(text, above)
        path.write_text(put(text, way, block), encoding="utf-8")


def put(text: str, way: re.Match[str], block: str) -> str:
    above, inside, below = way.groups()
    lines = text.splitlines(keepends=True)
    if above:
        at = class_named(text, above).lineno - 1
        lines[at:at] = [block, "\n\n"]
    elif inside:
        made = class_named(text, inside)
        fields = [one for one in made.body if isinstance(one, ast.AnnAssign)]
        is_field = re.match(r"\w+:", block)
        last = fields[-1] if is_field else made.body[-1]
        lines[last.end_lineno or 0 : last.end_lineno or 0] = [
            "" if is_field else "\n",
            *(f"    {line}" if line.strip() else line for line in block.splitlines(keepends=True)),
        ]
    elif below:
        at = next(number for number, line in enumerate(lines) if line.strip() == below) + 1
        indent = "    " if below == "SELECT" else "  "
        lines[at:at] = [f"{indent}{line}" for line in block.splitlines(keepends=True)]
    else:
        lines += ["\n", block] if lines else [block]
    return "".join(lines)


def class_named(text: str, name: str) -> ast.ClassDef:
    classes = [one for one in ast.parse(text).body if isinstance(one, ast.ClassDef)]
    return next(one for one in classes if one.name == name)


def imports_of(block: str) -> tuple[str, str]:
    """The imports with which a block begins, and the rest of it."""
    found = re.match(r"((?:from .+\n|import .+\n)*)\s*", block)
    assert found is not None
    return found[1], block[found.end() :]


def below_docstring(text: str, imports: str) -> str:
    """Where the other imports are: ruff, which the page runs, sorts them."""
    first = next(
        one for one in ast.parse(text).body if isinstance(one, (ast.Import, ast.ImportFrom))
    )
    lines = text.splitlines(keepends=True)
    return "".join([*lines[: first.lineno - 1], imports, *lines[first.lineno - 1 :]])
