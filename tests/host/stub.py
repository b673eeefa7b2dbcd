"""A stub machine: plays the kernel and the emulator around it, for the tests of the host tool.

`log()` writes what a kernel would print, from the protocol's description and with its own arithmetic. Started as a
program it is the emulator: `stub.py SCENARIO LINE` or `stub.py IMAGE`, where the scenario is JSON (at the end of an
image) and the line says which tests to leave out. Keys of a scenario:

tests    {id: "pass" | "fail" | "skip WHY" | "error WHY" | "crash" | "hang" | "reboot" | "flood" | "die" | "mutter WORDS" | "watchdog" | ...}
mute     print nothing and wait           refuse   refuse the command line
no_end   leave without an END line        linger   stay after END
after    text to print after END          exit     another exit status
deaf     ignore the command line          begin    several BEGINs each with its END
spin     start over and over, before any test
product  how many cases each matrix_* test has over all shards; "shard 2/3": {id: outcome} in that shard only
mute_shard  the shard that prints nothing
rebuilt  another build once there is a command line
raw      print exactly this               stderr   what the emulator complains about
"""

import fnmatch
import json
import os
import re
import sys
import time
import zlib

NONCE = "0123456789abcdef"
BUILD = "abcdef012345"
STATUS = {"pass": 17, "fail": 19, "skip": 21, "error": 23}
BEGIN = f"LATCHKEY-BEGIN v1 boot=1 run={NONCE} build={BUILD} suite=89abcdef"
FLOODS = {"flood": ("x" * 65536,), "chatter": ("# @ case key=3\r\n" * 4096,), "alive": ("# @ alive\r\n", 0.05),
          "forger": ("ok 2 - rights_b\r\nok 3 - rights_c\r\n" * 2048,)}
FP = "# @ fp cpu=Stub-0-0-0 hv=none pks=1 la57=1 cpus=1"


def result(number: int, name: str, outcome: str) -> str:
    """Return the result line of a test."""
    word, _, why = outcome.partition(" ")
    if word == "pass":
        return f"ok {number} - {name}"
    if word == "skip":
        return f"ok {number} - {name} # SKIP {why}"
    return f"not ok {number} - {name}" + (f" # ERROR {why}" if word == "error" else "")


def end(results: list[str], plan: str, nonce: str = NONCE, **wrong: object) -> str:
    """Return the END line for these result lines; `wrong` replaces single fields."""
    tally = {"pass": 0, "fail": 0, "skip": 0, "error": 0}
    for line in results:
        bad = "error" if " # ERROR" in line else "fail"
        tally["skip" if " # SKIP" in line else "pass" if line.startswith("ok ") else bad] += 1
    status = "error" if tally["error"] else "fail" if tally["fail"] else "pass" if tally["pass"] else "skip"
    counts = " ".join(f"{key}={value}" for key, value in tally.items())
    crc = zlib.crc32("\n".join([nonce, plan, *results, counts]).encode())
    fields = {"status": status, "run": nonce, **tally, "lines": len(results), "crc": f"{crc:08x}", **wrong}
    return "LATCHKEY-END " + " ".join(f"{key}={value}" for key, value in fields.items())


def lines(tests: dict[str, str], **wrong: object) -> list[str]:
    """Return the lines of a whole boot."""
    plan = f"1..{len(tests)}"
    text = [BEGIN, "TAP version 13", plan, FP]
    results = []
    for number, (name, outcome) in enumerate(tests.items(), 1):
        text.append(f"# RUN {number} {name}")
        if outcome.split()[0] in ("fail", "error"):
            text += ["# @ case key=3 ad=1 wp=0 access=write", "# want #PF[W-sP] got none"]
        results.append(result(number, name, outcome))
        text.append(results[-1])
    return [*text, end(results, plan, **wrong)]


def log(tests: dict[str, str], ending: str = "\r\n", **wrong: object) -> bytes:
    """Return the bytes of a whole boot."""
    return (ending + "".join(line + ending for line in lines(tests, **wrong))).encode()


def say(*text: str) -> None:
    sys.stdout.write("".join(line + "\r\n" for line in text))
    sys.stdout.flush()


def select(tests: dict[str, str], line: str) -> dict[str, str]:
    patterns = next((word[6:].split(",") for word in line.split() if word.startswith("tests=")), [])
    including = [pattern for pattern in patterns if not pattern.startswith("-")] or ["*"]
    excluding = [pattern[1:] for pattern in patterns if pattern.startswith("-")]
    chosen = [name for name in tests if any(fnmatch.fnmatchcase(name, pattern) for pattern in including)]
    return {name: tests[name] for name in chosen
            if not any(fnmatch.fnmatchcase(name, pattern) for pattern in excluding)}


def wait() -> None:
    time.sleep(60)


def flood(text: str, pause: float = 0) -> None:
    while True:
        sys.stdout.write(text)
        if pause:
            sys.stdout.flush()
            time.sleep(pause)


