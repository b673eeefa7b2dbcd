"""What the page shows, ready to be laid out: counted, grouped and sorted, and nothing about how it looks."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lk import data, failure, reproduce, rules, verdict
from lk.failure import Failure
from lk.known import Issue
from lk.record import Rule, Test
from lk.report import Report
from lk.verdict import RED

STATES = ("fail", "suspect", "known", "pass", "skip")


@dataclass(frozen=True)
class Shown:
    """One failure, the machines that show it in the same way, and two ways to see it again."""

    failure: Failure
    machines: list[str]
    command: str
    emulator: str


@dataclass(frozen=True)
class RuleRow:
    """A rule, and its state on each machine."""

    rule: Rule
    states: list[str]

    @property
    def kept(self) -> bool:
        """No machine shows anything against it."""
        return set(self.states) <= {"pass", "skip"}


@dataclass(frozen=True)
class HeatMap:
    """The matrix of machines whose numbers are the same, and the worst verdict of its tests."""

    machines: list[str]
    heat: data.Heat
    word: str


@dataclass(frozen=True)
class KnownIssue:
    """A known issue, or only its title where the list does not have it; and what shows it.

    The two commands are its own reproducer, on a machine where it shows.
    """

    title: str
    issue: Issue | None
    machines: Counter[str]
    emulators: list[str]
    shown: list[Shown]
    command: str
    emulator_command: str


def failures(reports: Sequence[Report], wanted: Sequence[str]) -> list[Shown]:
    """Return what the tests with these verdicts say, the worst first, told once for all machines that say the same."""
    groups: dict[tuple, list[tuple[Report, Failure]]] = {}
    for report in reports:
        for test in report.tests:
            if test.verdict in wanted and not test.gap:
                one = failure.read(test)
                groups.setdefault(one.shape, []).append((report, one))
    found = [_shown(group) for group in groups.values()]
    return sorted(found, key=lambda one: wanted.index(one.failure.test.verdict))


def clusters(shown: Sequence[Shown]) -> list[list[Shown]]:
    """Put together what most likely fails for one reason."""
    found: dict[tuple, list[Shown]] = {}
    for one in shown:
        found.setdefault((one.failure.test.verdict, one.failure.kind), []).append(one)
    return list(found.values())


def rule_table(all_rules: Sequence[Rule], reports: Sequence[Report], issues: Sequence[Issue]) -> list[RuleRow]:
    """Return every rule that any machine could try."""
    broken = {issue.title: issue.broken for issue in issues}
    rows = [RuleRow(rule, [rules.state(rule, report.tests, broken) for report in reports]) for rule in all_rules]
    return [row for row in rows if set(row.states) != {"skip"}]


def heat_maps(reports: Sequence[Report]) -> list[HeatMap]:
    """Return the maps of all machines that ran the matrix, those with wrong cases first."""
    found: list[HeatMap] = []
    for report in reports:
        heat = data.heat(report.tests)
        word = verdict.worst_test(test.verdict for test in report.tests if test.id.startswith("matrix_"))
        same = next((one for one in found if (one.heat, one.word) == (heat, word)), None)
        if same:
            same.machines.append(report.name)
        elif heat.rows:
            found.append(HeatMap([report.name], heat, word))
    return sorted(found, key=lambda one: -one.heat.failed)


def known_issues(reports: Sequence[Report], issues: Sequence[Issue]) -> list[KnownIssue]:
    """Return every issue that shows on one of the machines, in the order of the list."""
    titles = dict.fromkeys(issue.title for issue in issues)
    titles |= dict.fromkeys(title for report in reports for test in report.tests for title in test.known)
    by_title = {issue.title: issue for issue in issues}
    found = (_known(title, by_title, reports) for title in titles)
    return [one for one in found if one.machines]


def skips(report: Report) -> list[tuple[str, int]]:
    """Return the reasons of skipped tests with their counts."""
    return Counter(test.reason or "no reason given" for test in report.tests if test.verdict == "skip").most_common()


def red(report: Report) -> int:
    """Return how many tests are red."""
    return sum(count for word, count in report.counts().items() if word in RED)


def fingerprints(reports: Sequence[Report]) -> tuple[dict[str, str], list[tuple[Report, dict[str, str]]]]:
    """Return what all machines have in common, and what is each one's own."""
    every = [data.words_of(report.fp) for report in reports]
    common = {key: value for key, value in (every[0] if every else {}).items()
              if len(every) > 1 and all(words.get(key) == value for words in every)}
    return common, [(report, {key: value for key, value in words.items() if key not in common})
                    for report, words in zip(reports, every)]


def costs(reports: Sequence[Report]) -> tuple[list[str], dict[tuple[str, str], Mapping[str, data.Cost]]]:
    """Return the machines that measured, and by name and unit (with the paging mode and the processor) what each of them did."""
    table: dict[tuple[str, str], dict[str, data.Cost]] = {}
    for report in reports:
        for cost in data.costs(report.tests):
            mode = next((f", {levels} levels" for levels in "45" if cost.test.endswith(f"_l{levels}")), "")
            where = "" if cost.cpu == "0" else f", processor {cost.cpu}"
            table.setdefault((cost.name, cost.unit + mode + where), {})[report.name] = cost
    machines = [report.name for report in reports if any(report.name in row for row in table.values())]
    return machines, table


def _known(title: str, by_title: Mapping[str, Issue], reports: Sequence[Report]) -> KnownIssue:
    machines: Counter[str] = Counter()
    for report in reports:
        machines[report.name] = sum(title in test.known and test.verdict == "known" for test in report.tests)
    here = [report for report in reports if machines[report.name]]
    only = [_only(report, title) for report in here]
    issue = by_title.get(title)
    first = reproduce.best(here) if here else None
    told = issue and first
    return KnownIssue(title, issue, +machines, list(dict.fromkeys(one.emulator for one in here)),
                      failures(only, ("known",)),
                      reproduce.command(first, issue.reproducer) if told else "",
                      reproduce.emulator(first, issue.reproducer) if told else "")


def _only(report: Report, title: str) -> Report:
    tests: list[Test] = [test for test in report.tests if title in test.known]
    return Report(report.name, report.machine, tests=tests, command=report.command)


def _shown(group: list[tuple[Report, Failure]]) -> Shown:
    report = reproduce.best(report for report, _ in group)
    one = next(one for other, one in group if other is report)
    return Shown(one, [report.name for report, _ in group], reproduce.command(report, one.words),
                 reproduce.emulator(report, one.words))
