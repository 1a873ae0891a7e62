"""An engineer's folder: the commented hosts.yaml and a .gitignore; nothing there is overwritten."""

from importlib import metadata
from pathlib import Path

from acceptance.errors import UsageError

INVENTORY = "hosts.yaml"
IGNORED = """\
# Reports hold what was read on the customers' servers; keys are for their owners only.
reports/
*.key
.pytest_cache/
.venv/
__pycache__/
"""


def init(folder: Path) -> list[str]:
    """Make the folder and the files that it lacks; says of each file what was done."""
    texts = {INVENTORY: _example().read_text(encoding="utf-8"), ".gitignore": IGNORED}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_written(folder / name, text) for name, text in texts.items()]
    except OSError as error:
        raise UsageError(
            "{folder} cannot be used: {reason}.",
            "Name another folder.",
            folder=str(folder),
            reason=error.strerror or type(error).__name__,
        ) from None


def _written(path: Path, text: str) -> str:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return f"{path} is there already and stays as it is."
    return f"{path} is written."


def _example() -> Path:
    """The repository's hosts.yaml, which the wheel brings along among its data files."""
    clone = Path(__file__).parents[2] / INVENTORY
    if clone.is_file():
        return clone
    files = metadata.files("clickker-acceptance") or []
    return next(Path(str(file.locate())) for file in files if file.name == INVENTORY)
