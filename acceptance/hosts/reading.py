"""From the envelope to the value: what was not read raises, with the cause and what to do;
it is never "absent".
"""

from typing import TypeVar

from acceptance.errors import UnreadError
from acceptance.evidence.envelope import Read, Unread
from acceptance.text import said

Value = TypeVar("Value")


def read(found: Read[Value] | Unread | None, section: str, host: str, place: str = "") -> Value:
    """The value of a section. `place`: where on the host, such as ", database 020".

    Raises UnreadError: the section was not asked for, or could not be read.
    """
    if isinstance(found, Read):
        return found.value
    where = said("{host}{place}: section {section}", host=host, place=place, section=section)
    if found is None:
        raise UnreadError(
            "{where} is not in the evidence.",
            "Collect again with the tests that need it selected.",
            where=where,
        )
    number = found.error.number
    mend = said("The error stands in evidence/{host}.json.", host=host)
    if found.error.id in MENDS or found.error.type in MENDS:
        cause = MENDS.get(found.error.id or "") or MENDS[found.error.type]
        mend = said("{first} {then}", first=said(cause), then=mend)
    if found.status == "denied":
        mend = said("{first} {then}", first=said(RIGHTS[found.error.type == SQL]), then=mend)
    raise UnreadError(
        "{where} could not be read ({status}): {what}: {message}",
        mend,
        where=where,
        host=host,
        status=STATUS[found.status],
        what=found.error.type if number is None else f"{found.error.type} {number}",
        message=found.error.message,
    )


SQL = "SQL Server"
STATUS = {"absent": said("absent"), "denied": said("denied"), "error": said("error")}
# By the error's id or type, which are in no language.
MENDS = {
    "ScriptContainedMaliciousContent": "Antivirus on the server refused this section's text, "
    "which only reads: let its administrator allow it.",
    "System.TimeoutException": "Something on the server hangs; a section has a third of "
    "deadline_seconds.",
}
RIGHTS = {
    False: "Run with an account that is a local administrator.",
    True: "Let the asking login be sysadmin for the time of the check.",
}
