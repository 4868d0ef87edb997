"""A PV inverter with a battery on its DC side: one bus, one AC terminal, one truth.

Theory: the strings and the cells feed one inverter, so `power` at the AC terminal is what the sun gives there plus
`battery_power`. The cells have no terminal, no voltage and no sun of their own; their time, timers and horizons are the
inverter's. Told the power at the terminal, the sun makes up for what the cells do not give.
"""

from typing import Any, ClassVar

from twin.battery import BatteryInverter
from twin.model import Model
from twin.pv import PvInverter
from twin.quantity import counted, follows

OF_THE_CELLS = ("battery_power", "soc", "capacity", "charge_energy", "discharge_energy")


class HybridInverter(PvInverter):
    """PV inverter whose `cells` hang on its DC bus. `pv_power` is what the strings give in W, `pv_energy` in Wh."""

    quantities: ClassVar[tuple[str, ...]] = (*PvInverter.quantities, "pv_power", "pv_energy", *OF_THE_CELLS)
    counters: ClassVar[dict[str, tuple[str, int]]] = {**PvInverter.counters, "pv_energy": ("dc_power", 1)}

    pv_energy = counted()

    def __init__(self, rated_power: float, phases: int, battery_rating: float, capacity: float) -> None:
        self.cells: Cells | None = None
        super().__init__(rated_power, phases)
        self.pv_energy = 0.0
        self.cells = Cells(self, battery_rating, phases, capacity)

    def __getattr__(self, name: str) -> Any:
        if name in OF_THE_CELLS:
            return getattr(self.cells, name)
        raise AttributeError(f"{type(self).__name__} has no {name!r}")

    def set(self, name: str, value: Any) -> None:
        if name in OF_THE_CELLS and self.cells is not None:
            self.cells.set(name, value)
        elif name == "pv_power":
            self.catch_up()
            self.__dict__["_available"] = value * self.efficiency
            super().set("dc_power", value)
        else:
            super().set(name, value)
        told = self.held.get("power")
        if name in ("power", "battery_power") and told is not None:
            self.__dict__["_available"] = told - self._stored()
            self.forget()

    # flows

    def _stored(self) -> float:
        """W that the cells give, negative while they are charged."""
        return 0.0 if self.cells is None else float(self.cells.battery_power)

    def _offered(self) -> float:
        """W of the sun at the AC terminal as physics has it: what the cells take makes room there."""
        room = min(self.rated_power, self.power_limit) - self._stored()
        return float(min(self.available, max(room, 0.0)))

    def flow(self) -> float:
        return self._offered() + self._stored()

    @property
    def sun_power(self) -> float:
        return float(self.power) - self._stored()

    @follows
    def dc_power(self) -> float:
        """W from the strings."""
        return max(self.sun_power, 0.0) / self.efficiency

    @property
    def pv_power(self) -> float:
        return float(self.dc_power)

    # the cells' time is the inverter's

    def forget(self) -> None:
        super().forget()
        if (cells := self.__dict__.get("cells")) is not None:
            Model.forget(cells)

    def count(self, now: float) -> None:
        if self.cells is not None:
            self.cells.count(now)
        super().count(now)

    def horizon(self) -> float:
        return super().horizon() if self.cells is None else self.cells.horizon()

    def reached(self) -> None:
        if self.cells is not None:
            self.cells.reached()

    @property
    def next_timer(self) -> float:
        return super().next_timer if self.cells is None else min(super().next_timer, self.cells.next_timer)

    def run_timers(self, now: float) -> None:
        while self.cells is not None and (due := self.next_timer) <= now:
            if self.cells.next_timer <= due:
                self.cells.run_timers(due)
            else:
                name = min(self._timers, key=lambda each: self._timers[each][0])
                _, action = self._timers.pop(name)
                self.forget()
                action()


class Bus:
    """The inverter as the surroundings of its cells."""

    def __init__(self, inverter: HybridInverter) -> None:
        self._inverter = inverter

    @property
    def now(self) -> float:
        inverter = self._inverter
        return (inverter.around or inverter).now

    def advance(self, now: float) -> None:
        self._inverter.advance(now)

    def changed(self) -> None:
        self._inverter.changed()

    def hurry(self, when: float) -> None:
        self._inverter.forget()
        if self._inverter.around is not None:
            self._inverter.around.hurry(when)


class Cells(BatteryInverter):
    """The battery on a hybrid's DC side, commanded as `BatteryInverter`, with the quantities of a battery alone."""

    quantities: ClassVar[tuple[str, ...]] = (*OF_THE_CELLS, "rated_power", "temperature", "status")

    def __init__(self, inverter: HybridInverter, rated_power: float, phases: int, capacity: float) -> None:
        self.inverter: HybridInverter | None = None
        super().__init__(rated_power, phases, capacity)
        self.inverter, self.around = inverter, Bus(inverter)

    @property
    def ceiling(self) -> float:
        """No more than the inverter may feed."""
        own = super().ceiling
        inverter = self.inverter
        return own if inverter is None else max(min(own, inverter.rated_power, inverter.power_limit), 0.0)

    def free(self, *names: str) -> None:
        """What was told of the terminal's power follows again, too: the sun stays, the cells move."""
        inverter = self.inverter
        if inverter is not None and inverter.held:
            inverter.catch_up()
            inverter.let_go(*inverter.shown)
        super().free(*names)

    def forget(self) -> None:
        super().forget()
        if (inverter := self.__dict__.get("inverter")) is not None:
            Model.forget(inverter)

    def catch_up(self) -> None:
        if (inverter := self.__dict__.get("inverter")) is not None:
            inverter.catch_up()
        else:
            super().catch_up()
