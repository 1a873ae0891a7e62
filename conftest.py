"""Wiring only: pytest's side of the suite lives in `fixtures/`. A module stands after those that it imports."""

pytest_plugins = [
    "fixtures.options",
    "fixtures.selection",
    "fixtures.record",
    "fixtures.demo",
    "fixtures.sql",
    "fixtures.synergy",
    "fixtures.asking",
    "fixtures.connections",
    "fixtures.judging",
    "fixtures.reporting",
]
