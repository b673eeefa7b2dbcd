"""The HTML page: what stands on it, that it needs nothing else, and how it looks in a browser.

The pictures are left in build/report/ for people to look at: desktop.png, phone.png, dark.png.
"""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import made
import pytest
from conftest import SCRIPTS, issue

from lk import html, places, rules
from lk.report import Report

PICTURES = SCRIPTS.parent / "build/report"
CR4 = next(rule for rule in rules.load(places.RULES) if rule.id == "cr4_acts_at_once")
KNOWN = issue("matrix_4k_leaf_locked", machine="*", title="A locked <b> read", rules=(CR4,))
TESTS = {"self_a_l4": "pass", "rights_golden_cr4_l4": "fail", "matrix_4k_leaf_locked_l4": "fail", "rights_x_l4": "fail",
         "rights_y_l4": "fail", "rights_crash_l4": "error exception", "matrix_case_l4": "skip no case=",
         "bench_x_l4": "pass", "bench_x_l5": "pass", "rights_golden_keys_l4": "pass"}
DETAILS = {"rights_golden_cr4_l4": made.GOLDEN, "matrix_4k_leaf_locked_l4": made.MATRIX, "rights_x_l4": made.FAIL,
           "rights_y_l4": made.FAIL, "rights_crash_l4": made.CRASH, "matrix_case_l4": made.heat(3),
           "bench_x_l4": made.BENCH, "bench_x_l5": made.BENCH[:2]}
FP = "cpu=AuthenticAMD-f-6b-1 hv=TCGTCGTCGTCG pks=1 la57={} smep=1 smap=1 page1g=1 physbits=40 cpus=1"


def machine(number: int, tests: dict[str, str] = TESTS, **other: list[str]) -> Report:
    return made.report(f"qemu-machine-{number}", tests, {**DETAILS, **other}, FP.format(number % 2),
                       [KNOWN] if number in (1, 12) else [])


GREEN = {name: "skip no case=" if name == "matrix_case_l4" else "pass" for name in TESTS}
WRONG = ["# fail rule ad_denies_writes, write, AD: want #PF[K--sWP] got none, fault"]
MANY = [machine(1), *(machine(number, GREEN, matrix_case_l4=made.heat()) for number in range(2, 12)),
        machine(12, {**TESTS, "rights_golden_keys_l4": "fail"}, rights_golden_keys_l4=WRONG)]
