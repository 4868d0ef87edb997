"""All stories, in the order in which the report tells them."""

from collections.abc import Sequence
from typing import Any

from scenarios.bench.story import Story
from scenarios.rows import remarks
from scenarios.stories import (
    alternatives,
    bounds,
    control,
    faulted,
    generic,
    heat,
    houses,
    identity,
    lines,
    lookalikes,
    marketing,
    neighbours,
    placed,
    reading,
    services,
    sharing,
    silence,
    whole_houses,
)

STORIES: tuple[Story, ...] = (
    *identity.STORIES, *lookalikes.STORIES, *reading.STORIES, *neighbours.STORIES, *generic.STORIES, *sharing.STORIES,
    *lines.STORIES, *control.STORIES, *bounds.STORIES, *silence.STORIES, *houses.STORIES, *marketing.STORIES,
    *services.STORIES, *heat.STORIES, *whole_houses.STORIES, *alternatives.STORIES, *remarks.STORIES,
)  # fmt: skip
FAULTS: tuple[Story, ...] = faulted.STORIES
PLACED: tuple[Story, ...] = (*(each for each in STORIES if each.real), *placed.PLACED)
"""Stories of a bench file's places, real and emulated, told by `scenarios.campaign.real_devices`."""


def story(name: str) -> Story | None:
    """The story of this id."""
    return next((each for each in (*STORIES, *FAULTS) if each.id == name), None)


def texts(stories: Sequence[Story] = (*STORIES, *FAULTS)) -> list[dict[str, Any]]:
    """What every story asks, why and who judges, as plain data."""
    return [
        {
            "id": each.id, "asks": each.asks, "why": each.why, "oracle": each.oracle,
            "every_model": each.every_model, "fault": each in FAULTS,
        }
        for each in stories
    ]  # fmt: skip
