"""The C oracle agrees with the second one (pks_model.py) on random cases, and disagrees when any rule is removed."""

import ctypes
import os
import random
import re
import subprocess
import time
from array import array
from pathlib import Path

import pytest

import pks_model as second
from pks_model import Access, Controls, Entry

LIB = Path(__file__).resolve().parents[2] / "lib"
RULES = re.findall(r"^RULE\((\w+),", (LIB / "pks/rules.def").read_text(), re.MULTILINE)
CASES = 1 << 19  # of each seed
POOL = 1 << 14  # different states and layouts that the cases are drawn from
KINDS = ("read", "write", "rmw", "fetch", "flush")
ACCESSES = [Access(kind, cpl, implicit, locked) for kind in KINDS for cpl in range(4) for implicit in (False, True)
            for locked in (False, True)
            if (kind == "rmw" or not locked) and (kind not in ("fetch", "flush") or not implicit)]
# No fault, and every code there can be: not present, reserved bit, rights, rights and key, each in both modes.
OUTCOMES = {63} | {code | user for user in (0, 4) for code in (0, 2, 16, 9, 11, 25, 1, 3, 17, 33, 35)}

# Reads cases as bytes and writes each answer as a pair of numbers, so that no C structure is known to Python.
SHIM = """
#include "pks/model.h"
static struct pks_entry entry(const uint8_t *b)
{
    return (struct pks_entry){b[0], b[1], b[2], b[3], b[4], b[5]};
}
static unsigned outcome(fault_t fault)
{
    return fault == FAULT_NONE ? 63 : fault == FAULT_PF(fault & 63) ? fault & 63 : 62; /* 62 is never expected */
}
void batch(unsigned count, const uint16_t *index, const uint32_t (*controls)[12], const uint8_t (*layouts)[38],
           const uint8_t (*accesses)[4], uint64_t (*answers)[2])
{
    for (; count > 0; count--, index += 3, answers++) {
        const uint32_t *c = controls[index[0]];
        const uint8_t *l = layouts[index[1]], *a = accesses[index[2]];
        struct pks_state s = {.wp = c[0], .nxe = c[1], .smep = c[2], .smap = c[3], .ac = c[4], .pke = c[5],
                              .pks = c[6], .pkru = c[7], .pkrs = c[8], .cr4_stale = c[9], .key_stale = c[10],
                              .old_key = c[11], .layout = {.levels = l[0], .leaf_level = l[1], .leaf = entry(l + 2)}};
        struct pks_access access = {.kind = a[0], .cpl = a[1], .implicit = a[2], .locked = a[3]};
        struct pks_answer answer;
        for (unsigned level = PKS_PTE; level <= PKS_PML5E; level++)
            s.layout.upper[level] = entry(l + 2 + 6 * level);
        answer = pks_predict(&s, &access);
        (*answers)[0] = outcome(answer.fault) | answer.open << 8 | answer.reasons << 16 | answer.also_count << 24;
        (*answers)[1] = 1ull << outcome(answer.fault);
        for (unsigned i = 0; i < answer.also_count; i++)
            (*answers)[1] |= 1ull << outcome(answer.also[i]);
    }
}
"""


