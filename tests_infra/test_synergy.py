"""Exact Synergy: its release, and the service account as a user of it."""

from acceptance.fixtures.selection import requirements
from acceptance.fixtures.sql import await_unnamed_databases
from acceptance.fixtures.supported import SupportedToday

from acceptance.catalogue.rules.synergy import (
    ClickkerPool,
    SynergyRelease,
    SynergyRole,
)
from acceptance.evidence.windows import Pool
from acceptance.exact.synergy import SynergyDatabase
from acceptance.findings.record import Record
from acceptance.hosts.sql_instance import SqlInstance
from acceptance.hosts.windows import WindowsHost
from acceptance.inventory.models import Customer
from acceptance.text import Sentence, said


@requirements(
    "synergy.release",
    inventory=["databases.synergy"],
    sections=["exact", "iis"],
    sql_sections=["product", "release"],
    expected="Exact Synergy release {minimum} or higher",
)
def test_release_is_recent(requirement: SynergyRelease, release: int) -> None:
    assert release >= requirement.minimum


@requirements(
    "synergy.supported_release",
    inventory=["databases.synergy"],
    sections=["exact", "iis"],
    sql_sections=["product", "release"],
    expected="a supported release of Synergy",
)
def test_release_is_supported(release: int, supported: SupportedToday, record: Record) -> None:
    answer = supported.of("Synergy", release)
    record.expected = answer.expected
    if answer.state == "awaiting":
        record.cannot_decide("{why}", why=answer.why)
    assert answer.state == "supported"


@requirements(
    "synergy.globe_release",
    inventory=["databases.exact", "databases.synergy"],
    sections=["databases", "product", "release"],
    windows_sections=["exact"],
    expected="a supported release of Globe+",
)
def test_globe_release_is_supported(
    globe_releases: dict[str, int], supported: SupportedToday, sql: SqlInstance, record: Record
) -> None:
    answer = supported.of("Globe+", *globe_releases.values())
    record.expected = answer.expected
    if answer.state == "awaiting":
        record.cannot_decide("{why}", why=answer.why)
    assert answer.state == "supported"
    await_unnamed_databases(sql, record)


@requirements(
    "synergy.user",
    inventory=["service_account", "databases.synergy"],
    sections=["product", "person"],
    expected="a person whose user ID is the bare account name, who has joined and not left, "
    "and is neither inactive nor blocked",
)
def test_service_account_is_a_user(synergy: SynergyDatabase, record: Record) -> None:
    person = synergy.person()
    record.found(synergy.nobody())
    assert person
    record.found(person.in_words())
    if person.in_service is None:
        record.cannot_decide("the person has no date of joining")
    assert person.in_service <= synergy.local_now
    assert person.out_of_service is None or person.out_of_service > synergy.local_now
    inactive = synergy.inactive(person)
    if inactive:
        record.cannot_decide(
            "others would not count him as active ({why}), and what that keeps him from is "
            "published nowhere",
            why=inactive,
        )


@requirements(
    "synergy.role",
    inventory=["service_account", "databases.synergy"],
    sections=["product", "person", "roles"],
    expected="a role that is called one of {descriptions}, in the administrations of the inventory",
)
def test_service_account_has_role(
    requirement: SynergyRole, synergy: SynergyDatabase, customer: Customer, record: Record
) -> None:
    roles = synergy.roles()
    record.found_each([one.in_words() for one in roles] if synergy.person() else [synergy.nobody()])
    called_so = [role for role in roles if role.is_called(requirement.descriptions)]
    if not called_so and any(role.role_id == requirement.role_id for role in roles):
        record.cannot_decide(
            "it has the role with id {id}, but that id alone proves nothing", id=requirement.role_id
        )
    if not called_so and not synergy.defines(requirement.descriptions):
        record.cannot_decide(
            "no role of this database has such a name: add the customer's to the catalogue"
        )
    assert called_so
    if not customer.administrations:
        record.ask("administrations")
    held = {role.division for role in called_so}
    lacking = [one for one in customer.administrations if int(one) not in held]
    if lacking and None in held:
        record.cannot_decide(
            "a role without a division holds at a level, and how far a level reaches is published "
            "nowhere: see whether it holds in {administrations}",
            administrations=", ".join(lacking),
        )
    assert not lacking


@requirements(
    "synergy.pool",
    inventory=["service_account"],
    sections=["iis"],
    expected="the application pool {pool} runs as the service account",
)
def test_pool_runs_as_service_account(
    requirement: ClickkerPool, host: WindowsHost, customer: Customer, record: Record
) -> None:
    name, account = customer.clickker_pool or requirement.pool, customer.service_account or ""
    pool = host.pool(name)
    found = pool_text(pool) if pool else said("no application pool {name}", name=name)
    others = [one for one in host.pools if one is not pool and runs_as(one, account) is not False]
    record.found_each([found, *map(pool_text, others)])
    record.mend(pool=name)
    runs = runs_as(pool, account) if pool else False
    if not runs and others and customer.clickker_pool is None:
        record.cannot_decide(
            "{pools} runs as the service account: where it is Clickker's, name it as "
            "clickker_pool in the inventory",
            pools=", ".join(one.name for one in others),
        )
    if runs is None:
        record.cannot_decide(
            "an account may be written in several ways (user@domain, the domain's DNS name): "
            "compare them"
        )
    assert runs


def pool_text(pool: Pool) -> Sentence:
    text = "{pool}: {identity} {user}"
    return said(text, pool=pool.name, identity=pool.identity_type, user=pool.user_name or "")


def runs_as(pool: Pool, account: str) -> bool | None:
    """Whether the pool runs as the account; None: it may be the same, written in another way."""
    user, account = (pool.user_name or "").casefold(), account.casefold()
    if pool.identity_type != "SpecificUser":
        return False
    bare = user.partition("@")[0] if "@" in user else user.rpartition("\\")[2]
    same = bare == account.rpartition("\\")[2]
    return True if user == account else None if same or "@" in user else False


@requirements(
    "synergy.form", sections=[], expected="the customer's signed form on permissions Clickker"
)
def test_permissions_form_is_on_file(record: Record) -> None:
    record.found("a document of paper or mail: no server holds it")
    record.cannot_decide(
        "name who has seen the signed form, when, and the document, "
        "as an attestation in the inventory"
    )
