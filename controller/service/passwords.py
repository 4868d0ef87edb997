"""Passwords as argon2id hashes (RFC 9106), one at a time, so that many who log in at once cost little memory.

Hashes of before, `SALT$HASH` in hex by scrypt (RFC 7914), are still matched; `outdated` says which are to be made anew.
"""

import hashlib
import hmac
import threading

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

LEAST, MOST = 10, 1000  # characters
MEMORY, PASSES = 19_456, 2  # KiB and passes: OWASP Password Storage Cheat Sheet, for small machines
SCRYPT = {"n": 1 << 15, "r": 8, "p": 1, "maxmem": 64 << 20}
NOBODY = f"$argon2id$v=19$m={MEMORY},t={PASSES},p=1${'A' * 22}${'A' * 43}"
"""Matches no password, and takes as long to find that out as any other."""

_hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY, parallelism=1)
_one = threading.Lock()


def hashed(password: str) -> str:
    """ValueError when it is too short or too long."""
    if not LEAST <= len(password) <= MOST:
        raise ValueError(f"a password of at least {LEAST} characters")
    with _one:
        return _hasher.hash(password)


def matches(password: str, kept: str) -> bool:
    with _one:
        if not kept.startswith("$"):
            salt, _, told = kept.partition("$")
            made = hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), **SCRYPT).hex()
            return hmac.compare_digest(made, told)
        try:
            return _hasher.verify(kept, password)
        except VerifyMismatchError:
            return False


def outdated(kept: str) -> bool:
    """Whether it was made in another way than `hashed` makes them now."""
    return not kept.startswith("$argon2") or _hasher.check_needs_rehash(kept)
