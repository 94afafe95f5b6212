"""Diagnoses for programs and for pull requests: Markdown, SARIF 2.1.0 and JUnit XML."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.etree import ElementTree as ET  # only written here, never read

from savedmodel_matrix import __version__
from savedmodel_matrix.savedmodel.diagnosis import DEFECT, SEVERITIES, SOUND, UNREADABLE
from savedmodel_matrix.views.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from savedmodel_matrix.savedmodel.diagnosis import Diagnosis, Finding

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"low": "note", "medium": "warning", "high": "error", "critical": "error"}
# What GitHub's code scanning sorts by (its "security-severity", 0 to 10).
_SCORES = {"low": "2.0", "medium": "5.0", "high": "8.0", "critical": "9.5"}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~&$])")
_GRAPHS = ("saved_model.pb", "saved_model.pbtxt")


def as_markdown(diagnoses: Sequence[Diagnosis], fail_on: str) -> str:
    """Return the answers as GitHub-flavoured Markdown: a table, then the findings of each."""
    lines = ["# Diagnosis", "", f"{counted(diagnoses)}.", "", "| artifact | verdict | findings |"]
    lines.append("| --- | --- | --- |")
    for diagnosis in diagnoses:
        row = (diagnosis.path, f"{sign(diagnosis, fail_on)} {diagnosis.verdict}", tally(diagnosis))
        lines.append(f"| {' | '.join(_escape(cell) for cell in row)} |")
    for diagnosis in diagnoses:
        if diagnosis.findings:
            lines += ["", f"## {_escape(diagnosis.path)}", ""]
            for finding in diagnosis.findings:
                where = _escape(f"{finding.rule} at {finding.where}")
                lines.append(f"- **{finding.severity}** {where}: {_escape(finding.message)}")
                lines += [f"  - what to do: {_escape(finding.remedy)}"] if finding.remedy else []
    return "\n".join(lines) + "\n"


def counted(diagnoses: Sequence[Diagnosis]) -> str:
    """Return how many artifacts there are of each verdict, as words."""
    counts = [
        f"{sum(d.verdict == verdict for d in diagnoses):,} {verdict}"
        for verdict in (SOUND, DEFECT, UNREADABLE)
    ]
    plural = "s" if len(diagnoses) != 1 else ""
    return f"{len(diagnoses):,} artifact{plural}: {', '.join(counts)}"


def sign(diagnosis: Diagnosis, fail_on: str) -> str:
    """Return a symbol: whether somebody has to look at it."""
    if diagnosis.verdict == UNREADABLE:
        return "!"
    return "✗" if diagnosis.verdict == DEFECT or diagnosis.at_least(fail_on) else "✓"


def tally(diagnosis: Diagnosis) -> str:
    """Return how many findings there are of each severity, the worst first."""
    severities = [finding.severity for finding in diagnosis.findings]
    counts = [(severities.count(severity), severity) for severity in reversed(SEVERITIES)]
    return ", ".join(f"{count} {severity}" for count, severity in counts if count)


def _escape(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", one_line(text))


def as_sarif(diagnoses: Sequence[Diagnosis]) -> dict[str, Any]:
    """Return a SARIF 2.1.0 log with a result per finding, for code scanning."""
    worst: dict[str, int] = {}
    for finding in (f for d in diagnoses for f in d.findings):
        rank = SEVERITIES.index(finding.severity)
        worst[finding.rule] = max(rank, worst.get(finding.rule, 0))
    order = {rule: number for number, rule in enumerate(sorted(worst))}
    rules = [_rule(rule, SEVERITIES[worst[rule]]) for rule in order]
    driver = {
        "name": "savedmodel-matrix",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": rules,
    }
    results = [_result(d, f, order[f.rule]) for d in diagnoses for f in d.findings]
    run = {
        "tool": {"driver": driver},
        "results": results,
        "columnKind": "utf16CodeUnits",
        "invocations": [{"executionSuccessful": all(d.verdict != UNREADABLE for d in diagnoses)}],
    }
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: str, severity: str) -> dict[str, Any]:
    return {
        "id": rule,
        "shortDescription": {"text": rule.replace("-", " ")},
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "properties": {"security-severity": _SCORES[severity], "tags": ["model"]},
    }


def _result(diagnosis: Diagnosis, finding: Finding, index: int) -> dict[str, Any]:
    remedy = f". What to do: {one_line(finding.remedy)}" if finding.remedy else ""
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{one_line(finding.message)}{remedy}"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": _uri(diagnosis.path)}},
                "logicalLocations": [{"fullyQualifiedName": one_line(finding.where)}],
            }
        ],
        "properties": {"severity": finding.severity, "where": one_line(finding.where)},
    }


def _uri(path: str) -> str:
    """Return the file that a finding is about, from here if it lies below."""
    place = Path(path)
    graph = next((place / name for name in _GRAPHS if (place / name).is_file()), place)
    try:
        inside = graph.absolute().relative_to(Path.cwd())
    except ValueError:
        return graph.absolute().as_uri()
    return quote(str(inside).encode("utf-8", "surrogateescape"))


def as_junit(diagnoses: Sequence[Diagnosis], fail_on: str) -> str:
    """Return a test suite with a test per artifact, which fails as the exit status says."""
    failed = [sign(diagnosis, fail_on) for diagnosis in diagnoses]
    suite = ET.Element(
        "testsuite",
        name="savedmodel-matrix diagnose",
        tests=str(len(diagnoses)),
        failures=str(failed.count("✗")),
        errors=str(failed.count("!")),
    )
    for diagnosis, what in zip(diagnoses, failed, strict=True):
        test = ET.SubElement(
            suite, "testcase", classname=diagnosis.format, name=one_line(diagnosis.path)
        )
        lines = [
            one_line(f"{f.severity} {f.rule} at {f.where}: {f.message}") for f in diagnosis.findings
        ]
        if what != "✓":
            kind = "error" if what == "!" else "failure"
            said = lines[0] if lines else diagnosis.verdict
            ET.SubElement(test, kind, message=said).text = "\n".join(lines)
        elif lines:
            ET.SubElement(test, "system-out").text = "\n".join(lines)
    ET.indent(suite)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suite, encoding="unicode")}\n'
