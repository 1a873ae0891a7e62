"""The examples of the documents: every fenced block and every call in a line of text, found.

>>> [block.place for block in blocks() if block.language == "sql"]
['docs/requirements/sql.md:32', 'docs/adding/sql.md:7']
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "bench/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "tests").rglob("*.md")),
]
PROGRAMS = ("pytest", "acceptance", "python", "ruff")
FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\S*)\n(?P<text>.*?)^(?P=indent)```$", re.M | re.S
)
INLINE = re.compile(rf"`((?:{'|'.join(PROGRAMS)}) [^`\n]+)`")
# What a reader fills in: `<time>`, `…`.
OPEN = re.compile(r"<[\w ]+>|…")
EVERYDAY = {  # of the machine; not ours to try
    "apprise", "apt-get", "bash", "cat", "cd", "chmod", "cmp", "cp", "crontab", "dask",
    "echo", "export",
    "find", "keyring", "ls", "mkdir", "openssl", "pip", "py", "python3", "read", "rm", "sha256sum",
    "sudo", "tail", "test", "touch",
}  # fmt: skip


@dataclass(frozen=True)
class Block:
    """A fenced block, and where it begins."""

    page: str
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def blocks() -> Iterator[Block]:
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        for found in FENCE.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            page = path.relative_to(ROOT).as_posix()
            yield Block(page, line, found["language"], found["text"])


def inline() -> Iterator[Block]:
    """Calls of our programs in backticks."""
    for path in PAGES:
        text = FENCE.sub(lambda one: "\n" * one[0].count("\n"), path.read_text(encoding="utf-8"))
        for found in INLINE.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            yield Block(path.relative_to(ROOT).as_posix(), line, "sh", found[1])


def calls(text: str) -> Iterator[list[str]]:
    """Each call of a shell's text as its words, placeholders filled in; `bin/` before it goes."""
    text = re.sub(r"<<'EOF'\n.*?^EOF$", "", text, flags=re.MULTILINE | re.DOTALL)
    text = text.replace("$(command -v sudo)", "sudo")
    text = re.sub(r'[<>]{1,2} ?("\$\w+"|[\w/]+)', " ", OPEN.sub("x", text))  # where output goes
    for line in text.splitlines():
        reader = shlex.shlex(line, posix=True, punctuation_chars="&|;<>()")
        reader.whitespace_split = True
        words: list[str] = []
        for word in [*reader, ";"]:
            if not set(word) <= set("&|;<>()"):
                words.append(word)
                continue
            if words:
                yield _called(words)
            words = []


def _called(words: list[str]) -> list[str]:
    """Without what stands before the program: `sudo`, a variable, the environment's folder."""
    while words[1:] and (words[0] == "sudo" or re.match(r"\w+=", words[0])):
        words = words[1:]
    program = words[0].replace("\\", "/")
    if re.search(r"/activate(\.ps1)?$", program.lower()) or program == ".":
        return ["."]
    return [re.sub(r"^\.venv/(bin|Scripts)/", "", program), *words[1:]]
