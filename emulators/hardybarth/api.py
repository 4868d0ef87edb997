"""The eCB1's HTTP API, version 1: charge controllers, meters, mode of all of them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from emulators.hardybarth.control import MODES, ChargeControl
from emulators.hardybarth.meters import Meter
from emulators.wires.device import Device
from emulators.wires.http import NotServed, OneAtATime, answer, form, lower, split
from emulators.wires.linefaults import gate, spoil_http
from emulators.wires.wire import HttpReply

VERSION = {"protocol-version": "1.4"}


class Ecb1:
    """An HttpStation. `controls` and `meters` are what hangs on it."""

    def __init__(
        self, device: Device, facts: Mapping[str, Any], controls: Sequence[ChargeControl], meters: Sequence[Meter]
    ) -> None:
        self._device, self._facts = device, facts
        self._controls = {1 + i: control for i, control in enumerate(controls)}
        self._meters = {meter.id: meter for meter in meters}
        self._desk = OneAtATime(device.clock, float(facts["busy"]), float(facts["locked"]))

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> HttpReply:
        faults = self._device.faults
        gate(faults)
        self._desk.enter()
        self._device.wake()
        try:
            segments, query = split(path)
            if segments[:2] != ["api", "v1"]:
                raise NotServed(404, path)
            if method == "GET":
                reply = answer({**self._read(segments[2:], query), **VERSION})
            elif method in ("POST", "PUT"):
                if not body and "content-length" not in lower(headers):
                    raise NotServed(411, "Length Required")
                reply = answer({**self._command(segments[2:], form(body)), **VERSION})
            else:
                raise NotServed(405, method)
        except NotServed as no:
            if method != "GET":
                self._device.log(f"{method} {path}", body.decode("utf-8", "replace"), None, accepted=False,
                                 reason=str(no))  # fmt: skip
            reply = no.reply
        reply = HttpReply(reply.status, reply.body, headers=reply.headers, delay=float(self._facts["busy"]))
        return spoil_http(faults, reply)

    def _read(self, segments: list[str], query: Mapping[str, str]) -> dict[str, Any]:
        match segments:
            case ["all"]:
                lists = {"meters": self._meter_list({}), "chargecontrols": self._control_list({}), "rfid": []}
                return {"system": self._system(), "network": {"dhcp": True, "ipaddress": "127.0.0.1"}, **lists}
            case ["chargecontrols"]:
                return {"chargecontrols": self._control_list(query)}
            case ["chargecontrols", number]:
                return {"chargecontrol": self._control(number).entry()}
            case ["chargecontrols", number, "mode"]:
                return {"mode": self._control(number).mode}
            case ["chargecontrols", number, "mode", "manual", "ampere"]:
                return {"manualmodeamp": self._control(number).ampere}
            case ["meters"]:
                return {"meters": self._meter_list(query)}
            case ["meters", number]:
                if not number.isdigit() or int(number) not in self._meters:
                    raise NotServed(404, f"meter {number}")
                return {"meter": self._meters[int(number)].entry()}
            case ["pvmode"] if self._controls:
                return {"pvmode": next(iter(self._controls.values())).mode}
        raise NotServed(404, "/".join(segments))

    def _command(self, segments: list[str], fields: Mapping[str, str]) -> dict[str, Any]:
        match segments:
            case ["chargecontrols", number, "mode"]:
                control, mode = self._control(number), _field(fields, "mode")
                self._do("mode", mode, lambda: control.mode, control.choose)
                return {"mode": control.mode}
            case ["chargecontrols", number, "mode", "manual", "ampere"]:
                control, text = self._control(number), _field(fields, "manualmodeamp")
                self._do("manualmodeamp", text, lambda: str(control.ampere), control.set_ampere)
                return {"manualmodeamp": control.ampere}
            case ["chargecontrols", number, "start" | "stop" as action]:
                control = self._control(number)
                self._do(action, action == "start", lambda: control.released, control.release)
                return {"chargecontrol": control.entry()}
            case ["pvmode"] if self._controls:
                mode = _field(fields, "pvmode")
                if mode not in MODES:
                    raise NotServed(400, f"pvmode {mode!r}")
                for control in self._controls.values():
                    self._do("pvmode", mode, partial(getattr, control, "mode"), control.choose)
                return {"pvmode": mode}
        raise NotServed(404 if segments[:1] != ["meters"] else 405, "/".join(segments))

    def _do(self, target: str, value: Any, now: Callable[[], Any], give: Callable[[Any], None]) -> None:
        """Carry out a command and note it. `now` is what holds before it."""
        raw = None if isinstance(value, bool) else value
        if "write-ignored" in self._device.faults:
            self._device.log(target, raw, raw, reason="ignored by fault")
            self._device.faults.acted()
            return
        self._device.touch("release" if isinstance(value, bool) else target, now, give)
        give(value)
        self._device.log(target, raw, raw)
        self._device.twin.changed()

    def _control(self, number: str) -> ChargeControl:
        if not number.isdigit() or int(number) not in self._controls:
            raise NotServed(404, f"chargecontrol {number}")
        return self._controls[int(number)]

    def _control_list(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        return _filtered([control.entry() for control in self._controls.values()], query)

    def _meter_list(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        return _filtered([meter.entry() for meter in self._meters.values()], query)

    def _system(self) -> dict[str, Any]:
        return {"serial": self._facts["serial"], "name": "eCB1", "firmware": "1.47", "hardware": "eCB1"}


def _filtered(entries: list[dict[str, Any]], query: Mapping[str, str]) -> list[dict[str, Any]]:
    """Those entries that have what the query asks for."""
    wanted = {key: query[key] for key in ("vendor", "type", "function") if key in query}
    return [entry for entry in entries if all(entry.get(key) == value for key, value in wanted.items())]


def _field(fields: Mapping[str, str], name: str) -> str:
    if name not in fields:
        raise NotServed(400, f"no field {name}")
    return fields[name]
