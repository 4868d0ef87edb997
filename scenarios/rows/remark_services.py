"""Remarks on price services: by the hour only where somebody measures by the hour, and the one price zone there is."""

from typing import Any

from controller.errors import ConfigurationError, DeviceError
from scenarios.bench.bench import Bench
from scenarios.bench.prices import differing
from scenarios.rows.remark_sites import stands

PROVIDERS = ("energy-charts", "entso-e", "smard")


async def measured(bench: Bench) -> None:
    """Row 146: without Pulse or SMGW there are no prices by the hour, and it is said why."""
    for what, action in (("identify", bench.identify), ("read", bench.read)):
        answer = await bench.attempt(action)
        told = isinstance(answer, DeviceError) and "Pulse" in str(answer)
        bench.record.check(f"{what} is refused with the reason", told, "an error that names Pulse", answer)


async def zone(bench: Bench) -> None:
    """Row 148: DE-LU and no other zone, whoever publishes its prices; all three tell the same."""
    for wanted, taken in (("AT", False), ("DE-LU", True)):
        try:
            found: Any = stands(bench, tariff={"zone": wanted})
        except ConfigurationError as error:
            found = error
        held = isinstance(found, ConfigurationError) is not taken
        bench.record.check(f"the zone {wanted}", held, "a member" if taken else "refused", found)
    for provider in PROVIDERS:
        driver: Any = stands(bench, tariff={"provider": provider, "token": "5K4MVS-OjfWhK"}).driver
        begin = len(bench.record.frames)
        await driver.identify()
        told = (await driver.read())["prices"]
        wrong = differing(told, bench.truth("prices"), bench.clock.now())
        bench.record.check(f"{provider} tells the service's prices", not wrong, "the same slots", wrong)
        asked = [data for _, way, data in bench.record.frames[begin:] if way == ">"]
        bench.record.check(f"{provider} is asked for the zone", all(_named(each) for each in asked), "DE-LU", asked[:2])


def _named(request: bytes) -> bool:
    return b"DE-LU" in request or b"10Y1001A1001A82H" in request
