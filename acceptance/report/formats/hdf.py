"""`--to hdf`: Heimdall Data Format (ExecJSON), as MITRE's `inspecjs` and `hdf-converters` read it.

Heimdall joins a control's results: one passed beside one skipped counts as passed,
and an impact of 0 hides every failure. So a control is one requirement on one host,
and only what is not applicable has the impact 0. The schema:
https://github.com/mitre/heimdall2, libs/inspecjs/schemas.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from acceptance.findings.finding import Finding, Kind
from acceptance.report.results import Agreed, Results
from acceptance.text import visible

IMPACT = 0.7  # "high": the document knows no grades


def hdf_bytes(results: Results, definitions: Mapping[str, str]) -> bytes:
    """The whole report as one profile;
    `definitions`: the catalogue's entry of a requirement, as YAML.
    """
    whole = {
        "platform": {"name": "clickker-acceptance", "release": results.suite_version},
        "version": results.suite_version,
        "statistics": {"duration": (results.finished - results.started).total_seconds()},
        "profiles": [_profile(results, definitions)],
        "passthrough": {
            "customer": results.customer,
            "verdict": results.verdict.value,
            "reason": results.reason,
            "state": results.state,
            "simulated": results.simulated,
        },
    }
    return json.dumps(whole, indent=2, ensure_ascii=False).encode("utf-8")


def control_id(finding: Finding) -> str:
    """`IIS-07@web01`."""
    return f"{finding.requirement}@{finding.host}"


def _profile(results: Results, definitions: Mapping[str, str]) -> dict[str, Any]:
    titles = {one.requirement: one.title for one in results.findings}
    return {
        "name": f"{results.customer}-{results.phase}",
        "title": results.document,
        "version": results.document_version or results.suite_version,
        "sha256": results.catalogue_sha256,
        "summary": f"{results.verdict.value}: {results.reason}",
        "status": "loaded",
        "supports": [],
        "attributes": [],
        "groups": [
            {
                "id": requirement,
                "title": title,
                "controls": [
                    control_id(one) for one in results.findings if one.requirement == requirement
                ],
            }
            for requirement, title in titles.items()
        ],
        "controls": [_control(one, results, definitions) for one in results.findings],
    }


def _control(finding: Finding, results: Results, definitions: Mapping[str, str]) -> dict[str, Any]:
    control = {
        "id": control_id(finding),
        "title": visible(finding.title),
        "desc": visible(" ".join(filter(None, [finding.clause, finding.reading]))),
        "descriptions": [
            {"label": "expected", "data": visible(finding.expected)},
            {"label": "fix", "data": visible(finding.remedy)},
        ],
        "impact": 0.0
        if finding.kind is Kind.NOT_APPLICABLE or finding.weight != "required"
        else IMPACT,
        "refs": [],
        "tags": {
            "requirement": finding.requirement,
            "clause": finding.clause,
            "host": finding.host,
            "marker": finding.marker,
            "finding": finding.kind.value,
            "owner": finding.owner,
        },
        "code": definitions.get(finding.requirement, ""),
        "source_location": {},
        "results": _results(finding, results),
    }
    agreed = _agreement(finding, results)
    if agreed is not None and finding.kind is Kind.WAIVED:
        control["waiver_data"] = {
            "expiration_date": agreed.until.isoformat(),
            "justification": visible(agreed.text),
            "message": visible(finding.reason),
            "run": True,
            "skipped_due_to_waiver": False,  # true would show the failure as not applicable
        }
    if agreed is not None and finding.kind is Kind.ATTESTED:
        control["attestation_data"] = {
            "control_id": control_id(finding),
            "explanation": visible(agreed.text),
            "frequency": f"{max((agreed.until - agreed.on).days, 1)}d",
            "status": "passed",
            "updated": datetime(*agreed.on.timetuple()[:3], tzinfo=UTC).isoformat(),
            "updated_by": visible(f"{agreed.by}, {agreed.role}"),
        }
    return control


def _agreement(finding: Finding, results: Results) -> Agreed | None:
    """The waiver or attestation that decided it, told by the results as text."""
    used = finding.agreement
    if used is None:
        return None
    of_its_kind = [one for one in results.agreements if one.kind == used.kind]
    return of_its_kind[used.index] if used.index < len(of_its_kind) else None


def _results(finding: Finding, results: Results) -> list[dict[str, Any]]:
    """What was found, in Heimdall's four words;
    an attestation is a result of its own beside the machine's.
    """
    found, reason = visible(finding.found), visible(finding.reason)
    told = "; ".join(part for part in (found, reason) if part) or finding.kind.value
    common = {
        "code_desc": visible(f"{finding.title}: {finding.expected}"),
        "start_time": results.started.isoformat(),
        "run_time": 0.0,
    }
    raw: dict[Kind, dict[str, Any]] = {
        Kind.MET: {"status": "passed", "message": told},
        Kind.NOT_MET: {"status": "failed", "message": told},
        Kind.HINT: {"status": "failed", "message": told},
        Kind.COMING: {"status": "failed", "message": told},
        Kind.WAIVED: {"status": "failed", "message": told},
        Kind.COULD_NOT_BE_CHECKED: {
            "status": "error",
            "message": told,
            "exception": finding.kind.value,
            "backtrace": [told],
        },
        Kind.AWAITING: {"status": "skipped", "skip_message": told},
        Kind.ATTESTED: {"status": "skipped", "skip_message": told},
        Kind.NOT_APPLICABLE: {"status": "skipped", "skip_message": told},
    }
    made = [common | raw[finding.kind]]
    if finding.kind is Kind.ATTESTED:
        made.append(common | {"status": "passed", "message": reason or finding.kind.value})
    return made
