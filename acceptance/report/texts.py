"""The report's texts, one file per language; and the sentences whose choice needs more than a key."""

from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

import yaml

from acceptance.findings.finding import DECIDED, OPEN, Kind, Verdict
from acceptance.report.results import Results, id_ranges
from acceptance.yamlfile import SAFE_LOADER

DAY = timedelta(hours=24)


@cache
def load_texts(language: str) -> dict[str, Any]:
    """The texts of `en` or `nl`."""
    source = resources.files("acceptance.report").joinpath("texts", f"{language}.yaml")
    text = source.read_text(encoding="utf-8")
    texts: dict[str, Any] = yaml.load(text, Loader=SAFE_LOADER)  # noqa: S506 - a safe one
    return texts


def reason(results: Results) -> str:
    """Why the verdict is what it is; in English the words of `findings.verdict`."""
    counts, texts = results.counts, load_texts(results.language)["reason"]
    numbers = {
        "not_met": counts[Kind.NOT_MET],
        "unchecked": counts[Kind.COULD_NOT_BE_CHECKED],
        "awaiting": counts[Kind.AWAITING],
        "waived": counts[Kind.WAIVED],
    }
    key = _reason_key(results)
    text: str = texts[key]
    return text.format(**numbers)


def _reason_key(results: Results) -> str:
    if results.state != "finished":
        return results.state
    if results.verdict is Verdict.INCOMPLETE and not any(results.counts[kind] for kind in DECIDED):
        return "undecided"
    if results.verdict is Verdict.INCOMPLETE and not any(results.counts[kind] for kind in OPEN):
        whole = results.scope.complete and results.environment not in (None, "production")
        return str(results.environment) if whole else "part"
    return {
        Verdict.REJECTED: "rejected",
        Verdict.INCOMPLETE: "incomplete",
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
    """An instant that means one thing: `2026-11-24 12:00:00 UTC`."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def duration(span: timedelta) -> str:
    """`45 s`, `12 min`, `3 h 20 min`, `2 d 3 h`: the signs are the same in every language."""
    seconds = max(0, int(span.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{seconds} s"
