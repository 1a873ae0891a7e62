"""What must hold before an answer about Exact's tables counts:
the right database, every place, the right option (pure).
"""

from acceptance.errors import UnreadError
from acceptance.evidence.envelope import Read, Unread
from acceptance.evidence.exact import RELEASE_TABLES, OptionsSection, ProductSection
from acceptance.evidence.sqlserver import DatabasesSection
from acceptance.hosts.sql_checks import Expected
from acceptance.hosts.sql_databases import listed
from acceptance.text import said


def require_exact(
    host: str,
    section: Read[DatabasesSection] | Unread | None,
    name: str,
    product: ProductSection,
    expected: Expected,
) -> None:
    """The database is one of Exact's."""
    if product.exact:
        return
    if product.sees_all != 1:
        raise UnreadError(
            "{host}: whether {database} is one of Exact's databases is hidden from the "
            "asking login.",
            "Let the asking login be sysadmin for the time of the check.",
            host=host,
            database=name,
        )
    raise UnreadError(
        "{host}: the database {database} is none of Exact's: no dbo.humres with res_id and usr_id.",
        "Correct {place}. With tables of Exact's: {there}.",
        host=host,
        database=name,
        place=expected.place(name),
        there=listed([one.name for one in section.value.databases if one.exact_tables])
        if isinstance(section, Read)
        else said("not read"),
    )


def require_release_tables(host: str, database: str, product: ProductSection) -> None:
    """Every table that may hold the release was seen, or is not there."""
    missing = RELEASE_TABLES - {one.name for one in product.tables}
    if missing and product.sees_all != 1:
        raise UnreadError(
            "{host}, database {database}: {tables} may be hidden from the asking login.",
            "Let the asking login be sysadmin for the time of the check.",
            host=host,
            database=database,
            tables=", ".join(sorted(missing)),
        )


def require_option(host: str, database: str, section: OptionsSection, number: int) -> None:
    """The option that was read is the one that the inventory means;
    in older evidence it may be another.
    """
    if section.number != number:
        raise UnreadError(
            "{host}, database {database}: the option {read} was read, not {number}.",
            "Collect again.",
            host=host,
            database=database,
            read=section.number,
            number=number,
        )
