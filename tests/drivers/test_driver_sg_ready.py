"""A heat pump behind two relays: four states, what lies between them, and how long each has to stand."""

from collections.abc import Coroutine
from typing import Any

import pytest

from controller.drivers.kmtronic import relays
from controller.drivers.sg_ready import SgReadyPump
from controller.errors import ConfigurationError, Garbled, LineTimeout, WrongDevice
from rigs.simulated import SimClock, environment, run


class Board:
    """Eight relays that answer datagrams, or bytes. `history`: K1 and K2 after each switch."""

    def __init__(self, relays: int = 8) -> None:
        self.env = environment()
        self.clock = SimClock(self.env)
        self.relays = [False] * relays
        self.waiting: list[bytes] = []
        self.history: list[tuple[bool, ...]] = []
        self.asked = 0
        self.deaf = self.stuck = False

    async def send(self, data: bytes) -> None:
        if self.deaf:
            return
        if data == b"FF0000":
            self.asked += 1
            self.waiting.append("".join("01"[each] for each in self.relays).encode() + b"\r\n")
        elif len(data) == 6:
            self.close(int(data[2:4]), data[4:] == b"01")
            self.waiting.append(b"done")  # an answer that nobody has documented
        elif data[2] == 3:
            self.waiting.append(data[:2] + bytes((self.relays[data[1] - 1],)))
        elif data in (b"\xff\x09\x00", b"\xff\xa1\x00"):
            self.waiting += [data[:2] * (data[1] == 0xA1), bytes(self.relays)]
        else:
            self.close(data[1], data[2] == 1)

    def close(self, relay: int, on: bool) -> None:
        if not self.stuck:
            self.relays[relay - 1] = on
        self.history.append(tuple(self.relays[:2]))

    async def receive(self, timeout: float) -> bytes:
        if self.waiting:
            return self.waiting.pop(0)
        await self.clock.sleep(timeout)
        raise LineTimeout("nothing")

    def do(self, story: Coroutine[Any, Any, Any]) -> Any:
        return run(self.env, story)

    def pump(self, **options: Any) -> SgReadyPump:
        return SgReadyPump(self, self.clock, row=135, **options)

    async def hold(self, pump: SgReadyPump, watts: float, seconds: float) -> list[tuple[float, str]]:
        """Repeat a power each minute; minutes and modes as they change."""
        told: list[tuple[float, str]] = []
        begin = self.clock.monotonic()
        while self.clock.monotonic() - begin < seconds:
            await pump.set_power(watts)
            mode = str((await pump.read())["mode"])
            if not told or told[-1][1] != mode:
                told.append((round((self.clock.monotonic() - begin) / 60), mode))
            await self.clock.sleep(60)
        return told


@pytest.mark.parametrize(
    ("watts", "mode", "contacts"),
    [(0, "locked", (True, False)), (-500, "locked", (True, False)), (900, "normal", (False, False)),
     (1300, "raised", (False, True)), (2000, "forced", (True, True)), (9000, "forced", (True, True))],
)  # fmt: skip
def test_a_power_is_one_of_four_states(watts: float, mode: str, contacts: tuple[bool, bool]) -> None:
    board = Board()
    pump = board.pump()
    board.do(pump.set_power(watts))
    assert tuple(board.relays[:2]) == contacts
    assert board.do(pump.read()) == {"k1": contacts[0], "k2": contacts[1], "mode": mode}


def test_thresholds_are_shares_of_the_pumps_rating() -> None:
    board = Board()
    pump = board.pump(rated_power=5000.0)
    board.do(pump.set_power(3000))
    assert board.do(pump.read())["mode"] == "raised"


def test_a_start_is_reached_over_raised_and_left_over_raised_never_over_a_lock() -> None:
    board = Board()
    pump = board.pump()
    board.do(pump.set_power(2000))
    board.do(pump.release())
    assert board.history == [(False, True), (True, True), (False, True), (False, False)]


