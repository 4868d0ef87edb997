"""Who tells of himself on the network: names by multicast DNS, SMA's energy meters by Speedwire. Nobody is asked."""

import asyncio
import ipaddress
import time

from zeroconf import ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from controller.drivers.speedwire import decoded
from controller.errors import Garbled, LineTimeout
from rigs.physical import Datagrams

SERVICES = ("_modbus._tcp.local.", "_sunspec._tcp.local.", "_http._tcp.local.")
HEARD = 3.0  # s; a meter speaks once a second
MOST = 64  # who is heard


async def named(seconds: float = HEARD, interface: str = "") -> dict[str, str]:
    """Names by address (private ones only) of who offers Modbus or pages; OSError where there is no network to hear."""
    found: dict[str, str] = {}
    seen: list[tuple[str, str]] = []

    def changed(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if state_change is ServiceStateChange.Added and len(seen) < MOST:
            seen.append((service_type, name))

    asking = AsyncZeroconf(interfaces=[interface]) if interface else AsyncZeroconf()
    try:
        browser = AsyncServiceBrowser(asking.zeroconf, list(SERVICES), handlers=[changed])
        await asyncio.sleep(seconds)
        for kind, name in seen:
            info = AsyncServiceInfo(kind, name)
            if await info.async_request(asking.zeroconf, 1000):
                for address in info.parsed_addresses():
                    if (at := ipaddress.ip_address(address)).version == 4 and at.is_private:
                        found.setdefault(address, name.removesuffix(f".{kind}"))
        await browser.async_cancel()
    finally:
        await asking.async_close()
    return found


async def energy_meters(line: Datagrams, seconds: float = HEARD) -> list[str]:
    """Serial numbers of the energy meters that speak in Speedwire's group."""
    end, heard = time.monotonic() + seconds, set[int]()
    while (left := end - time.monotonic()) > 0 and len(heard) < MOST:
        try:
            told = decoded(await line.receive(left))
        except LineTimeout:
            break
        except Garbled:
            continue
        if told is not None:
            heard.add(told.serial)
    return [str(each) for each in sorted(heard)]
