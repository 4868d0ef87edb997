"""What is said on streams that are read, not read, and gone."""

import io
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from controller.log import Log
from rigs import local
from rigs.operate import Teller
from rigs.voice import Voice


def test_nobody_who_stops_reading_holds_the_speaker_up():
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as stream:
        voice = Voice(stream)
        said = 0
        while voice("x" * 999):
            said += 1
        assert 1 < said < 1_000_000 // 1000
        assert not voice.lost
        os.read(reader, 1 << 20)
        assert voice("again")
        os.close(reader)


def test_a_stream_whose_reader_is_gone_falls_silent_for_good():
    reader, writer = os.pipe()
    stream = os.fdopen(writer, "w")
    voice = Voice(stream)
    assert voice("one")
    os.close(reader)
    assert not voice("two")
    assert voice.lost
    assert not voice("three")
    stream.close()


def test_a_closed_stream_and_one_without_a_file_are_no_harm():
    closed = io.StringIO()
    voice = Voice(closed)
    assert voice("one")
    assert closed.getvalue() == "one\n"
    closed.close()
    assert not voice("two")
    assert voice.lost


def test_a_program_whose_stdout_was_closed_ends_as_if_it_had_been_read():
    program = (
        "import sys, rigs.voice as v; say = v.Voice(sys.stdout); [say(str(n) * 99) for n in range(9_000)]; exit(3)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait() == 3


def test_a_stream_that_never_was_is_lost_from_the_beginning():
    voice = Voice(None)
    assert voice.lost
    assert not voice("one")


def test_a_disk_that_is_full_takes_the_voice_and_nothing_else():
    with Path("/dev/full").open("w") as full:
        voice = Voice(full)
        assert not voice("one")
        assert voice.lost


def test_events_are_told_once_in_local_time_that_is_said_to_be_local(capsys):
    log = Log()
    teller = Teller(log, "Europe/Berlin")
    log.append(1_750_000_000.0, 5.0, "roof", "online: SMA STP 8.0")
    teller.tell()
    log.append(1_761_440_400.5, 6.0, "roof", "limit_power 2400 (K3 closed: 30 %)")
    teller.tell()
    teller.tell()
    assert capsys.readouterr().out.splitlines() == [
        "times are local time, Europe/Berlin, with their offset from UTC",
        "2025-06-15 17:06:40+02:00 roof: online: SMA STP 8.0",
        "2025-10-26 02:00:00+01:00 roof: limit_power 2400 (K3 closed: 30 %)",
    ]


def test_events_that_were_dropped_before_anybody_listened_are_counted(capsys):
    log = Log(limit=2)
    for number in range(7):
        log.append(1_750_000_000.0, 0.0, "roof", f"event {number}")
    Teller(log, "Europe/London").tell()
    assert capsys.readouterr().out.splitlines()[1:] == [
        "(5 events were not said in time)",
        "2025-06-15 16:06:40+01:00 roof: event 5",
        "2025-06-15 16:06:40+01:00 roof: event 6",
    ]


@pytest.mark.parametrize(
    ("day", "begins"), [(date(2025, 6, 15), 1_749_938_400.0), (date(2025, 10, 27), 1_761_519_600.0)]
)
def test_a_local_day_begins_at_its_midnight_in_summer_and_winter(day, begins):
    assert local.midnight(day) == begins
    assert local.shown(begins).startswith(f"{day} 00:00:00")
