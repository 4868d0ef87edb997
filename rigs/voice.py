"""Says lines on a stream without ever holding up or ending the controller.

A stream that nobody reads any more (`hem run | head`) falls silent; one that is only not read just now is not written.
"""

import os
import select
from typing import TextIO


class Voice:
    """A stream that may go away. `lost`: it has. None is one that was closed before the program began (`>&-`)."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.lost = stream is None

    def __call__(self, line: str) -> bool:
        """Whether it has been said; if not and the stream is not lost, say it again later."""
        stream = self._stream
        if stream is None or self.lost or not _ready(stream):
            return False
        try:
            print(line, file=stream, flush=True)
        except (OSError, ValueError):  # nobody listens: there is nobody to tell that either
            self.lost = True
            _hush(stream)
        return not self.lost


def _ready(stream: TextIO) -> bool:
    """Whether a line goes out at once. A pipe that is ready has room for 4096 bytes (pipe(7))."""
    try:
        return bool(select.select([], [stream.fileno()], [], 0)[1])
    except (OSError, ValueError):  # no file behind it, or a closed one: writing will tell
        return True


def _hush(stream: TextIO) -> None:
    """What is left in its buffer goes nowhere; else the interpreter would fail on it at its end."""
    try:
        descriptor = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
    except (OSError, ValueError):  # closed already, nothing is left
        return
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
