"""What lies beside a report so that it can be checked with nothing installed:
`verify.html` and `SHA256SUMS`.
"""

from pathlib import Path

from acceptance.report.files import SUMS, VERIFY, list_report, write_whole
from acceptance.report.html import policy_of
from acceptance.report.templating import environment
from acceptance.report.texts import load_texts


def write_beside(folder: Path, language: str) -> None:
    """Write both, the sums last; `sha256sum --check SHA256SUMS` and `Get-FileHash` read them."""
    write_whole(folder / VERIFY, verify_page(language).encode("utf-8"))
    write_whole(folder / SUMS, sums(folder).encode("utf-8"))


def sums(folder: Path) -> str:
    """A line for each file of the report but this one, by name."""
    listed = list_report(folder).digests.items()
    return "".join(f"{value}  {name}\n" for name, value in listed if name != SUMS)


def verify_page(language: str) -> str:
    """A page that checks every digest and signature of a report in the browser,
    and fetches nothing.
    """
    render = environment().get_template
    policy = policy_of(render("verify.css").render(), render("verify.js").render())
    texts = load_texts(language)["verify"]
    return render("verify.html").render(language=language, policy=policy, t=texts)
