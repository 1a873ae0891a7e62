"""DESIGN.md's arrows: who may import whom, room by room."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GROUND = ("text", "errors", "secrets", "yamlfile", "yamlmodel")
BRIDGE = ("evidence", "inventory", "catalogue")
ASKING = ("backends", "collecting")
# Each room and the rooms that it may import, itself and the ground left out.
ROOMS: dict[str, tuple[str, ...]] = {
    "evidence": (),
    "inventory": (),
    "catalogue": ("inventory",),
    "backends": ("evidence", "inventory"),
    "collecting": ("backends", *BRIDGE),
    "hosts": BRIDGE,
    "exact": ("hosts", *BRIDGE),
    "redacting": ("hosts", *BRIDGE),
    "findings": ("hosts", "exact", *BRIDGE),
    "report": ("findings", *BRIDGE),
    "signing": ("report", "findings", *BRIDGE),
    "cli": ("redacting", "collecting", "signing", "report", "findings", "exact", "hosts", *BRIDGE),
}
MAPPED = ("fixtures", "tests_infra", "simulator")


def imports(path: Path) -> set[str]:
    """The modules of ours that a module imports, inside functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name for name in names if name.split(".")[0] == "acceptance"}


def room(module: str) -> str:
    """`acceptance.hosts.windows` -> `hosts`."""
    return module.partition(".")[2].partition(".")[0]


@pytest.mark.parametrize(
    ("folder", "allowed"),
    [
        ("tests_infra", {"fixtures", *GROUND, *set(ROOMS) - set(ASKING)}),
        ("fixtures", {"fixtures", *GROUND, *ROOMS}),
        ("simulator", {"simulator"}),
    ],
)
def test_imports_go_one_way(folder: str, allowed: set[str]) -> None:
    """`tests_infra -> fixtures -> acceptance`;
    `simulator` stands alone, started only by demo.py.
    """
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / folder).rglob("*.py")
        for name in imports(path)
        if room(name) not in allowed and not (path.name == "demo.py" and room(name) == "simulator")
    }
    assert not wrong


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_imports_only_the_rooms_before_it(name: str) -> None:
    """Two banks and a bridge: asking and judging meet in evidence,
    and neither imports the other.
    """
    allowed = {name, *ROOMS[name], *GROUND}
    wrong = {
        f"{path.relative_to(ROOT)} imports {module}"
        for path in (ROOT / "acceptance" / name).rglob("*.py")
        for module in imports(path)
        if room(module) not in allowed
    }
    assert not wrong


def test_every_room_stands_in_the_table() -> None:
    """A new room says whom it may import before it is used."""
    folder = ROOT / "acceptance"
    assert {path.parent.name for path in folder.glob("*/__init__.py")} == set(ROOMS)
    assert {path.stem for path in folder.glob("*.py")} == {"__init__", *GROUND}


def test_the_rooms_form_no_circle() -> None:
    """Every arrow leads to a room that stands before it."""
    seen: set[str] = set()
    for name, allowed in ROOMS.items():
        assert set(allowed) <= seen, name
        seen.add(name)


@pytest.mark.parametrize(
    "path",
    sorted(
        path for folder in ("acceptance", *MAPPED) for path in (ROOT / folder).rglob("__init__.py")
    ),
    ids=lambda path: path.parent.relative_to(ROOT).as_posix(),
)
def test_a_package_says_what_it_is_for_and_what_others_may_use(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    assert 2 <= len(said.splitlines()) <= 12
    assert re.search(r"Others (may )?use |nothing imports this room", said)
