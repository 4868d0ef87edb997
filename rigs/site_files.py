"""Where a site keeps what must outlive the process, and how that is carried to another machine."""

import hashlib
import io
import json
import os
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from controller.errors import ConfigurationError, StoreError
from controller.sitefile import load
from controller.store_sqlite import Sqlite

FORMAT = "hem-backup/1"
PARTS = ("site.toml", "state.sqlite", "history.sqlite")


@dataclass(frozen=True)
class Files:
    """What a site keeps, beside each other: `state` with evidence and settings, `history`, and who may do what."""

    state: str
    history: str
    secrets: str

    @classmethod
    def beside(cls, site: str | Path, folder: str | Path | None = None) -> "Files":
        """Those of a site file, in its own folder or in another one."""
        place = Path(site) if folder is None else Path(folder) / Path(site).name
        return cls(*(str(place.with_suffix(end)) for end in (".sqlite", ".history.sqlite", ".secrets.json")))


def backup(site: str, out: str, folder: str = "", secrets: str = "") -> list[str]:
    """Write a site, its state, evidence and history into one archive, while it runs; what is in it.

    Secrets are apart, in a file of their own that only its owner can read. ConfigurationError when something is missing
    or stands where they are to be written.
    """
    load(site)
    files = Files.beside(site, folder or None)
    parts = {"site.toml": Path(site).read_bytes()}
    for name, file in (("state.sqlite", files.state), ("history.sqlite", files.history)):
        if Path(file).exists():
            parts[name] = copied(file)
    if secrets:
        _written(Path(secrets), _read(Path(files.secrets)))
    manifest = {"format": FORMAT, "name": Path(site).name, "parts": {n: _digest(part) for n, part in parts.items()}}
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name, part in {"manifest.json": json.dumps(manifest, indent=1).encode(), **parts}.items():
            told = tarfile.TarInfo(name)
            told.size, told.mode = len(part), 0o600
            tar.addfile(told, io.BytesIO(part))
    _written(Path(out), archive.getvalue())
    return list(parts)


def copied(file: str) -> bytes:
    """A database as it is now, also while somebody writes it."""
    try:
        with (
            closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(":memory:")) as to,
        ):
            source.backup(to)
            return to.serialize()
    except sqlite3.Error as error:
        raise StoreError(str(error), file=file) from error


def restore(archive: str, folder: str, secrets: str = "") -> list[str]:
    """Put a backup into a folder, perhaps of another machine; the files that are there now.

    ConfigurationError when it is not whole, its evidence is not as it was written, or something stands in the way.
    """
    parts, name = _opened(archive)
    files = Files.beside(name, folder)
    targets = {Path(folder) / name: parts["site.toml"]}
    for part, file in (("state.sqlite", files.state), ("history.sqlite", files.history)):
        if part in parts:
            targets[Path(file)] = parts[part]
    if secrets:
        targets[Path(files.secrets)] = _read(Path(secrets))
    for target in targets:
        if target.exists():
            raise ConfigurationError("stands there already, nothing was restored", file=str(target))
    Path(folder).mkdir(parents=True, exist_ok=True)
    for target, content in targets.items():
        _written(target, content)
    load(Path(folder) / name)
    if "state.sqlite" in parts:
        with closing(Sqlite(files.state)) as store:
            if (broken := store.verify()) is not None:
                raise ConfigurationError(f"evidence {broken.number} {broken.what}", file=archive)
    return [str(target) for target in targets]


def _opened(archive: str) -> tuple[dict[str, bytes], str]:
    """What an archive holds, checked, and the name of its site file."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            found = {each.name: tar.extractfile(each) for each in tar.getmembers() if each.isfile()}
            parts = {name: part.read() for name, part in found.items() if part is not None}
        manifest = json.loads(parts.pop("manifest.json"))
        told, name = dict(manifest["parts"]), str(manifest["name"])
    except (OSError, EOFError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"is no backup: {error}", file=archive) from error
    if manifest.get("format") != FORMAT or not set(told) <= set(PARTS) or "site.toml" not in told or not _plain(name):
        raise ConfigurationError(f"is no backup of the format {FORMAT}", file=archive)
    for part, digest in told.items():
        if part not in parts or _digest(parts[part]) != digest:
            raise ConfigurationError(f"{part} is not as it was written", file=archive)
    return {part: parts[part] for part in told}, name


def _plain(name: str) -> bool:
    """Whether it is the name of a site file and no way to somewhere else."""
    return name.endswith(".toml") and name == Path(name).name


def _digest(part: bytes) -> str:
    return hashlib.sha256(part).hexdigest()


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}", file=str(file)) from error


def _written(file: Path, content: bytes) -> None:
    """A new file that only its owner can read."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise ConfigurationError(f"cannot be written: {error.strerror}", file=str(file)) from error
