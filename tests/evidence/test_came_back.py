"""A file that is none of what was meant says why, in words for who named it."""

from pathlib import Path

import pytest

from acceptance.errors import EvidenceError
from acceptance.evidence.came_back import usable
from acceptance.evidence.file import read_evidence, strict_json

CASES = {
    "it is no JSON (line 1, column 1)": (b"not json", "Ask again"),
    "it is no JSON (line 2, column 3)": (b'{"a": 1,\n  }', "Ask again"),
    "it is no text in UTF-8 (byte 0)": (b"\xff\xfe{}", "Ask again"),
    "the key 'a' stands there twice": (b'{"a": 1, "a": 2}', "Ask again"),
}


def told(path: Path) -> str:
    with pytest.raises(EvidenceError) as caught, usable(path, "an answer", "Ask again."):
        strict_json(path.read_bytes().decode("utf-8"))
    return str(caught.value)


@pytest.mark.parametrize("why", CASES)
def test_what_is_in_it(tmp_path: Path, why: str) -> None:
    data, remedy = CASES[why]
    (tmp_path / "a.json").write_bytes(data)
    said = told(tmp_path / "a.json")
    assert why in said
    assert said.endswith(f"{remedy}.")


def test_a_file_that_is_not_there_is_not_asked_for_again(tmp_path: Path) -> None:
    """A folder, too, is the mistake of who typed its name."""
    for path in (tmp_path / "nothing.json", tmp_path):
        assert told(path).endswith("Name the file that came back.")
        assert "Errno" not in told(path)
        with pytest.raises(EvidenceError, match="no evidence can be read there") as caught:
            read_evidence(path)
        assert "Errno" not in str(caught.value)
