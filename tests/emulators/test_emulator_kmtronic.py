"""KMTronic relays and the heat pump behind them: commands on each wire, and what the pump makes of its two contacts."""

from typing import Any

import pytest

from emulators.family.build import build
from rigs.simulated import SimulatedDatagrams, SimulatedStream, environment, line_for, run


class Relays:
    """A board at the end of its line."""

    def __init__(self, board: str = "lan", **options: Any) -> None:
        self.env = environment()
        self.installation = build(135, "udp", clock=lambda: float(self.env.now), board=board, **options)
        self.device, self.twin = self.installation.main, self.installation.main.twin
        self.line: Any = line_for(self.env, self.installation)

    def say(self, data: bytes) -> None:
        run(self.env, self.line.send(data))

    def ask(self, data: bytes) -> bytes:
        async def exchange() -> bytes:
            await self.line.send(data)
            return await self.line.receive(1.0)

        return run(self.env, exchange())

    def wait(self, seconds: float) -> None:
        self.env.run(until=self.env.now + seconds)
        self.device.wake()

    @property
    def states(self) -> list[str]:
        return [state for _, state in self.device.face.passed]


def test_a_lan_board_tells_one_character_a_relay() -> None:
    relays = Relays()
    assert isinstance(relays.line, SimulatedDatagrams)
    assert relays.ask(b"FF0000") == b"00000000"
    assert relays.ask(b"FF0301") == b"00100000"
    assert relays.ask(b"FF0801") == b"00100001"
    assert relays.ask(b"FF0300") == b"00000001"


@pytest.mark.parametrize("nonsense", [b"FF01", b"FF01010", b"ff0101", b"FF0901", b"FF0102", b"\xff\x01\x01"])
def test_a_lan_board_ignores_what_is_no_command(nonsense: bytes) -> None:
    relays = Relays(write_reply=False)
    relays.say(nonsense)
    assert relays.ask(b"FF0000") == b"00000000"
    assert not relays.device.writes[-1].accepted


def test_a_command_may_have_no_answer_and_a_state_a_line_end() -> None:
    relays = Relays(write_reply=False, trailer="\r\n")
    relays.say(b"FF0101")
    assert relays.ask(b"FF0000") == b"10000000\r\n"


def test_a_usb_board_of_two_is_asked_relay_by_relay() -> None:
    relays = Relays("usb-2")
    assert isinstance(relays.line, SimulatedStream)
    relays.say(b"\xff\x02\x01")
    assert [relays.ask(bytes((0xFF, number, 3))) for number in (1, 2)] == [b"\xff\x01\x00", b"\xff\x02\x01"]


def test_a_usb_board_of_eight_tells_a_byte_a_relay_and_skips_noise() -> None:
    relays = Relays("usb-8")
    relays.say(b"\x00\x17\xff\x01\x01\xff\x08\x01")
    assert relays.ask(b"\xff\x09\x00") == b"\x01\0\0\0\0\0\0\x01"


def test_an_rs485_board_answers_to_its_address_and_counts_across_boards() -> None:
    relays = Relays("rs485", address=2)
    relays.say(b"\xff\x01\x01\xff\x09\x01")
    assert relays.ask(b"\xff\xa2\x00") == b"\xff\xa2\x01\0\0\0\0\0\0\0"


def test_two_relays_are_the_contacts_of_the_pump() -> None:
    relays = Relays()
    relays.twin.set("water_temperature", 42.0)
    relays.say(b"FF0101")
    relays.wait(1)
    assert (relays.twin.mode, relays.twin.power) == ("locked", 0)
    relays.say(b"FF0201")
    relays.wait(700)
    assert (relays.twin.mode, relays.twin.power) == ("forced", 2700)
    relays.say(b"FF0100")
    relays.wait(700)
    assert relays.twin.mode == "raised"


def test_contacts_that_pass_through_another_state_ask_for_nothing() -> None:
    relays = Relays()
    for said in (b"FF0201", b"FF0101", b"FF0200"):
        relays.say(said)
    relays.wait(1)
    assert (relays.states, relays.twin.mode) == (["normal", "raised", "forced", "locked"], "locked")


def test_the_board_has_no_watchdog_but_nobody_can_lock_a_pump_for_ever() -> None:
    relays = Relays(write_reply=False)
    relays.twin.set("water_temperature", 39.0)
    relays.say(b"FF0101")
    relays.wait(7300)
    assert relays.ask(b"FF0000") == b"10000000"
    assert (relays.twin.mode, relays.twin.power) == ("normal", 2700)


def test_after_power_on_all_relays_are_open_and_a_cut_wire_opens_the_contacts() -> None:
    relays = Relays(write_reply=False)
    relays.say(b"FF0101")
    relays.device.operator["pull_wire"]()
    relays.wait(1)
    assert (relays.ask(b"FF0000"), relays.twin.mode) == (b"10000000", "normal")
    relays.device.operator["plug_wire"]()
    relays.device.operator["power_cycle"]()
    assert relays.ask(b"FF0000") == b"00000000"


def test_a_lost_datagram_switches_nothing() -> None:
    relays = Relays()
    relays.device.faults.on("half-open")
    relays.say(b"FF0101")
    relays.device.faults.off("half-open")
    assert relays.ask(b"FF0000") == b"00000000"
