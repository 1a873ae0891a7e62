"""Synergy's database, seen for the service account; and which of the customer's databases it is."""

from collections.abc import Collection
from datetime import datetime

from acceptance.errors import UnreadError
from acceptance.evidence.exact import (
    GLOBE_TABLES,
    SYNERGY_TABLES,
    LicenceOption,
    Person,
    RoleMembership,
    is_called,
)
from acceptance.hosts.sql_instance import SqlInstance
from acceptance.inventory.models import Customer
from acceptance.text import Sentence, said


class SynergyDatabase:
    """Facts of one database. `account` is the Windows name without its domain."""

    def __init__(self, sql: SqlInstance, name: str, account: str) -> None:
        self.sql = sql
        self.name = name
        self.account = account

    @property
    def local_now(self) -> datetime:
        """From section `person`: the server's clock when it was asked."""
        return self.sql.person(self.name).local_now

    def person(self) -> Person | None:
        """From section `person`: the one whose user ID is the bare account name;
        None: nobody's is, exactly.

        Raises UnreadError where several have it.
        """
        account = self.account.casefold()
        rows = [
            row for row in self.sql.person(self.name).persons if row.user_id.casefold() == account
        ]
        if len(rows) > 1:
            raise UnreadError(
                "{host}, database {database}: {number} persons have the user ID {account}.",
                "Give it to one of them in Synergy.",
                host=self.sql.host,
                database=self.name,
                number=len(rows),
                account=self.account,
            )
        return rows[0] if rows else None

    def inactive(self, person: Person) -> list[Sentence]:
        """From section `person`: why some would not count the person as active; []: all would."""
        return self.sql.person(self.name).inactive(person)

    def nobody(self) -> Sentence:
        """There is no such person; those whose user ID is the account with its domain or spaces:
        Exact lets nobody log in so.
        """
        nearly = [
            said("{person} (Exact wants exactly '{id}')", person=row.in_words(), id=self.account)
            for row in self.sql.person(self.name).persons
        ]
        return said("{nearly}", nearly=nearly) if nearly else said("no such person")

    def roles(self) -> list[RoleMembership]:
        """From section `roles`: of the person whose user ID is exactly the account's; []:
        nobody's is.

        The section holds those of a user ID with spaces around it too,
        with which nobody can log in.
        """
        person = self.person()
        return [
            role
            for role in self.sql.roles(self.name).roles
            if person and role.person_id == person.person_id
        ]

    def defines(self, descriptions: Collection[str]) -> bool:
        """From section `roles`: a role that is called so exists in this database,
        whoever has it.
        """
        return any(
            is_called(one.description, descriptions) for one in self.sql.roles(self.name).defined
        )

    def licences(self) -> list[Sentence]:
        """From section `licence`, in words."""
        rows = self.sql.licence(self.name).licences
        text = "licence number {number}, name {name}"
        found = [said(text, number=str(row.number), name=str(row.name)) for row in rows]
        return found or [said("dbo.ExactLicense has no row")]

    def options(self, number: int) -> list[LicenceOption]:
        """From section `options`."""
        return self.sql.options(self.name, number).options


def synergy_database(customer: Customer) -> str | None:
    """The name of Synergy's database, as far as the inventory says it;
    None: it has to be told there.
    """
    names = customer.databases.exact
    if customer.databases.synergy is not None:
        return customer.databases.synergy
    return names[0] if len(names) == 1 and customer.globe is False else None


def recognised(sql: SqlInstance, name: str) -> Sentence:
    """What a database looks like by its tables. An inference: for people, not to decide by."""
    product = sql.product(name)
    if not product.exact:
        return said("{database}: no Exact database", database=name)
    synergy, globe = product.hints(SYNERGY_TABLES), product.hints(GLOBE_TABLES)
    looks = [
        said("looks like {product} ({tables})", product=what, tables=", ".join(tables))
        for what, tables in (("Synergy", synergy), ("Globe", globe))
        if tables
    ]
    if looks:
        return said("{database}: {looks}", database=name, looks=looks)
    return said("{database}: an Exact database of neither product's tables", database=name)


def open_synergy(sql: SqlInstance, customer: Customer, name: str) -> SynergyDatabase:
    """Synergy's database on this server.

    Raises UnreadError: no Exact database, not here, or hidden.
    """
    if name not in sql.expected.exact:
        raise UnreadError(
            "{host}: Synergy's database {database} is not on this SQL Server, says the inventory.",
            host=sql.host,
            database=name,
        )
    if not sql.product(name).exact:
        raise UnreadError(
            "{host}, database {database}: no Exact database: "
            "there is no dbo.humres with res_id and usr_id.",
            "Correct databases.exact, or databases.synergy, in the inventory.",
            host=sql.host,
            database=name,
        )
    account = customer.service_account or ""  # whose requirements await the answer
    return SynergyDatabase(sql, name, account.rpartition("\\")[2])
