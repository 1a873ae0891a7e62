"""DESIGN.md's arrows: who may import whom."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"acceptance", "fixtures", "simulator", "tests_infra"}


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name for name in names if name.split(".")[0] in OURS}


@pytest.mark.parametrize(
    ("folder", "allowed"),
    [
        ("tests_infra", {"fixtures"}),
        ("fixtures", {"fixtures", "acceptance"}),
        ("acceptance", {"acceptance"}),
        ("simulator", {"simulator"}),
    ],
)
def test_imports_go_one_way(folder: str, allowed: set[str]) -> None:
    """`tests_infra -> fixtures -> acceptance`; `simulator` stands alone, started only by fixtures/demo.py."""
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / folder).rglob("*.py")
        for name in imports(path)
        if name.split(".")[0] not in allowed
        and not (path.name == "demo.py" and name.startswith("simulator"))
    }
    assert not wrong


@pytest.mark.parametrize("folder", ["facts", "backends"])
def test_collecting_knows_no_requirement(folder: str) -> None:
    """Collecting and judging are apart."""
    for path in (ROOT / "acceptance" / folder).rglob("*.py"):
        assert not imports(path) & {
            "acceptance.catalogue",
            "acceptance.findings",
            "acceptance.hosts",
        }, path
