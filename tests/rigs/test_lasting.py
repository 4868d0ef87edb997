"""What stands is laid on large pages where there are such, and what is freed goes back to the system."""

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from rigs import lasting

MAPS = """\
55d0c0100000-55d0c0a00000 rw-p 00000000 00:00 0                          [heap]
7f0000000000-7f0000400000 rw-p 00000000 00:00 0
7f0000400000-7f0000800000 r--p 00000000 00:00 0
7f0000800000-7f0000c00000 rw-p 00000000 fe:00 1234                       /usr/lib/lib with a blank.so
7f0000c00000-7f0000d00000 rw-p 00000000 00:00 0
7ffc00000000-7ffc00400000 rw-p 00000000 00:00 0                          [stack]
"""


def test_whole_large_pages_of_own_memory_are_found_and_nothing_else():
    heap = [0x55D0C0200000 + each * lasting.LARGE for each in range(4)]
    assert list(lasting.large_pages(MAPS)) == [*heap, 0x7F0000000000, 0x7F0000200000]


def test_no_more_pages_are_laid_than_there_are():
    held = [bytes(1000) for _ in range(10_000)]
    assert 0 <= lasting.gathered() <= len(list(lasting.large_pages(lasting.MAPS.read_text())))
    assert held[-1] == bytes(1000)


def test_a_system_that_tells_of_no_memory_goes_on_without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(lasting, "MAPS", tmp_path / "maps")
    assert lasting.gathered() == 0


def test_what_stands_is_not_looked_through_again():
    lasting.settled()
    try:
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


FREED = """
import gc
from pathlib import Path
from rigs.lasting import frugal

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20

frugal()
before = resident()
large = bytearray(30 << 20)
del large
pages = [bytearray(1 << 20) for _ in range(25)]
del pages
gc.collect()
print(resident() - before)
"""


def test_what_was_freed_is_given_back_whatever_was_freed_before():
    kept = subprocess.run([sys.executable, "-c", FREED], capture_output=True, text=True, check=True).stdout
    assert float(kept) < 5.0, f"{kept} MiB are kept"
