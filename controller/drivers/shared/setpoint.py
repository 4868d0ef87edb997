"""Batteries that are told one power with a sign, whichever way it goes."""

from abc import ABC, abstractmethod


class SignedSetpoint(ABC):
    """Charges and discharges by one power in W, positive when discharging; `_command` gives it to the device."""

    async def charge(self, watts: float) -> None:
        """Charge with `watts`."""
        await self._command(-max(watts, 0.0))

    async def discharge(self, watts: float) -> None:
        """Discharge with `watts`."""
        await self._command(max(watts, 0.0))

    @abstractmethod
    async def _command(self, watts: float) -> None:
        """Give the device this power, within what it can do."""
