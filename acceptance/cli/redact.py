"""`acceptance redact`: evidence, answers and inventories without the customer's names."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from acceptance.errors import UsageError, why_unread
from acceptance.evidence.file import strict_json
from acceptance.redacting.redaction import Redaction
from acceptance.report.files import write_whole
from acceptance.text import one_line


def redact(files: Sequence[Path], output: Path) -> list[str]:
    """Write each file's like into `output`, and beside that folder the table, which stays here."""
    if output.exists() and not output.is_dir():
        raise UsageError("{folder} is a file.", "Name a new folder.", folder=str(output))
    if output.exists() and any(output.iterdir()):
        raise UsageError("{folder} is not empty.", "Name a new folder.", folder=str(output))
    loaded = {file: _loaded(file) for file in files}
    redaction = Redaction()
    redaction.prepare(*loaded.values())
    output.mkdir(parents=True, exist_ok=True)
    written = []
    for file, data in loaded.items():
        place = output / redaction.text(file.name)
        write_whole(place, _dumped(redaction.value(data), file))
        written.append(f"{file} -> {place}")
    table = output.with_name(f"{output.name}.table.json")
    write_whole(table, json.dumps(redaction.replaced, indent=2).encode("ascii"))
    return [
        *written,
        *(f"left out, as nobody can show that it is harmless: {one}" for one in redaction.left_out),
        *(
            f"of the customer's own name, stays elsewhere, as the suite uses it too: {one}"
            for one in sorted(redaction.shared)
        ),
        f"{table}: {len(redaction.replaced)} names and what stands for them. Keep it here.",
        "Read what was written before you send it: words that the suite itself uses stay.",
    ]


def _loaded(file: Path) -> Any:
    """JSON, or YAML by its name. Raises UsageError for neither."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        return yaml.safe_load(text) if _is_yaml(file) else strict_json(text)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise UsageError(
            "{file}: cannot be read as {kind}: {why}.",
            "Name evidence, answers (.json) or an inventory (.yaml).",
            file=str(file),
            kind="YAML" if _is_yaml(file) else "JSON",
            why=_why(error),
        ) from None


def _why(error: Exception) -> str:
    if isinstance(error, OSError | ValueError):
        return one_line(why_unread(error), 200).rstrip(".")
    return "it is nested too deep" if isinstance(error, RecursionError) else "it is no valid YAML"


def _dumped(data: Any, file: Path) -> bytes:
    if _is_yaml(file):
        return yaml.safe_dump(data, sort_keys=False, allow_unicode=True).encode("utf-8")
    return json.dumps(data, indent=2, ensure_ascii=False).encode("utf-8")


def _is_yaml(file: Path) -> bool:
    return file.suffix in (".yaml", ".yml")
