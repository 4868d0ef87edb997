"""All stories, in the order in which the report tells them."""

from typing import Any

from scenarios import alternatives, control, faulted, houses, lines, reading, remarks
from scenarios.story import Story

STORIES: tuple[Story, ...] = (
    *reading.STORIES, *lines.STORIES, *control.STORIES, *houses.STORIES, *alternatives.STORIES, *remarks.STORIES,
)  # fmt: skip
FAULTS: tuple[Story, ...] = faulted.STORIES


def story(name: str) -> Story | None:
    """The story of this id."""
    return next((each for each in (*STORIES, *FAULTS) if each.id == name), None)


def texts() -> list[dict[str, Any]]:
    """What every story asks, why and who judges, as plain data."""
    return [
        {
            "id": each.id, "asks": each.asks, "why": each.why, "oracle": each.oracle,
            "every_model": each.every_model, "fault": each in FAULTS,
        }
        for each in (*STORIES, *FAULTS)
    ]  # fmt: skip
