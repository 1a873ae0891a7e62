"""What only the inventory can answer: each question is asked once,
however many requirements wait for it.
"""

from collections.abc import Iterable
from typing import NamedTuple

from acceptance.findings.finding import Asked
from acceptance.findings.points import OWNERS
from acceptance.text import Sentence, said


class Question(NamedTuple):
    """One key of the inventory's customer that nobody has filled in; `owner`: who can answer."""

    text: Sentence
    owner: str


ADMINISTRATOR, PARTNER, SUPPLIER, CUSTOMER = OWNERS
QUESTIONS = {
    "phase": Question(
        said("Is Clickker installed there already (prepare: not yet, installed: yes)?"), SUPPLIER
    ),
    "service_account": Question(
        said("Which account does Clickker run as (DOMAIN\\user)?"), ADMINISTRATOR
    ),
    "databases.exact": Question(
        said("Which databases are Exact's, Synergy's own and each of Globe's?"), PARTNER
    ),
    "databases.synergy": Question(
        said(
            "Which of the Exact databases is Synergy's? "
            "(Where only one is named, globe: false says that it is Synergy's.)"
        ),
        PARTNER,
    ),
    "administrations": Question(
        said("Which administrations (divisions) of Synergy does the integration work in?"), CUSTOMER
    ),
    "databases.clickker": Question(said("What is the Clickker database called?"), SUPPLIER),
    "globe": Question(said("Is Exact Globe+ used beside Synergy (true, false)?"), CUSTOMER),
    "writes_back": Question(
        said("Does the integration write data back to Exact (true, false)?"), CUSTOMER
    ),
    "external_access": Question(
        said("How do external developers connect (none, ssl, vpn, or [ssl, vpn])?"), ADMINISTRATOR
    ),
    "external_host": Question(said("Which name do external developers connect to?"), ADMINISTRATOR),
    "tls_ends": Question(
        said(
            "Where does https of external developers end: "
            "in IIS, or in a reverse proxy (iis, proxy)?"
        ),
        ADMINISTRATOR,
    ),
    "synergy_site": Question(
        said("Which of the IIS applications with Synergy's files is the one in use?"), PARTNER
    ),
}
WAYS = {
    "connection": "How is the server {host} reached (address, user name and password, or "
    "backend: script)?",
    "sql": "How is the SQL Server on {host} reached (server, port or instance, and a login)?",
}


def question_of(key: str) -> Question:
    """The question that a key of the inventory answers: `globe`, `hosts.web01.connection`."""
    if key in QUESTIONS:
        return QUESTIONS[key]
    host, _, way = key.removeprefix("hosts.").rpartition(".")
    return Question(said(WAYS[way], host=host), ADMINISTRATOR)


def ask(key: str, offers: Iterable[Sentence] = ()) -> Asked:
    """The question as it is asked.

    `offers`: what was found on the servers that may be the answer.
    """
    question, found = question_of(key), list(offers)
    text = question.text
    if found:
        text = said("{question} Found: {found}.", question=text, found=found)
    return Asked(key=key, owner=question.owner, text=text)
