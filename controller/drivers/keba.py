"""What KEBA's two interfaces of the P30 have in common: models, states, and the failsafe this controller sets."""

MINIMUM = 6.0  # A, IEC 61851-1
MAXIMUM = 32.0  # A, the largest P30; the station itself keeps to what its hardware allows
SAFE_CURRENT = 6.0  # A a station falls to when the controller has fallen silent
SAFE_TIMEOUT = 60.0  # s; the guide allows 10 to 600

NAMES = {65: "P30 c-serie", 66: "P30 x-serie", 67: "Deutschland Edition"}
METERED = (
    "power", "energy", "session_energy", "current_l1", "current_l2", "current_l3",
    "voltage_l1", "voltage_l2", "voltage_l3",
)  # fmt: skip
STATUS = {
    0: "starting", 1: "standby", 2: "standby", 3: "running", 4: "fault", 5: "standby",
}  # fmt: skip


def vehicle(state: int, plugged: bool | None) -> str | None:
    """State of IEC 61851 from the station's own state and whether the cable is plugged at the vehicle."""
    if state == 4:
        return "E"
    if plugged is None:
        return None
    return ("C" if state == 3 else "B") if plugged else "A"


def rfid(digits: str) -> str:
    """The card in lower-case hex without the zeros it is filled up with, empty when there is none."""
    digits = digits.lower()
    while len(digits) > 8 and digits.endswith("00"):
        digits = digits[:-2]
    return digits if digits.strip("0") else ""
