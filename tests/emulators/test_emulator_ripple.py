"""A ripple-control receiver on four digital inputs."""

from typing import Any

import pytest

from emulators.family.build import build
from rigs.simulated import environment


class Inputs:
    """Four inputs, looked at whenever the story wants."""

    def __init__(self, **options: Any) -> None:
        self.env = environment()
        installation = build(143, "contacts", clock=lambda: float(self.env.now), **options)
        self.device, self.wire = installation.main, installation.wire

    def wait(self, seconds: float) -> None:
        self.env.run(until=self.env.now + seconds)

    def read(self, after: float = 1.0) -> tuple[bool | None, ...]:
        self.wait(after)
        return self.wire.closed()

    def signal(self, percent: int) -> None:
        self.device.operator["signal"](percent)


def test_a_fresh_receiver_has_all_contacts_open() -> None:
    assert Inputs().read() == (False, False, False, False)


@pytest.mark.parametrize(("percent", "contact"), [(100, 0), (60, 1), (30, 2), (0, 3)])
def test_a_signal_closes_its_relay_and_no_other(percent: int, contact: int) -> None:
    inputs = Inputs()
    inputs.signal(percent)
    inputs.read()
    assert [i for i, closed in enumerate(inputs.read()) if closed] == [contact]
    assert inputs.device.twin.truth()[f"k{contact + 1}"] is True


def test_relays_break_before_they_make() -> None:
    inputs = Inputs()
    inputs.signal(100)
    inputs.read()
    inputs.signal(30)
    inputs.read(0.0001)
    assert inputs.read(0.1) == (False, False, False, False)
    inputs.read(0.3)
    assert inputs.read() == (False, False, True, False)


def test_or_make_before_they_break() -> None:
    inputs = Inputs(gap=-0.3)
    inputs.signal(100)
    inputs.read()
    inputs.signal(30)
    inputs.read(0.0001)
    assert inputs.read(0.1) == (True, False, True, False)
    inputs.read(0.3)
    assert inputs.read() == (False, False, True, False)


def test_a_contact_bounces_when_it_switches() -> None:
    inputs = Inputs(bounce=0.05)
    inputs.read()
    inputs.device.twin.set("k2", True)
    seen = [inputs.read(0.005)[1] for _ in range(20)]
    assert {True, False} <= set(seen[:8])
    assert all(seen[12:])


def test_a_broken_input_is_not_an_open_contact() -> None:
    inputs = Inputs()
    inputs.signal(0)
    inputs.device.operator["break_input"]("k4")
    assert inputs.read()[3] is None
    inputs.device.operator["repair_input"]("k4")
    inputs.read()
    assert inputs.read()[3] is True
    with pytest.raises(ValueError, match="k1"):
        inputs.device.operator["break_input"]("k9")


def test_without_the_input_hardware_nothing_can_be_read() -> None:
    inputs = Inputs()
    inputs.device.faults.on("half-open")
    assert inputs.read() == (None, None, None, None)


def test_a_quantity_set_to_nothing_is_told_as_nothing() -> None:
    inputs = Inputs()
    inputs.device.twin.set("k2", None)
    inputs.device.faults.on("not-available", quantity="k3")
    assert inputs.read() == (False, None, None, False)


def test_fewer_contacts_may_be_wired() -> None:
    assert Inputs(wired=3).read() == (False, False, False)


def test_without_power_all_relays_fall_open() -> None:
    inputs = Inputs()
    inputs.signal(60)
    inputs.read()
    inputs.device.face.reboot()
    inputs.read()
    assert inputs.read() == (False, False, False, False)


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="100, 60, 30, 0"):
        Inputs().signal(70)
