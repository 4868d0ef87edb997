"""Huawei: the clock of a device, set by whoever writes to it."""

from emulators.wires.device import Device


class LocalTime:
    """`_ahead`: seconds that the device's clock is ahead of the true time."""

    _device: Device
    _ahead: float

    @property
    def local_time(self) -> float:
        """Seconds since 1970, in local time."""
        return self._device.clock() + self._ahead

    @local_time.setter
    def local_time(self, seconds: float) -> None:
        self._ahead = seconds - self._device.clock()
