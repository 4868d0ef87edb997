"""What a serial line has brought, taken apart into our own requests, whole frames, and the rest."""

from dataclasses import dataclass, field

from rigs.master import Exchange, crc


@dataclass(slots=True)
class Heard:
    """What a line has brought, taken apart: own requests, frames with a right CRC, and the rest."""

    own: int = 0
    frames: list[bytes] = field(default_factory=list)
    junk: bytes = b""


def same_answer(exchange: Exchange) -> bool:
    """Whether the acknowledgement is the request again."""
    return exchange.function in (5, 6)


def taken_apart(buffer: bytes, exchange: Exchange, own: bytes, *, final: bool) -> Heard:
    """Every frame in `buffer`, from the front. Unless `final`, nothing is looked for in an answer still coming in."""
    heard, at, junk = Heard(), 0, bytearray()
    head = bytes((exchange.unit, exchange.function))
    wanted = exchange.wanted
    if wanted is not None:
        head += bytes((wanted,)) if wanted < 256 else b""
    while at < len(buffer):
        if own and buffer.startswith(own, at):
            heard.own += 1
            at += len(own)
            continue
        rest = len(buffer) - at
        if not final:
            begun = rest < len(own) and own.startswith(buffer[at:])
            due = 8 if wanted is None else 5 + wanted
            if begun or (rest < due and buffer.startswith(head[:rest], at)):
                break
        length = _frame(buffer, at)
        if length:
            heard.frames.append(buffer[at : at + length])
            at += length
        else:
            junk.append(buffer[at])
            at += 1
    heard.junk = bytes(junk)
    return heard


def _frame(buffer: bytes, at: int) -> int:
    """Length of the frame that begins at `at`: a reply, or another master's request. 0 when none does."""
    if len(buffer) - at < 5:
        return 0
    function, third = buffer[at + 1], buffer[at + 2]
    lengths: tuple[int, ...] = ()
    if function & 0x80:
        lengths = (5,)
    elif 1 <= function <= 4:
        lengths = (5 + third, 8)
    elif function in (5, 6):
        lengths = (8,)
    elif function in (15, 16):
        lengths = (8, 9 + buffer[at + 6]) if len(buffer) - at > 6 else ()
    for length in lengths:
        end = at + length
        if length >= 5 and end <= len(buffer) and crc(buffer[at : end - 2]) == buffer[end - 2 : end]:
            return length
    return 0
