"""Tests whose right ending is the death of the machine: one boot for each, judged here."""

from lk.boot import WATCHDOG, Attempt
from lk.record import Test
from lk.selection import DEATH

NEEDS_OWN_BOOT = "needs a boot of its own"
SHOWN = 6


def waits(test: Test) -> bool:
    """Say whether an ordinary boot skipped this test because it has to die."""
    return test.verdict == "skip" and test.id.startswith(DEATH) and test.reason.startswith(NEEDS_OWN_BOOT)


def judge(name: str, attempt: Attempt, reset_status: int | None) -> Test:
    """Return the verdict of a death test: armed, then the end of the machine and nothing else, is a pass.

    `reset_status` is how the emulator ends at a reset; None where it lets the machine start again, which is then the
    right ending. A test that its own boot skips has said why, and is skipped.
    """
    boot = attempt.boot
    if boot is not None and not boot.flaws:
        for result in boot.results.values():
            if result.id == name and result.verdict == "skip":
                return result
    announced = boot is not None and boot.running is not None and boot.running.id == name
    test = Test(1, name)
    if announced:
        test.detail, test.dropped = boot.running.detail, boot.running.dropped
    test.verdict, test.reason = _verdict(name, attempt, reset_status)
    if test.verdict != "pass":
        for line in list(attempt.log.tail)[-SHOWN:]:
            test.add(f"log: {line}")
    return test


def _verdict(name: str, attempt: Attempt, reset_status: int | None) -> tuple[str, str]:
    boot, ending = attempt.boot, attempt.ending
    again = attempt.log.begun > 1 or (boot is not None and boot.starts > 1)
    if again and reset_status is not None:
        return "fail", "the machine started again instead of ending"
    if boot and boot.running and boot.running.verdict == "timeout":
        return "timeout", f"the machine hung: {WATCHDOG}"
    if boot is None or boot.armed != name:
        hung = ending.stopped and not again
        return "timeout" if hung else "fail", f"the kernel never armed this test: {ending}"
    if boot.starts == 1 and (boot.end or boot.running.verdict):
        return "fail", f"the machine survived it: {ending}"
    if boot.flaws:
        return "fail", boot.flaws[0].text
    if again:
        return "pass", ""
    if ending.stopped:
        return "timeout", f"armed, but the machine did not end: {ending}"
    if not ending.reset and ending.status != reset_status:
        reset = "would start the machine again" if reset_status is None else f"would be status {reset_status}"
        return "fail", f"armed, but {ending}; a reset {reset}"
    return "pass", ""
