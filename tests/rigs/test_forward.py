"""Days in fast-forward on real sockets."""

import asyncio
import time

import pytest

from controller.sitefile import check
from rigs import endurance, forward

HOUSE = {
    "device": [
        {"name": "roof", "row": 1, "model": "STP 8.0", "peak_power": 9200},
        {"name": "grid", "row": 117, "function": "grid-meter"},
    ]
}


def test_a_day_passes_at_once_and_what_is_sent_arrives_before_time_goes_on():
    async def main() -> list[tuple[float, bytes]]:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while said := await reader.read(100):
                writer.write(said.upper())
            writer.close()

        begin, heard = time.time(), []
        async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            for hour in range(24):
                await asyncio.sleep(3600.0)
                writer.write(b"hour %d" % hour)
                heard.append((time.time() - begin, await asyncio.wait_for(reader.read(100), 0.001)))
            writer.close()
            await writer.wait_closed()
            await asyncio.sleep(1.0)  # the other end has gone too
        return heard

    real = time.perf_counter()
    heard = forward.run(main())
    assert time.perf_counter() - real < 60.0
    assert heard[23] == (pytest.approx(86_400.0, abs=5.0), b"HOUR 23")
    assert abs(time.time() - time.clock_gettime(time.CLOCK_REALTIME)) < 1.0


def test_a_house_with_faults_and_viewers_takes_no_more_as_time_goes_by(tmp_path, monkeypatch):
    monkeypatch.setattr(endurance, "UNREST", 60.0)
    prints = []
    hem = endurance.endured(check(HOUSE), 0.01, str(tmp_path), prints.append, every=0.002)
    assert [round(each.day, 3) for each in prints] == [0.002, 0.004, 0.006, 0.008, 0.01]
    first, *_, last = prints[1:]
    assert (last.threads, last.descriptors) == (first.threads, pytest.approx(first.descriptors, abs=3))
    assert last.objects < first.objects + 5000
    assert last.resident < first.resident + 8
    told = [event.what for event in hem.log]
    assert any("online" in what for what in told[len(hem.members) :])
    assert (tmp_path / "site.history.sqlite").stat().st_size > 10_000


def test_what_grows_is_seen_day_by_day():
    prints = [endurance.Footprint(day, 200.0 + 1.5 * day, 3, 40, 1000, 5000, 0.0) for day in (1.0, 2.0, 3.0, 4.0)]
    assert endurance.growth(prints, "resident") == pytest.approx(1.5)
    assert endurance.growth(prints, "threads") == pytest.approx(0.0)
