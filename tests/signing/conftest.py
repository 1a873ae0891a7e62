"""What the signatures' tests share with the report's: a small report on disk."""

from tests.report.conftest import make_report

__all__ = ["make_report"]
