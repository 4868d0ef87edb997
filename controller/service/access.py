"""Who may do what: users with passwords, tokens for programs, sessions; all of them in one file that only we can read.

Roles are read, operate and install, each with all that the ones before it may. There is no default password: while
there is no user, whoever starts the program is told a code that makes the first one, once. Passwords are kept as scrypt
hashes (RFC 7914), tokens and sessions as SHA-256 of 256 random bits.
"""

import hashlib
import hmac
import json
import os
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from controller.errors import ConfigurationError

Role = Literal["read", "operate", "install"]
ROLES: tuple[Role, ...] = ("read", "operate", "install")
SESSION = 30 * 86_400.0  # s
LEAST = 10  # characters of a password
COST = {"n": 1 << 15, "r": 8, "p": 1, "maxmem": 64 << 20}
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class Denied(Exception):
    """Name, password, code or token are wrong."""


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody whom we know. `session`: he has come with a browser's cookie."""

    name: str
    role: Role
    session: bool = False

    def may(self, role: Role) -> bool:
        return ROLES.index(self.role) >= ROLES.index(role)


class Access:
    """The secrets of one site. `code`: what makes the first user, empty when there is one."""

    def __init__(self, file: str | Path) -> None:
        self._file, self._lock = Path(file), threading.Lock()
        self._kept: dict[str, Any] = {"users": {}, "tokens": {}, "sessions": {}}
        if self._file.exists():
            self._load()
        self.code = "" if self._kept["users"] else new_code()

    def _load(self) -> None:
        try:
            mode = self._file.stat().st_mode & 0o077
            found = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"cannot be read: {error}", file=str(self._file)) from error
        if mode:
            raise ConfigurationError(
                "holds secrets and must be readable by its owner only: chmod 600", file=str(self._file)
            )
        if not isinstance(found, dict) or any(not isinstance(found.get(key), dict) for key in self._kept):
            raise ConfigurationError("users, tokens and sessions", file=str(self._file))
        self._kept = found

    def _save(self) -> None:
        new = self._file.with_name(self._file.name + ".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            json.dump(self._kept, out, ensure_ascii=False, indent=1)
            out.flush()
            os.fsync(out.fileno())
        new.replace(self._file)

    # people

    def set_up(self, code: str, name: str, password: str) -> None:
        """Make the first user with the code; Denied when it is another one, or was used."""
        with self._lock:
            if not self.code or not hmac.compare_digest(_letters(code), _letters(self.code)):
                raise Denied("the code is not the one that was told at the start")
        self.add(name, "install", password)
        self.code = ""

    def add(self, name: str, role: Role, password: str) -> None:
        """Make a user, or give him another password and role; ValueError when they cannot be."""
        if not name.strip() or len(name) > 64:
            raise ValueError("a name of 1 to 64 characters")
        if len(password) < LEAST or len(password) > 1000:
            raise ValueError(f"a password of at least {LEAST} characters")
        hashed = _hashed(password)
        with self._lock:
            self._kept["users"][name] = {"role": role, "password": hashed}
            self._forget(name)
            self._save()

    def remove(self, name: str) -> None:
        """KeyError when there is none, ValueError when nobody could install any more."""
        with self._lock:
            users: dict[str, Any] = self._kept["users"]
            if name not in users:
                raise KeyError(name)
            if all(each["role"] != "install" for other, each in users.items() if other != name):
                raise ValueError("the last one who may install stays")
            del users[name]
            self._forget(name)
            self._save()

    def users(self) -> Mapping[str, Role]:
        return {name: each["role"] for name, each in self._kept["users"].items()}

    # sessions

    def login(self, name: str, password: str, now: float) -> str:
        """A new session's secret; Denied."""
        user = self._kept["users"].get(name)
        kept = user["password"] if user else NOBODY  # as much work for a name that is none
        if not _matches(password, kept) or user is None:
            raise Denied("name or password are wrong")
        secret = secrets.token_urlsafe(32)
        with self._lock:
            sessions: dict[str, Any] = self._kept["sessions"]
            for old in [key for key, each in sessions.items() if each["until"] < now]:
                del sessions[old]
            sessions[_digest(secret)] = {"user": name, "until": now + SESSION}
            self._save()
        return secret

    def logout(self, secret: str) -> None:
        with self._lock:
            if self._kept["sessions"].pop(_digest(secret), None) is not None:
                self._save()

    def session(self, secret: str, now: float) -> Who | None:
        found = self._kept["sessions"].get(_digest(secret))
        user = self._kept["users"].get(found["user"]) if found and found["until"] >= now else None
        return Who(found["user"], user["role"], session=True) if user else None

    def _forget(self, name: str) -> None:
        sessions: dict[str, Any] = self._kept["sessions"]
        for key in [key for key, each in sessions.items() if each["user"] == name]:
            del sessions[key]

    # programs

    def new_token(self, name: str, role: Role) -> str:
        """A token that is told only now; ValueError when the name is taken."""
        secret = "hem_" + secrets.token_urlsafe(32)
        with self._lock:
            if not name.strip() or len(name) > 64 or name in self._kept["tokens"]:
                raise ValueError("a name of 1 to 64 characters that no other token has")
            self._kept["tokens"][name] = {"role": role, "digest": _digest(secret)}
            self._save()
        return secret

    def remove_token(self, name: str) -> None:
        """KeyError when there is none."""
        with self._lock:
            del self._kept["tokens"][name]
            self._save()

    def tokens(self) -> Mapping[str, Role]:
        return {name: each["role"] for name, each in self._kept["tokens"].items()}

    def token(self, secret: str) -> Who | None:
        digest = _digest(secret)
        found = next((n for n, e in self._kept["tokens"].items() if hmac.compare_digest(e["digest"], digest)), None)
        return Who(found, self._kept["tokens"][found]["role"]) if found else None


def new_code() -> str:
    """Twelve letters and digits that nobody mistakes for another one: 60 random bits."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(12))
    return "-".join(letters[place : place + 4] for place in (0, 4, 8))


def _letters(code: str) -> str:
    return "".join(each for each in code.upper() if each in LETTERS)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _hashed(password: str) -> str:
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${hashlib.scrypt(password.encode(), salt=salt, **COST).hex()}"


def _matches(password: str, kept: str) -> bool:
    salt, _, told = kept.partition("$")
    made = hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), **COST).hex()
    return hmac.compare_digest(made, told)


NOBODY = f"{'00' * 16}$"
