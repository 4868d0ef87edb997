"""Story of devices that look very much like those of a row and are none.

They are those of other rows in every way in which they stand elsewhere (`alternatives`), and the same maker's that no
list has. What of these a family can show stands in its file, each entry the options by which it shows one:

    strangers = [{ type = "SDM230", rows = [111] }]
"""

from collections.abc import Iterator

from scenarios.bench.bench import Bench
from scenarios.bench.record import NotApplicable
from scenarios.bench.story import Story
from scenarios.stories import alternatives
from scenarios.stories.identity import met, others


async def lookalikes(bench: Bench) -> None:
    """None of them is taken for a device of the row."""
    found = False
    for other, name in all_of(bench):
        met(bench, other, name)
        found = True
    if not found:
        raise NotApplicable("what is like it is built and set in one way only")


def all_of(bench: Bench) -> Iterator[tuple[Bench, str]]:
    """Strangers with their names, each on a bench with the driver of this row."""
    for profile, facts in others(bench):
        plain = Bench(
            facts.row, bench.protocol, facts.name, driver=bench.driver_class, profile=profile,
            row_of_driver=bench.row.row,
        )  # fmt: skip
        for entry in alternatives.entries(plain):
            if "model" not in entry and not entry.get("untold"):
                yield alternatives.device(plain, entry), f"{facts.name}, {alternatives.named(entry)}"
    for entry in bench.profile.data.get("strangers", ()):
        if bench.row.row in entry.get("rows", (bench.row.row,)):
            yield alternatives.device(bench, entry), alternatives.named(entry)


STORIES = (
    Story("lookalikes", "Is it told from what looks very much like it?", "What tells two meters apart is one register.",
          "WrongDevice", lookalikes),
)  # fmt: skip
