"""How KMTronic boards are spoken to: six characters in a datagram, or three bytes on a serial line.

LAN: "FF", two digits of the relay, "01" or "00"; "FF0000" asks for the state, one character a relay. USB with one or
two relays: FF rr 01, FF rr 00, and FF rr 03 asks for one relay, answered FF rr state. USB with four or eight: FF 09 00
asks for all, answered with a byte a relay. RS485: FF A0+address 00, answered with those two bytes and eight more.
"""

from emulators.kmtronic.board import RelayBoard
from emulators.wires.device import Device
from emulators.wires.linefaults import deaf, spoil, spoil_datagram
from emulators.wires.wire import Out

LENGTH = 6
ASK_ONE, ASK_ALL, RS485 = 0x03, 0x09, 0xA0


class LanBoard:
    """A DatagramStation."""

    def __init__(self, board: RelayBoard, device: Device) -> None:
        self._board, self._device = board, device

    def datagram(self, data: bytes) -> list[Out]:
        board, device = self._board, self._device
        device.wake()
        if deaf(device.faults):
            return []
        text = data.decode("ascii", "replace")
        if len(text) != LENGTH or not text.startswith("FF") or not text[2:].isdigit():
            device.log("datagram", text, None, accepted=False, reason="not six characters of a command")
            return []
        number, state = int(text[2:4]), text[4:]
        asked = text == "FF0000"
        if not asked:
            if state not in ("00", "01"):
                device.log(f"relay {number}", text, None, accepted=False, reason="neither on nor off")
                return []
            board.switch(number, state == "01", text)
        if not asked and not board.facts["write_reply"]:
            return []
        reply = "".join("1" if on else "0" for on in board.relays) + str(board.facts["trailer"])
        return spoil_datagram(device.faults, reply.encode("ascii"), float(board.facts["turnaround"]))

    def due(self, now: float) -> tuple[list[bytes], float]:
        """It sends nothing unasked."""
        return [], float("inf")


class SerialBoard:
    """A session on its serial line."""

    def __init__(self, board: RelayBoard, device: Device) -> None:
        self._board, self._device, self._buffer = board, device, b""

    def feed(self, data: bytes) -> list[Out]:
        self._device.wake()
        if deaf(self._device.faults):
            return []
        out: list[Out] = []
        self._buffer += data
        while len(self._buffer) >= 3:
            start = self._buffer.find(b"\xff")
            if start < 0 or len(self._buffer) - start < 3:
                self._buffer = self._buffer[start:] if start >= 0 else b""
                break
            command, self._buffer = self._buffer[start : start + 3], self._buffer[start + 3 :]
            reply = self._answer(command[1], command[2], command.hex())
            if reply:
                out += spoil(self._device.faults, reply, float(self._board.facts["turnaround"]))
        return out

    def _answer(self, number: int, what: int, said: str) -> bytes:
        board, kind = self._board, str(self._board.facts["board"])
        states = bytes(board.relays)
        if kind == "usb-2" and what == ASK_ONE and 1 <= number <= len(states):
            return bytes((0xFF, number, states[number - 1]))
        if kind == "usb-8" and (number, what) == (ASK_ALL, 0):
            return states
        if kind == "rs485" and number & 0xF0 == RS485:
            mine = number & 0x0F == int(board.facts["address"])
            return bytes((0xFF, number)) + states if mine else b""
        if kind == "rs485":
            number -= 8 * (int(board.facts["address"]) - 1)  # relays are counted across the boards
        if what in (0, 1):
            board.switch(number, bool(what), said)
        return b""
