"""Who may do what: users with passwords, tokens for programs, sessions; all of them in one file that only we can read.

Roles are read, operate and install, each with all that the ones before it may. There is no default password: while
there is no user, whoever starts the program is told a code that makes the first one, once. Tokens and sessions are kept
as SHA-256 of 256 random bits. A change is checked on a copy and counts once that is on the disk.
"""

import copy
import hashlib
import hmac
import json
import os
import secrets
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from controller.errors import ConfigurationError, StoreError
from controller.service.passwords import NOBODY, hashed, matches, outdated

Role = Literal["read", "operate", "install"]
ROLES: tuple[Role, ...] = ("read", "operate", "install")
Kind = Literal["users", "tokens"]
KINDS: Mapping[Kind, str] = {"users": "user", "tokens": "token"}
SESSION = 30 * 86_400.0  # s
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
Kept = dict[str, dict[str, dict[str, Any]]]
Noting = AbstractContextManager[None]
"""What a change is noted in: entered once it has been checked, left once it is on the disk."""


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
    """The secrets of one site. `code`: what makes the first user, empty when there is one.

    What changes something raises ValueError when it cannot be, KeyError when there is nobody of that name, and
    StoreError when the file cannot be written; then nothing has changed.
    """

    def __init__(self, file: str | Path) -> None:
        self._file, self._lock = Path(file), threading.Lock()
        self._kept: Kept = {"users": {}, "tokens": {}, "sessions": {}}
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

    def _change(self, work: Callable[[Kept], None], noting: Noting | None = None) -> None:
        with self._lock:
            new = copy.deepcopy(self._kept)
            work(new)
            with noting or nullcontext():
                self._save(new)
            self._kept = new

    def _save(self, kept: Kept) -> None:
        new = self._file.with_name(self._file.name + ".new")
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
                json.dump(kept, out, ensure_ascii=False, indent=1)
                out.flush()
                os.fsync(out.fileno())
            new.replace(self._file)
        except OSError as error:
            raise StoreError(f"{self._file} cannot be written: {error.strerror}") from error

    # who there is

    def names(self, kind: Kind) -> Mapping[str, Role]:
        return {name: each["role"] for name, each in self._kept[kind].items()}

    def set_up(self, code: str, name: str, password: str, noting: Noting | None = None) -> None:
        """Make the first user with the code; Denied when it is another one, or was used."""
        self._right(code)
        proof = {"password": hashed(password)}

        def first(kept: Kept) -> None:
            self._right(code)  # once: the lock is held now
            _put(kept, "users", name, "install", proof)

        self._change(first, noting)
        self.code = ""

    def _right(self, code: str) -> None:
        if not self.code or not hmac.compare_digest(_letters(code), _letters(self.code)):
            raise Denied("the code is not the one that was told at the start")

    def add(self, name: str, role: Role, password: str, noting: Noting | None = None) -> None:
        """Make a user, or give him another password and role; his sessions end."""
        proof = {"password": hashed(password)}
        self._change(lambda kept: _put(kept, "users", name, role, proof), noting)

    def new_token(self, name: str, role: Role, noting: Noting | None = None) -> str:
        """A token that is told only now; its name is taken by no other one."""
        secret = "hem_" + secrets.token_urlsafe(32)
        self._change(lambda kept: _put(kept, "tokens", name, role, {"digest": _digest(secret)}), noting)
        return secret

    def remove(self, kind: Kind, name: str, noting: Noting | None = None) -> None:
        """It counts no more at once; the last user who may install stays."""
        self._change(lambda kept: _put(kept, kind, name, None, {}), noting)

    # who asks

    def login(self, name: str, password: str, now: float) -> str:
        """A new session's secret; Denied. A hash that is outdated is made anew."""
        user = self._kept["users"].get(name)
        kept_hash = user["password"] if user else NOBODY  # as much work for a name that is none
        if not matches(password, kept_hash) or user is None:
            raise Denied("name or password are wrong")
        anew = hashed(password) if outdated(kept_hash) else kept_hash
        secret = secrets.token_urlsafe(32)

        def begin(kept: Kept) -> None:
            if kept["users"].get(name, {}).get("password") != kept_hash:
                raise Denied("the password has just been changed")
            kept["users"][name]["password"] = anew
            kept["sessions"] = {key: each for key, each in kept["sessions"].items() if each["until"] >= now}
            kept["sessions"][_digest(secret)] = {"user": name, "until": now + SESSION}

        self._change(begin)
        return secret

    def logout(self, secret: str) -> None:
        digest = _digest(secret)

        def end(kept: Kept) -> None:
            kept["sessions"].pop(digest, None)

        if digest in self._kept["sessions"]:
            self._change(end)

    def session(self, secret: str, now: float) -> Who | None:
        kept = self._kept
        found = kept["sessions"].get(_digest(secret))
        user = kept["users"].get(found["user"]) if found and found["until"] >= now else None
        return Who(found["user"], user["role"], session=True) if found and user else None

    def token(self, secret: str) -> Who | None:
        digest = _digest(secret)
        for name, each in self._kept["tokens"].items():
            if hmac.compare_digest(each["digest"], digest):
                return Who(name, each["role"])
        return None


def _put(kept: Kept, kind: Kind, name: str, role: Role | None, proof: Mapping[str, str]) -> None:
    """Let somebody be known by a proof in a role, or no more; sessions of whoever had that name end."""
    those = kept[kind]
    installed = _may_install(kept)
    if role is None:
        del those[name]
    elif not name.strip() or len(name) > 64 or (kind == "tokens" and name in those):
        raise ValueError("a name of 1 to 64 characters" + (" that no other token has" if kind == "tokens" else ""))
    else:
        those[name] = {"role": role, **proof}
    if installed and not _may_install(kept):
        raise ValueError("the last one who may install stays")
    if kind == "users":
        kept["sessions"] = {key: each for key, each in kept["sessions"].items() if each["user"] != name}


def _may_install(kept: Kept) -> bool:
    return any(each["role"] == "install" for each in kept["users"].values())


def new_code() -> str:
    """Twelve letters and digits that nobody mistakes for another one: 60 random bits."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(12))
    return "-".join(letters[place : place + 4] for place in (0, 4, 8))


def _letters(code: str) -> str:
    return "".join(each for each in code.upper() if each in LETTERS)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
