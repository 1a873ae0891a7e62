"""Files that came back from somebody: what is none of them is refused in one line, by its reason.

>>> with usable(path, "an answer", "Ask for the file again."):
...     Answer.model_validate_json(read(path, 2**20))
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from acceptance.errors import EvidenceError, misfit, why_unread
from acceptance.text import one_line, said


@contextmanager
def usable(path: Path, what: str, remedy: str) -> Iterator[None]:
    """Raises EvidenceError where what is done inside shows that the file is not `what`."""
    try:
        yield
        return
    except RecursionError:
        reason = "it is nested too deep"
    except ValidationError as error:
        reason = ": ".join(filter(None, misfit(error)))
    except OSError as error:
        reason, remedy = why_unread(error), "Name the file that came back."
    except ValueError as error:
        reason = why_unread(error)
    raise EvidenceError(
        "{path}: not usable as {what}: {reason}.",
        remedy,
        path=str(path),
        what=said(what),
        reason=one_line(reason, 200).rstrip("."),
    )


def read(path: Path, largest: int) -> bytes:
    """The file's bytes. Raises ValueError for one that is larger, before it is read."""
    if path.stat().st_size > largest:
        raise ValueError(f"it is larger than {largest:,} bytes")
    return path.read_bytes()
