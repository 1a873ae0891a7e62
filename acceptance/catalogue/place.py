"""Where the suite's own acceptance tests and catalogue are: in the clone and in the wheel alike."""

from importlib import resources
from pathlib import Path


def own_tests() -> Path:
    """The folder of `test_*.py` and `requirements/*.yaml`."""
    return Path(str(resources.files("acceptance.tests_infra")))
