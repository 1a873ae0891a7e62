"""What every requirement of the catalogue has, whatever its rule."""

from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from acceptance.catalogue.remedies import INVENTORY_NAMES, Mends, Remedy, check_template

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Owner = Literal["ICT administrator", "Exact partner", "supplier", "customer"]
Weight = Literal["required", "hint", "coming"]
Version = Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)*$")]


RULES: dict[str, type["Base"]] = {}  # by the rule's name; filled by the classes themselves


class Base(BaseModel):
    """What every requirement has. `roles` and `phases`: where and when it holds;
    `only_if`: a switch of the inventory's customer.

    `clause`: the words of the document that it stands for; a hint stands for none.
    `reading`: how a sentence that leaves room is understood. `weight`: a `hint` is tested and
    shown, and counts only where the inventory says so. `from` (`since`): the day from which it
    counts; before it, what is open is coming. `replaces`: the id whose history it goes on with.
    `remedy` is made of templates (acceptance/catalogue/remedies.py); `remedy_names` are the names
    that the rule's test fills in, or parameters of the rule. `asks_directory`: only the
    directory's own answer meets it, which a session without a second hop does not get. `causes`:
    why it is not met, of what the rule can tell apart; `remedies` has one for each, which stands in
    for `remedy`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    remedy_names: ClassVar[tuple[str, ...]] = ()
    causes: ClassVar[tuple[str, ...]] = ()
    asks_directory: ClassVar[bool] = False

    rule: str
    id: Annotated[str, StringConstraints(pattern=r"^[A-Z]+-\d\d$")]
    title: Text
    clause: str = ""
    reading: str = ""
    weight: Weight = "required"
    since: date | None = Field(None, alias="from")
    replaces: str = ""
    roles: Annotated[tuple[Literal["web", "database"], ...], Field(min_length=1)]
    phases: Annotated[tuple[Literal["prepare", "installed"], ...], Field(min_length=1)] = (
        "prepare",
        "installed",
    )
    only_if: Literal["globe", "writes_back"] | None = None
    waivable: bool = True
    owner: Owner = "ICT administrator"  # who must mend it
    remedy: Mends
    remedies: dict[str, Mends] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **_options: Any) -> None:
        for rule in get_args(cls.model_fields["rule"].annotation):
            RULES[rule] = cls

    @model_validator(mode="after")
    def _every_cause_has_its_remedy(self) -> Self:
        if set(self.remedies) != set(self.causes):
            causes = ", ".join(self.causes) or "none"
            raise ValueError(f"remedies names one for each cause of {self.rule}: {causes}")
        for remedy in (self.remedy, *self.remedies.values()):
            for template in remedy.templates():
                check_template(template, (*INVENTORY_NAMES, *self.remedy_names))
        return self

    @model_validator(mode="after")
    def _stands_for_words_of_the_document(self) -> Self:
        if self.weight == "required" and not self.clause:
            raise ValueError("clause names the document's words; only a hint stands for none")
        if self.weight == "coming":
            raise ValueError("weight is required or hint; what is coming has the key from: DATE")
        return self

    def remedy_for(self, cause: str) -> Remedy:
        """What mends `cause`; "" is a requirement that is not met for any other reason."""
        return self.remedies[cause] if cause else self.remedy

    @property
    def own_names(self) -> dict[str, str]:
        """The rule's parameters that its remedies name."""
        named = (name for name in self.remedy_names if name in type(self).model_fields)
        return {name: str(getattr(self, name)) for name in named}

    @property
    def marker(self) -> str:
        """The marker of the catalogue file that holds this requirement."""
        return PREFIXES[self.id.split("-")[0]]


PREFIXES = {
    "OS": "os",
    "IIS": "iis",
    "SQL": "sql",
    "NET": "network",
    "SYN": "synergy",
    "LIC": "licence",
}
