"""The files of simulator/twins: each is one server's state, and may `extends` another's."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from acceptance.simulator.plainyaml import read_yaml

TWINS = Path(__file__).with_name("twins")


def read_twin(name: str) -> dict[str, Any]:
    """The state of `twins/<name>.yaml`, fresh. Raises FileNotFoundError."""
    return deepcopy(_state(name))


@cache
def _state(name: str) -> dict[str, Any]:
    data: dict[str, Any] = read_yaml(TWINS / f"{name}.yaml")
    base = data.pop("extends", None)
    return _merged(_state(base), data) if base else data


def _merged(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """`change` over `base`: mappings are merged, everything else is replaced."""
    both = {
        key: _merged(base[key], value)
        for key, value in change.items()
        if isinstance(value, dict) and isinstance(base.get(key), dict)
    }
    return base | change | both
