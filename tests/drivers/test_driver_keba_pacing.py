"""KEBA over UDP on a slow network: the pause between two commands counts from when the station took the first."""

from itertools import pairwise

from controller.drivers.keba_udp import KebaP30Udp
from emulators.wires.wire import Out
from rigs.simulated import SimClock, SimulatedDatagrams, environment, run

REPORTS = {
    b"report 1": b'{"ID":"1","Product":"KC-P30-EC240122-E00","Serial":"18416854","Firmware":"P30 v 3.10.57"}',
    b"report 2": b'{"ID":"2","State":1,"Plug":3,"Enable sys":1,"Max curr":0,"Curr HW":32000,"Curr user":63000}',
    b"report 3": b'{"ID":"3","U1":0,"U2":0,"U3":0,"I1":0,"I2":0,"I3":0,"P":0,"PF":0,"E pres":0,"E total":70123}',
    b"report 100": b'{"ID":"100","RFID tag":"0"}',
}


class Busy:
    """Takes a command 70 ms after it was sent."""

    def __init__(self, clock: SimClock) -> None:
        self.clock, self.taken = clock, []

    def datagram(self, data: bytes) -> list[Out]:
        self.taken.append(self.clock.now() + 0.07)
        return [Out(REPORTS[data], 0.07)]

    def due(self, now: float) -> tuple[list[bytes], float]:
        return [], float("inf")


def test_the_pause_between_commands_counts_from_when_the_station_took_the_last_one():
    env = environment()
    clock = SimClock(env)
    station = Busy(clock)
    driver = KebaP30Udp(SimulatedDatagrams(env, station), clock, row=65)

    async def story() -> None:
        await driver.identify()
        assert (await driver.read())["energy"] == 7012.3

    run(env, story())
    assert len(station.taken) == 4
    assert all(after - 0.07 - before >= 0.1 - 1e-6 for before, after in pairwise(station.taken))