PAGE = html.encode(MANY, [KNOWN])
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Reader(HTMLParser):
    """Checks that tags are closed in order; keeps links, ids, tags and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.add(tag)
        self.links += [value for key, value in attrs if key in ("href", "src", "srcset", "action", "data")]
        self.ids += [value for key, value in attrs if key == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, self.getpos()

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["style"], ["title"]):
            self.text += " " + " ".join(data.split())


def test_it_needs_no_network_and_no_script() -> None:
    page = Reader(PAGE)
    assert page.links and all(link == "data:," or link.removeprefix("#") in page.ids for link in page.links)
    assert not page.tags & {"script", "img", "iframe", "object", "video", "form"}
    style = PAGE.partition("<style>")[2].partition("</style>")[0]
    assert "@import" not in style and "url(" not in style and "prefers-color-scheme: dark" in style


def test_the_verdict_comes_first_and_everything_else_is_there() -> None:
    text = Reader(PAGE).text
    order = ["✗ error", "2 machines: error , 10 machines: pass . 3 kinds of failure are not known. 1 known issue shows.", "Machines", "Failures",
             "Rules", "Matrix", "Known issues", "Cost", "Fingerprints"]
    places_found = [re.sub(r"\s+", " ", text).index(word) for word in order[:2]]
    assert places_found == sorted(places_found)
    headings = re.findall(r"<h2>(.*?)</h2>", PAGE)
    assert headings == order[2:]
    for word in ("want #PF[K--srP] page fault: protection key, supervisor mode, read, present",
                 "scripts/latchkey run qemu-machine-1 --tests rights_x_l4",
                 "qemu-system-x86_64 -cpu max -kernel latchkey.elf -append tests=rights_x_l4",
                 "supervisor-mode address, writable, executable, key 5", "2800000000600023", "1 more test shows the same",
                 "unplanned exception #UD", "1,152 times", "A locked <b> read", "qemu-machine-1, qemu-machine-12 252,000 cases, 3,000 wrong",
                 "wrpkrs cycles, 4 levels 23 20 to 41", "wrpkrs cycles, 5 levels", "wrpkrs cycles, 4 levels, processor 64 33 30 to 51",
                 "qemu-machine-1: under TCGTCGTCGTCG: cycles say nothing about a processor.", "1012 900 to 1800", "hv=TCGTCGTCGTCG", "la57=0", "no case="):
        assert word in re.sub(r"\s+", " ", text), word


def test_equal_failures_are_told_once() -> None:
    assert len(re.findall(r"<summary>[^\n]*<code>rights_x_l4</code>", PAGE)) == 1
    assert "<code>rights_x_l4</code> <small>qemu-machine-1, qemu-machine-12</small>" in PAGE


def test_the_table_of_rules() -> None:
    for rule, first, last in (("cr4_acts_at_once", "known", "known"), ("ad_denies_writes", "pass", "fail")):
        row = PAGE.partition(f"<code>{rule}</code>")[2].partition("</tr>")[0]
        assert re.findall(r'class="hidden">(\w+)<', row) == [first, *["pass"] * 10, last]
    assert "rules that every machine keeps" in PAGE


def test_the_heat_map() -> None:
    row = PAGE.partition("<th scope=\"row\">locked <b>wd</b></th>")[2].partition("</tr>")[0]
    assert re.findall(r"<span>(\d+)</span>", row) == ["75"] and row.count(": 0 of 1,000 wrong") == 15
    assert 'title="locked, wd, key 3: 750 of 1,000 wrong"' in row
    fetch = PAGE.partition("<th scope=\"row\">fetch <b>rw</b></th>")[2].partition("</tr>")[0]
    assert 'class="unasked" title="fetch, rw, key 0: not asked"' in fetch


@pytest.mark.parametrize("reports", [
    [made.report("a", {})], [made.report("a", {"a": "pass"})], [made.report("a", {"a": "skip"}), MANY[1]],
    [made.report("<script>", {"a": "fail"}, {"a": ["# fail <img src=x> want <i> got &amp;"]})],
])
def test_pages_of_little(reports: list[Report]) -> None:
    page = Reader(html.encode(reports, []))
    assert not page.tags & {"script", "img"}


def test_colours_can_be_read() -> None:
    """WCAG asks for a contrast of 4.5 between text and what is behind it."""
    style = (html.TEMPLATES / "style.css").read_text()
    for block in re.findall(r":root \{(.*?)\}", style, re.S):
        colour = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
        pairs = [(word, paper) for word in ("ink", "soft", "pass", "fail", "known", "skip") for paper in ("paper", "card")]
        pairs += [(word, f"{word}-paper") for word in ("pass", "fail", "known", "skip")] + [("soft", "code")]
        for text, paper in [*pairs, ("ink", "heat")]:
            assert contrast(colour[text], colour[paper]) >= 4.5, (text, paper)


def contrast(*colours: str) -> float:
    light = sorted(luminance(colour) for colour in colours)
    return (light[1] + 0.05) / (light[0] + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place:place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def chromium(folder: Path, *words: str) -> str:
    """Run the browser; the network is taken away from it."""
    assert shutil.which("chromium"), "chromium is in Debian's chromium"
    answer = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--proxy-server=127.0.0.1:1",
         f"--user-data-dir={folder}/profile", *words], capture_output=True, text=True, timeout=120, env={"HOME": str(folder)})
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


# The copy in the test says how wide it came out, and what its ground is, to a frame as narrow as a phone: the browser's
# own window has a least width.
TELL = """<script>addEventListener("load", () => parent.postMessage([innerWidth, document.documentElement.scrollWidth,
getComputedStyle(document.body).backgroundColor].join(" "), "*"))</script>"""
ASK = """<script>addEventListener("message", (event) => { document.title = event.data })</script>
<iframe src="telling.html" style="width: %dpx; height: 800px; border: 0"></iframe>"""


@pytest.mark.parametrize("name, size, words, width, background", [
    ("desktop", "1280,4200", [], 1280, "rgb(251, 250, 247)"),
    ("phone", "390,5200", [], 390, "rgb(251, 250, 247)"),
    ("dark", "1280,4200", ["--blink-settings=preferredColorScheme=0"], 1280, "rgb(20, 23, 26)"),
])
def test_in_a_browser(name: str, size: str, words: list[str], width: int, background: str, tmp_path: Path) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    (tmp_path / "page.html").write_text(PAGE)
    (tmp_path / "telling.html").write_text(PAGE.replace("</body>", TELL + "</body>").replace("<details", "<details open"))
    (tmp_path / "asking.html").write_text(ASK % width)
    picture = PICTURES / f"{name}.png"
    picture.unlink(missing_ok=True)
    chromium(tmp_path, *words, f"--window-size={size}", f"--screenshot={picture}", f"file://{tmp_path}/page.html")
    assert picture.read_bytes().startswith(b"\x89PNG") and picture.stat().st_size > 50_000
    said = chromium(tmp_path, *words, "--virtual-time-budget=5000", "--dump-dom", f"file://{tmp_path}/asking.html")
    title = re.search(r"<title>(.*?)</title>", said)[1]
    assert title == f"{width} {width} {background}", "as wide as the window, and not wider, with everything unfolded"
