"""A test for labgrid: turn a machine off and on that boots the stick, read its console, and judge the log.

    pytest --lg-env scripts/labgrid.yaml scripts/labgrid_run.py

LATCHKEY_SAVE=FILE keeps the bytes of the console.
"""

import contextlib
import os
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent))

from lk import live, summary  # noqa: E402
from lk.protocol import Parser  # noqa: E402
from lk.report import from_log  # noqa: E402
from pexpect import TIMEOUT  # noqa: E402
from rich.console import Console  # noqa: E402

LINE = live.Line("labgrid", 115200, quiet=60, whole=1800)


class Port:
    """A console of labgrid, read as a serial port is."""

    in_waiting = live.CHUNK

    def __init__(self, console) -> None:
        self._console = console

    def read(self, size: int) -> bytes:
        """Return what has come; a serial driver says TIMEOUT where nothing has, others nothing at all."""
        with contextlib.suppress(TIMEOUT):
            if data := self._console.read(size=size, timeout=live.POLL_S):
                return data
        time.sleep(live.POLL_S)
        return b""


def test_latchkey(target) -> None:
    console = target.get_driver("ConsoleProtocol")
    target.get_driver("PowerProtocol").cycle()
    parser = Parser()
    with open(os.environ.get("LATCHKEY_SAVE", os.devnull), "wb") as save:
        stopped = live.follow(Port(console), LINE, parser, save)
    report = from_log(target.name, parser.finish(), stopped=stopped)
    summary.show(Console(), report)
    assert report.word == "pass"
