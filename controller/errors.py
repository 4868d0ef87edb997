"""What can go wrong, in three families: the installer's configuration, the device on its line, and our own memory."""

from collections.abc import Mapping, Sequence

# What a refusal means and what to look at: Modbus exceptions (Application Protocol V1.1b3, section 7), HTTP statuses.
MEANING: Mapping[int, str] = {
    1: "the device does not know this function",
    2: "the device has no such register",
    3: "the device does not take this value or this number of registers",
    4: "the device failed while it did this",
    5: "the device has begun and needs more time",
    6: "the device is busy with something else",
    7: "the device cannot do this now",
    8: "the device found its memory damaged",
    10: "a gateway answers, it has no path to this unit: check the unit id and the gateway's own list of devices",
    11: "a gateway answers, the device behind it does not: check the unit id, that the device is on, its wires, and "
    "baud rate and parity in the gateway",
    401: "user, password or token are missing or wrong",
    403: "these credentials may not do this",
    404: "nothing is at this path: check the address and the device's firmware",
    429: "asked too often",
    500: "the device failed while it did this",
    503: "the device is busy or starting",
}


class HemError(Exception):
    """Anything that hemtwin reports in one line instead of a traceback."""


class ConfigurationError(HemError):
    """A file, key or argument that a person has to correct before anything starts."""

    def __init__(self, expectation: str, *, file: str = "", key: str = "") -> None:
        self.file, self.key, self.expectation = file, key, expectation
        super().__init__(": ".join(part for part in (file, key, expectation) if part))


class LevelTooLow(ConfigurationError):
    """The HEM firmware level does not support this row yet."""

    def __init__(self, row: int, level: str, needed: str) -> None:
        self.row, self.level, self.needed = row, level, needed
        super().__init__(f"row {row} needs HEM firmware level {needed}, this is {level}", key="firmware")


class DeviceError(HemError):
    """A device did not do what its document says. Carries unit, address and the bytes seen."""

    def __init__(self, what: str, *, unit: int | None = None, address: int | None = None, raw: bytes = b"") -> None:
        self.what, self.unit, self.address, self.raw = what, unit, address, raw
        where = [f"unit {unit}"] if unit is not None else []
        where += [f"address {address}"] if address is not None else []
        where += [f"bytes {raw[:40].hex()}"] if raw else []
        super().__init__(f"{what} ({', '.join(where)})" if where else what)


class LineTimeout(DeviceError):
    """No answer within the line's time-out."""


class LineClosed(DeviceError):
    """The peer closed or refused the connection, or the serial line is gone."""


class Garbled(DeviceError):
    """Bytes that are not an answer to what was asked."""


class Refused(DeviceError):
    """The device answered that it will not do this: `code` is its Modbus exception, HTTP status or error text."""

    def __init__(
        self, code: int | str, *, unit: int | None = None, address: int | None = None, raw: bytes = b""
    ) -> None:
        self.code = code
        words = MEANING.get(code) if isinstance(code, int) else None
        what = f"refused with {code}" + (f": {words}" if words else "")
        super().__init__(what, unit=unit, address=address, raw=raw)


class WrongDevice(DeviceError):
    """Another device than the row promises answers here."""

    def __init__(self, found: str, expected: Sequence[str]) -> None:
        self.found, self.expected = found, tuple(expected)
        super().__init__(f"found {found}, expected {' or '.join(expected[:6])}")


class NotControllable(DeviceError):
    """The device can only be read here: by the list's remark, its state, or a lock only a person can open."""


class StoreError(HemError):
    """What must survive a restart cannot be kept or read: a database is corrupt, locked, full or of another version."""

    def __init__(self, what: str, *, file: str = "") -> None:
        self.what, self.file = what, file
        super().__init__(": ".join(part for part in (file, what) if part))
