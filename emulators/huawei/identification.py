"""What Huawei devices say beyond registers: who they are and who is behind them (43/14), and the login (0x41).

Source: huawei-solar 3.0.7 (PyPI):huawei_solar/{device_discovery,modbus_pdu}.py. Object 0x87 counts the devices, 0x88
and on describe them; a login answers a challenge with HMAC-SHA256 under the SHA-256 of the password.
Other services of 0x41 (files of optimizers and histories) are refused as unknown functions.
"""

import hmac
from collections.abc import Callable, Mapping
from hashlib import sha256

from emulators.table.answers import IllegalAddress, IllegalFunction, IllegalValue

BASIC, SPECIFIC = 1, 3
DEVICES = 0x87
FITS = 240  # bytes of objects in one answer
CHALLENGE, LOGIN = 0x24, 0x25
SEED = bytes(range(0x10, 0x20))


def description(model: str, version: str, serial: str, unit: int) -> str:
    """One device of the list, attribute by attribute."""
    return f"1={model};2={version};3=P1.10-D1.0;4={serial};5={unit};6=1.0"


class Identification:
    """`product` of this device, `devices` as it lists them, itself first."""

    def __init__(self, product: str, version: str, devices: Callable[[], list[str]]) -> None:
        self._product, self._version, self._devices = product, version, devices

    def answer(self, pdu: bytes) -> bytes:
        """The reply to function 0x2B; what does not fit is asked for again from the object that comes next."""
        if len(pdu) != 4 or pdu[1] != 0x0E:
            raise IllegalFunction
        code, first = pdu[2], pdu[3]
        objects = self._objects(code)
        if first not in objects:
            raise IllegalAddress
        said, more, following = b"", 0, 0
        count = 0
        for number, value in objects.items():
            if number < first:
                continue
            if said and len(said) + 2 + len(value) > FITS:
                more, following = 0xFF, number
                break
            said += bytes((number, len(value))) + value
            count += 1
        return bytes((0x2B, 0x0E, code, code, more, following, count)) + said

    def _objects(self, code: int) -> Mapping[int, bytes]:
        if code == BASIC:
            basics = ("HUAWEI", self._product, self._version)
            return {number: text.encode() for number, text in enumerate(basics)}
        if code == SPECIFIC:
            listed = [text.encode() for text in self._devices()]
            return {DEVICES: bytes((len(listed),))} | {DEVICES + 1 + k: text for k, text in enumerate(listed)}
        raise IllegalValue


class Login:
    """`log_in` is called when somebody has shown that he knows the password."""

    def __init__(self, password: str, log_in: Callable[[], None]) -> None:
        self._key, self._log_in = sha256(password.encode()).digest(), log_in

    def answer(self, pdu: bytes) -> bytes:
        """The reply to function 0x41."""
        if len(pdu) < 4 or len(pdu) != 3 + pdu[2]:
            raise IllegalValue
        if pdu[1] == CHALLENGE:
            return bytes((0x41, CHALLENGE, 17)) + SEED + b"\0"
        if pdu[1] != LOGIN:
            raise IllegalFunction
        theirs, rest = pdu[3:19], pdu[19:]
        name = rest[1 : 1 + rest[0]]
        digest = rest[2 + len(name) :]
        if not hmac.compare_digest(digest, hmac.digest(self._key, SEED, sha256)):
            return bytes((0x41, LOGIN, 2, 1, 0))
        self._log_in()
        proof = hmac.digest(self._key, theirs, sha256)
        return bytes((0x41, LOGIN, 2 + len(proof), 0, len(proof))) + proof
