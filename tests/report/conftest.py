"""What the report's tests share: a small report on disk, and one browser for all of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.report.hostile import ALL, HOSTILE
from tests.report.pytest_html_page import log_page_of
from tests.report.samples import results
from tests.report.write import write_report


@pytest.fixture
def make_report(tmp_path: Path) -> Callable[..., Path]:
    """Writes a small report into a new folder:
    results, a page with a place for signatures, evidence.
    """

    def make(name: str = "report", **changed: Any) -> Path:
        return write_report(tmp_path / name, results(**changed))

    return make


@pytest.fixture(scope="session")
def log_page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page as pytest-html writes it, of tests whose names and messages are hostile."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "test_it.py").write_text(
        "import pytest\n"
        f"@pytest.mark.parametrize('text', {list(HOSTILE)!r}, ids={list(HOSTILE)!r})\n"
        "def test_met(text): print(text[:2000])\n"
        f"@pytest.mark.parametrize('text', {list(HOSTILE)!r}, ids={list(HOSTILE)!r})\n"
        "def test_not_met(text): pytest.fail(text, pytrace=False)\n"
        "@pytest.fixture\n"
        "def broken(): raise ValueError('<script>window.pwned=1</script>')\n"
        "def test_error(broken): pass\n"
        "def test_skip(): pytest.skip('<b>not applicable</b>')\n",
        encoding="utf-8",
    )
    (folder / "conftest.py").write_text(
        "import pytest, pytest_html\n"
        "from pytest_metadata.plugin import metadata_key\n"
        f"BAD = {ALL[:3000]!r}\n"
        "def pytest_configure(config): config.stash[metadata_key].update({BAD: BAD, "
        "'nested': {BAD: BAD}})\n"
        "@pytest.hookimpl(wrapper=True)\n"
        "def pytest_runtest_makereport(item, call):\n"
        "    report = yield\n"
        "    if report.when == 'call':\n"
        "        kinds = pytest_html.extras\n"
        "        report.extras = [kinds.html(BAD), kinds.url('javascript:window.pwned=1', "
        "name=BAD), kinds.text(BAD, name=BAD)]\n"
        "    return report\n",
        encoding="utf-8",
    )
    return log_page_of(folder)
