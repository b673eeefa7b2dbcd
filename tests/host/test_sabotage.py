"""The program that breaks things on purpose can itself fail.

It is shown on a tree of two files, whose kernel is what the stub machine plays.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import PYTHON, SCRIPTS

HERE = Path(__file__).resolve().parent
MACHINES = """
default = "stub"
fastest = "stub"
[machine.stub]
about = "plays the kernel started directly"
program = "{python}"
package = "python3"
boot = "kernel"
quiet_limit = 5
time_limit = 20
log_limit = 1
exit_status = {{ pass = 17, fail = 19, skip = 21, error = 23 }}
args = ["-S", "-B", "{stub}", "{{kernel}}", "{{line}}"]
"""
SOUND = {"self_a": "pass", "keys_b_l4": "pass", "keys_b_l5": "pass", "thread_c": "skip no pks"}
MAKEFILE = """
build/latchkey.elf: kernel/tests.json
\t@mkdir -p build
\t/usr/bin/python3 -S -m json.tool $< $@
"""
HEAD = """Title: key b is lost
Defect: keys_b does something else
Source: own
"""


def text(tests: dict[str, str]) -> str:
    return json.dumps({"tests": tests}, indent=1) + "\n"


def diff(old: str, new: str) -> str:
    """Return a patch that makes a line of the tree's only source another one."""
    numbered = text(SOUND).splitlines()
    at = next(number for number, line in enumerate(numbered) if old in line)
    lines = [f" {line}" for line in numbered]
    lines[at:at + 1] = [f"-{numbered[at]}", f"+{numbered[at].replace(old, new)}"]
    size = len(numbered)
    return f"--- a/kernel/tests.json\n+++ b/kernel/tests.json\n@@ -1,{size} +1,{size} @@\n" + "\n".join(lines) + "\n"


