"""Properties of what reads and shows foreign text:
envelopes, statements, the visible text, the page's escaping.
"""

import json
import string
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from acceptance.report.templating import environment
from acceptance.signing.dsse import Envelope, EnvelopeError, dump, load
from acceptance.signing.sign_off import read_signature
from acceptance.signing.statement import load_statement
from acceptance.text import LONGEST, one_line, visible

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
LIKE = st.fixed_dictionaries(
    {
        "payload": JSON,
        "payloadType": JSON | st.just("application/vnd.in-toto+json"),
        "signatures": JSON
        | st.lists(st.fixed_dictionaries({"keyid": JSON, "sig": JSON}), max_size=2),
    }
)


@given(st.binary() | LIKE.map(lambda content: json.dumps(content).encode()))
def test_what_is_no_signature_is_refused_and_never_crashes(data: bytes) -> None:
    """Any bytes, and JSON that looks like an envelope."""
    try:
        read_signature(data, "signatures/supplier.dsse.json")
    except EnvelopeError:
        return
    raise AssertionError("nothing that was not signed verifies")


@given(st.binary(), st.text(string.printable), st.binary(min_size=64, max_size=64))
def test_an_envelope_reads_back_as_it_was_written(
    payload: bytes, keyid: str, signature: bytes
) -> None:
    """One spelling for each envelope, one envelope for each spelling."""
    envelope = Envelope(payload, keyid, signature)
    assert load(dump(envelope)) == envelope


@given(st.binary() | JSON.map(lambda content: json.dumps(content).encode()))
def test_what_is_no_statement_is_refused_and_never_crashes(payload: bytes) -> None:
    """A valid signature over anything else is no sign-off."""
    try:
        load_statement(payload)
    except EnvelopeError:
        return
    raise AssertionError("only a statement is a statement")


@given(st.text(st.characters(exclude_categories=())))
def test_visible_text_can_always_be_written_and_read(text: str) -> None:
    """UTF-8, nothing unseen, bounded, in one line where it must be."""
    shown = visible(text)
    shown.encode("utf-8")
    assert visible(shown, LONGEST * 12) == shown
    assert "\n" not in one_line(text)


@given(st.text(st.characters(exclude_categories=())))
def test_a_template_escapes_whatever_it_prints(text: str) -> None:
    """In text and in an attribute."""
    page = environment().from_string('<p title="{{ value }}">{{ value }}</p>').render(value=text)
    inside = page.removeprefix('<p title="').removesuffix("</p>")
    assert "<" not in inside
    title, _, shown = inside.partition('">')
    assert unescape(title) == unescape(shown) == visible(text)
