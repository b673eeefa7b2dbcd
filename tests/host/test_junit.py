"""JUnit XML: valid, and read by a consumer as it is meant."""

from pathlib import Path
from xml.etree import ElementTree

import junitparser
import made
import pytest
import stub
from conftest import Bench, issue, judge
from lxml import etree

from lk import junit
from lk.report import Report

SCHEMA = etree.XMLSchema(file=str(Path(__file__).with_name("junit.xsd")))
TESTS = {"self_a": "pass", "b": "fail", "c": "skip no la57", "d": "error state cr4", "e": "error crash",
         "f": "skip no la57"}
LOG = stub.log(TESTS)


def document(*reports: Report) -> etree._Element:
    """Return the parsed document after holding it against the schema."""
    root = etree.fromstring(junit.encode(reports).encode())
    SCHEMA.assertValid(root)
    return root


def cases(report: Report) -> dict[str, etree._Element]:
    return {case.get("name"): case for case in document(report).iter("testcase")}


@pytest.mark.parametrize("log", [
    LOG, b"", stub.log({}), LOG.replace(b"ok 1 - self_a", b"ok 1 - self_x"), LOG.partition(b"ok 3")[0],
    LOG.replace(b"ok 3 - c # SKIP no la57\r\n", b""), LOG + LOG, LOG.replace(b"want #PF", b"want \x01\xff<&]]>\x0b #PF"),
])
def test_it_is_valid_whatever_the_log(log: bytes) -> None:
    document(judge(log))


def test_kinds_and_texts() -> None:
    found = cases(judge(LOG.replace(b"want #PF", b"want \x01<&> #PF")))
    kinds = {name: [child.tag for child in case] for name, case in found.items()}
    assert kinds == {"self_a": [], "b": ["failure"], "c": ["skipped"], "d": ["error"], "e": ["error"],
                     "f": ["skipped"]}
    assert "want ?<&> #PF[W-sP] got none" in found["b"][0].text and found["b"][0].get("type") == "fail"
    assert found["c"][0].text == "no la57" and found["b"].get("classname") == "latchkey.test"


def test_a_log_that_proves_nothing_is_red() -> None:
    found = cases(judge(b""))
    assert [child.tag for child in found["log_empty_1"]] == ["error"]
    assert "there is no BEGIN line" in found["log_empty_1"][0].text


def test_times_and_known_issues(bench: Bench) -> None:
    issues = [issue("b"), issue("a", title="gone")]
    found = cases(bench.session({"tests": {"a": "pass", "b": "fail"}}, issues=issues))
    assert 0 <= float(found["a"].get("time")) < 1
    assert found["b"][0].tag == "skipped" and "forgets (a title) [fail]" in found["b"][0].text
    assert found["a"][0].tag == "failure" and "take it off the known issue 'gone'" in found["a"][0].text


def test_what_xml_cannot_hold_becomes_a_question_mark() -> None:
    report = made.report("a\x0b<", {"b": "fail"}, issues=[issue("b", machine="*", title="odd \x01\ufffe & \u00e4")])
    report.emulator = "Bochs\x1b[2J"
    root = document(report)
    assert root[0].get("name") == "a?<" and root.find(".//property[@name='emulator']").get("value") == "Bochs?[2J"
    assert root.find(".//skipped").text.startswith("odd ?? & \u00e4 (")


def test_several_machines() -> None:
    root = document(judge(LOG), made.report("qemu-pvh", TESTS))
    assert [suite.get("name") for suite in root] == ["test", "qemu-pvh"]
    assert [root.get(key) for key in ("tests", "failures", "errors", "skipped")] == ["12", "2", "4", None]
    properties = {one.get("name"): one.get("value") for one in root[1].iter("property")}
    assert properties == {"fp": "cpu=Stub-0-0-0 hv=none pks=1 la57=1 cpus=1", "build": stub.BUILD,
                          "emulator": "QEMU emulator version 7.2.22 (Debian)"}


def test_a_consumer_reads_it() -> None:
    document_text = junit.encode([judge(LOG), made.report("qemu-pvh", {"b": "fail"}, {"b": made.FAIL})]).encode()
    read = junitparser.JUnitXml.fromstring(document_text)
    assert [(suite.name, suite.tests, suite.failures, suite.errors, suite.skipped) for suite in read] == [
        ("test", 6, 1, 2, 2), ("qemu-pvh", 1, 1, 0, 0)]
    (case,) = list(read)[1]
    assert case.result[0].text.splitlines() == made.FAIL and case.classname == "latchkey.qemu-pvh"


def test_the_schema_objects() -> None:
    good = junit.encode([judge(LOG)])
    for old, new in (('name="b"', 'name="d"'), ("<failure", "<warning"), (' type="fail"', ""), ('tests="6"', 'tests="x"'),
                     ('<skipped message', '<skipped type="skip" message')):
        assert old in good
        bad = good.replace(old, new).replace("</failure", "</warning" if "warning" in new else "</failure")
        assert not SCHEMA.validate(etree.fromstring(bad.encode())), new


def test_written_file(tmp_path: Path) -> None:
    junit.write(judge(LOG), tmp_path / "junit.xml")
    assert ElementTree.parse(tmp_path / "junit.xml").getroot().tag == "testsuites"
    assert (tmp_path / "junit.xml").read_bytes().startswith(b'<?xml version="1.0" encoding="utf-8"?>\n')
