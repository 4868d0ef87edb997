"""The memory of a process that lives long: what stands when its work begins, and what it frees later."""

import ctypes
import gc
from collections.abc import Iterator
from pathlib import Path

MAPS = Path("/proc/self/maps")
LARGE = 2 << 20  # bytes of a large page
COLLAPSE = 25  # MADV_COLLAPSE of madvise(2), since Linux 6.1
LIMITS = ((-8, 1), (-3, 128 << 10))  # mallopt(3): M_ARENA_MAX, M_MMAP_THRESHOLD


def settled() -> None:
    """Everything stands. From here on the collector looks through what is new only.

    A full collection of a controller of 200 devices would hold its loop up for 40 ms, again and again.
    """
    gc.collect()
    gc.freeze()


def frugal() -> None:
    """What is freed goes back to the system, for as long as this process lives; called before it has any threads.

    Left to itself glibc keeps more the larger the blocks were that it has freed, and a heap for each thread: after a
    page of a year's history a process would stay larger for good. Other C libraries keep nothing of that kind.
    Source: man 3 mallopt.
    """
    if limit := getattr(ctypes.CDLL(None), "mallopt", None):
        for what, value in LIMITS:
            limit(what, value)


def gathered() -> int:
    """Lay what stands on large pages; how many it takes. None where the kernel does not know of that.

    Of a thousand devices each transaction meets other memory; in pages of 4 KiB the processor has to look nearly all
    of it up anew, which takes a tenth of the time. For processes of many devices: what is free between that which is
    in use is taken too. Source: man 2 madvise.
    """
    if not MAPS.exists():
        return 0
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    return sum(advise(page, LARGE, COLLAPSE) == 0 for page in large_pages(MAPS.read_text(errors="replace")))


def large_pages(maps: str) -> Iterator[int]:
    """Where whole large pages of a process's own memory begin, as its /proc/self/maps tells."""
    for line in maps.splitlines():
        where, rights, _, _, _, name = f"{line} ".split(" ", 5)
        if rights.startswith("rw") and name.strip() in ("", "[heap]"):
            begin, end = (int(each, 16) for each in where.split("-"))
            yield from range(-(-begin // LARGE) * LARGE, end - LARGE + 1, LARGE)