class Pool:
    """Random states and layouts, as Python values and as the bytes that the shim reads."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(seed)
        states = [self.random_state(rng) for _ in range(POOL)]
        self.controls = [Controls(*map(str, s[:7]), *map(second.rights, s[7:9]), *s[9:]) for s in states]
        layouts = [self.random_layout(rng) for _ in range(POOL)]
        self.walks = [[second.walk(entries, nxe) for _, _, entries in layouts] for nxe in "01"]
        self.control_words = array("I", [word for state in states for word in state])
        self.layout_bytes = b"".join(self.packed(*layout) for layout in layouts)
        self.access_bytes = bytes(byte for a in ACCESSES for byte in (KINDS.index(a.kind), *a[1:]))

    @staticmethod
    def random_state(rng: random.Random) -> list[int]:
        """Return the twelve numbers of a state in the order of the shim and of Controls."""
        registers = [rng.choice((rng.getrandbits(32), 0, 0x55555555, 0xaaaaaaaa)) for _ in range(2)]
        stale = [int(rng.random() < 0.1) for _ in range(2)]
        return [*(rng.randrange(2) for _ in range(7)), *registers, *stale, rng.randrange(16)]

    @staticmethod
    def random_layout(rng: random.Random) -> tuple[int, int, list[Entry]]:
        """Return number of levels, level of the leaf, and the entries of the walk: mostly plain, seldom broken."""
        levels, leaf = rng.choice((4, 5)), rng.choice((1, 2, 3))
        plain = rng.choice((0.5, 0.9, 1))
        return levels, leaf, [
            Entry(rng.random() < 0.95, rng.random() < plain, rng.random() < plain, rng.random() > plain,
                  rng.random() < 0.03, rng.randrange(16))
            for _ in range(levels - leaf + 1)]

    @staticmethod
    def packed(levels: int, leaf: int, entries: list[Entry]) -> bytes:
        """Return a layout in bytes; the entries that are no part of the walk hold noise."""
        noise = bytes((1, 0, 0, 1, 1, 15))
        upper = [entries[levels - level] if leaf < level <= levels else noise for level in range(1, 6)]
        return bytes((levels, leaf)) + bytes(entries[-1]) + b"".join(map(bytes, upper))

    def indices(self, seed: int, count: int) -> array:
        """Return which state, layout and access each case is made of."""
        noise = array("H", random.Random(seed).randbytes(6 * count))
        for column, size in enumerate((POOL, POOL, len(ACCESSES))):
            noise[column::3] = array("H", [number % size for number in noise[column::3]])
        return noise

    def expected(self, index: array) -> array:
        """Return the second model's answers in the shim's form."""
        words = array("Q")
        for c, w, a in zip(index[0::3], index[1::3], index[2::3]):
            controls = self.controls[c]
            got = second.answer(controls, self.walks[int(controls.nxe)][w], ACCESSES[a])
            words.append(got.fault | got.open << 8 | got.reasons << 16 | got.legal.bit_count() - 1 << 24)
            words.append(got.legal)
        return words

    def computed(self, library: ctypes.CDLL, index: array) -> array:
        """Return the C model's answers."""
        words = array("Q", bytes(16 * (len(index) // 3)))
        places = [(ctypes.c_char * (a.itemsize * len(a))).from_buffer(a) for a in (index, self.control_words, words)]
        library.batch(len(index) // 3, places[0], places[1], self.layout_bytes, self.access_bytes, places[2])
        return words

    def disagreements(self, index: array, one: array, other: array) -> list[str]:
        """Return the cases on which two lists of answers differ, in words; at most ten."""
        differ = [n for n in range(len(index) // 3) if one[2 * n:2 * n + 2] != other[2 * n:2 * n + 2]]
        return [f"{self.case(*index[3 * n:3 * n + 3])}: {self.shown(one, n)}, {self.shown(other, n)}"
                for n in differ[:10]]

    def case(self, controls: int, layout: int, access: int) -> str:
        state = self.controls[controls]
        return f"{state}, {self.walks[int(state.nxe)][layout]}, {ACCESSES[access]}"

    @staticmethod
    def shown(words: array, n: int) -> str:
        return f"{words[2 * n]:#010x} {words[2 * n + 1]:#x}"


def compiler(*words: str | Path) -> None:
    subprocess.run([os.environ.get("CC", "gcc"), "-std=c11", "-fPIC", f"-I{LIB}", *words], check=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pks_model")
    (path / "shim.c").write_text(SHIM)
    compiler("-O2", "-c", path / "shim.c", "-o", path / "shim.o")
    return path


def library(folder: Path, name: str, *flags: str) -> ctypes.CDLL:
    """Compile the C model, whole or mutilated, and load it."""
    path = folder / f"{name}.so"
    compiler(*flags, "-shared", folder / "shim.o", LIB / "pks/model.c", "-o", path)
    return ctypes.CDLL(str(path))


@pytest.mark.parametrize("table", [second.RIGHTS, second.KEYS], ids=["rights", "keys"])
def test_one_line_of_a_table_answers_each_question(table: second.Table) -> None:
    for question in table.questions():
        assert len(table.matching(*question)) == 1, question


@pytest.mark.parametrize("seed", [1, time.time_ns()], ids=["same", "new"])
def test_the_models_agree(folder: Path, seed: int) -> None:
    print(f"seed {seed}, {CASES} cases")
    pool = Pool(seed)
    index = pool.indices(seed + 1, CASES)
    want, got = pool.expected(index), pool.computed(library(folder, f"whole_{seed}", "-O2"), index)
    if cases := pool.disagreements(index, want, got):
        pytest.fail("\n".join([f"seed {seed}; second model's answer, C model's answer:", *cases]))
    seen = set(want[0::2])
    assert {word & 63 for word in seen} >= OUTCOMES
    assert {bit for word in seen for bit in range(8, 22) if word >> bit & 1} == set(range(8, 14)) | set(range(16, 22))


def test_the_models_disagree_without_a_rule(folder: Path) -> None:
    pool = Pool(2)
    index = pool.indices(3, CASES // 8)
    want = pool.expected(index)
    libraries = {rule: library(folder, rule, f"-DPKS_WITHOUT={rule}") for rule in RULES}
    assert [rule for rule, without in libraries.items() if pool.computed(without, index) == want] == []
