"""What charging stations share: people at them, sessions, and points that share one supply.

Source: IEC 61851-1 for states; each maker's face says how it codes them.
"""

from collections.abc import Callable, Sequence

from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.charger import MINIMUM, ChargingPoint
from twin.model import INFINITY

TAG = "04a1b2c3"
CAR = ("current", "phases", "shortfall", "delay", "ramp", "demand", "power")  # what a car is like, see twin.charger


class People:
    """Who stands at one charge point: drivers with a car and a card, and whoever has the key or the power switch.

    `noticed` is called when a session begins or ends, `key` when it is turned where there is one. With the fact
    `authorization` each session needs a card; one that is shown first opens the next session for `card_seconds`.
    """

    def __init__(
        self, twin: ChargingPoint, facts: Facts, device: Device, *, reboot: Callable[[], None],
        noticed: Callable[[], None] = lambda: None, key: Callable[[], None] | None = None,
        card_seconds: float = 60.0,
    ) -> None:  # fmt: skip
        self._twin, self._device, self._noticed, self._key = twin, device, noticed, key
        self._card_seconds = card_seconds
        self.needs_card = bool(facts.more.get("authorization", False))
        self.unlocked = True  # by the key at the station
        self._there = twin.plugged
        self._ends = 0.0  # s, UTC; end of the last session
        twin.authorized = not self.needs_card
        self.operator: dict[str, Callable[..., None]] = {
            "plug": self.plug, "unplug": self.unplug, "rfid": self.show_card, "reboot": reboot,
        }  # fmt: skip
        if key is not None:
            self.operator |= {"lock": self.lock, "unlock": self.unlock}

    def look(self) -> None:
        """Notice a cable that came or went."""
        twin = self._twin
        if twin.plugged == self._there:
            return
        self._there = twin.plugged
        if self._there:
            twin.cancel("card forgotten")
        else:
            self._ends = self._device.clock()
            if self.needs_card:
                twin.authorized, twin.rfid = False, ""
        self._noticed()

    def restart(self) -> None:
        """Power was away: whoever was let in has to show the card again."""
        if self.needs_card:
            self._twin.authorized = False

    @property
    def seconds(self) -> float:
        """How long the session has lasted; that of the last one until the next begins."""
        since, twin = self._twin.plugged_since, self._twin
        return (self._device.clock() if twin.plugged else max(self._ends, since)) - since if since else 0.0

    def plug(self, **car: float) -> None:
        """Put in the cable of a car, which is as `car` says: current=8, phases=1; see twin.charger for all of it."""
        known = [name for name in CAR if hasattr(type(self._twin), f"vehicle_{name}")]
        if unknown := sorted(set(car) - set(known)):
            raise TypeError(f"a car has no {unknown[0]}, but {', '.join(known)}")
        for name, value in car.items():
            setattr(self._twin, f"vehicle_{name}", int(value) if name == "phases" else float(value))
        self._twin.set("plugged", True)
        self.look()

    def unplug(self) -> None:
        self._twin.set("plugged", False)
        self.look()

    def show_card(self, tag: str = TAG) -> None:
        """A card opens a session, or ends the one that it opened."""
        self.look()
        twin = self._twin
        ends = twin.authorized and twin.rfid == tag
        twin.authorized = not ends or not self.needs_card
        twin.rfid = "" if ends else tag
        if not twin.plugged and self.needs_card and not ends:
            twin.at("card forgotten", self._device.clock() + self._card_seconds, self._forget)
        self._noticed()

    def _forget(self) -> None:
        self._twin.authorized, self._twin.rfid = False, ""

    def lock(self) -> None:
        self._turn(False)

    def unlock(self) -> None:
        self._turn(True)

    def _turn(self, unlocked: bool) -> None:
        self.unlocked = unlocked
        if self._key is not None:
            self._key()


def obey(twin: ChargingPoint, **commands: float | bool) -> None:
    """Give a charge point those of its commands that differ: looking again at what stands moves nothing."""
    for name, value in commands.items():
        if getattr(twin, name) != value:
            setattr(twin, name, value)


def shared(twins: Sequence[ChargingPoint], amperes: float) -> None:
    """Leave each point its part of what the station has in A per phase.

    Nobody gets more than it wants, the rest is spread evenly; where it is too little, who came first gets 6 A first.
    """
    waiting = sorted((each for each in twins if each.plugged), key=lambda each: each.plugged_since)
    rest, parts = amperes + 1e-9, {id(each): 0.0 for each in waiting}
    served = sorted(waiting[: int(rest / MINIMUM)], key=_wanted)
    for number, each in enumerate(served):
        fair = rest / (len(served) - number)
        parts[id(each)] = INFINITY if _wanted(each) <= fair else fair
        rest -= min(_wanted(each), fair)
    for each in twins:
        obey(each, station_current=parts.get(id(each), INFINITY))


def _wanted(twin: ChargingPoint) -> float:
    return min(twin.current_limit, twin.max_current)


class Supply:
    """Points behind one supply: whenever one of them changes, `amperes()` are shared anew."""

    def __init__(self, twins: Sequence[ChargingPoint], amperes: Callable[[], float]) -> None:
        self._twins, self._amperes, self._busy = twins, amperes, False
        for twin in twins:
            twin.on_change(self.share)

    def share(self) -> None:
        if self._busy:
            return
        self._busy = True
        try:
            shared(self._twins, self._amperes())
        finally:
            self._busy = False
