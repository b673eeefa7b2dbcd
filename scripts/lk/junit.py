"""JUnit XML: the text in the element body, where GitLab and others look, and unique names."""

from pathlib import Path

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from lk.record import Test
from lk.report import Report

KINDS = {"fail": Failure, "fixed": Failure, "skip": Skipped, "known": Skipped}


def write(report: Report, path: Path) -> None:
    """Write the report; raises OSError when the file cannot be written."""
    suite = TestSuite(report.name)
    suite.timestamp = None
    for test in report.tests:
        suite.add_testcase(_case(report, test))
    for number, flaw in enumerate(report.flaws, 1):
        suite.add_testcase(_case(report, Test(0, f"log_{flaw.word}_{number}", flaw.word, flaw.text)))
    xml = JUnitXml("latchkey")
    xml.add_testsuite(suite)
    xml.update_statistics()
    xml.write(str(path), pretty=True)


def _case(report: Report, test: Test) -> TestCase:
    seconds = None if test.seconds is None else round(test.seconds, 6)
    case = TestCase(test.id, f"latchkey.{report.name}", seconds)
    if test.verdict != "pass":
        result = KINDS.get(test.verdict, Error)(test.reason or test.verdict, test.verdict)
        result.text = "\n".join(test.lines())
        case.result = [result]
    return case
