"""junit.xml for CI viewers: a suite for each row and protocol, a case for each story, model and level.

A refusal below the level is what the gate has to do and passes; what was not run, does not apply or is only planned
is skipped with its reason. Properties carry level, evidence and verdict, and the command that tells it again. A failure
has the checks that did not hold and the last frames as its body. What does not depend on the level was told once: its
time, in s of this machine, stands at its first level. Suites carry the virtual time.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from junitparser import Failure, Skipped
from junitparser.xunit2 import JUnitXml, TestCase, TestSuite

from reports.files import into
from reports.frames import told
from reports.makers import maker
from reports.verdicts import Entry, Pair, repeat

CHECKS, FRAMES, BYTES = 20, 12, 48  # of a body
SKIPPED = ("not applicable", "not built", "planned")


def junit(every: Iterable[Pair], times: Mapping[str, float]) -> Any:
    """All suites of a campaign; pairs without a result are left out. `times`: s by case."""
    document: Any = JUnitXml("hem comply")  # Any: junitparser is half typed
    for pair in every:
        if pair.entries:
            document.add_testsuite(_suite(pair, times))
    document.update_statistics()
    return document


def save(document: Any, path: Path) -> None:
    """Write it whole or not at all."""
    into(path, lambda part: document.write(str(part), pretty=False))


def _suite(pair: Pair, times: Mapping[str, float]) -> TestSuite:
    make: Any = TestSuite
    suite: TestSuite = make(f"row {pair.row['row']:03} {pair.protocol}")
    about = {
        "row": str(pair.row["row"]),
        "protocol": pair.protocol,
        "section": pair.row["section"],
        "manufacturer": maker(pair.row["row"], pair.row["manufacturer"]),
        "model": pair.row["model"],
        "since": pair.row["since"],
        "evidence": pair.evidence,
        "document": pair.profile.get("document", ""),
        "virtual_seconds": f"{sum(_figure(case, 'virtual_seconds') for case in pair.cases.values()):.0f}",
    }
    for name, value in about.items():
        suite.add_property(name, value)
    seen: set[str] = set()
    cases: list[Any] = []
    for entry in pair.entries:
        case = entry.get("case", "")
        cases.append(_case(pair, entry, 0.0 if case in seen else times.get(case, 0.0)))
        seen.add(case)
    suite.add_testcases(cases)  # at once: each addition counts the whole suite again
    return suite


def _case(pair: Pair, entry: Entry, seconds: float) -> TestCase:
    story = entry["scenario"] or entry["verdict"]
    case = TestCase(
        f"{story} [{entry['model']}] at {entry['level']}", f"row-{entry['row']:03}.{entry['protocol']}", seconds
    )
    verdict, detail = entry["verdict"], printable(entry["detail"])
    again = repeat(entry["row"], entry["protocol"], entry["scenario"], entry["level"]) if entry["scenario"] else ""
    if verdict == "fail":
        failure = Failure(detail, "fail")
        failure.text = printable(body(pair, entry, again))
        case.result = [failure]
    elif verdict in SKIPPED:
        case.result = [Skipped(f"{verdict}: {detail}", verdict)]
    for name in ("level", "evidence", "verdict"):
        case.add_property(name, entry[name])
    if again:
        case.add_property("repeat", again)
    if verdict == "refused":
        case.system_out = detail
    return case


def body(pair: Pair, entry: Entry, again: str) -> str:
    """What somebody needs who sees only this: the broken checks, what crossed the wire last, how to see it again."""
    case = pair.cases.get(entry.get("case", ""), {})
    broken = [check for check in case.get("checks", ()) if not check["held"]]
    lines = [entry["detail"], ""]
    lines += [f"{each['what']}: expected {each['expected']}, found {each['found']}" for each in broken[:CHECKS]]
    lines += [f"+ {len(broken) - CHECKS} more"] if len(broken) > CHECKS else []
    for at, way, words, data in told(pair.protocol, case.get("frames", ())[-FRAMES:]):
        lines.append(f"{at:10.3f} {way} {words}  {data[:BYTES].hex()}")
    return "\n".join([*lines, "", again])


def _figure(case: Mapping[str, Any], name: str) -> float:
    return float(case.get("figures", {}).get(name, 0.0))


def printable(text: str) -> str:
    """Without the control characters that XML cannot carry: noise on a line gets into messages."""
    return "".join(each if each >= " " or each in "\t\n" else "\N{REPLACEMENT CHARACTER}" for each in text)
