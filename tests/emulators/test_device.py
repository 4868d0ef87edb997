"""What every emulated device keeps of what was written to it."""

from emulators.wires.device import KEPT, Device
from twin.contacts import Contacts


def written(count: int) -> Device:
    device = Device(143, "relay", "contacts", Contacts(), None, lambda: 0.0)
    for number in range(count):
        device.log("k1", number, number)
    return device


def test_all_writes_of_a_story_are_there_to_be_sliced() -> None:
    device = written(KEPT)
    assert (len(device.writes), device.forgotten) == (50_000, 0)
    assert [write.raw for write in device.writes[49_998:]] == [49_998, 49_999]


def test_a_device_that_runs_for_years_forgets_the_oldest_and_counts_them() -> None:
    device = written(3 * KEPT)
    assert KEPT - KEPT // 10 <= len(device.writes) <= KEPT
    assert device.forgotten + len(device.writes) == 3 * KEPT
    assert device.writes[0].raw == device.forgotten


def test_how_many_are_kept_can_be_less() -> None:
    device = Device(143, "relay", "contacts", Contacts(), None, lambda: 0.0, kept=100)
    for number in range(1000):
        device.log("k1", number, number)
    assert 90 <= len(device.writes) <= 100
    assert (device.writes[-1].raw, device.forgotten + len(device.writes)) == (999, 1000)
