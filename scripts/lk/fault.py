"""A fault as the kernel writes it, in words."""

import re

# One letter a bit, in the kernel's order; a word for the letter, and one for its absence where that says something.
_PAGE_FAULT = re.compile(r"#PF\[([K-])([I-])([R-])([Us])([Wr])([P-])\]")
_WORDS = ({"K": "protection key"}, {"I": "fetch"}, {"R": "reserved bit"}, {"U": "user mode", "s": "supervisor mode"},
          {"W": "write", "r": "read"}, {"P": "present", "-": "not present"})


def words(text: str) -> str:
    """Return "page fault: protection key, supervisor mode, write, present" for #PF[K--sWP]; empty for what is clear."""
    match = _PAGE_FAULT.fullmatch(text)
    if not match:
        return "no fault" if text == "none" else ""
    said = [meaning.get(letter, "") for letter, meaning in zip(match.groups(), _WORDS)]
    if match[2] == "I":
        said[4] = ""  # W/R is clear for a fetch
    return "page fault: " + ", ".join(word for word in said if word)
