"""Digital contacts on every rig: read, waited for, and what is said when they cannot be read."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from controller.errors import ConfigurationError
from controller.ports import Contacts
from rigs.loopback import LoopbackRig
from rigs.physical_contacts import FileContacts, check_files
from rigs.simulated import SimulatedRig

OPEN = (False,) * 4


def files(folder: Path, *contents: str) -> list[Path]:
    found = [folder / f"k{number}" for number in range(1, len(contents) + 1)]
    for file, content in zip(found, contents, strict=True):
        file.write_text(content)
    return found


async def timed(contacts: Contacts, timeout: float) -> float:
    """s that waiting took."""
    clock = asyncio.get_running_loop().time
    begin = clock()
    await contacts.changed(timeout)
    return clock() - begin


class Receiver:
    """An emulated receiver in virtual time, with the controller's line to it."""

    def __init__(self, **options: Any) -> None:
        self.rig = SimulatedRig()
        self.line: Any = self.rig.emulate(143, "contacts", **options)
        self.device = self.rig.installations[0].main

    def waited(self, timeout: float, *, after: float = 0.0, act: Callable[[], Any] = lambda: None) -> float:
        """s that waiting took when `act` happened `after` s of it."""

        async def acting() -> None:
            await self.rig.clock.sleep(after)
            act()

        async def waiting() -> float:
            begin = self.rig.clock.monotonic()
            await self.line.changed(timeout)
            return self.rig.clock.monotonic() - begin

        if after:
            self.rig.start(acting())
        else:
            act()
        return self.rig.tell(waiting())

    def read(self) -> tuple[bool | None, ...]:
        return self.rig.tell(self.line.read())


def test_a_relay_that_moves_ends_the_wait_at_once() -> None:
    receiver = Receiver()
    assert receiver.read() == OPEN
    moved = receiver.waited(30.0, after=7.25, act=lambda: receiver.device.twin.set("k3", True))
    assert moved == pytest.approx(7.25, abs=1e-5)
    receiver.rig.run(receiver.rig.env.now + 1)
    assert receiver.read() == (False, False, True, False)
    assert receiver.waited(1.5) == pytest.approx(1.5, abs=1e-5)


def test_what_had_changed_before_is_not_waited_for() -> None:
    receiver = Receiver()
    receiver.read()
    assert receiver.waited(30.0, act=lambda: receiver.device.twin.set("k1", True)) == 0.0


def test_the_second_relay_of_a_signal_ends_a_wait_though_nobody_looks_at_the_receiver() -> None:
    receiver = Receiver(gap=4.0)
    receiver.device.operator["signal"](60)
    receiver.read()
    assert receiver.waited(30.0) == pytest.approx(4.0, abs=0.01)
    receiver.rig.run(receiver.rig.env.now + 1)
    assert receiver.read() == (False, True, False, False)


def test_a_contact_that_was_read_while_it_bounced_does_not_deceive_the_wait() -> None:
    receiver = Receiver(bounce=0.1)
    receiver.read()
    receiver.device.twin.set("k3", True)
    assert receiver.read() == (False, False, True, False)
    receiver.rig.run(receiver.rig.env.now + 0.005)
    assert receiver.read() == OPEN  # seen open once more
    assert receiver.waited(30.0) <= 0.11


def test_an_input_that_breaks_under_the_operators_hands_ends_the_wait_and_is_named() -> None:
    receiver = Receiver()
    receiver.read()

    def cut() -> None:
        receiver.device.operator["break_input"]("k2")
        receiver.device.twin.changed()

    assert receiver.waited(30.0, after=2.0, act=cut) == pytest.approx(2.0, abs=1e-5)
    assert receiver.line.problem == ""
    assert receiver.read() == (False, None, False, False)
    assert receiver.line.problem == "k2 cannot be read"


def test_a_wait_in_which_nothing_happens_costs_no_polling() -> None:
    receiver, steps = Receiver(), 0
    receiver.read()
    env = receiver.rig.env
    env.process(receiver.line.changed(3600.0))
    while env.peek() < float("inf"):
        env.step()
        steps += 1
    assert steps <= 4


def test_two_lines_to_one_receiver_both_hear_of_it() -> None:
    receiver = Receiver()
    other: Any = receiver.rig.connect(receiver.rig.installations[0])
    receiver.read()
    receiver.rig.tell(other.read())
    receiver.rig.start(other.changed(50.0))
    moved = receiver.waited(30.0, after=1.0, act=lambda: receiver.device.twin.set("k4", True))
    assert moved == pytest.approx(1.0, abs=1e-5)


