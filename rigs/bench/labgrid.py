"""labgrid's places: a bench that names them has them to itself while it runs. Needs labgrid, `pip install labgrid`.

A lock is labgrid's own, of this user on this machine: it outlives a run that was killed, so that nobody else gets a
device before it is as it was. The next run takes it over and gives it back.
"""

import asyncio
import os
from typing import Any

from controller.errors import ConfigurationError
from rigs.bench.benchfile import Bench

HERE = "127.0.0.1:20408"  # where labgrid's coordinator listens


class Locks:
    """The labgrid places of a bench file."""

    def __init__(self, bench: Bench) -> None:
        self._file = bench.file
        self._address = bench.bench.coordinator or os.environ.get("LG_COORDINATOR", HERE)
        self._wanted = {f"place[{n}].labgrid": place.labgrid for n, place in enumerate(bench.place) if place.labgrid}
        self._session: Any = None
        self._requests: Any = None
        self._own: list[str] = []

    async def acquire(self) -> None:
        """All of them, or none.

        ConfigurationError without labgrid or its coordinator, for a place that it does not have or somebody else has.
        """
        if not self._wanted:
            return
        self._session, self._requests = await _session(self._file, self._address)
        try:
            for key, name in self._wanted.items():
                await _acquire(self._session, self._requests, name, self._file, key)
                self._own.append(name)
        except ConfigurationError:
            await self.end(release=True)
            raise

    async def end(self, *, release: bool) -> None:
        """Hang up. `release`: everything is as it was, others may have the places."""
        if self._session is None:
            return
        for name in reversed(self._own) if release else ():
            await self._session.stub.ReleasePlace(self._requests.ReleasePlaceRequest(placename=name))
        self._own.clear()
        await self._session.stop()
        await self._session.close()
        self._session = None


async def _session(file: str, address: str) -> tuple[Any, Any]:
    """A session of labgrid's client, and the requests that it sends."""
    try:
        from labgrid.remote.client import ClientSession  # type: ignore[import-not-found]
        from labgrid.remote.generated import labgrid_coordinator_pb2  # type: ignore[import-not-found]
    except ImportError as error:
        why = "labgrid is not installed: pip install labgrid"
        raise ConfigurationError(why, file=file, key="place.labgrid") from error
    session = ClientSession(address, asyncio.get_running_loop())
    try:
        await session.start()
    except Exception as error:  # labgrid and gRPC have no type in common
        await session.close()
        why = f"no labgrid coordinator at {address}: {error}"
        raise ConfigurationError(why, file=file, key="bench.coordinator") from error
    return session, labgrid_coordinator_pb2


async def _acquire(session: Any, requests: Any, name: str, file: str, key: str) -> None:
    if name not in session.places:
        known = ", ".join(session.places) or "none"
        raise ConfigurationError(f"labgrid has no place {name!r}, it has {known}", file=file, key=key)
    holder, ourselves = session.places[name].acquired, f"{session.gethostname()}/{session.getuser()}"
    if holder and holder != ourselves:
        raise ConfigurationError(f"labgrid's place {name} is acquired by {holder}", file=file, key=key)
    if holder:
        return
    try:
        await session.stub.AcquirePlace(requests.AcquirePlaceRequest(placename=name))
    except Exception as error:  # gRPC's: its resources are taken by another place
        raise ConfigurationError(
            f"labgrid's place {name} cannot be acquired: {getattr(error, 'details', str)()}", file=file, key=key
        ) from error