def act(name: str, outcome: str, number: int, alone: bool) -> str:
    """Do what a test does; return its result line if it survives."""
    word = outcome.split()[0]
    if word == "crash":
        say("# ! #DF in " + name)
        sys.exit(0)
    if word == "hang":
        wait()
    if word == "reboot":
        return ""
    if word == "mess":
        say("1..7")
        sys.exit(0)
    if word in FLOODS:
        flood(*FLOODS[word])
    if word == "signal":
        os.kill(os.getpid(), int(outcome.split()[1]))
    if word == "late":
        say(result(number, name, "pass"))
        sys.exit(0)
    if word == "watchdog" and (alone or not name.startswith("death_")):
        say("# ! watchdog: test " + name, result(number, name, "error timeout"))
        sys.exit(STATUS["error"])
    if word == "mutter" and (alone or not name.startswith("death_")):
        say("# @ death armed")
        sys.stderr.write(outcome.removeprefix("mutter "))
        sys.stderr.flush()
        wait()
    if word == "status":
        sys.exit(int(outcome.split()[1]))
    if name.startswith("death_") and word != "skip":
        return die(name, word, number, alone)
    return result(number, name, outcome)


def die(name: str, word: str, number: int, alone: bool) -> str:
    if not alone:
        return result(number, name, "skip needs a boot of its own")
    if word == "declines":
        return result(number, name, "skip no pks")
    if word != "unarmed":
        say("# @ death armed")
    if word == "hangs":
        wait()
    if word == "resets":
        return ""
    if word == "survives":
        return result(number, name, "fail")
    sys.exit(int(word[4:]) if word.startswith("exit") else 0)


def boot(scenario: dict, line: str) -> str:
    """Print one boot and return the END status."""
    begin = BEGIN.replace(BUILD, "0" * 12) if scenario.get("rebuilt") and line else BEGIN
    tests = scenario["tests"] if scenario.get("deaf") else select(scenario["tests"], line)
    plan = f"1..{len(tests)}"
    say("", begin, "TAP version 13", plan, FP)
    results = []
    for number, (name, outcome) in enumerate(tests.items(), 1):
        say(f"# RUN {number} {name}")
        if outcome.split()[0] == "fail" and not name.startswith("death_"):
            say("# @ case key=3 access=write", "# want #PF[W-sP] got none")
        if name.startswith("matrix_") and "product" in scenario:
            say(f"# @ matrix cases={part(scenario['product'], line)} skipped=0 us=1 product={scenario['product']} no=0")
        results.append(act(name, outcome, number, line == f"tests={name}"))
        if not results[-1]:
            time.sleep(0.02)
            return ""
        say(results[-1])
    if scenario.get("no_end"):
        sys.exit(scenario.get("exit", 17))
    closing = end(results, plan)
    say(closing)
    return re.search(r"status=(\w+)", closing)[1]


def part(product: int, line: str) -> int:
    """Return how many units of the product belong to the shard of this line."""
    match = re.search(r"\bshard=(\d+)/(\d+)", line)
    return len(range(int(match[1]) - 1, product, int(match[2]))) if match else product


def listing(tests: dict[str, str]) -> None:
    say("", BEGIN, "TAP version 13", "1..0 # SKIP list")
    say(*(f"# @ list id={name} about=What {name} is about" for name in tests))
    say(end([], "1..0"))
    sys.exit(STATUS["skip"])


def main(scenario: dict, line: str) -> int:
    sys.stderr.write(scenario.get("stderr", ""))
    scenario.setdefault("tests", {})
    if "raw" in scenario:
        say(scenario["raw"])
        return scenario.get("exit", 17)
    own = next((word.partition("=")[2] for word in line.split() if word.startswith("shard=")), None)
    if scenario.get("mute") or own and own == scenario.get("mute_shard"):
        wait()
    scenario["tests"] |= scenario.get(f"shard {own}", {})
    if scenario.get("refuse"):
        say("", BEGIN, "TAP version 13", "# @ refused command line: unknown word 'foo=1'")
        return STATUS["error"]
    if "list" in line.split():
        listing(scenario["tests"])
    while scenario.get("spin"):
        say("", BEGIN, "TAP version 13", f"1..{len(scenario['tests'])}", FP)
        time.sleep(0.02)
    for _ in range(scenario.get("begin", 1)):
        while not (status := boot(scenario, line)):
            pass
    if scenario.get("after"):
        say(scenario["after"])
    if scenario.get("linger") == "noisy":
        while True:
            say("still here")
            time.sleep(0.02)
    if scenario.get("linger"):
        wait()
    return scenario.get("exit", STATUS[status])


def read(path: str, words: list[str]) -> tuple[dict, str]:
    contents = open(path, "rb").read().decode("latin-1")
    place = re.search(r"set line='([^']*)'\n", contents)
    if place:
        return json.loads(contents[place.end():]), place[1].strip()
    return json.loads(contents), words[0]


if __name__ == "__main__":
    sys.exit(main(*read(sys.argv[1], sys.argv[2:])))
