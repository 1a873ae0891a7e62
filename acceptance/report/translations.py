"""Every sentence that a report can say, gathered from where it stands, into each language's `.po`:
`python -m acceptance.report.translations` (needs Babel, of the extra dev).

A new sentence comes in untranslated, one that is no longer said goes; then `.mo` is compiled.
What only the command line says to an engineer stays English and is not gathered.
"""

import ast
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from acceptance.catalogue.place import own_tests
from acceptance.catalogue.remedies import filled
from acceptance.catalogue.requirements import load_catalogue
from acceptance.report.texts import leaves, load_texts

PACKAGE = Path(__file__).parents[1]
TEXTS = Path(__file__).parent / "texts"
ROOMS = ("backends", "collecting", "evidence", "exact", "findings", "hosts")
BESIDE = ("fixtures", "tests_infra")  # of the clone; in the wheel they are part of the package
# `acceptance check`, the command line and an engineer's own checks: no report says it.
COMMANDS = {"connecting.py", "openings.py", "options.py", "own.py", "refusals.py"}
SAYS = {"said", "found", "cannot_decide", "Sentence"}  # their first argument is a template
ENDS_THE_RUN = {"UsageError", "CatalogueError", "InventoryError", "SecretError", "ValueError"}
TABLES = {
    "probe.py", "faults.py", "failures.py", "words.py", "questions.py", "sentences.py",
    "reading.py",
}  # fmt: skip
FIRST = datetime(2026, 11, 26, tzinfo=UTC)  # the same file at any time
Named = Mapping[str, list[ast.expr]]  # by a module's name, what it stands for
Place = tuple[str, str]  # context ("" for a sentence), template


def gathered() -> Iterator[tuple[Place, str]]:
    """Each text or sentence, and the file that it is from."""
    for context, text in leaves(load_texts("en")):
        yield (context, text), "acceptance/report/texts/en.yaml"
    for template in _of_catalogue():
        yield ("", template), "tests_infra/requirements"
    for path, name in _modules():
        for template in _of_module(ast.parse(path.read_text(encoding="utf-8")), path.name):
            yield ("", template), name


def _modules() -> Iterator[tuple[Path, str]]:
    root = PACKAGE.parent
    found = [PACKAGE / "inventory" / "supported.py"]  # it judges; the rest of its room reads files
    for folder in [*(PACKAGE / one for one in ROOMS), *(root / one for one in BESIDE)]:
        found += sorted(folder.rglob("*.py"))
    for path in found:
        if path.name not in COMMANDS:
            yield path, path.relative_to(root).as_posix()


def _of_catalogue() -> Iterator[str]:
    for one in load_catalogue(own_tests() / "requirements"):
        yield one.title
        yield from (text for text in (one.clause, one.reading) if text)
        for cause in ("", *one.by_cause):
            remedy = one.remedy_for(cause)
            if remedy.text is not None:
                yield filled(remedy.text, one.parameters.named).template


def _of_module(tree: ast.Module, name: str) -> Iterator[str]:
    named: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            named.setdefault(node.targets[0].id, []).append(node.value)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node, named)
    if name in TABLES:
        patterns = name == "failures.py"  # what it looks for stands beside what it says
        for node in tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                if isinstance(target, ast.Name) and target.id.isupper():
                    for text in _sentences(node.value, named):
                        if text.endswith((".", "?")) or not patterns:
                            yield text


def _of_call(node: ast.Call, named: Named) -> Iterator[str]:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    given: list[ast.expr] = []
    if name in SAYS:
        given = node.args[:1]
    elif name.endswith("Error") and name[0].isupper() and name not in ENDS_THE_RUN:
        given = node.args
    elif name == "requirements":
        given = [one.value for one in node.keywords if one.arg == "expected"]
    for one in given:
        for text in _texts(one, named):
            if name in SAYS or " " in text:
                yield text


def _texts(node: ast.expr, named: Named) -> Iterator[str]:
    """A literal, both of `one if … else other`, or what a name of this module stands for."""
    whole = _literal(node, named)
    if whole is not None:
        yield whole
    elif isinstance(node, ast.IfExp):
        yield from (text for one in (node.body, node.orelse) for text in _texts(one, named))
    elif isinstance(node, ast.Name):
        yield from (text for one in named.get(node.id, []) for text in _texts(one, {}))


def _literal(node: ast.expr, named: Named) -> str | None:
    """A text that is there as a whole: `"… " + SAYS` is said as one sentence, not as two."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        [only] = named[node.id] if len(named.get(node.id, [])) == 1 else [None]
        return _literal(only, {}) if only is not None else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = (_literal(node.left, named), _literal(node.right, named))
        return parts[0] + parts[1] if parts[0] is not None and parts[1] is not None else None
    return None


def _sentences(node: ast.expr, named: Named) -> Iterator[str]:
    """A table's literals of more than one word, without what it looks for: a dict's keys."""
    whole = _literal(node, named)
    if whole is not None:
        yield from ([whole] if " " in whole else [])
    elif isinstance(node, ast.Dict):
        yield from (text for one in node.values for text in _sentences(one, named))
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        yield from (text for one in node.elts for text in _sentences(one, named))
    elif isinstance(node, ast.Call):
        parts = (*node.args, *(one.value for one in node.keywords))
        yield from (text for one in parts for text in _sentences(one, named))


def is_frame(template: str) -> bool:
    """Names and punctuation alone need no translation."""
    outside = [part.partition("}")[2] for part in ("}" + template).split("{")]
    return not any(char.isalpha() for char in "".join(outside))


def template() -> Catalog:
    """All of them, without a translation."""
    made = Catalog(charset="utf-8")
    for (context, text), file in gathered():
        if text and (context or not is_frame(text)):
            made.add(text, context=context or None, locations=[(file, 0)])
    return made


def renewed(language: str, known: bytes) -> Catalog:
    """The language's catalogue with exactly today's sentences, translated as they were."""
    old = read_po(BytesIO(known), locale=language)
    made = Catalog(
        language,
        charset="utf-8",
        project="clickker-acceptance",
        version="1",
        msgid_bugs_address="none",
        last_translator="none",
        language_team="none",
        creation_date=FIRST,
        revision_date=FIRST,
    )
    made.header_comment = f"# {language}: how a language is added, docs/report.md says."
    for one in template():
        if one.id:
            there = old.get(one.id, context=one.context)
            text = there.string if there is not None else ""
            made.add(one.id, text, context=one.context, locations=one.locations)
    return made


def written(catalog: Catalog) -> tuple[bytes, bytes]:
    """As `.po` and `.mo`, the same at any time."""
    catalog.fuzzy = False
    po, mo = BytesIO(), BytesIO()
    write_po(po, catalog, width=120, sort_by_file=True, include_lineno=False)
    write_mo(mo, catalog)
    return po.getvalue(), mo.getvalue()


def untranslated(po: bytes) -> list[str]:
    """What a translator has still to do: missing, or marked as fuzzy."""
    return [str(one.id) for one in read_po(BytesIO(po)) if one.id and (one.fuzzy or not one.string)]


def main() -> None:
    """Renew every language there is."""
    for path in sorted(TEXTS.glob("*.po")):
        po, mo = written(renewed(path.stem, path.read_bytes()))
        path.write_bytes(po)
        path.with_suffix(".mo").write_bytes(mo)
        print(f"{path.name}: {len(untranslated(path.read_bytes()))} to translate")


if __name__ == "__main__":
    main()
