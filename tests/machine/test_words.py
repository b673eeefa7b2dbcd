"""What READMEs say about tests: every id they name is one of the image's."""

import fnmatch
import re

import pytest
from conftest import SKIP, TOP, boot

FAMILIES = "self|boot|msr|rights|matrix|tlb|event|keys|thread|smp|console|bench|death"


@pytest.fixture(scope="module")
def ids() -> set[str]:
    done = boot("list")
    assert done.status == SKIP
    return {re.sub("_l[45]$", "", name) for name in re.findall(r"# @ list id=(\w+) ", done.text)}


@pytest.mark.parametrize("readme", ["kernel/pks/README.md"])
def test_every_id_in_a_readme_exists(readme, ids):
    code = set(re.findall(r"\w+", "".join(path.read_text() for path in (TOP / "kernel").rglob("*.h"))))
    named = set(re.findall(rf"`((?:{FAMILIES})_[a-z0-9_*]+)`", (TOP / readme).read_text())) - code
    assert len(named) > 20
    assert not sorted(name for name in named if not fnmatch.filter(ids, name))


def test_every_row_of_the_feature_table_has_a_test_or_a_reason(ids):
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", (TOP / "kernel/pks/README.md").read_text(), re.M)
    assert [int(number) for number, _ in rows] == list(range(1, 33))
    for number, words in rows:
        assert re.search(rf"`(?:{FAMILIES})_", words) or len(words.split()) > 3, number
