"""What only the inventory can answer: each question is asked once, however many requirements wait for it."""

from dataclasses import dataclass

from acceptance.findings.finding import Finding
from acceptance.text import Sentence, said


@dataclass(frozen=True)
class Question:
    """One key of the inventory's customer that nobody has filled in; `owner`: who can answer."""

    text: Sentence
    owner: str


QUESTIONS = {
    "globe": Question(said("Is Exact Globe+ used beside Synergy (true, false)?"), "customer"),
    "writes_back": Question(
        said("Does the integration write data back to Exact (true, false)?"), "customer"
    ),
    "external_access": Question(
        said("How do external developers connect (none, ssl, vpn, or [ssl, vpn])?"),
        "ICT administrator",
    ),
    "external_host": Question(
        said("Which name do external developers connect to?"), "ICT administrator"
    ),
}


def question_of(finding: Finding) -> Sentence:
    """What has to be answered; of a question that this suite does not know, what the report kept."""
    known = QUESTIONS.get(finding.question)
    return known.text if known else Sentence(template=finding.remedy)
