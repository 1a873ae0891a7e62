"""Time and size of a report with 60, 2,000 and 10,000 findings:
`python bench/report_sizes.py` (needs Chromium).

5 % not met, on as many servers as it takes.
The technical log is pytest-html's page of that many tests.
"""

import gzip
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from acceptance.findings.finding import Kind
from acceptance.report.files import write_whole
from acceptance.report.pdf import find_browser, print_pdf
from acceptance.report.results import Results, write_results
from acceptance.signing.sign import sign_report
from acceptance.signing.verify import verify_report
from tests.report.pytest_html_page import ROWS, log_page_of, with_results
from tests.report.samples import evidence, finding, results

SIZES = (60, 2_000, 10_000)
Value = TypeVar("Value")


def timed(work: Callable[[], Value]) -> tuple[Value, float]:
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def built(number: int) -> Results:
    """`number` findings: 50 requirements on each server, every twentieth not met."""
    findings = [
        finding(
            one % 50 + 1, Kind.NOT_MET if one % 20 == 0 else Kind.MET, host=f"web{one // 50:03}"
        )
        for one in range(number)
    ]
    return results(findings)


def log_page(folder: Path) -> str:
    """pytest-html's page of a real run; of many tests it lists none that is settled."""
    (folder / "test_it.py").write_text("def test_met(): pass\n", encoding="utf-8")
    return log_page_of(folder, ROWS)


def shown_after(page: Path) -> tuple[float, float]:
    """Seconds until Chromium has loaded the page, and until a filter has been applied."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        tab = browser.new_page()
        _, loaded = timed(lambda: tab.goto(page.as_uri()))
        script = (
            "() => { const box = document.querySelector('input[name=kind][value=met]'); "
            "const t = performance.now(); box.click(); document.body.offsetHeight; "
            "return performance.now() - t; }"
        )
        filtered = tab.evaluate(script) / 1000
        browser.close()
    return loaded, filtered


def measure(number: int, scratch: Path) -> list[str]:
    folder = scratch / f"report{number}"
    (folder / "evidence").mkdir(parents=True)
    (folder / "evidence" / "web01.json").write_text(evidence().model_dump_json(), encoding="utf-8")
    raw = log_page(scratch)
    found = built(number)
    page, writing = timed(lambda: with_results(raw, found))
    write_whole(folder / "report.html", page.encode())
    write_results(found, folder)
    loaded, filtered = shown_after(folder / "report.html")
    key = Ed25519PrivateKey.generate()
    _, signing = timed(
        lambda: sign_report(
            folder, key, party="supplier", name="n", role="r", now=datetime.now(UTC)
        )
    )
    verified, verifying = timed(lambda: verify_report(folder))
    assert verified.intact
    made, printing = timed(lambda: print_pdf(folder, scratch / f"{number}.pdf"))
    size, packed = len(page.encode()), len(gzip.compress(page.encode()))
    return [
        f"{number:,}",
        f"{writing:.2f} s",
        f"{size / 1e6:.2f} MB",
        f"{packed / 1e6:.2f} MB",
        f"{(folder / 'results.json').stat().st_size / 1e6:.2f} MB",
        f"{loaded:.2f} s",
        f"{filtered:.2f} s",
        f"{signing:.2f} s",
        f"{verifying:.2f} s",
        f"{printing:.1f} s, {made.stat().st_size / 1e6:.1f} MB",
    ]


def main() -> None:
    heads = [
        "findings",
        "page made",
        "report.html",
        "gzip",
        "results.json",
        "page shown",
        "filter",
        "signed",
        "verified",
        "PDF",
    ]
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    with tempfile.TemporaryDirectory() as scratch:
        for number in map(int, sys.argv[1:] or SIZES):
            print(f"| {' | '.join(measure(number, Path(scratch)))} |", flush=True)


if __name__ == "__main__":
    main()
