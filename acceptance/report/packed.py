"""A report as one file: its zip, taken as its folder is.

Only what every reader of zips understands alike is taken:
each name once, below the archive, stored or deflated.
"""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from acceptance.errors import ReportError, why_unread
from acceptance.report.files import PAGE, RESULTS, write_whole

MOST_BYTES = 500_000_000
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1


@contextmanager
def as_folder(report: Path) -> Iterator[Path]:
    """The folder of a report, unpacked for as long as it is needed where `report` is a zip.

    Raises ReportError for a zip that is damaged or odd, and for one that holds no report.
    """
    if report.is_dir() or not report.is_file():
        yield report
        return
    if report.suffix == ".html":
        raise ReportError(
            "{report} is a page alone: what was signed, and the signatures, lie beside it.",
            "Ask for the whole folder or its zip: {page}, {results}, evidence/ and signatures/.",
            report=str(report),
            page=PAGE,
            results=RESULTS,
        )
    with tempfile.TemporaryDirectory(prefix="acceptance-zip-") as scratch:
        folder = Path(scratch)
        try:
            with zipfile.ZipFile(report) as archive:
                _unpack(archive, folder, report)
        except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, EOFError, ValueError) as error:
            raise _refused(report, _why(error)) from None
        try:
            yield _root(folder, report)
        except ReportError as error:  # the reader named the zip, and knows no other place
            told = str(error.problem).replace(str(folder), str(report))
            raise ReportError("{told}", error.mend, told=told) from None


def pack_again(report: Path, folder: Path) -> None:
    """Write the zip `report` anew from `folder`, what `as_folder` gave; a folder is left alone."""
    if report.is_dir():
        return
    with zipfile.ZipFile(report) as archive:
        names = archive.namelist()
    root = min((Path(name).parent for name in names if _is_report(name)), key=_depth)
    with tempfile.TemporaryDirectory(prefix="acceptance-zip-") as scratch:
        made = Path(scratch) / "report.zip"
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(one for one in folder.rglob("*") if one.is_file()):
                archive.write(path, (root / path.relative_to(folder)).as_posix())
        write_whole(report, made.read_bytes())


def _unpack(archive: zipfile.ZipFile, folder: Path, report: Path) -> None:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len({name.casefold() for name in names}) < len(names):
        raise _refused(report, "a name stands in it twice")
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise _refused(report, f"it holds more than {MOST_BYTES} bytes")
    for entry in entries:
        path = PurePosixPath(entry.filename)
        outside = path.is_absolute() or ".." in path.parts or ":" in entry.filename
        if outside or "\\" in entry.filename or entry.flag_bits & ENCRYPTED:
            raise _refused(report, "a name in it leads elsewhere, or it is encrypted")
        if entry.compress_type not in METHODS or entry.orig_filename != entry.filename:
            raise _refused(report, "it is packed in a way that not every reader knows")
        target = folder / path
        if entry.is_dir():
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as source, target.open("xb") as file:
            shutil.copyfileobj(source, file)


def _root(folder: Path, report: Path) -> Path:
    """The report's folder: a zip holds it, or what is in it."""
    found = [one for one in folder.rglob("*") if _is_report(one.name) and one.is_file()]
    if not found:
        raise ReportError(
            "{report} holds no report: neither {page} nor {results} is in it.",
            "Name the zip of one report's folder.",
            report=str(report),
            page=PAGE,
            results=RESULTS,
        )
    return min((one.parent for one in found), key=_depth)


def _is_report(name: str) -> bool:
    return PurePosixPath(name).name in (PAGE, RESULTS)


def _depth(path: Path) -> int:
    return len(path.parts)


def _why(error: Exception) -> str:
    if isinstance(error, zipfile.BadZipFile | EOFError):
        return "it is none, or was cut off"
    return why_unread(error) if isinstance(error, OSError | ValueError) else "it is too large"


def _refused(report: Path, why: str) -> ReportError:
    return ReportError(
        "{report} is no zip that can be taken: {why}.",
        "Zip the report's folder again, with any usual program.",
        report=str(report),
        why=why,
    )
