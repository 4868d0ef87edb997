"""The pages that are written from the code: docs/stories.md and the README's table of what is built. `make docs`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from controller.compatibility.rows import rows
from controller.drivers.serving import driver_for
from emulators.family.profile import profile_for
from scenarios.bench.bench import Bench
from scenarios.bench.story import Story
from scenarios.campaign.cases import built
from scenarios.campaign.every import FAULTS, PLACED, STORIES
from scenarios.campaign.listing import listing

ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- written by make docs -->", "<!-- until here -->"
HEAD = """\
# The stories

Written by `make docs` from `scenarios/campaign/every.py`; a test fails when it is out of date.

A story is told of one device at a time: the real driver talks over a simulated line, byte for byte, to the device's
emulator, and the oracle decides. The oracle is never the driver and never a register: it is what is true of the
emulated device (its power, its energy, its state) or what the list or the maker's document says.

*Asked of* names the sections of the list in which a story applies to at least one device that is built. Where it does
not apply to a device the report says `not applicable`, with the reason. *Each model* means that it is told for every
printed model of a row, otherwise for the row's first.
"""

ON_DEVICES = """
## On real devices

Which stories are safe on a real device is said by each (`Story.real`). `hem comply --bench` tells them of the places
of a bench file, see [bench.md](bench.md); who judges there is no twin but the list, an instrument, the meter beside it,
or the device against itself.

| id | asks | what it does to the device |
|---|---|---|
"""
REAL = {
    "reads": "reads", "commands": "commands within the envelope", "faults": "breaks its line",
    "silence": "commands within the envelope, then cuts its line",
}  # fmt: skip
GROUPS = {
    "": ("Devices", "One device, its driver, the line between them."),
    "house": (
        "Houses",
        "A small house that is built around the device, with the real controller and its strategy in charge.",
    ),
    "estate": (
        "Estates",
        "The whole houses of `examples/` and houses drawn from the list, told once, of the row that stands in the\n"
        "middle of what is asked. What flows at the grid meter and through the fuses is looked at each second.",
    ),
    "fault": (
        "Faults",
        "Told with `hem comply --faults`. Each breaks one thing of `emulators/faults/known.py` for a minute and a\n"
        "half while the controller holds a command, on every device that can be commanded and whose wire knows it.",
    ),
}
"""What the stories have in common whose ids begin alike: title and text."""


def pages() -> dict[Path, str]:
    """Path -> what has to stand there."""
    readme = ROOT / "README.md"
    before, rest = readme.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    return {
        ROOT / "docs" / "stories.md": stories(),
        readme: f"{before}{BEGIN}\n{coverage()}{END}{after}",
    }


def coverage() -> str:
    """What is built, by section of the list; a row and protocol counts when it has an emulator and a driver."""
    lines = [
        "| section | rows | row × protocol | built | document | capture | clients | assumed | not built: rows |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    total: Counter[str] = Counter()
    for section, entries in groupby(listing(), key=lambda each: str(each["section"])):
        found: Counter[str] = Counter()
        missing: set[int] = set()
        for each in entries:
            found["rows"] += 1
            for protocol in each["protocols"]:
                found["pairs"] += 1
                if built(each["row"], protocol):
                    missing.add(each["row"])
                    continue
                found["built"] += 1
                profile = profile_for(each["row"], protocol)
                found[profile.evidence if profile else "none"] += 1
        total += found
        lines.append(_coverage_line(section, found, spans(missing)))
    lines.append(_coverage_line("**all**", total, ""))
    return "\n".join(lines) + "\n"


def _coverage_line(name: str, found: Counter[str], missing: str) -> str:
    columns = ("rows", "pairs", "built", "document", "capture", "clients", "assumed")
    return "| " + " | ".join([name, *(str(found[each] or "") for each in columns), missing]) + " |"


def spans(numbers: Iterable[int]) -> str:
    """{68, 69, 70, 73} as "68–70, 73"."""
    runs: list[list[int]] = []
    for each in sorted(numbers):
        if runs and each == runs[-1][-1] + 1:
            runs[-1].append(each)
        else:
            runs.append([each])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def stories() -> str:
    """docs/stories.md."""
    every = (*STORIES, *FAULTS)
    asked = sections(every)
    groups: dict[str, list[Story]] = {}
    for each in every:
        groups.setdefault(each.id.partition("/")[0] if "/" in each.id else "", []).append(each)
    parts = [HEAD]
    for prefix, told in groups.items():
        title, text = GROUPS.get(prefix, (prefix.capitalize(), ""))
        parts += [f"\n## {title}\n\n", f"{text}\n\n" if text else "", _table(told, asked)]
    return "".join([*parts, ON_DEVICES, *(f"| `{each.id}` | {each.asks} | {REAL[each.real]} |\n" for each in PLACED)])


def sections(stories: Sequence[Story]) -> dict[str, str]:
    """Story id -> the sections of the list in which it applies to something that is built."""
    found: dict[str, dict[str, None]] = {each.id: {} for each in stories}
    everywhere: dict[str, None] = {}
    for row in rows():
        for protocol in row.protocols:
            if built(row.row, protocol):
                continue
            everywhere[row.section] = None
            bench = Bench(row.row, protocol, driver=driver_for(row.row, protocol))
            for story in stories:
                if story.offered(row.row, bench.kind, protocol) and not story.applies(bench):
                    found[story.id][row.section] = None
    return {name: "every device" if kinds == everywhere else ", ".join(kinds) for name, kinds in found.items()}


def _table(stories: Sequence[Story], asked: dict[str, str]) -> str:
    """A table; what all of a long one have in common stands below it once."""
    common = {name for name in ("why", "oracle") if len(stories) > 3 and len({getattr(e, name) for e in stories}) == 1}
    columns = [name for name in ("id", "asks", "why", "oracle") if name not in common]
    lines = ["| " + " | ".join([*columns, "asked of"]) + " |", "|---" * (len(columns) + 1) + "|"]
    for each in stories:
        cells = [f"`{each.id}`", *(getattr(each, name) for name in columns[1:])]
        lines.append("| " + " | ".join([*cells, asked[each.id] + (", each model" if each.every_model else "")]) + " |")
    lines += [f"\n{name.capitalize()}: {getattr(stories[0], name)}" for name in ("why", "oracle") if name in common]
    return "\n".join(lines) + "\n"


def main() -> None:
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
