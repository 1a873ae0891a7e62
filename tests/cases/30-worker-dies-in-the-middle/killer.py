"""The plug-in that `run.py` names: the process dies in the middle of IIS-11, once."""

import os
from pathlib import Path

import pytest


def pytest_runtest_call(item: pytest.Item) -> None:
    mark = Path(os.environ["KILL_MARK"])
    if "IIS-11" in item.nodeid and not mark.exists():
        mark.write_text(item.nodeid, encoding="utf-8")
        os._exit(1)
