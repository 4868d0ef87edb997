"""A direct marketer at the other end of his line: what he asks of a plant, and what he has read back of it."""

from typing import Any, ClassVar

from twin.model import Model


class Marketer(Model):
    """Asked: `limit_percent` of the installed power, `limit_power` (W), `battery_setpoint` (W, positive discharging),
    None for what he does not ask; `validity` (s), `sequence` of the message, `heartbeat` (a counter) and whether it
    runs (`beating`). Read back: powers in W as the house counts them, `power` is what the plant feeds in.
    """

    quantities: ClassVar[tuple[str, ...]] = (
        "limit_percent", "limit_power", "battery_setpoint", "validity", "sequence", "heartbeat", "beating",
        "power", "grid_power", "pv_power", "battery_power", "soc", "available_power", "installed_power",
        "effective_limit", "effective_setpoint", "acknowledged", "rejected", "plant_state",
    )  # fmt: skip
    asked: ClassVar[tuple[str, ...]] = ("limit_percent", "limit_power", "battery_setpoint", "validity")

    def __init__(self) -> None:
        super().__init__()
        self.limit_percent: float | None = None
        self.limit_power: float | None = None
        self.battery_setpoint: float | None = None
        self.validity = 900.0
        self.sequence, self.heartbeat = 0, 0
        self.beating = True
        self.power: float | None = 0.0
        self.grid_power: float | None = 0.0
        self.pv_power: float | None = None
        self.battery_power: float | None = None
        self.soc: float | None = None
        self.available_power: float | None = None
        self.installed_power: float | None = None
        self.effective_limit: float | None = None
        self.effective_setpoint: float | None = None
        self.acknowledged = self.rejected = self.plant_state = 0

    @property
    def wishes(self) -> tuple[Any, ...]:
        """What he asks now: a new message when it differs from the last one."""
        return tuple(getattr(self, name) for name in self.asked)
