"""Wiring only: the clone's plug-in is the wheel's, under the same name, and so registered once."""

pytest_plugins = ["acceptance.fixtures.plugin"]
