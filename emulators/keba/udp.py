"""KEBA P30 on UDP 7090: text commands, JSON reports, and pushes of what changes to whoever commanded last.

Source: P30 UDP Programmers Guide V2.01, p. 10-35. A command sooner than 100 ms after the last one is lost.
"""

import json
from typing import Any

from emulators.keba.p30 import P30
from emulators.keba.reports import REPORTS, pushed, report
from emulators.table.answers import Refusal
from emulators.wires.device import Device
from emulators.wires.linefaults import silent, spoil_datagram
from emulators.wires.wire import Out

PORT = 7090
LARGEST = 512  # bytes of a reply
DONE, ERROR = "TCH-OK :done\n", "TCH-ERR :failed\n"
TURNAROUND = 0.02
UDP_SOURCE = 4  # of phase switching
LOOK = 1.0  # s between two looks for what has changed
ENERGY_PAUSE = 10.0  # s between two pushes of the session's energy
UNANSWERED = range(2, 10)  # values of `output`


class KebaUdp:
    """A DatagramStation on a box."""

    def __init__(self, box: P30, device: Device) -> None:
        self._box, self._device = box, device
        self._last = self._blocked_until = -1e9
        self._commanded = False
        self._seen: dict[str, Any] = {}
        self._energy_at = -1e9
        self._timer = (0.0, 0.0)  # currtime: A, instant
        self._look_at = device.clock()

    def datagram(self, data: bytes) -> list[Out]:
        device, now = self._device, self._device.wake()
        text = data.decode("ascii", "replace").strip("\0\r\n ")
        if self._box.closed() or silent(device.faults):
            return []
        command = text.split(" ")[0]
        if now - self._last < float(self._box.facts["command_gap"]) - 1e-6 or now < self._blocked_until - 1e-6:
            device.log(command, text, None, accepted=False, reason="sooner than the box takes commands")
            return []
        self._last = now
        self._box.look()
        if not self._commanded:
            self._commanded, self._seen = True, pushed(self._box)
        answer = self._answer(command, text)
        return [] if answer is None else spoil_datagram(device.faults, answer.encode("ascii")[:LARGEST], TURNAROUND)

    def _answer(self, command: str, text: str) -> str | None:
        if command == "i":
            return f'"Firmware":"KEBA P30 v {self._box.facts["firmware"]} (240521-1025)"\n'
        if command == "report":
            number = text.partition(" ")[2]
            if number not in REPORTS:
                return ERROR
            return json.dumps(report(self._box, int(number)), separators=(",", ":")) + "\n"
        if command == "output" and text[7:].isdigit() and int(text[7:]) in UNANSWERED:
            return None
        return self._command(command, text)

    def _command(self, command: str, text: str) -> str:
        """A command that changes the box."""
        device = self._device
        wear = "flash" if command == "failsafe" and text.endswith(" 1") else "volatile"
        if "write-ignored" in device.faults:
            device.log(command, text, None, wear=wear, reason="ignored by fault")
            device.faults.acted()
            return DONE
        self._touch(command)
        try:
            self._do(command, text.split(" ")[1:])
        except (Refusal, ValueError, IndexError) as no:
            device.log(command, text, None, wear=wear, accepted=False, reason=str(no))
            return ERROR
        device.log(command, text, text.partition(" ")[2], wear=wear)
        device.twin.changed()
        return DONE

    def _touch(self, command: str) -> None:
        """What a command may lose again."""
        box = self._box
        if command == "curr":
            self._device.touch(command, lambda: box.user_amperes, lambda amperes: box.set_current(amperes, zero=True))
        elif command == "ena":
            self._device.touch(command, lambda: bool(box.twin.enabled), box.enable)

    def _do(self, command: str, words: list[str]) -> None:
        box = self._box
        match command:
            case "ena":
                on = _one_of(words[0], 0, 1)
                box.enable(bool(on))
                if not on:
                    self._blocked_until = self._device.clock() + float(box.facts["stop_gap"])
            case "curr":
                self._cancel()
                box.set_current(int(words[0]) / 1000, zero=True)
            case "currtime":
                self._later(int(words[0]) / 1000, int(words[1]))
            case "failsafe":
                box.set_failsafe(int(words[1]) / 1000, int(words[0]), save=bool(_one_of(words[2], 0, 1)))
            case "setenergy":
                steps = int(words[0])
                if steps and not 1 <= steps <= 999_999_999:
                    raise ValueError(f"energy {steps}")
                box.limit_energy(steps * box.step)
            case "output":
                number = int(words[0])
                if number not in (0, 1) and number not in range(10, 151):
                    raise ValueError(f"output {number}")
                box.output = number
            case "display":
                if not box.facts["display"] or len(words) < 5 or len(words[4]) > 23:
                    raise ValueError("no display, or more than 23 characters")
            case "start":
                box.start_session(words[0])
            case "stop":
                box.stop_session(words[0] if words else "")
            case "unlock":
                box.stop_session("")
                box.unlock()
            case "x2src":
                box.phases.choose(int(words[0]))
            case "x2":
                box.phases.switch(bool(_one_of(words[0], 0, 1)), UDP_SOURCE)
            case _:
                raise ValueError(f"unknown command {command}")

    def _later(self, amperes: float, seconds: int) -> None:
        """`currtime`: this current in so many seconds; the command itself feeds the failsafe."""
        if not 0 <= seconds <= 860_400:
            raise ValueError(f"{seconds} s")
        self._box.check_current(amperes, zero=True)
        self._box.fed()
        self._cancel()
        if not seconds:
            self._box.set_current(amperes, zero=True)
            return
        at = self._device.clock() + seconds
        self._box.timer = (amperes, at)
        self._device.twin.at("keba currtime", at, lambda: self._timed(amperes))

    def _timed(self, amperes: float) -> None:
        self._box.timer = None
        self._box.set_current(amperes, zero=True, feeds=False)

    def _cancel(self) -> None:
        self._box.timer = None
        self._device.twin.cancel("keba currtime")

    def due(self, now: float) -> tuple[list[bytes], float]:
        """What has changed since the last look, to the one who commanded last."""
        if now < self._look_at:
            return [], self._look_at
        self._look_at = now + LOOK
        if not self._commanded or self._box.closed() or silent(self._device.faults):
            return [], self._look_at
        self._device.wake()
        self._box.look()
        seen, out = pushed(self._box), []
        for key, value in seen.items():
            if value == self._seen.get(key):
                continue
            if key == "E pres":
                if now - self._energy_at < ENERGY_PAUSE:
                    continue
                self._energy_at = now
            self._seen[key] = value
            out.append(json.dumps({key: value}, separators=(",", ":")).encode("ascii") + b"\n")
        return out, self._look_at


def _one_of(word: str, *allowed: int) -> int:
    number = int(word)
    if number not in allowed:
        raise ValueError(f"{number} is none of {allowed}")
    return number
