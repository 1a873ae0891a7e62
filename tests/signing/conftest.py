"""What the signatures' tests share with the report's: a small report on disk."""

from pathlib import Path

import pytest

from tests.report.conftest import make_report
from tests.signing.samples import DECIDED, Make, sign

__all__ = ["make_report"]


@pytest.fixture
def signed(make_report: Make) -> Path:
    """A whole report, rejected with everything decided, that both parties have signed."""
    folder = make_report(whole=True, findings=DECIDED)
    sign(folder)
    sign(folder, "customer")
    return folder
