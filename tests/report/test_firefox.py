"""The page's answers and verify.html in Debian's Firefox, from `file:`; Chromium has the rest.

Firefox is driven by its own protocol (Mozilla's marionette_driver): Playwright's is another build.
"""

import json
import os
import shutil
import socket
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from acceptance.findings.answers import read_answers
from acceptance.report.beside import verify_page
from acceptance.report.html import page_html
from acceptance.signing.verify import verify_report
from tests.report.samples import every_kind, results
from tests.report.test_verify_page import ATTACKS, attacked, signed  # noqa: F401 - a fixture
from tests.report.write import write_report

pytestmark = pytest.mark.slow
PROGRAM = shutil.which("firefox-esr") or shutil.which("firefox")
SECONDS = 60
TRIED = ("removed", "swapped", "weak", "results.json at 0.1", "respelt")


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser with a profile of its own; what it saves lies in `firefox.saved`."""
    marionette = pytest.importorskip("marionette_driver.marionette", exc_type=ImportError)
    if PROGRAM is None:
        pytest.skip("needs Firefox (apt-get install firefox-esr)")
    home = tmp_path_factory.mktemp("firefox")
    (home / "saved").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {
        "marionette.port": port,
        "browser.download.folderList": 2,
        "browser.download.dir": str(home / "saved"),
        "browser.download.useDownloadDir": True,
    }
    lines = [f"user_pref({json.dumps(key)}, {json.dumps(one)});" for key, one in settings.items()]
    (home / "user.js").write_text("\n".join(lines), encoding="utf-8")
    command = [PROGRAM, "--headless", "--marionette", "--no-remote", "--profile", str(home)]
    process = subprocess.Popen(
        command,
        env=os.environ | {"HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait(lambda: listens(port))
        driver = marionette.Marionette(host="127.0.0.1", port=port)
        driver.start_session()
        driver.saved = home / "saved"
        yield driver
        driver.delete_session()
    finally:
        process.terminate()
        process.wait(SECONDS)


def listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def wait(holds: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_the_page_takes_answers_and_saves_one_file(firefox: Any, tmp_path: Path) -> None:
    """Half filled in: what is not complete is counted, and not saved."""
    folder = write_report(tmp_path / "report", results(every_kind()))
    (folder / "report.html").write_text(page_html(results(every_kind())), encoding="utf-8")
    firefox.navigate((folder / "report.html").as_uri())
    points = firefox.execute_script(
        """
        for (const point of [...document.querySelectorAll("li.point")].slice(0, 2)) {
          point.querySelector(".answer__open").click();
          for (const field of point.querySelectorAll("form.answer input")) {
            field.value = field.type === "date" ? "2026-11-25" : "J. Jansen";
            field.dispatchEvent(new Event("input", {bubbles: true}));
          }
        }
        const first = document.querySelectorAll("li.point form.answer")[1].querySelector("input");
        first.value = "";
        first.dispatchEvent(new Event("input", {bubbles: true}));
        return document.querySelectorAll("form.answer").length;
        """
    )
    assert points == 2
    told = firefox.execute_script("return document.getElementById('answers-told').textContent")
    assert told == "1 answers; 1 not complete."
    firefox.execute_script("document.getElementById('answers-save').click()")
    wait(lambda: [one for one in firefox.saved.glob("*.json") if one.stat().st_size])
    (file,) = firefox.saved.glob("*.json")
    assert len(read_answers(file).agreements) == 1


def test_verify_says_what_acceptance_verify_says(
    firefox: Any,
    tmp_path: Path,
    signed: Path,  # noqa: F811 - the fixture
) -> None:
    (tmp_path / "verify.html").write_text(verify_page("en"), encoding="utf-8")
    firefox.navigate((tmp_path / "verify.html").as_uri())
    untouched = attacked(signed, "untouched", lambda _: None)
    tried = {"": untouched} | {
        name: attacked(signed, f"attack{number}", ATTACKS[name])
        for number, name in enumerate(TRIED)
    }
    for name, folder in tried.items():
        packed = tmp_path / f"{folder.name}.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            for path in sorted(one for one in folder.rglob("*") if one.is_file()):
                archive.write(path, f"report/{path.relative_to(folder).as_posix()}")
        firefox.execute_script("delete document.body.dataset.verdict")
        firefox.find_element("css selector", "input[accept]").send_keys(str(packed))
        wait(lambda: firefox.execute_script("return document.body.dataset.verdict || ''"))
        verdict = firefox.execute_script("return document.body.dataset.verdict")
        named = firefox.execute_script(
            "return [...document.querySelectorAll('li[data-what]')]"
            ".map(one => [one.dataset.file, one.dataset.what])"
        )
        problems = {(one.file, one.what) for one in verify_report(folder).problems}
        assert (verdict == "intact") == (not problems), name
        assert {tuple(one) for one in named} <= problems, name
        assert bool(named) == bool(problems), name
