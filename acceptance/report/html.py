"""The acceptance part of the HTML report: static markup, everything escaped by Jinja.

pytest-html puts it above its own table, and escapes nothing itself (facts-windows 5.1).
"""

from jinja2 import Environment, PackageLoader, StrictUndefined

from acceptance.findings import Kind
from acceptance.report.results import Results, scope_line, verdict_line

TO_DO = (Kind.NOT_MET, Kind.COULD_NOT_BE_CHECKED, Kind.AWAITING)


def summary_html(results: Results) -> str:
    """The report's acceptance part as one HTML fragment."""
    environment = Environment(
        loader=PackageLoader("acceptance.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(symbol=symbol, verdict_line=verdict_line, scope_line=scope_line, css_class=css_class)
    return environment.get_template("summary.html").render(
        results=results,
        kinds=[kind for kind in Kind if results.counts[kind]],
        to_do=[finding for finding in results.findings if finding.kind in TO_DO],
    )


def css_class(word: str) -> str:
    """DESIGN.md's word as a class: "not met" -> "not-met"."""
    return word.replace(" ", "-")


def symbol(kind: Kind) -> str:
    """A sign beside the word, so that colour never speaks alone."""
    return SYMBOLS[kind]


SYMBOLS = {
    Kind.NOT_MET: "✗",
    Kind.COULD_NOT_BE_CHECKED: "!",
    Kind.AWAITING: "?",
    Kind.WAIVED: "~",
    Kind.ATTESTED: "✓",
    Kind.MET: "✓",
    Kind.NOT_APPLICABLE: "–",
}
