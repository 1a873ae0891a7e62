"""What a requirement can say: a class per rule, in a module per marker;
the class registers itself by its rule's name.

Others use `Requirement` (what every one has, and the object of its rule) and `RULES`
(rule -> class); a judge names the class of its rule.
"""

from acceptance.catalogue.rules import iis, licence, network, os, sql, synergy
from acceptance.catalogue.rules.base import RULES
from acceptance.catalogue.rules.requirement import PREFIXES, Requirement

__all__ = [
    "PREFIXES",
    "RULES",
    "Requirement",
    "iis",
    "licence",
    "network",
    "os",
    "sql",
    "synergy",
]