def test_from_a_lock_to_raised_it_is_normal_for_ten_minutes() -> None:
    board = Board()
    pump = board.pump()
    board.do(pump.set_power(0))
    assert board.do(board.hold(pump, 1300, 1500)) == [(0, "normal"), (10, "raised")]
    assert board.history == [(True, False), (False, False), (False, True)]


def test_a_state_stands_for_ten_minutes_but_a_lock_does_not_wait() -> None:
    board = Board()
    pump = board.pump()
    board.do(pump.set_power(1300))
    assert board.do(board.hold(pump, 2000, 900)) == [(0, "raised"), (10, "forced")]
    assert board.do(board.hold(pump, 0, 60)) == [(0, "locked")]


def test_a_lock_ends_after_two_hours_and_there_are_three_a_day() -> None:
    board = Board()
    pump = board.pump()
    told = board.do(board.hold(pump, 0, 10 * 3600))
    assert [mode for _, mode in told] == ["locked", "normal", "locked", "normal", "locked", "normal"]
    assert [at for at, _ in told] == pytest.approx([0, 120, 130, 250, 260, 380], abs=3)
    assert pump.problem == "no lock: 3 a day at most"


def test_there_are_three_starts_an_hour() -> None:
    board = Board()
    pump = board.pump()
    for _ in range(3):
        assert board.do(board.hold(pump, 2000, 60))[-1][1] == "forced"
        board.do(pump.release())
        board.do(board.hold(pump, 900, 601))
    assert board.do(board.hold(pump, 2000, 300))[-1][1] == "raised"
    assert pump.problem == "a start waits: 3 an hour at most"


def test_what_the_relays_were_found_in_has_stood_for_long() -> None:
    board = Board()
    board.relays[:2] = [True, False]
    pump = board.pump()
    assert board.do(pump.read())["mode"] == "locked"
    board.do(pump.set_power(900))
    assert board.do(pump.read())["mode"] == "normal"


def test_other_relays_of_the_board_are_left_alone() -> None:
    board = Board()
    board.relays[3] = True
    pump = board.pump(k1=7, k2=8)
    board.do(pump.set_power(2000))
    assert board.relays == [False, False, False, True, False, False, True, True]


def test_a_board_that_does_not_answer_is_asked_three_times_and_a_stuck_relay_is_said() -> None:
    board = Board()
    pump = board.pump()
    assert board.do(pump.identify()).model == "Smart Heat Pumps"
    board.stuck = True
    with pytest.raises(Garbled, match="relay 1 has not followed"):
        board.do(pump.set_power(0))
    board.deaf = True
    begin = board.clock.monotonic()
    with pytest.raises(LineTimeout, match="3 times 1 s"):
        board.do(pump.read())
    assert board.clock.monotonic() - begin == pytest.approx(3.06, abs=0.05)


def test_a_board_without_the_relays_is_the_wrong_one() -> None:
    with pytest.raises(WrongDevice, match="a board of 2 relays"):
        (board := Board(2)).do(board.pump(k1=1, k2=3).identify())
    with pytest.raises(ConfigurationError, match="not 1 twice"):
        Board().pump(k1=1, k2=1)


@pytest.mark.parametrize(("kind", "count"), [("udp", 8), ("usb", 2), ("usb-8", 8), ("rs485", 8)])
def test_each_board_is_spoken_to_in_its_own_bytes(kind: str, count: int) -> None:
    board = Board(count)
    wire = relays(board, kind)
    board.do(wire.switch(2, True))
    assert board.do(wire.closed()) == (False, True, *[False] * (count - 2))
    board.do(wire.switch(2, False))
    assert board.do(wire.closed()) == (False,) * count


def test_bytes_that_are_no_state_of_relays_are_garbled() -> None:
    board = Board(2)
    board.relays = [2, 0]  # type: ignore[list-item]
    with pytest.raises(Garbled):
        board.do(relays(board, "usb").closed())
    with pytest.raises(ConfigurationError, match=r"relays\.board"):
        relays(board, "wifi")
