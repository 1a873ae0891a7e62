"""Wiring only: pytest's side of the suite lives in `fixtures/`. A module stands after those that it imports."""

pytest_plugins = [
    "acceptance.fixtures.options",
    "acceptance.fixtures.fleet",
    "acceptance.fixtures.selection",
    "acceptance.fixtures.record",
    "acceptance.fixtures.demo",
    "acceptance.fixtures.sql",
    "acceptance.fixtures.synergy",
    "acceptance.fixtures.asking",
    "acceptance.fixtures.connections",
    "acceptance.fixtures.judging",
    "acceptance.fixtures.reporting",
]
