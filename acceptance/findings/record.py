"""What a judge says beside its outcome: what it expected and found, in words, and what mends it."""

from collections.abc import Iterable
from typing import NoReturn

from acceptance.findings.outcome import Unprovable, unanswered
from acceptance.text import NOTHING, Sentence, Value, said


class Record:
    """What a test expected and found, in words for the report; passes and failures alike."""

    def __init__(self, expected: Sentence) -> None:
        self.expected = expected
        self.what = NOTHING
        self.mending: list[tuple[str, dict[str, str]]] = []
        self.databases: frozenset[str] = frozenset()

    def found(self, template: str | Sentence, /, **values: Value) -> None:
        """`record.found("{count} of {all} tables", count=3, all=5)`, or a sentence as it is."""
        self.what = template if isinstance(template, Sentence) else said(template, **values)

    def found_each(self, sentences: Iterable[Sentence]) -> None:
        """Several things that were found, one after another."""
        each = list(sentences)
        self.what = said("{each}", each=each) if each else said("nothing")

    def expect(self, template: str, /, **values: Value) -> None:
        """What was expected, where only the test knows it."""
        self.expected = said(template, **values)

    def concerns(self, databases: list[str]) -> None:
        """Which databases the requirement is not met in: for waivers of single databases."""
        self.databases = frozenset(databases)

    def cannot_decide(self, template: str, /, **values: Value) -> NoReturn:
        """The requirement awaits confirmation, with what was found."""
        raise Unprovable(said(template, **values))

    def mend(self, cause: str = "", /, **names: str) -> None:
        """One thing to mend: its cause, of those that the rule tells apart,
        and the names in the remedy; empty ones stay open.

        Said once for each thing: two pools need two commands. Not said at all:
        the requirement's own remedy.
        """
        self.mending.append((cause, {name: value for name, value in names.items() if value}))

    def ask(self, *keys: str) -> NoReturn:
        """Only the inventory's answers to these keys decide:
        it awaits, and no attestation settles it.
        """
        raise unanswered(*keys)

    def threshold(self, name: str, value: float | None, unit: str) -> float:
        """The threshold that the inventory sets;
        without one the requirement awaits confirmation.
        """
        if value is None:
            self.cannot_decide(
                "the inventory sets no thresholds.{name}: "
                "compare the values found with Exact's own requirements",
                name=name,
            )
        text = "at least {value} {unit} (thresholds.{name})"
        self.expect(text, value=value, unit=unit, name=name)
        return value
