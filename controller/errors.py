"""What can go wrong, in three families: the installer's configuration, the device on its line, and our own memory."""

from collections.abc import Sequence


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
        super().__init__(f"refused with {code}", unit=unit, address=address, raw=raw)


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
