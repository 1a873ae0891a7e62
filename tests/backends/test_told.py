"""docs/errors.md has every fault and its sentence, as the code has them."""

from pathlib import Path

from acceptance.backends.told import tables

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
RENEW = "python -m acceptance.backends.told"


def test_the_page_has_the_codes_own_tables() -> None:
    """After a change: put what RENEW prints below the heading."""
    told = PAGE.read_text(encoding="utf-8").split("\n## What a server can answer\n")[1]
    assert f"`{RENEW}`" in told
    assert told.endswith(f"\n\n{tables()}"), f"renew the tables: {RENEW}"
