"""Wiring only: pytest's side of the suite lives in `fixtures/`."""

pytest_plugins = [
    "fixtures.options",
    "fixtures.fleet",
    "fixtures.selection",
    "fixtures.connections",
    "fixtures.record",
    "fixtures.judging",
    "fixtures.reporting",
]
