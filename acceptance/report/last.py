"""A customer's newest evidence that is whole: what `--evidence=last` judges again."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from acceptance.errors import ReportError, UsageError
from acceptance.report.files import RESULTS
from acceptance.report.results import load_results


def last_evidence(reports: Path, customer: str, hosts: Collection[str]) -> Path:
    """The folder `evidence` of the last run that ended and asked all of these hosts.

    Raises UsageError where there is none.
    """
    ended: list[tuple[datetime, Path]] = []
    for path in (reports / customer).glob(f"*/{RESULTS}"):
        try:
            results = load_results(path.parent)
        except ReportError:
            continue
        evidence = path.parent / "evidence"
        whole = all((evidence / f"{host}.json").is_file() for host in hosts)
        if results.finished_whole and results.customer == customer and whole:
            ended.append((results.started, evidence))
    if not ended:
        raise UsageError(
            "--evidence=last: {folder} holds no run that ended and asked {hosts}.",
            "Ask the servers first: pytest --hosts={customer}.",
            folder=str(reports / customer),
            hosts=", ".join(hosts),
            customer=customer,
        )
    return max(ended)[1]
