"""The commands of the README, so that what a test runs is what people are told to type."""

import re

from conftest import TOP


def command(start: str, **instead: str) -> str:
    """The one command of README.md that begins like this, with other words in the place of some of its own."""
    found = [line for line in (TOP / "README.md").read_text().splitlines() if line.startswith(start)]
    assert len(found) == 1, f"README.md has {len(found)} lines that begin with {start!r}"
    line = re.sub(r"\s+# .*", "", found[0])
    for word, other in {"sudo ": "", **instead}.items():
        assert word == "sudo " or word in line, f"no {word} in {line!r}"
        line = line.replace(word, other)
    return line
