"""Kill -9 at random points of writing, again and again in the same files: python tests/service/killing.py 1000

A process writes history and evidence as `hem serve` does, and acknowledges each record once it is written. After each
kill both databases open, no acknowledged record is missing, and the chain of evidence holds.
"""

import os
import random
import signal
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from controller.log import Event
from controller.service.database import reading
from controller.service.history import History
from controller.store import Evidence
from controller.store_sqlite import Sqlite

BEGIN = 1_750_032_000


def write(folder: Path, n: int, acknowledge: int) -> None:
    """Write from record `n` on until somebody kills us."""
    history, store = History(folder / "history.sqlite"), Sqlite(folder / "state.sqlite")
    while True:
        history.write({BEGIN + 10 * n: {("roof", "power"): float(n)}}, [Event(BEGIN + n, n, "roof", str(n))])
        store.evidence(Evidence("operator", str(n), 30.0, "%", BEGIN + n, None, -7000.5, "K3"))
        store.save("books", {"roof": n})
        os.write(acknowledge, n.to_bytes(8, "big"))
        n += 1
        if n % 7 == 0:
            history.tidy(BEGIN + 10.0 * n)


def killed(folder: Path, n: int, seconds: float) -> int:
    """The last record that a writer has acknowledged when it is killed so long after its first, `n` - 1 for none."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            write(folder, n, writer)
        finally:
            os._exit(1)
    os.close(writer)
    heard = os.read(reader, 8)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := os.read(reader, 1 << 16):
        heard += more
    os.close(reader)
    return int.from_bytes(heard[-8:], "big") if heard else n - 1


def checked(folder: Path, least: int) -> int:
    """How many records there are; AssertionError when one of the first `least` is missing or anything is not whole."""
    with closing(History(folder / "history.sqlite")) as history, closing(Sqlite(folder / "state.sqlite")) as store:
        assert history.aside == ""
        with reading(str(folder / "history.sqlite")) as reader:
            kept = [int(what) for (what,) in reader.execute("SELECT what FROM event ORDER BY number")]
        told = [int(each.evidence.what) for each in store.evidence_since(0)]
        assert store.verify() is None
    assert len(kept) >= least and sorted(set(kept)) == list(range(len(set(kept)))), kept[-3:]
    assert len(told) >= least and sorted(set(told)) == list(range(len(set(told)))), told[-3:]
    return least


def main() -> None:
    count, luck, n = int(sys.argv[1]), random.Random(1), 0
    with tempfile.TemporaryDirectory() as name:
        for number in range(1, count + 1):
            n = checked(Path(name), killed(Path(name), n, luck.uniform(0.0, 0.02)) + 1)
            if number % 100 == 0:
                print(f"{number} kills, {n} records acknowledged, 0 lost", flush=True)


if __name__ == "__main__":
    main()