class Tree:
    """A tree to break, and the command as a user would run it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.patches = folder / "patches"
        self.patches.mkdir()
        (folder / "kernel").mkdir()
        (folder / "Makefile").write_text(MAKEFILE)
        (folder / "machines.toml").write_text(MACHINES.format(python=PYTHON, stub=HERE / "stub.py"))
        self.source(SOUND)

    def source(self, tests: dict[str, str]) -> None:
        (self.folder / "kernel/tests.json").write_text(text(tests))

    def patch(self, body: str, head: str = HEAD, red: str = "Red: keys_b_l?\n", name: str = "b_lost") -> None:
        (self.patches / f"{name}.patch").write_text(head + red + body)

    def run(self, *words: str) -> subprocess.CompletedProcess:
        command = [PYTHON, SCRIPTS / "saboteur", "--tree", self.folder, "--patches", self.patches,
                   "--machines", self.folder / "machines.toml", "--jobs", "2", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    def expect(self, status: int, *says: str) -> str:
        done = self.run()
        for words in says:
            assert words in done.stdout + done.stderr
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


ONE = diff('"keys_b_l4": "pass"', '"keys_b_l4": "fail"')


def test_a_defect_that_is_seen_is_caught(tree: Tree) -> None:
    tree.patch(ONE, red="Red: keys_b_l4\n")
    assert "caught 1 of 1" in tree.expect(0, "caught     b_lost: key b is lost")
    assert not list((tree.folder / "build/sabotage").iterdir())


def test_a_red_test_that_stays_green(tree: Tree) -> None:
    tree.patch(ONE)
    tree.expect(1, "NOT CAUGHT b_lost", "keys_b_l5 is pass, not fail or error", "caught 0 of 1")


def test_a_red_test_that_is_skipped(tree: Tree) -> None:
    tree.patch(ONE, red="Red: keys_b_l4, thread_c\n")
    tree.expect(1, "thread_c is skip, not fail or error")


def test_a_test_that_nobody_expected(tree: Tree) -> None:
    tree.patch(diff('"self_a": "pass"', '"self_a": "fail"'), red="Red: keys_b_l4\n")
    tree.expect(1, "self_a is fail, which the patch does not say", "keys_b_l4 is pass, not fail or error")


def test_a_consequence_that_the_patch_names(tree: Tree) -> None:
    tree.patch(ONE, red="Red: keys_b_l4\nAlso: self_*\n")
    tree.expect(0)


def test_the_exact_verdict(tree: Tree) -> None:
    tree.patch(diff('"keys_b_l4": "pass"', '"keys_b_l4": "crash"'), red="Red: keys_b_l4\n")
    tree.expect(1, "keys_b_l4 is crash, not fail or error")
    tree.patch(diff('"keys_b_l4": "pass"', '"keys_b_l4": "crash"'), red="Red: keys_b_l4=crash\n")
    tree.expect(0)


def test_one_verdict_of_several(tree: Tree) -> None:
    tree.patch(diff('"keys_b_l4": "pass"', '"keys_b_l4": "crash"'), red="Red: keys_b_l4=fail|crash\n")
    tree.expect(0)
    tree.patch(diff('"keys_b_l4": "pass"', '"keys_b_l4": "crash"'), red="Red: keys_b_l4=fail|timeout\n")
    tree.expect(1, "keys_b_l4 is crash, not fail or timeout")
    tree.patch(diff('"keys_b_l4": "pass"', '"keys_b_l4": "crash"'), red="Red: keys_b_l4=crash|pass\n")
    tree.expect(2, "'pass' is no verdict that is red")


def test_an_id_that_no_test_has(tree: Tree) -> None:
    tree.patch(ONE, red="Red: keys_b_l4, keys_x\n")
    tree.expect(1, "keys_x is no test that was run")


def test_a_patch_that_does_not_apply(tree: Tree) -> None:
    tree.patch(ONE.replace("self_a", "self_z").replace("thread_c", "thread_z").replace('"keys_b_l5"', '"keys_z"'))
    tree.expect(1, "the patch does not apply")


def test_a_patch_that_does_not_compile(tree: Tree) -> None:
    tree.patch(diff('"keys_b_l4": "pass",', '"keys_b_l4" "pass",'))
    tree.expect(1, "build/latchkey.elf cannot be built")


def test_a_log_that_is_not_damaged_as_promised(tree: Tree) -> None:
    tree.patch(ONE, red="Red: keys_b_l4\nFlaws: lost\n")
    tree.expect(1, "the log is not lost")


def test_a_log_that_is_damaged(tree: Tree) -> None:
    damaged = ONE.replace('+  "keys_b_l4": "fail",', '+  "keys_b_l4": "fail"},"exit": 3, "rest": {')
    tree.patch(damaged, red="Red: keys_b_l4\nFlaws: damaged\n")
    tree.expect(0)
    tree.patch(damaged, red="Red: keys_b_l4\n")
    tree.expect(1, "the log is damaged, which the patch does not say")


def test_one_of_two(tree: Tree) -> None:
    tree.patch(ONE, red="Red: keys_b_l4\n", name="good")
    tree.patch(ONE, red="Red: keys_b_l5\n", name="bad")
    out = tree.expect(1, "caught 1 of 2")
    assert out.index("bad") < out.index("good")
    assert tree.run("good").returncode == 0
    assert tree.run("nothing").returncode == 2


def test_a_sound_tree_that_is_red_proves_nothing(tree: Tree) -> None:
    tree.source(SOUND | {"self_a": "fail"})
    tree.patch(ONE, red="Red: keys_b_l4\n")
    tree.expect(2, "without any defect self_a is fail")


@pytest.mark.parametrize("head, red, says", [
    ("Title: x\nDefect: y\n", "Red: keys_b_l4\n", "the head lacks Source"),
    (HEAD, "", "the head lacks Red"),
    (HEAD, "Red: ,\n", "'Red' names no test"),
    (HEAD, "Red: keys_b_l4=green\n", "'green' is no verdict that is red"),
    (HEAD, "Red: keys B\n", "is neither a test id"),
    (HEAD + "Sauce: z\n", "Red: keys_b_l4\n", "'Sauce: z' is none of"),
    (HEAD + "Also: keys B\n", "Red: keys_b_l4\n", "is no pattern of test ids"),
])
def test_a_bad_head(tree: Tree, head: str, red: str, says: str) -> None:
    tree.patch(ONE, head, red)
    tree.expect(2, says)


def test_a_head_without_a_patch(tree: Tree) -> None:
    tree.patch("", red="Red: keys_b_l4\n")
    tree.expect(2, "no patch follows the head")


def test_no_patches(tree: Tree) -> None:
    tree.expect(2, "no patch in")


HOST_TEST = "def test_red() -> None:\n    assert open('kernel/tests.json').read().count('pass') == 3\n\n\n" \
            "def test_green() -> None:\n    assert True\n"


def test_a_defect_that_the_host_has_to_see(tree: Tree) -> None:
    (tree.folder / "tests/host").mkdir(parents=True)
    (tree.folder / "tests/host/test_it.py").write_text(HOST_TEST)
    tree.patch(ONE, red="Red: tests/host/test_it.py::test_red\n")
    tree.expect(0)
    tree.patch(ONE, red="Red: tests/host/test_it.py::test_green\n")
    tree.expect(1, "test_green is pass, not fail or error", "test_red is fail, which the patch does not say")


def test_every_patch_of_the_project_has_a_head() -> None:
    from lk import defect
    patches = sorted((SCRIPTS / "sabotage").glob("*.patch"))
    titles = [defect.load(path, "counted").title for path in patches]
    assert len(titles) >= 40 and len(set(titles)) == len(titles)


def test_every_patch_of_the_project_applies(tmp_path: Path) -> None:
    from lk import workshop
    for path in sorted((SCRIPTS / "sabotage").glob("*.patch")):
        folder = tmp_path / path.stem
        for line in path.read_text().splitlines():
            if line.startswith("--- a/"):
                target = folder / line[6:]
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(SCRIPTS.parent / line[6:], target)
        workshop.apply(path, folder)
