"""Which tests: the patterns of `--tests`, and the words of the kernel command line they become."""

import re
from collections.abc import Iterable, Sequence

from lk.problem import Problem

DEATH = "death_"
_PATTERN = re.compile(r"-?[a-z0-9_*?]{1,64}")
_LINE = re.compile(r"[ -&(-~]*")


def parse(text: str) -> list[str]:
    """Cut `--tests` at its commas; raise Problem for a pattern that can match no test id."""
    patterns = [pattern.strip() for pattern in text.split(",")] if text else []
    for pattern in patterns:
        if not _PATTERN.fullmatch(pattern):
            raise Problem(f"'{pattern}' is not a pattern for test ids: those are made of a-z, 0-9, _, * and ?")
    return patterns


def check_words(text: str, origin: str) -> str:
    """Return extra words for the kernel; raise Problem where they would fight with `--tests` or cannot be passed."""
    if not _LINE.fullmatch(text):
        raise Problem(f"{origin} holds a quote or something that is not printable ASCII: {text!r}")
    for word in text.split():
        if word.startswith("tests="):
            raise Problem(f"{origin} holds '{word}': say it with --tests instead")
    return text


def kernel_line(patterns: Sequence[str], left_out: Iterable[str], words: Sequence[str]) -> str:
    """Return a kernel command line with these patterns, without these tests, and with these words."""
    chosen = [*patterns, *("-" + name for name in left_out)]
    return " ".join(([f"tests={','.join(chosen)}"] if chosen else []) + [word for word in words if word])


def matches(patterns: Sequence[str], name: str) -> bool:
    """Apply the kernel's rule: matched by one of the patterns, if any include, and by none that excludes."""
    including = [pattern for pattern in patterns if not pattern.startswith("-")]
    excluding = [pattern[1:] for pattern in patterns if pattern.startswith("-")]
    included = not including or any(_glob(pattern, name) for pattern in including)
    return included and not any(_glob(pattern, name) for pattern in excluding)


def lone_death(patterns: Sequence[str]) -> str:
    """Return the id where the patterns are one death test by name: the kernel then dies at once, as it should."""
    lone = patterns[0] if len(patterns) == 1 else ""
    return lone if lone.startswith(DEATH) and not set(lone) & set("*?") else ""


def _glob(pattern: str, name: str) -> bool:
    expression = "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern)
    return re.fullmatch(expression, name) is not None
