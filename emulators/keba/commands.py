"""KEBA P30: what its write-only Modbus registers do when they are written."""

from collections.abc import Callable

from emulators.family.profile import Facts
from emulators.keba.p30 import P30
from emulators.table.answers import IllegalValue
from emulators.wires.device import Device
from twin.charger import ChargingPoint

MODBUS = 3  # phase switching source


def commanded(twin: ChargingPoint, facts: Facts, device: Device) -> P30:
    """The box with these registers before it."""
    box = P30(twin, facts, device)
    box.parts = (Commands(box),)
    return box


class Commands:
    """One attribute for each register; none of them can be read on the wire."""

    def __init__(self, box: P30) -> None:
        vars(self)["_box"] = box
        vars(self)["_do"] = {
            "commanded_current": box.set_current,
            "commanded_energy": box.limit_energy,
            "commanded_unlock": self._unlock,
            "commanded_enable": self._enable,
            "commanded_failsafe_current": lambda amperes: box.set_failsafe(amperes, box.failsafe_timeout),
            "commanded_failsafe_timeout": lambda seconds: box.set_failsafe(box.failsafe_amperes, seconds),
            "commanded_failsafe_persist": self._persist,
            "commanded_phase_source": box.phases.choose,
            "commanded_phases": self._phases,
        }
        vars(self)["_now"] = {
            "commanded_current": lambda: box.user_amperes, "commanded_enable": lambda: int(box.twin.enabled),
        }  # fmt: skip

    def __getattr__(self, name: str) -> float | None:
        if name not in vars(self)["_do"]:
            raise AttributeError(name)
        now: Callable[[], float | None] = vars(self)["_now"].get(name, lambda: None)
        return now()

    def __setattr__(self, name: str, value: float) -> None:
        vars(self)["_do"][name](value)

    def _enable(self, value: int) -> None:
        if value not in (0, 1):
            raise IllegalValue(f"enable {value}")
        vars(self)["_box"].enable(bool(value))

    def _unlock(self, value: int) -> None:
        if value:
            raise IllegalValue(f"unlock {value}")
        vars(self)["_box"].unlock()

    def _persist(self, value: int) -> None:
        """1 keeps the active failsafe setting over a restart, 0 forgets what was kept."""
        if value not in (0, 1):
            raise IllegalValue(f"persist {value}")
        vars(self)["_box"].persist_failsafe(bool(value))

    def _phases(self, value: int) -> None:
        if value not in (0, 1):
            raise IllegalValue(f"phases {value}")
        vars(self)["_box"].phases.switch(bool(value), MODBUS)
