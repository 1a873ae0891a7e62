"""The Exact licence: of the service account as a person, and its modules."""

from acceptance.fixtures.selection import requirements
from acceptance.fixtures.sql import await_unnamed_databases

from acceptance.catalogue.rules.licence import UserLicence
from acceptance.exact.synergy import SynergyDatabase
from acceptance.findings.record import Record
from acceptance.inventory.models import Customer
from acceptance.text import said


@requirements(
    "licence.user",
    inventory=["service_account", "databases.synergy"],
    sections=["product", "person"],
    expected="UserLicenseType of the service account is {licensed}",
)
def test_service_account_has_user_licence(
    requirement: UserLicence, synergy: SynergyDatabase, record: Record
) -> None:
    person = synergy.person()
    record.found(synergy.nobody())
    assert person
    record.found("UserLicenseType {type}", type=person.licence_type)
    assert person.licence_type not in requirement.unlicensed
    if person.licence_type not in requirement.licensed:
        record.cannot_decide("Exact documents no meaning of this value")


@requirements(
    "licence.module",
    inventory=["databases.synergy"],
    sections=["databases", "product", "licence", "options"],
    expected="the option of Exact Connectivity Client is in the licence of every division",
)
def test_connectivity_client_is_licensed(
    synergy: SynergyDatabase, customer: Customer, record: Record
) -> None:
    number = customer.licence.connectivity_client_option
    record.found_each(synergy.licences())
    if number is None:
        record.cannot_decide(
            "which option is this module's is published nowhere: look in System > Setup > License, "
            "or set licence.connectivity_client_option in the inventory"
        )
    options = synergy.options(number)
    text = "division {division}: opt_{number} = {quantity}"
    divisions = [
        said(text, division=str(one.division), number=number, quantity=str(one.quantity))
        for one in options
    ]
    record.found_each([*synergy.licences(), *divisions])
    if not options:
        record.cannot_decide("dbo.ExactOptions has no row")
    if any(one.quantity is None for one in options):
        record.cannot_decide("a division's value is NULL, which Exact gives no meaning")
    if any((one.quantity or 0) < 0 for one in options):
        record.cannot_decide("a division's value is below zero, which Exact gives no meaning")
    assert any(one.quantity for one in options)
    if not all(one.quantity for one in options):
        record.cannot_decide("not every division has it: which one does the integration write to?")
    await_unnamed_databases(synergy.sql, record)
