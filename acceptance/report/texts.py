"""The report's texts, one file per language;
and the sentences whose choice needs more than a key.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

import yaml

from acceptance.evidence.wellknown import WELL_KNOWN
from acceptance.findings.finding import DECIDED, OPEN, Kind, Verdict
from acceptance.findings.points import Group, open_counts
from acceptance.report.catalogs import ENGLISH, translated
from acceptance.report.results import Results, id_ranges, verdict_line
from acceptance.yamlfile import SAFE_LOADER

DAY = timedelta(hours=24)
SID = re.compile(r"S-1(?:-\d+)+")


@cache
def load_texts(language: str) -> dict[str, Any]:
    """The page's own texts in a language; in English where its catalogue lacks one."""
    source = resources.files("acceptance.report").joinpath("texts", f"{ENGLISH}.yaml")
    text = source.read_text(encoding="utf-8")
    texts: dict[str, Any] = yaml.load(text, Loader=SAFE_LOADER)  # noqa: S506 - a safe one
    if language == ENGLISH:
        return texts
    found: dict[str, Any] = _in(language, texts, "")
    return found


def _in(language: str, node: Any, way: str) -> Any:
    if isinstance(node, dict):
        return {key: _in(language, one, f"{way}.{key}") for key, one in node.items()}
    if isinstance(node, list):
        return [_in(language, one, f"{way}.{number}") for number, one in enumerate(node)]
    return translated(node, language, way[1:]) or node


def leaves(node: Any, way: str = "") -> Iterator[tuple[str, str]]:
    """Each text and its place: `todo.heading`."""
    if isinstance(node, dict):
        for key, one in node.items():
            yield from leaves(one, f"{way}.{key}" if way else str(key))
    elif isinstance(node, list):
        for number, one in enumerate(node):
            yield from leaves(one, f"{way}.{number}")
    else:
        yield way, node


def reason(results: Results) -> str:
    """Why the verdict is what it is; in English the words of `findings.verdict`."""
    texts = load_texts(results.language)
    text: str = texts["reason"][_reason_key(results)]
    return text.format(open=open_text(results), waived=results.counts[Kind.WAIVED])


def verdict_text(results: Results) -> str:
    """The verdict with its reason and its reach, in the report's language."""
    if results.language == ENGLISH:
        return verdict_line(results)
    texts = load_texts(results.language)
    line = f"{texts['verdict'][results.verdict.value]}: {reason(results)}."
    return " ".join([line, *scope(results)])


def open_text(results: Results) -> str:
    """Every kind of open point, counted:
    `4 to mend, 3 to confirm, 2 to answer, 0 could not be checked`.
    """
    words, counts = load_texts(results.language)["open"], open_counts(results.findings)
    return ", ".join(words[group.value].format(number=counts[group]) for group in Group)


def _reason_key(results: Results) -> str:
    if results.state != "finished":
        return results.state
    anything_open = any(results.counts[kind] for kind in OPEN)
    if results.verdict is Verdict.INCOMPLETE and not any(results.counts[kind] for kind in DECIDED):
        return "undecided_open" if anything_open else "undecided"
    if results.verdict is Verdict.INCOMPLETE and not anything_open:
        whole = results.scope.complete and results.environment not in (None, "production")
        return str(results.environment) if whole else "part"
    return {
        Verdict.REJECTED: "open",
        Verdict.INCOMPLETE: "open",
        Verdict.ACCEPTED_WITH_WAIVERS: "waived",
        Verdict.ACCEPTED: "accepted",
    }[results.verdict]


def scope(results: Results) -> list[str]:
    """What the verdict does not speak of, a sentence each."""
    texts, left = load_texts(results.language)["scope"], results.scope
    lines = []
    if left.requirements_left_out:
        ids = id_ranges(left.requirements_left_out)
        lines.append(texts["requirements"].format(number=len(left.requirements_left_out), ids=ids))
    if left.hosts_left_out:
        lines.append(texts["hosts"].format(hosts=", ".join(left.hosts_left_out)))
    if left.clauses_to_come:
        lines.append(texts["clauses"].format(number=left.clauses_to_come))
    return lines


def warnings(results: Results) -> list[str]:
    """What a reader must know before believing the verdict."""
    texts = load_texts(results.language)["warning"]
    concerned = {
        "unverified": [one.host for one in results.hosts if one.reached.tls == "unverified"],
        "failed": [one.host for one in results.hosts if one.failure],
        "old": [one.host for one in results.hosts if results.finished - one.collected_at > DAY],
    }
    lines = [texts["simulated"]] if results.simulated else []
    if results.environment == "staging":
        lines.append(texts["staging"])
    if results.failed_outside:
        lines.append(texts["outside"].format(tests=", ".join(results.failed_outside)))
    return lines + [
        texts[key].format(hosts=", ".join(hosts)) for key, hosts in concerned.items() if hosts
    ]


def instant(at: datetime) -> str:
    """An instant that means one thing: `2026-11-24 12:00 UTC`."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def duration(span: timedelta) -> str:
    """`< 1 min`, `12 min`, `3 h 20 min`, `2 d 3 h`: the signs are the same in every language."""
    seconds = max(0, int(span.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else "< 1 min"


def sid_names(text: str) -> list[str]:
    """`S-1-5-32-544: Administrators` for each number of a group of Windows' own
    that `text` names.
    """
    named = dict.fromkeys(SID.findall(text))
    return [f"{sid}: {WELL_KNOWN[sid]}" for sid in named if sid in WELL_KNOWN]
