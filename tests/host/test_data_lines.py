"""Every data line that the kernel or a test prints is listed in scripts/data_lines.md with all its keys, and no other is."""

import re
from collections import defaultdict
from pathlib import Path

from lk import places

TOP = places.KERNEL.parents[1]
COMMENT = re.compile(r"/\*.*?\*/", re.S)
PIECE = r'"(?:[^"\\\n]|\\.)*"'
STRING = re.compile(rf"(test_note\(\s*)?({PIECE}(?:\s*{PIECE})*)")
KEY = re.compile(r"\b([a-z][a-z0-9_]*)=")


def add(found: dict[str, set[str]], line: str) -> None:
    """Note a line's first word and its keys. A first word that is a key itself counts as both."""
    if word := re.match(r"[a-z_0-9]+", line):
        found[word[0]] |= set(KEY.findall(line))


def lines_of(source: str) -> list[str]:
    """What a C source prints behind `# @ `. A note without a key is a remark for people, and the place is no contract."""
    lines = []
    for note, pieces in STRING.findall(COMMENT.sub("", source)):
        text = "".join(piece[1:-1] for piece in re.findall(PIECE, pieces))
        if note and KEY.search(text):
            lines.append(text)
        elif text.startswith("# @ "):
            lines.append(text[4:])
    return lines


def printed() -> dict[str, set[str]]:
    """The keys of each line of the sources, by first word."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in [*TOP.glob("kernel/**/*.[ch]"), *TOP.glob("lib/**/*.[ch]"), *TOP.glob("tests/*.[ch]")]:
        for line in lines_of(file.read_text()):
            add(found, line)
    return found


def listed(document: Path = TOP / "scripts/data_lines.md") -> dict[str, set[str]]:
    """The same of the document's table."""
    found: dict[str, set[str]] = defaultdict(set)
    for line in re.findall(r"^\| `([^`]*)` \|", document.read_text(), re.M):
        add(found, line)
    return found


def words(lines: dict[str, set[str]]) -> set[str]:
    """Each first word, alone and with each of its keys."""
    return set(lines) | {f"{word} {key}=" for word, keys in lines.items() for key in keys}


def test_the_document_lists_every_line_with_its_keys() -> None:
    there, said = printed(), listed()
    missing, stale = words(there) - words(said), words(said) - words(there)
    assert not missing, f"not in scripts/data_lines.md: {sorted(missing)}"
    assert not stale, f"in scripts/data_lines.md, and printed by nothing: {sorted(stale)}"


def test_what_counts_as_a_line() -> None:
    source = '''/* "# @ comment a=" */ test_note("one a=%u "
        "b=\\"%s\\"", x, "c=1"); test_note("only words"); log_line("# @ two %s", s); log_line("# @ %s", s); f("three d=");'''
    assert lines_of(source) == ['one a=%u b=\\"%s\\"', "two %s", "%s"]
