"""How a device says no. A face raises these; each wire turns them into its own refusal."""


class Refusal(Exception):
    """The device will not do this. `code` is the Modbus exception code."""

    code = 4


class IllegalFunction(Refusal):
    code = 1


class IllegalAddress(Refusal):
    code = 2


class IllegalValue(Refusal):
    code = 3


class DeviceFailure(Refusal):
    code = 4


class Busy(Refusal):
    code = 6


class GatewayPathUnavailable(Refusal):
    code = 10


class GatewayTargetSilent(Refusal):
    """A gateway has passed the request on, and the device behind it has not answered."""

    code = 11


class PermissionDenied(Refusal):
    """Huawei's 0x80: not logged in, or not allowed at all."""

    code = 0x80


class Silence(Exception):
    """The device does not answer at all."""
