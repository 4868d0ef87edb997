"""junit.xml for CI viewers: a suite for each row and protocol, a case for each story, model and level.

A refusal below the level is what the gate has to do and passes; what was not run, does not apply or is only planned
is skipped with its reason. Properties carry level, evidence and verdict.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from junitparser import Failure, Skipped
from junitparser.xunit2 import JUnitXml, TestCase, TestSuite

from reports.makers import maker
from reports.verdicts import Entry, Pair

SKIPPED = ("not applicable", "not built", "planned")


def junit(every: Iterable[Pair]) -> Any:
    """All suites of a campaign; pairs without a result are left out."""
    document: Any = JUnitXml("hem comply")  # Any: junitparser is half typed
    for pair in every:
        if pair.entries:
            document.add_testsuite(_suite(pair))
    document.update_statistics()
    return document


def save(document: Any, path: Path) -> None:
    """Write it whole or not at all."""
    part = path.with_name(path.name + ".part")
    document.write(str(part), pretty=False)
    part.replace(path)


def _suite(pair: Pair) -> TestSuite:
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
    }
    for name, value in about.items():
        suite.add_property(name, value)
    suite.add_testcases([_case(pair, entry) for entry in pair.entries])
    return suite


def _case(pair: Pair, entry: Entry) -> TestCase:
    story = entry["scenario"] or entry["verdict"]
    case = TestCase(f"{story} [{entry['model']}] at {entry['level']}", f"row-{entry['row']:03}.{entry['protocol']}")
    verdict, detail = entry["verdict"], printable(entry["detail"])
    if verdict == "fail":
        case.result = [Failure(detail, "fail")]
    elif verdict in SKIPPED:
        case.result = [Skipped(f"{verdict}: {detail}", verdict)]
    for name in ("level", "evidence", "verdict"):
        case.add_property(name, entry[name])
    if verdict == "refused":
        case.system_out = detail
    return case


def printable(text: str) -> str:
    """Without the control characters that XML cannot carry: noise on a line gets into messages."""
    return "".join(each if each >= " " or each in "\t\n" else "\N{REPLACEMENT CHARACTER}" for each in text)
