"""Wiring only: pytest's side of the suite lives in `fixtures/`."""

pytest_plugins = [
    "fixtures.options",
    "fixtures.selection",
    "fixtures.sql",
    "fixtures.connections",
    "fixtures.record",
    "fixtures.synergy",
    "fixtures.judging",
    "fixtures.reporting",
]
