"""Looks at real places without writing anything: for those who only read."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rigs.bench.benchfile import PlaceSettings
from rigs.bench.guarded import Heard
from rigs.bench.journal import Journal
from rigs.bench.places import RealPlace, open_place
from rigs.physical import Shared


@asynccontextmanager
async def looked_at(
    settings: PlaceSettings, shared: Shared | None = None, heard: Heard | None = None, *, timeout: float | None = None
) -> AsyncIterator[RealPlace]:
    """A real place whose guard lets no write pass: it is opened without its envelope."""
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "unused.journal")
        read_only = settings.model_copy(update={"envelope": None})
        place = open_place(read_only, journal, shared=shared, heard=heard, timeout=timeout)
        try:
            yield place
        finally:
            await place.close()
            journal.close()
