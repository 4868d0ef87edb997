"""The UDP reports of a KEBA P30: keys in the guide's order, values in its units (mA, mW, 0.1 Wh, 0.1 %)."""

from datetime import UTC, datetime
from typing import Any

from emulators.keba.p30 import P30
from emulators.keba.sessions import Session
from emulators.wires.told import told

REPORTS = frozenset({"1", "2", "3", *(str(number) for number in range(100, 131))})
NO_DUTY = 1000  # 0.1 %, no pilot signal
UNTIL_51_A = 0.6  # A for each percent of duty, IEC 61851-1


def report(box: P30, number: int) -> dict[str, Any]:
    """One report by its number."""
    if number == 1:
        return _identity(box)
    if number == 2:
        return _state(box)
    if number == 3:
        return _measured(box)
    past = [box.sessions.current, *box.sessions.past]
    return _session(box, number, past[number - 100] if number - 100 < len(past) else Session())


def pushed(box: P30) -> dict[str, Any]:
    """What is sent unasked when it changes."""
    state = _state(box)
    keys = ("State", "Plug", "Input", "Enable sys", "Max curr")
    return {**{key: state[key] for key in keys}, "E pres": box.steps(box.session_energy)}


def _since(box: P30) -> int:
    return int(box.device.clock() - box.started)


def _identity(box: P30) -> dict[str, Any]:
    return {
        "ID": "1", "Product": box.facts["product"], "Serial": str(box.serial),
        "Firmware": f"P30 v {box.facts['firmware']} (240521-1025)",
        "COM-module": 0, "Backend": 0, "timeQ": 0, "setBoot": 0, "DIP-Sw1": "0x26", "DIP-Sw2": "0x00",
        "Sec": _since(box),
    }  # fmt: skip


def _state(box: P30) -> dict[str, Any]:
    told, (timed, at) = _told(box, "max_charging_current"), box.timer or (0.0, box.device.clock())
    offered = box.max_charging_current
    return {
        "ID": "2", "State": box.state, "Error1": 0, "Error2": box.error, "Plug": box.cable,
        "AuthON": int(bool(box.facts["authorization"])),
        "Authreq": int(box.twin.plugged and not box.twin.authorized),
        "Enable sys": box.enable_sys, "Enable user": int(box.twin.authorized),
        "Max curr": _milli(offered if told is None else told),
        "Max curr %": round(offered / UNTIL_51_A * 10) if offered else NO_DUTY,
        "Curr HW": _milli(box.twin.max_current), "Curr user": _milli(box.user_amperes),
        "Curr FS": _milli(box.failsafe_amperes), "Tmo FS": box.failsafe_timeout,
        "Curr timer": _milli(timed), "Tmo CT": round(at - box.device.clock()),
        "Setenergy": box.steps(box.energy_limit), "Output": box.output, "Input": 0,
        "X2 phaseSwitch source": box.phase_source, "X2 phaseSwitch": box.three_phases,
        "Serial": str(box.serial), "Sec": _since(box),
    }  # fmt: skip


def _measured(box: P30) -> dict[str, Any]:
    values = {
        "ID": "3", **{f"U{phase}": _whole(_told(box, f"voltage_l{phase}")) for phase in (1, 2, 3)},
        **{f"I{phase}": _milli(_told(box, f"current_l{phase}")) for phase in (1, 2, 3)},
        "P": _milli(_told(box, "power")), "PF": round(box.power_factor * 1000),
        "E pres": box.steps(box.session_energy), "E total": box.steps(_told(box, "energy")),
        "Serial": str(box.serial), "Sec": _since(box),
    }  # fmt: skip
    return {key: value for key, value in values.items() if value is not None}  # what it does not know is left out


def _session(box: P30, number: int, session: Session) -> dict[str, Any]:
    return {
        "ID": str(number), "Session ID": session.number, "Curr HW": _milli(box.twin.max_current),
        "E start": box.steps(session.total_at_start), "E pres": box.steps(session.energy),
        "started[s]": _seconds(box, session.started), "ended[s]": _seconds(box, session.ended),
        "started": _date(session.started), "ended": _date(session.ended), "reason": session.reason, "timeQ": 0,
        "RFID tag": session.card.ljust(16, "0")[:16], "RFID class": "0" * 20, "Serial": str(box.serial),
        "Sec": _since(box),
    }  # fmt: skip


def _told(box: P30, quantity: str) -> float | None:
    value = told(box.device, quantity, box if hasattr(box, quantity) else None)
    return None if value is None else float(value)


def _milli(value: float | None) -> int | None:
    return None if value is None else round(value * 1000)


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _seconds(box: P30, when: float) -> int:
    return max(int(when - box.started), 0) if when else 0


def _date(when: float) -> str:
    """23 characters, as the guide has them."""
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%d %H:%M:%S.000") if when else "0"
