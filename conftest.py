"""Wiring only: the clone's plug-in is the wheel's, which pytest finds by its entry point.

It is named here for where entry points are switched off;
named always, pytest would refuse this file when it is called from another folder,
such as an engineer's.
"""

import sys

if "acceptance.fixtures.plugin" not in sys.modules:
    pytest_plugins = ["acceptance.fixtures.plugin"]
