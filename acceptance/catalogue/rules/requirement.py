"""What every requirement of the catalogue has, whatever its rule."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    model_validator,
)

from acceptance.catalogue.remedies import INVENTORY_NAMES, Mends, Remedy, check_template
from acceptance.catalogue.rules.base import RULES, Base, Text

Owner = Literal["ICT administrator", "Exact partner", "supplier", "customer"]
Weight = Literal["required", "hint", "coming"]
PREFIXES = {
    "OS": "os",
    "IIS": "iis",
    "SQL": "sql",
    "NET": "network",
    "SYN": "synergy",
    "LIC": "licence",
}


class Requirement(BaseModel):
    """What every requirement has; what only its rule takes, stands in `parameters`.

    `roles` and `phases`: where and when it holds; `only_if`: a switch of the inventory's customer.
    `clause`: the words of the document that it stands for; a hint stands for none.
    `reading`: how a sentence that leaves room is understood. `weight`: a `hint` is tested and
    shown, and counts only where the inventory says so. `from` (`since`): the day from which it
    counts; before it, what is open is coming. `replaces`: the id whose history it goes on with.
    `remedy` is made of templates (acceptance/catalogue/remedies.py); where the rule can tell causes
    apart, `remedies` has one for each, which stands in for it; without, the rule's own do.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

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
    remedy: Mends | None = None
    remedies: dict[str, Mends] = {}
    _parameters: Base = PrivateAttr()

    @classmethod
    def of_entry(cls, entry: Mapping[str, Any]) -> Self:
        """From an entry of the catalogue, in which both parts stand side by side.

        Raises ValidationError; KeyError where `rule` is none. Two models, and the big one is the
        same for all rules: to make one of each rule costs a run more than to read the catalogue.
        """
        rule = RULES[entry["rule"]]
        taken = rule.model_fields.keys()
        rest = {key: value for key, value in entry.items() if key == "rule" or key not in taken}
        made = cls.model_validate(rest)
        own = {key: value for key, value in entry.items() if key in taken}
        made._parameters = rule.model_validate(own)
        return made

    @property
    def parameters(self) -> Base:
        """An object of the rule's class."""
        return self._parameters

    @model_validator(mode="after")
    def _everything_has_its_remedy(self) -> Self:
        rule = RULES[self.rule]
        if self.remedy is None and rule.remedy is None:
            raise ValueError("remedy is missing: what mends it, for whoever reads the report")
        if set(self.by_cause) != set(rule.causes):
            causes = ", ".join(rule.causes) or "none"
            raise ValueError(f"remedies names one for each cause of {self.rule}: {causes}")
        for remedy in (self.remedy_for(""), *self.by_cause.values()):
            for template in remedy.templates():
                check_template(template, (*INVENTORY_NAMES, *rule.remedy_names))
        return self

    @model_validator(mode="after")
    def _stands_for_words_of_the_document(self) -> Self:
        if self.weight == "required" and not self.clause:
            raise ValueError("clause names the document's words; only a hint stands for none")
        if self.weight == "coming":
            raise ValueError("weight is required or hint; what is coming has the key from: DATE")
        return self

    def definition(self) -> str:
        """As its entry defines it, as JSON: what an entry leaves out is left out here."""
        every = self.model_dump_json(exclude_defaults=True)
        own = self.parameters.model_dump_json(exclude={"rule"}, exclude_defaults=True)
        return every if own == "{}" else f"{every[:-1]},{own[1:]}"

    @property
    def by_cause(self) -> Mapping[str, Remedy]:
        """A remedy for each cause."""
        return self.remedies or RULES[self.rule].remedies

    def remedy_for(self, cause: str) -> Remedy:
        """What mends `cause`; "" is a requirement that is not met for any other reason."""
        if cause:
            return self.by_cause[cause]
        remedy = self.remedy or RULES[self.rule].remedy
        assert remedy is not None, "held when the catalogue was read"
        return remedy

    @property
    def marker(self) -> str:
        """The marker of the catalogue file that holds this requirement."""
        return PREFIXES[self.id.split("-")[0]]
