"""The one Jinja environment of all templates:
everything is escaped, and made visible, on its way out.
"""

import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined

from acceptance.text import visible


@cache
def environment() -> Environment:
    """Autoescaping for every file name, no undefined names,
    and `visible` for every text that is printed.
    """
    return Environment(
        loader=PackageLoader("acceptance.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        bytecode_cache=_compiled(),
    )


def _compiled() -> FileSystemBytecodeCache | None:
    """Templates compiled once, beside Python's own .pyc files and trusted as these are."""
    folder = Path(__file__).parent / "__pycache__"
    if sys.dont_write_bytecode or not os.access(folder, os.W_OK):
        return None
    return FileSystemBytecodeCache(str(folder), "%s.jinja")


def _finalize(value: Any) -> Any:
    # Markup is the output of our own macros: its parts have come through here already.
    return visible(value) if type(value) is str else value
