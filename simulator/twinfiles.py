"""The simulator's own YAML files. Those of simulator/twins are each one server's state, and may
`extends` another's.
"""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TWINS = Path(__file__).with_name("twins")
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is ten times as fast


def read_yaml(path: Path) -> Any:
    """The plain values of one file. Raises FileNotFoundError."""
    return yaml.load(path.read_text(encoding="utf-8"), LOADER)  # noqa: S506 - a safe one


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
