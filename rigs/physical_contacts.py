"""Digital contacts in real time: files of a kernel or an I/O program, or the truth of an emulated relay block."""

import asyncio
import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from controller.errors import ConfigurationError, DeviceError, Garbled
from rigs.physical_wires import Web

States = tuple[bool | None, ...]
LOOK = 0.05  # s between two looks at files
ASK = 0.2  # s between two questions to a control API, by default


class FileContacts:
    """Contacts as files, one each, with 1 or 0 in it: sysfs GPIO values, or what an I/O program writes.

    A file that is gone or holds anything else is a contact that cannot be read; `problem` names it.
    """

    def __init__(self, files: Sequence[str | Path], *, active_low: bool = False) -> None:
        self._files, self._active = tuple(map(Path, files)), b"0" if active_low else b"1"
        self._told: States | None = None
        self.problem = ""

    async def read(self) -> States:
        self._told = self._look()
        return self._told

    async def changed(self, timeout: float) -> None:
        clock = asyncio.get_running_loop().time
        end = clock() + timeout
        while self._look() == self._told and (rest := end - clock()) > 0:
            await asyncio.sleep(min(LOOK, rest))

    def _look(self) -> States:
        self.problem = ""
        return tuple(map(self._state, self._files))

    def _state(self, file: Path) -> bool | None:
        try:
            found = _content(file)
        except OSError as error:
            self.problem = self.problem or f"{file}: {error.strerror}"
            return None
        if found not in (b"0", b"1"):
            self.problem = self.problem or f"{file} holds {found[:20].decode(errors='replace')!r}, neither 0 nor 1"
            return None
        return found == self._active


class TruthContacts:
    """The contacts of an emulated relay block, read from the control API of its emulator, every `ask` s."""

    def __init__(self, web: Web, device: str = "") -> None:
        self._web, self._device = web, device
        self.ask = ASK
        self._told: States | None = None
        self.problem = ""

    async def read(self) -> States:
        self._told = await self._states()
        return self._told

    async def changed(self, timeout: float) -> None:
        clock = asyncio.get_running_loop().time
        end = clock() + timeout
        while not await self._differ() and (rest := end - clock()) > 0:
            await asyncio.sleep(min(self.ask, rest))

    async def _differ(self) -> bool:
        try:
            return await self._states() != self._told
        except DeviceError:  # nothing has been seen to change; whoever reads is told
            return False

    async def _states(self) -> States:
        if not self._device:
            self._device = str((await self._json("/devices"))[0]["id"])
        truth = await self._json(f"/devices/{self._device}/truth")
        names = sorted(name for name in truth if name[:1] == "k" and name[1:].isdigit())
        self.problem = next((f"{name} cannot be read" for name in names if truth[name] is None), "")
        return tuple(truth[name] for name in names)

    async def _json(self, path: str) -> Any:
        answer = await self._web.request("GET", path)
        try:
            return json.loads(answer.body)
        except ValueError as error:
            raise Garbled("no JSON from the control API", raw=answer.body) from error

    async def aclose(self) -> None:
        await self._web.aclose()


def check_files(files: Sequence[str | Path], key: str, file: str = "") -> None:
    """ConfigurationError when one of these cannot be read as a contact. What stands in it may still be wrong."""
    for each in files:
        try:
            _content(Path(each))
            ordinary = stat.S_ISREG(Path(each).stat().st_mode)
        except OSError as error:
            raise ConfigurationError(
                f"a file for each contact, {each} cannot be read: {error.strerror}", file=file, key=key
            ) from error
        if not ordinary:
            raise ConfigurationError(f"a file for each contact, {each} is none", file=file, key=key)


def _content(file: Path) -> bytes:
    """The first bytes of a file. Never waits: whatever stands there must not hold up the controller."""
    opened = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    try:
        return os.read(opened, 64).strip()
    finally:
        os.close(opened)
