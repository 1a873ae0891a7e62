"""What every requirement of the catalogue has, whatever its rule."""

from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from acceptance.catalogue.remedies import INVENTORY_NAMES, check_template

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Owner = Literal["ICT administrator", "Exact partner", "customer"]
Version = Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)*$")]


RULES: dict[str, type["Base"]] = {}  # by the rule's name; filled by the classes themselves


class Base(BaseModel):
    """What every requirement has. `roles` and `phases`: where and when it holds; `only_if`: a switch of the inventory's customer.

    `remedy` is a template (acceptance/catalogue/remedies.py); `remedy_names` are the names that the rule's test fills in.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    remedy_names: ClassVar[tuple[str, ...]] = ()

    rule: str
    id: Annotated[str, StringConstraints(pattern=r"^[A-Z]+-\d\d$")]
    title: Text
    clause: Text
    roles: Annotated[tuple[Literal["web", "database"], ...], Field(min_length=1)]
    phases: Annotated[tuple[Literal["prepare", "installed"], ...], Field(min_length=1)] = (
        "prepare",
        "installed",
    )
    only_if: Literal["globe", "writes_back"] | None = None
    waivable: bool = True
    owner: Owner = "ICT administrator"  # who must mend it
    remedy: Text

    @classmethod
    def __pydantic_init_subclass__(cls, **_options: Any) -> None:
        for rule in get_args(cls.model_fields["rule"].annotation):
            RULES[rule] = cls

    @field_validator("remedy")
    @classmethod
    def _remedy_can_be_filled(cls, template: str) -> str:
        check_template(template, (*INVENTORY_NAMES, *cls.remedy_names))
        return template

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
