"""Known issues against the real image: the ids they name exist, and their reproducers reproduce."""

from pathlib import Path

import pytest
from conftest import TOP, latchkey

from lk import available, known, machine, rules

MACHINES = machine.load(TOP / "scripts/machines.toml")
ISSUES = known.load(TOP / "scripts/known_issues.toml", set(MACHINES.by_name))
EMULATOR = available.version(MACHINES.get("qemu-pvh"), MACHINES.get("qemu-pvh").program)
WITHOUT = {"qemu-nopks": "hv=TCGTCGTCGTCG pks=0 cpus=1", "qemu-pvh": "hv=TCGTCGTCGTCG pks=1 cpus=1"}


def test_every_id_is_one_of_the_kernel():
    names = [line.split()[0] for line in latchkey("list").stdout.splitlines()]
    assert len(names) > 500
    for issue in ISSUES:
        for pattern in issue.tests:
            assert any(rules.tries(pattern, name) for name in names), f"{issue.title}: no test is called {pattern}"


def test_the_rules_of_the_file_are_those_of_the_kernel():
    said = latchkey("rules").stdout
    for rule in rules.load(TOP / "lib/pks/rules.def"):
        assert f"{rule.id}\n    {rule.about}\n    manual: {rule.title}\n" in said
        assert all(f"    test: {pattern}\n" in said for pattern in rule.tests)


@pytest.mark.parametrize("issue", ISSUES, ids=lambda issue: issue.title)
def test_the_reproducer_reproduces(issue, tmp_path):
    here = [name for name, fp in WITHOUT.items() if issue.fits(name, EMULATOR, fp)]
    if not here:
        pytest.skip("about another emulator or version; `make machines` runs those")
    (tmp_path / "none.toml").write_text("")
    words = issue.reproducer
    asked = ["--tests", words.removeprefix("tests=")] if words.startswith("tests=") else ["--line", words]
    done = latchkey("run", here[-1], "--known", str(tmp_path / "none.toml"), *asked, results=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    verdict = next(word for word in issue.verdict)
    assert f"  {verdict} " in done.stdout
    assert (Path(tmp_path) / here[-1] / "results.json").is_file()
