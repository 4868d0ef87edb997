"""Whether a device does what it was told: judged by its own measurement, by a limit or a state that it reads back.

Less power than a limit is no contradiction, and neither is a battery at rest that is full or empty.
"""

from controller.members import Member, Setpoint, Standing

PATIENT = 5.0  # s beyond the declared reaction before a contradiction counts
DOUBLINGS = 6  # arming may wear the device: told again ever more rarely


def ignored(member: Member, standing: Standing, now: float) -> bool:
    """Whether what stands there has been contradicted for too long. Counts the attempt."""
    setpoint = standing.setpoint
    if not standing.known or setpoint is None or not contradicted(member, setpoint):
        standing.ignored_since = None
        if standing.known and now - standing.given_at > PATIENT + member.driver.reaction:
            standing.attempts = 0
        return False
    if standing.ignored_since is None:
        standing.ignored_since = now
    if now - standing.ignored_since < (member.driver.reaction + PATIENT) * 2 ** min(standing.attempts, DOUBLINGS):
        return False
    standing.ignored_since, standing.attempts = now, standing.attempts + 1
    return True


def contradicted(member: Member, given: Setpoint) -> bool:
    """Whether what the device says cannot be what it was told."""
    value, power = given.value or 0.0, _number(member, "power")
    slack = max(0.03 * (member.rated_power or value), 100.0)
    match given.command:
        case "charge" | "discharge":
            return _battery(member, value if given.command == "discharge" else -value, slack)
        case "limit_power":
            shown = _number(member, "power_limit")
            grid = _number(member, "grid_power")
            if power is not None and grid is not None and getattr(member.driver, "limits_at_the_meter", False):
                power = min(power, -grid)  # what the house takes of it is not limited
            return (shown is not None and shown > value + slack) or (power is not None and power > value + slack)
        case "limit_current":
            shown = _number(member, "current_limit")
            if shown is not None and abs(shown - value) > 1.0:
                return True  # the station says itself that another current is set
            # three phases at the highest voltage allowed
            return power is not None and power > 3 * 253.0 * (value + 0.5) + slack
        case "pause":
            if power is not None:
                return power > slack
            # nothing measures it: what the station says of itself, IEC 61851-1
            return member.reading.get("vehicle") in ("C", "D") or member.reading.get("enabled") is True
        case "set_power":  # a load that does not take what it was told, or is full: told again, ever more rarely
            return power is not None and abs(power - value) > max(slack, 0.5 * value)
    return False


def _battery(member: Member, told: float, slack: float) -> bool:
    battery, charge = _number(member, "battery_power"), _number(member, "soc")
    if battery is None:
        return False
    free = charge is not None and 15.0 < charge < 85.0  # neither full nor empty: it could follow
    idle = free and abs(told) > 2 * slack and abs(battery) < 0.5 * abs(told)
    return idle or (battery * told < 0 and abs(battery) > slack) or abs(battery) > abs(told) + slack


def _number(member: Member, quantity: str) -> float | None:
    found = member.reading.get(quantity)
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None
