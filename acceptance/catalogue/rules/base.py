"""What every rule has: a name, its own parameters, and what its judge can tell."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict, StringConstraints

from acceptance.catalogue.remedies import Remedy
from acceptance.inventory.models import Thresholds

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Version = Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)*$")]


class Comparison(NamedTuple):
    """A fact of one section and what it is to be, for whoever mends it and looks at once.

    `way`: the keys that lead to it; `=W3SVC` is the one of a list whose `name` is that.
    """

    section: str
    way: tuple[str, ...]
    operator: Literal["is", "at least"]
    value: str | int


RULES: dict[str, type["Base"]] = {}  # by the rule's name; filled by the classes themselves


class Base(BaseModel):
    """What a rule takes: a requirement's keys beside those that every requirement has
    (rules/requirement.py).

    `remedy_names` are the names that the rule's test fills into a remedy, or parameters of it.
    `databases`: which of the inventory's databases its judge tells one by one, so that a waiver can
    name single ones. `asks_directory`: only the directory's own answer meets it, which a session
    without a second hop does not get. `asks_rights`: only an elevated administrator may read what
    it rests on, of a section that others may read too. `causes`: why it is not met, of what the
    rule can tell apart.
    `remedy`, and `remedies` for each cause: where those of all its requirements are the same.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    remedy_names: ClassVar[tuple[str, ...]] = ()
    causes: ClassVar[tuple[str, ...]] = ()
    remedy: ClassVar[Remedy | None] = None
    remedies: ClassVar[Mapping[str, Remedy]] = {}
    databases: ClassVar[tuple[Literal["exact", "clickker"], ...]] = ()
    asks_directory: ClassVar[bool] = False
    asks_rights: ClassVar[bool] = False

    rule: str

    @classmethod
    def __pydantic_init_subclass__(cls, **_options: Any) -> None:
        for rule in get_args(cls.model_fields["rule"].annotation):
            RULES[rule] = cls

    @property
    def named(self) -> dict[str, str]:
        """The parameters that a remedy names."""
        own = (name for name in self.remedy_names if name in type(self).model_fields)
        return {name: str(getattr(self, name)) for name in own}

    def comparisons(self, _agreed: Thresholds) -> tuple[Comparison, ...]:
        """What decides, where that is nothing but facts beside values: all of them hold where the
        rule's test passes, and it passes where all of them hold. () for every other rule.
        """
        return ()
