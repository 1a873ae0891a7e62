"""The documents against the code: whatever a user can say or meet stands there,
and every example works.
"""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml
from acceptance.fixtures import commands
from acceptance.fixtures.plugin import MARKERS, OPTIONS

from acceptance import errors
from acceptance.catalogue import requirements as catalogue
from acceptance.catalogue.judges import rules
from acceptance.catalogue.requirements import load_catalogue
from acceptance.catalogue.rules import Requirement
from acceptance.cli.app import app
from acceptance.findings.finding import Kind, Verdict
from acceptance.inventory.file import inventory_schema
from acceptance.secrets import SCHEMES

ROOT = Path(__file__).parents[2]
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in [ROOT / "README.md", *DOCS]
}
CATALOGUE = ROOT / "tests_infra" / "requirements"
ALL = "\n".join(PAGES.values())
MODELS = {"InventoryFile": inventory_schema(), **inventory_schema()["$defs"]}


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGES[page], flags=re.MULTILINE | re.DOTALL)


def rows(text: str) -> dict[str, list[str]]:
    """Tables' rows by their first cell, where that is one name in backticks."""
    cells = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in text.splitlines()
        if line[:1] == "|"
    ]
    return {
        one[0].strip("` |"): [cell.strip(" |") for cell in one[1:]]
        for one in cells
        if one[0].startswith("`")
    }


def section(page: str, heading: str) -> str:
    return PAGES[page].split(f"\n## {heading}\n")[1].split("\n## ")[0]


# --- what a user can say --------------------------------------------------------------------------


def test_every_option_is_documented() -> None:
    options = {*OPTIONS, "--hosts"}
    assert len(options) > 4
    assert not {
        option for option in options if option not in PAGES["README.md"] + PAGES["docs/ci.md"]
    }


def test_every_marker_is_documented() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"][
        "ini_options"
    ]
    names = {line.split(":")[0] for line in [*config["markers"], *MARKERS]}
    names -= {"requirements", "facts"}  # decorators, never given to -m
    assert set(catalogue.MARKERS) <= names
    assert not {name for name in names if f"`{name}`" not in ALL}


def test_every_command_is_documented() -> None:
    names = [
        command.name or command.callback.__name__
        for command in app.registered_commands
        if command.callback and not command.hidden
    ]
    assert names
    assert not [name for name in names if f"acceptance {name}" not in ALL]


def test_the_page_of_commands_is_what_they_say_of_themselves() -> None:
    """Renew it with: python -m acceptance.fixtures.commands."""
    assert PAGES["docs/commands.md"] == commands.page()
    assert "| meaning |" in PAGES["docs/commands.md"]
    assert not re.findall(r"^\| `\S+` \|  ?\|$", PAGES["docs/commands.md"], re.MULTILINE)


def test_every_kind_of_secret_is_documented() -> None:
    assert not [scheme for scheme in SCHEMES if f"`{scheme}:" not in PAGES["docs/inventory.md"]]


