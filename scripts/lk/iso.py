"""A derived ISO: the same bytes with another kernel command line.

grub.cfg in the image holds one line `set line='...'` padded with spaces to a fixed length, and iso9660 carries no
checksum, so replacing those bytes in place is all there is to do.
"""

import re
from pathlib import Path

from lk.problem import Problem

LENGTH = 1000
_PLACE = re.compile(rb"set line='([ -&(-~]{%d})'" % LENGTH)
_USABLE = re.compile(r"[ -&(-~]*")


def derive(image: Path, line: str, target: Path) -> None:
    """Write a copy of the image with this command line.

    Raises Problem when the line does not fit, or when the image has no place, or several, for it.
    """
    if not _USABLE.fullmatch(line):
        raise Problem(f"the kernel command line holds a quote or something that is not printable ASCII: {line!r}")
    if len(line) > LENGTH:
        raise Problem(f"the kernel command line is {len(line)} characters long, the ISO has room for {LENGTH}")
    contents = bytearray(image.read_bytes())
    places = [match.span(1) for match in _PLACE.finditer(contents)]
    if len(places) != 1:
        raise Problem(f"{image} has {len(places)} places for a kernel command line instead of one")
    start, end = places[0]
    contents[start:end] = line.encode().ljust(LENGTH)
    target.write_bytes(contents)
