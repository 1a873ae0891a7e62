"""The files of a report: listing them with their digests, writing them whole,
and leaving signed ones alone.
"""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

from acceptance.errors import ReportError

PAGE = "report.html"
RESULTS = "results.json"
SIGNED_PAGE = "report-signed.html"
SIGNATURES = "signatures"
VERIFY = "verify.html"
SUMS = "SHA256SUMS"


class Listing(NamedTuple):
    """Every file under a report's folder by its path with slashes;
    `odd`: what is no plain file, such as a link.
    """

    digests: dict[str, str]
    odd: list[str]


def list_report(folder: Path) -> Listing:
    """SHA-256 of every file of a report, without its signatures and the page made from them.

    Raises ReportError for a folder that is missing or cannot be read.
    """
    if not folder.is_dir():
        raise ReportError(
            f"{folder} is no folder.", "Name the folder of a report, such as reports/customer01/…."
        )
    digests, odd = {}, []
    for path in _walk(folder):
        name = path.relative_to(folder).as_posix()
        if name == SIGNED_PAGE or name.split("/")[0] == SIGNATURES:
            continue
        if path.is_symlink() or not path.is_file():
            odd.append(name)
        else:
            digests[name] = digest(read(path))
    return Listing(dict(sorted(digests.items())), sorted(odd))


def _walk(folder: Path) -> Iterator[Path]:
    """Files, and everything that is neither file nor folder; links are named, not followed."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise ReportError(f"{folder} cannot be read: {error.strerror}.") from None
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path))
        else:
            yield Path(entry.path)


def read(path: Path) -> bytes:
    """A file's bytes. Raises ReportError, which names the file."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReportError(f"{path} cannot be read: {error.strerror}.") from None


def digest(data: bytes) -> str:
    """SHA-256 in lower-case hexadecimal digits."""
    return sha256(data).hexdigest()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader, or a run that is killed, never leaves half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{token_hex(8)}.partial")
    try:
        with (
            partial.open("xb") as file
        ):  # never over or through something that is there; readable for whom the umask lets
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def is_signed(folder: Path) -> bool:
    """Whether anybody has signed the report in this folder."""
    signatures = folder / SIGNATURES
    return signatures.is_dir() and any(signatures.iterdir())


def refuse_signed(folder: Path) -> None:
    """Raise ReportError where a report is signed: it is never written again."""
    if is_signed(folder):
        raise ReportError(
            f"{folder} holds a signed report, which is never overwritten.",
            "Write into another folder; `acceptance verify` says who signed this one.",
        )