def test_checking_customers_needs_no_development_package() -> None:
    """`pip install -e ".[demo]"`, as docs/getting-started.md says;
    pytest reads tests/conftest.py for --hosts too.
    """
    assert 'install -q -e ".[demo]"\n' in PAGES["docs/getting-started.md"]
    files = [ROOT / "tests" / "conftest.py", ROOT / "conftest.py"]
    files += [
        path
        for folder in ("acceptance", "fixtures", "simulator")
        for path in (ROOT / folder).rglob("*.py")
    ]
    trees = [ast.parse(path.read_text(encoding="utf-8")).body for path in files]
    nodes = [
        node for tree in trees for node in tree if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    assert not {name.split(".")[0] for name in names} & {
        "hypothesis",
        "jsonschema",
        "playwright",
        "xdist",
        "mypy",
    }


# --- what a user can meet -------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["README.md", "docs/getting-started.md"])
def test_every_finding_is_documented(page: str) -> None:
    assert not [kind for kind in Kind if kind.value not in " ".join(PAGES[page].split())]


def test_every_verdict_is_documented() -> None:
    assert not [
        verdict
        for verdict in Verdict
        if f"*{verdict.value}*" not in PAGES["docs/getting-started.md"]
    ]


def tree(error: type[Exception], depth: int = 0) -> Iterator[str]:
    yield f"{'  ' * depth}{error.__name__}"
    for child in error.__subclasses__():
        yield from tree(child, depth + 1)


@pytest.mark.parametrize("text", ["docs/errors.md", "acceptance/errors.py"])
def test_the_tree_of_errors_is_drawn_as_it_is(text: str) -> None:
    drawn = PAGES.get(text, errors.__doc__ or "")
    assert re.findall(r"^ *[A-Z][A-Za-z]+Error\b", drawn, re.MULTILINE) == list(
        tree(errors.AcceptanceError)
    )


def test_every_error_says_when_and_what_to_do() -> None:
    table = rows(PAGES["docs/errors.md"])
    assert list(table) == [line.strip() for line in tree(errors.AcceptanceError)]
    assert all(len(cells) == 2 and all(cells) for cells in table.values())


# --- the inventory's keys -------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
def test_every_key_of_the_inventory_is_explained(model: str) -> None:
    """With its default as the code has it, its meaning, and an example that the schema accepts."""
    table = rows(section("docs/inventory.md", model))
    properties = MODELS[model]["properties"]
    assert sorted(table) == sorted(properties)
    for key, (default, meaning, example) in table.items():
        assert meaning
        assert default == said_default(model, key), key
        data = json.loads(
            json.dumps(yaml.safe_load(re.sub("^`on:", "`'on':", example).strip("`")), default=str)
        )
        schema = {
            "properties": properties,
            "additionalProperties": False,
            "required": [key],
            "$defs": MODELS,
        }
        if key not in (
            "connection",
            "customers",
        ):  # the first is shown in part, the second without hosts
            jsonschema.Draft202012Validator(schema).validate(data)


def said_default(model: str, key: str) -> str:
    """A default as the table writes it."""
    is_required = (
        model == "Connection" and key == "address"
    )  # the schema leaves it open for a customer's defaults
    if is_required or key in MODELS[model].get("required", []):
        return "required"
    default = MODELS[model]["properties"][key].get("default")
    empty = default is None or default == [] or isinstance(default, dict)
    return "none" if empty else f"`{json.dumps(default).strip(chr(34)).removesuffix('.0')}`"


@pytest.mark.parametrize("marker", ["os", "network"])
def test_the_page_of_a_marker_names_the_sections_that_it_reads(marker: str) -> None:
    [said] = re.findall(
        rf"-m {marker}` reads the sections (.+?)\.\n",
        PAGES[f"docs/requirements/{marker}.md"],
        re.DOTALL,
    )
    by_rule = {one.name: {*one.sections, *one.elsewhere} for one in rules(ROOT / "tests_infra")}
    read = set[str]().union(
        *(by_rule[one.rule] for one in load_catalogue(CATALOGUE) if one.marker == marker)
    )
    assert set(re.findall(r"`([a-z]+)`", said)) == read


# --- pages for contributors -----------------------------------------------------------------------


def loaded_rules(tmp_path: Path, entry: str) -> list[str]:
    """The rules of a catalogue that holds `entry` alone, beside the document's real clauses."""
    document = (ROOT / "tests_infra" / "requirements" / "document.yaml").read_text(encoding="utf-8")
    (tmp_path / "document.yaml").write_text(document, encoding="utf-8")
    marker = "iis" if "IIS-" in entry else "os"
    (tmp_path / f"{marker}.yaml").write_text(entry, encoding="utf-8")
    return [requirement.rule for requirement in load_catalogue(tmp_path)]


def test_the_example_of_a_requirement_loads(tmp_path: Path) -> None:
    [entry] = blocks("docs/adding/requirement.md", "yaml")
    assert loaded_rules(tmp_path, entry) == ["iis.component"]
    # `remedies` is for rules that tell causes apart: docs/adding/rule.md.
    keys = {field.alias or name for name, field in Requirement.model_fields.items()} | {"feature"}
    assert keys - {"remedies"} <= set(yaml.safe_load(entry)[0])


# --- all pages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """To files of the repository, and to headings that are there."""
    for target in re.findall(r"\]\(([^)\s]+)\)", PAGES[page]):
        if re.match(r"https?://", target):
            continue
        name, _, anchor = target.partition("#")
        file = (ROOT / page).parent / name if name else ROOT / page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in [
                re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings
            ], target


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set(), ["README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        links = re.findall(r"\]\(([^)#\s]+\.md)", PAGES[page])
        found = {
            ((ROOT / page).parent / link).resolve().relative_to(ROOT.resolve()).as_posix()
            for link in links
        }
        waiting += sorted(found & set(PAGES) - reached)
    assert sorted(PAGES) == sorted(reached)


@pytest.mark.parametrize("page", PAGES)
def test_yaml_examples_are_yaml(page: str) -> None:
    for text in blocks(page, "yaml"):
        assert yaml.safe_load(text)


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/adding/")])
def test_a_page_on_adding_fits_one_screen(page: str) -> None:
    assert len(PAGES[page].splitlines()) <= 60


def test_the_nightly_job_keeps_its_output_and_reads_its_secret_from_the_store() -> None:
    """Whatever the verdict is; and never a fixed report folder,
    where yesterday's evidence would lie.
    """
    for text in blocks("docs/ci.md", "yaml"):
        assert "always()" in text
        assert "--hosts=customer01" in text
        assert "--report-dir" not in text
        assert re.search(r"CUSTOMER01_WINRM: \$[({]", text)
