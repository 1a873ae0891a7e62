"""The words that may leave a server's evidence: the suite's own, and a few that everybody has.

Made from the suite's own files: collectors, models and catalogue, prose and comments left out.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources

WORD = re.compile(r"(?=\d*[^\W\d_])[^\W_]+")  # with its digits: web01, W3SVC
PROSE = ("title", "clause", "remedy", "remedies", "reading", "description")
# Of every Windows, SQL Server and network.
EXTRA = """
com net org eu nl be de fr uk local lan internal intern invalid example http https tcp ip dns
windows server standard datacenter enterprise developer express edition bit microsoft english
program files inetpub wwwroot bin docs services system users public default web site app pool
builtin nt authority service network local domain administrator administrators admins guest guests
everyone authenticated interactive batch remote desktop performance log monitor backup operators
localhost env keyring prompt undefined remotesigned unrestricted restricted
allsigned bypass machinepolicy userpolicy
currentuser localmachine domainauthenticated private systemdefault online offline msdb tempdb model
master rtm ntfs refs odbc databaseversion general professional role service account
europe utc time zone cn ou dc o c true false null none yes no on off admin
"""
PLACES = {
    "acceptance.collecting": ("powershell", "sql"),
    "acceptance.evidence": ("",),
    "acceptance.exact": ("",),
    "acceptance.inventory": ("",),
    "acceptance.tests_infra": ("requirements",),
}


@cache
def harmless() -> frozenset[str]:
    """Words in lower case."""
    return frozenset(word.casefold() for text in (EXTRA, *_texts()) for word in WORD.findall(text))


def _texts() -> Iterator[str]:
    for package, folders in PLACES.items():
        for folder in folders:
            place = (
                resources.files(package).joinpath(folder) if folder else resources.files(package)
            )
            for file in place.iterdir():
                if not file.is_file() or file.name == "select.py":  # names the simulated customers
                    continue
                text = file.read_text(encoding="utf-8") if _is_source(file.name) else ""
                yield from _of_python(text) if file.name.endswith(".py") else _of_lines(text)


def _is_source(name: str) -> bool:
    return name.endswith((".ps1", ".sql", ".yaml", ".py"))


def _of_lines(text: str) -> Iterator[str]:
    """Code without its comments; of the catalogue no prose."""
    for line in text.splitlines():
        code = re.sub(r"(^|\s)(#|--).*", "", line)
        if not re.match(rf"[\s-]*({'|'.join(PROSE)}):", code):
            yield code


def _of_python(text: str) -> Iterator[str]:
    """Names, and the short texts of closed sets and tables; no prose, no docstring's example."""
    tree = ast.parse(text)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    prose |= {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.keyword)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            short = id(node) not in prose and len(WORD.findall(node.value)) <= 3
            yield node.value if short else ""
