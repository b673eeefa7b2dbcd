"""The host side of Latchkey: start machines, read their logs, give verdicts. What lives where:

run parse shards listing: verbs; shards.py has merge
live: a serial line while the machine talks
shard combine: one part of the full matrix and its file; many parts, one report
log envelope: bytes to lines; what a console server puts around each line
protocol record: lines to boots and tests; the values they become
audit merge: does a log prove itself; one list of tests from several boots
verdict report: words and exit statuses; the outcome as a whole
known explain rules: known issues as data; a run held against them; the rules of the oracle
machine toml available: machines as data; checked TOML; what is missing here
emulator iso: a process with limits; a derived ISO
boot session death selection: one boot; all boots of a run; death tests; tests=
progress summary: for people
reporting differing findings collect: the verbs about earlier runs; finding those
results junit points tap tap14 ktap: for programs
markdown annotations: for CI systems
html view templates/: the page: how it is put together, what is on it, how it looks
failure walk fault data reproduce: what a failure says, taken apart; data lines; commands that repeat it
places problem: default paths; what the user can put right
jobs table: several machines at a time; rules x machines as text
dying: tests that are known to kill the machine
sabotage defect workshop host_tests: all defects; a patch and its head; a copy to break; the host's tests in it
root: how an emulator of another Debian release is described and started; scripts/emulators unpacks it
"""
