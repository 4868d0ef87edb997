"""The level gate: a row above the HEM's firmware level is refused before anything is connected."""

from controller.compatibility.levels import Level
from controller.compatibility.rows import row
from controller.errors import ConfigurationError, LevelTooLow


def admit(number: int, protocol: str, level: Level) -> None:
    """Pass when this row may be used on this protocol at this level.

    `LevelTooLow` names the level that the row needs; an unlisted protocol is a ConfigurationError.
    """
    wanted = row(number)
    if protocol not in wanted.protocols:
        raise ConfigurationError(
            f"row {number} speaks {' or '.join(wanted.protocols)}, not {protocol!r}", key="protocol"
        )
    if not wanted.since.met_by(level):
        raise LevelTooLow(number, str(level), str(wanted.since.first_level()))