def test_a_file_that_is_written_ends_the_wait_within_a_tenth_of_a_second(tmp_path: Path) -> None:
    contacts = FileContacts(files(tmp_path, "0", "0"))

    async def story() -> tuple[float, float, Any]:
        await contacts.read()
        nothing = await timed(contacts, 0.12)
        asyncio.get_running_loop().call_later(0.1, (tmp_path / "k2").write_text, "1\n")
        moved = await timed(contacts, 5.0)
        return nothing, moved, await contacts.read()

    nothing, moved, found = asyncio.run(story())
    assert 0.1 < nothing < 0.5
    assert 0.09 < moved < 0.5
    assert found == (False, True)


def test_the_truth_of_a_relay_block_ends_the_wait_over_its_control_api() -> None:
    async def story() -> tuple[float, Any]:
        async with LoopbackRig() as rig:
            line: Any = await rig.emulate(143, "contacts")
            before = await line.read()
            asyncio.get_running_loop().call_later(0.1, rig.installations[0].main.twin.set, "k1", True)
            moved = await timed(line, 5.0)
            return moved, (before, line.problem)

    moved, found = asyncio.run(story())
    assert 0.09 < moved < 1.5
    assert found == (OPEN, "")


def test_a_control_api_that_is_gone_is_no_change_and_no_storm_of_questions() -> None:
    async def story() -> float:
        async with LoopbackRig() as rig:
            line: Any = await rig.emulate(143, "contacts")
            await line.read()
            await rig.served[0].close()
            return await timed(line, 0.3)

    assert 0.29 < asyncio.run(story()) < 1.0


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda file: file.unlink(), "k2: No such file or directory"),
        (lambda file: file.write_text("perhaps"), "k2 holds 'perhaps', neither 0 nor 1"),
        (lambda file: file.write_bytes(b""), "k2 holds '', neither 0 nor 1"),
        (lambda file: file.write_bytes(b"\xff" * 70_000), "k2 holds"),
        (lambda file: (file.unlink(), file.mkdir()), "k2: Is a directory"),
        (lambda file: (file.unlink(), os.mkfifo(file)), "k2 holds ''"),
    ],
)
def test_a_file_that_goes_wrong_is_a_contact_that_cannot_be_read_and_is_named(tmp_path: Path, spoil, problem) -> None:
    contacts = FileContacts(files(tmp_path, "1", "0", "0"))

    async def story() -> tuple[Any, str, Any, str]:
        await contacts.read()
        spoil(tmp_path / "k2")
        assert await timed(contacts, 5.0) < 0.5
        lost, why = await contacts.read(), contacts.problem
        if (tmp_path / "k2").is_dir():
            (tmp_path / "k2").rmdir()
        else:
            (tmp_path / "k2").unlink(missing_ok=True)
        (tmp_path / "k2").write_text("1")
        return lost, why, await contacts.read(), contacts.problem

    lost, why, again, nothing = asyncio.run(story())
    assert lost == (True, None, False)
    assert problem in why
    assert (again, nothing) == ((True, True, False), "")


def test_before_the_start_each_file_has_to_be_there_and_readable(tmp_path: Path) -> None:
    good = files(tmp_path, "1", "what a GPIO shows before it is set up")
    check_files(good, "device[3].line.files", "site.toml")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for bad, why in (
        (tmp_path / "gone", "cannot be read: No such file or directory"),
        (tmp_path / "folder", "cannot be read: Is a directory"),
        (tmp_path / "pipe", "is none"),
    ):
        with pytest.raises(ConfigurationError, match=rf"site\.toml: device\[3\]\.line\.files: .*{bad} {why}"):
            check_files([*good, bad], "device[3].line.files", "site.toml")


def as_nobody(work: Callable[[], Any]) -> Any:
    """Do it without the rights of root, if we have them."""
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    try:
        return work()
    finally:
        os.seteuid(me)


def test_a_file_that_we_may_not_read_is_said_before_the_start_and_when_it_happens_later(tmp_path: Path) -> None:
    (file,) = files(tmp_path, "1")
    contacts = FileContacts([file])
    file.chmod(0)
    with pytest.raises(ConfigurationError, match="Permission denied"):
        as_nobody(lambda: check_files([file], "files"))
    assert as_nobody(lambda: asyncio.run(_read(contacts))) == (None,)
    assert contacts.problem == f"{file}: Permission denied"


async def _read(contacts: Contacts) -> tuple[bool | None, ...]:
    return await contacts.read()
