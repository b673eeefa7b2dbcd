"""JUnit XML: the text in the element body, where GitLab and others look, and unique names.

Made to the common ground of Jenkins' junit-10.xsd and, suite by suite, Maven's surefire-test-report-3.0.xsd, which
tests/host/junit.xsd says in our words. python3-junitparser reads such files well but writes a `skipped` on the root
that the first one refuses, so it is the reader in the tests.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from lk.record import Test
from lk.report import Report

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
KINDS = {"fail": "failure", "fixed": "failure", "skip": "skipped", "known": "skipped"}
COUNTS = {"failures": "failure", "errors": "error", "skipped": "skipped"}
_NOT_XML = re.compile(r"[^\n\x20-\ud7ff\ue000-\ufffd]")


def encode(reports: Sequence[Report]) -> str:
    """Return one document with a suite for each report."""
    root = ElementTree.Element("testsuites", name="latchkey")
    for report in reports:
        root.append(_suite(report))
    cases = list(root.iter("testcase"))
    root.set("tests", str(len(cases)))
    for key in ("failures", "errors"):
        root.set(key, str(_count(cases, COUNTS[key])))
    root.set("time", _time(sum(report.seconds or 0 for report in reports)))
    ElementTree.indent(root)
    return HEAD + ElementTree.tostring(root, "unicode") + "\n"


def write(report: Report, path: Path) -> None:
    """Write one report; raises OSError when the file cannot be written."""
    path.write_text(encode([report]), encoding="utf-8")


def _suite(report: Report) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", name=_clean(report.name))
    properties = ElementTree.SubElement(suite, "properties")
    builds = dict.fromkeys(boot.build for boot in report.boots)
    for name, value in (("fp", report.fp), ("emulator", report.emulator), ("build", " ".join(builds))):
        if value:
            ElementTree.SubElement(properties, "property", name=name, value=_clean(value))
    flaws = [Test(0, f"log_{flaw.word}_{number}", flaw.word, flaw.text) for number, flaw in enumerate(report.flaws, 1)]
    cases = [_case(report, test) for test in [*report.tests, *flaws]]
    suite.extend(cases)
    suite.set("tests", str(len(cases)))
    for key, kind in COUNTS.items():
        suite.set(key, str(_count(cases, kind)))
    suite.set("time", _time(report.seconds))
    return suite


def _case(report: Report, test: Test) -> ElementTree.Element:
    case = ElementTree.Element("testcase", name=test.id, classname=_clean(f"latchkey.{report.name}"),
                               time=_time(test.seconds))
    if test.verdict != "pass":
        kind = KINDS.get(test.verdict, "error")
        result = ElementTree.SubElement(case, kind, message=_clean(test.reason or test.verdict))
        if kind != "skipped":
            result.set("type", test.verdict)
        result.text = _clean("\n".join(test.lines()))
    return case


def _count(cases: list[ElementTree.Element], kind: str) -> int:
    return sum(case.find(kind) is not None for case in cases)


def _time(seconds: float | None) -> str:
    """Return seconds with three decimals, which is all that surefire takes; it wants them where they are not known."""
    return f"{seconds or 0:.3f}"


def _clean(text: str) -> str:
    return _NOT_XML.sub("?", text)
