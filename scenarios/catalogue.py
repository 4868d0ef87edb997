"""All stories, in the order in which the report tells them."""

from scenarios import control, faulted, lines, reading
from scenarios.story import Story

STORIES: tuple[Story, ...] = (*reading.STORIES, *lines.STORIES, *control.STORIES)
FAULTS: tuple[Story, ...] = faulted.STORIES


def story(name: str) -> Story | None:
    """The story of this id."""
    return next((each for each in (*STORIES, *FAULTS) if each.id == name), None)
