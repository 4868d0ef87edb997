"""From resolutions to setpoints: which command a device gets, with its reason, and what of it stays at a farewell."""

from collections.abc import Iterable, Mapping

from controller.members import Command, Setpoint
from controller.strategy.claims import Aspect, Claim, Envelope, Key, Rank, Resolution, resolve

GRID = Rank.GRID


def orders(claims: Iterable[Claim], envelopes: Mapping[Key, Envelope], now: float) -> list[Setpoint]:
    """One setpoint for each aspect that somebody claims something of; what is not in the list is to be released."""
    claims = tuple(claims)
    asked = [claim for claim in claims if claim.rank == GRID]
    by_operator = resolve(asked, envelopes, now) if asked else {}
    found = []
    for key, resolution in resolve(claims, envelopes, now).items():
        setpoint = order(resolution, envelopes[key], by_operator.get(key))
        if setpoint is not None:
            found.append(setpoint)
    return found


def order(resolution: Resolution, envelope: Envelope, operator: Resolution | None = None) -> Setpoint | None:
    """The command that a resolution means; None when the device is left to itself."""
    told = _command(resolution.aspect, resolution.value, resolution.high, envelope)
    if told is None:
        return None
    command, value = told
    stays = None if operator is None else _command(operator.aspect, operator.value, operator.high, envelope)
    return Setpoint(resolution.device, command, value, reason(resolution), resolution.chain, stays)


def _command(
    aspect: Aspect, value: float | None, high: float, envelope: Envelope
) -> tuple[Command, float | None] | None:
    if value is None:
        free = high >= envelope.high and aspect != "current"  # a free station may offer more than the installer allows
        if aspect in ("battery", "load") or free:
            return None  # a bound on what nobody commands: the device regulates itself within what it may
        value = high
    match aspect:
        case "feed_in":
            return "limit_power", value
        case "battery":
            return ("discharge", value) if value >= 0 else ("charge", -value)
        case "current":
            return ("limit_current", value) if value >= max(envelope.least, 1e-9) else ("pause", None)
        case "load":
            return "set_power", value


def reason(resolution: Resolution) -> str:
    """What asked, and what had the last word if that was somebody else."""
    if not resolution.chain:
        return ""
    asked = next((claim for claim in resolution.chain if claim.bound == "setpoint"), resolution.chain[-1])
    bounds = [claim for claim in resolution.chain if claim is not asked and claim.rank <= asked.rank]
    limiting = bounds[-1] if bounds and resolution.value is not None and resolution.value != asked.value else None
    return f"{asked.reason}, but {limiting.source}: {limiting.reason}" if limiting is not None else asked.reason
