"""Whether both ends of a serial line are set alike. A pty would not tell."""

from controller.errors import ConfigurationError
from emulators.family.build import Serial


def agree(ours: Serial, theirs: Serial) -> None:
    """ConfigurationError when the two ends of a serial line are set differently."""
    for key in ("baud", "parity", "stop"):
        mine, device = getattr(ours, key), getattr(theirs, key)
        if mine != device:
            raise ConfigurationError(f"the device is set to {device}, the line to {mine}", key=f"line.{key}")
