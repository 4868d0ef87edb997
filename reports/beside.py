"""Frames beside results.json: a file a case, which its page loads when somebody looks.

A page from a disk may load scripts and nothing else, so the JSON of a case stands as the one argument of a call:

    frames(
    {"case": "112/modbus-rtu/SDM630/read", "frames": [[0.002, ">", "01040034...", "unit 1: read ..."], ...]}
    )
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

from reports.files import save
from reports.frames import told

FOLDER = "frames"
HEAD, TAIL = "frames(\n", "\n)\n"


def name(case: str) -> str:
    """The file of a case, as its entry in results.json names it. The number keeps models apart that look alike."""
    plain = "".join(each if each.isascii() and each.isalnum() else "-" for each in case.lower())
    return f"{FOLDER}/{plain}-{crc32(case.encode()):08x}.js"


def apart(cases: Mapping[str, dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The cases as results.json holds them: instead of its frames the name of their file."""
    for case, entry in cases.items():
        if not entry.get("frames"):
            yield case, {key: value for key, value in entry.items() if key != "frames"}
            continue
        yield (
            case,
            {
                "frames_file" if key == "frames" else key: name(case) if key == "frames" else value
                for key, value in entry.items()
            },
        )


def write(cases: Mapping[str, dict[str, Any]], out: Path) -> None:
    """The files of all cases that have frames; those of an earlier run are taken away."""
    (out / FOLDER).mkdir(exist_ok=True)
    wanted = {out / name(case) for case, entry in cases.items() if entry.get("frames")}
    for old in (out / FOLDER).glob("*.js"):
        if old not in wanted:
            old.unlink()
    for case, entry in cases.items():
        if entry.get("frames"):
            spelled = [
                [at, way, data.hex(), words]
                for at, way, words, data in told(entry["case"]["protocol"], entry["frames"])
            ]
            text = json.dumps({"case": case, "frames": spelled}, ensure_ascii=False, separators=(",", ":"))
            save(HEAD + text + TAIL, out / name(case))


def joined(entry: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A case of results.json with its frames; without them when their file is not there any more."""
    if "frames_file" not in entry:
        return entry
    path = folder / entry["frames_file"]
    if not path.exists():
        return {key: value for key, value in entry.items() if key != "frames_file"}
    found = json.loads(path.read_text(encoding="utf-8").removeprefix(HEAD).removesuffix(TAIL))["frames"]
    frames = [each[:3] for each in found]
    return {
        "frames" if key == "frames_file" else key: frames if key == "frames_file" else value
        for key, value in entry.items()
    }
