"""Does a boot's log prove itself? Everything END promises is compared with what was read."""

from collections.abc import Mapping

from lk.record import Boot, Flaw, Log

MAX_RESTARTS = 1


def audit(log: Log, one_process: bool = False, stopped: str = "") -> list[Flaw]:
    """Return what keeps a log from proving itself.

    Several whole boots in one file are several runs. One that did not end before the next began is a crash, and a
    second such one makes a loop; in one process even the second run is a loop. A run that goes on after a reset is one
    run, and a loop where it came to no result in more than two boots. `stopped` says why nobody waited any longer for the
    last boot.
    """
    if not log.boots:
        return [_nothing(log)]
    dead = log.dead()
    spun = [boot for boot in log.boots if boot.starts > MAX_RESTARTS + 1 and not boot.results]
    flaws = [flaw for boot in log.boots for flaw in _audit_dead(boot, _death(log, boot, stopped))]
    if log.stray:
        flaws.append(Flaw("lost", f"{log.stray} lines of the protocol stand before the first BEGIN line"))
    if len(dead) > MAX_RESTARTS or log.begun > len(log.boots) or (one_process and log.begun > 1) or spun:
        starts = log.begun + sum(boot.starts - 1 for boot in log.boots)
        loop = Flaw("loop", f"the machine started {starts} times" + _before_end(dead or spun))
        return [loop] + [flaw for flaw in flaws if flaw.word == "damaged"]
    return flaws


def audit_boot(boot: Boot) -> list[Flaw]:
    """Return the flaws of one boot, those noted while reading first."""
    flaws = list(boot.flaws)
    if boot.number != 1:
        flaws.append(Flaw("lost", f"the log starts with boot {boot.number}: what came before is not in it"))
    if boot.refused:
        flaws.append(Flaw("incomplete", f"the kernel refused to start: {boot.refused}"))
    elif boot.plan is None:
        word = "lost" if boot.results or boot.end else "incomplete"
        flaws.append(Flaw(word, "there is no plan line"))
    if boot.end is None:
        if not boot.refused and not any(flaw.word == "incomplete" for flaw in boot.flaws):
            flaws.append(Flaw("incomplete", f"there is no END line; {suspect(boot)}"))
        return flaws
    return flaws + _audit_end(boot)


def audit_exit(log: Log, meaning: Mapping[str, int], status: int, how: str) -> list[Flaw]:
    """Compare what END says with how the emulator ended; `meaning` gives the exit status for each word."""
    end = log.boot and log.boot.end
    expected = meaning.get(end.status) if end else None
    if expected in (None, status):
        return []
    return [Flaw("damaged", f"END says status={end.status}, which is status {expected}, but {how}")]


def _death(log: Log, boot: Boot, stopped: str) -> Flaw | None:
    """Say how a boot without END died, where that is known."""
    if boot.end or boot.refused:
        return None
    if boot is not log.boot:
        return Flaw("crash", f"the machine started again without an END line; {suspect(boot)}")
    return Flaw("timeout", f"{stopped}; {suspect(boot)}") if stopped else None


def _audit_dead(boot: Boot, death: Flaw | None) -> list[Flaw]:
    """Return the flaws of a boot; where its death is known, that stands in place of the missing END."""
    flaws = audit_boot(boot)
    return [*(flaw for flaw in flaws if flaw.word != "incomplete"), death] if death else flaws


def suspect(boot: Boot) -> str:
    """Say which test was last heard of."""
    test = boot.running
    if test is None:
        return "no test had started"
    doing = "hung" if test.verdict == "timeout" else "had ended" if test.verdict else "was running"
    return f"test {test.number}, {test.id}, {doing}"


def _nothing(log: Log) -> Flaw:
    if log.stray:
        return Flaw("lost", f"there is no BEGIN line, but {log.stray} later lines of the protocol")
    return Flaw("empty", "there is no BEGIN line: the kernel said nothing")


def _before_end(dead: list[Boot]) -> str:
    return f", {len(dead)} of them without an END line; {suspect(dead[0])}" if dead else ""


def _audit_end(boot: Boot) -> list[Flaw]:
    end = boot.end
    flaws = []
    if end.nonce != boot.nonce:
        flaws.append(Flaw("damaged", f"END belongs to run {end.nonce}, BEGIN to run {boot.nonce or '?'}"))
    if end.status != _status(end.tally):
        flaws.append(Flaw("damaged", f"END says status={end.status} and counts {end.counts}"))
    if end.lines < (boot.plan or 0):
        flaws.append(Flaw("damaged", f"the plan is 1..{boot.plan}, but END counts only {end.lines} result lines"))
    missing = boot.missing()
    if missing:
        # Where nothing is missing and the CRC agrees, such a line is foreign text and harmless.
        torn = [text for number, text in boot.torn.items() if number in missing or not number]
        flaws += [Flaw("damaged", text) for text in torn]
        flaws.append(Flaw("lost", f"{len(missing)} of {boot.plan} results are missing: {ranges(missing)}"))
    elif boot.plan is not None:
        flaws += _compare(boot)
    return flaws


def _compare(boot: Boot) -> list[Flaw]:
    """Compare counts and CRC; only worth saying where no result is missing."""
    end = boot.end
    flaws = []
    tally = dict.fromkeys(end.tally, 0)
    for test in boot.results.values():
        tally[test.verdict if test.verdict in tally else "error"] += 1
    if len({test.id for test in boot.results.values()}) != len(boot.results):
        flaws.append(Flaw("damaged", "one test id has two results"))
    if end.lines != len(boot.results):
        flaws.append(Flaw("damaged", f"END counts {end.lines} result lines, the log holds {len(boot.results)}"))
    if tally != end.tally:
        counts = " ".join(f"{word}={count}" for word, count in tally.items())
        flaws.append(Flaw("damaged", f"END counts {end.counts}, the log holds {counts}"))
    if end.crc != boot.crc:
        flaws.append(Flaw("damaged", f"the CRC of the result lines is {boot.crc:08x}, END says {end.crc:08x}"))
    return flaws


def _status(tally: dict[str, int]) -> str:
    if tally["error"]:
        return "error"
    if tally["fail"]:
        return "fail"
    return "pass" if tally["pass"] else "skip"


def ranges(numbers: list[int], most: int = 8) -> str:
    """Print numbers as ranges: 3, 7..9."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    text = ", ".join(f"{low}..{high}" if high > low else str(low) for low, high in runs[:most])
    return text + (", ..." if len(runs) > most else "")
