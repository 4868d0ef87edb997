"""What came instead of an answer, in words that tell the installer what to look at."""

from rigs.master import Exchange, crc

BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"HTTP/", "a web server answers here, no Modbus: check the port, Modbus/TCP is 502"),
    (b"<", "a web page comes from here, no Modbus: check the port, Modbus/TCP is 502"),
    (b"\x15\x03", "TLS is spoken here, no plain Modbus/TCP: check the port and the device's security setting"),
    (b"\x16\x03", "TLS is spoken here, no plain Modbus/TCP: check the port and the device's security setting"),
    (b"SSH-", "an SSH server answers here, no Modbus: check address and port"),
    (b"\xff\xfb", "a Telnet server answers here, no Modbus: check address and port"),
    (b"\xff\xfd", "a Telnet server answers here, no Modbus: check address and port"),
    (b":", "Modbus ASCII is spoken here: set the other end to RTU"),
)
NOTHING_ON_TCP = (
    "connected, but no answer in {:g} s: check the unit id, that Modbus/TCP is switched on in the device and that no "
    "other program has its only connection"
)
NOTHING_ON_SERIAL = (
    "no answer in {:g} s: check that the device is on, its unit id, A and B, termination, and that baud rate, parity "
    "and stop bits are the device's"
)
ONLY_ECHO = (
    "only our own request came back from the adapter, no answer of the device in {:g} s: check that the device is on, "
    "its unit id, A and B, baud rate, parity and stop bits"
)
UNPROVEN = (
    "the only frame that came may be the adapter's echo of the write, and reading back does not show that it arrived: "
    "check that the device is on, and its unit id"
)
FOREIGN_TRANSACTION = (
    "an answer to transaction {}, asked with {}: if the gateway puts ids of its own, set any_transaction = true in "
    "[device.line], or --any-transaction"
)


def of_tcp(exchange: Exchange, raw: bytes) -> str:
    """Bytes on a TCP connection that begin with no Modbus/TCP header."""
    for beginning, words in BEGINNINGS:
        if raw.lstrip().startswith(beginning):
            return words
    if len(raw) >= 5 and raw[0] == exchange.unit and any(crc(raw[: n - 2]) == raw[n - 2 : n] for n in _ends(raw)):
        return "Modbus RTU comes over TCP: set the gateway to Modbus TCP, it passes serial frames on unchanged"
    return "no Modbus/TCP header: something else than Modbus answers at this port"


def of_unit(found: int, exchange: Exchange) -> str:
    return f"unit {found} answers, asked was unit {exchange.unit}: check the unit id"


def half(raw: bytes, whole: int) -> str:
    """An answer that broke off; `whole` bytes were due, 0 where that is not known."""
    due = f" of {whole}" if whole else ""
    return f"half an answer, {len(raw)}{due} bytes: the line or the device is too slow or breaks off"


def of_serial(exchange: Exchange, junk: bytes) -> str:
    """Bytes on a serial line in which no frame could be found."""
    if not junk.strip(b"\0"):
        return f"{len(junk)} zero bytes and no answer: the line floats; check bias, termination, A and B"
    if junk.startswith(b":") and junk.isascii():
        return BEGINNINGS[-1][1]
    at = junk.find(bytes((exchange.unit, exchange.function)))
    if at < 0:
        at = junk.find(bytes((exchange.unit, exchange.function | 0x80)))
    if at < 0:
        return (
            f"{len(junk)} bytes that are no frame of unit {exchange.unit}: check baud rate, parity and stop bits, "
            "termination, and whether another master is on the line"
        )
    begun = junk[at:]
    due = 5 if begun[1] & 0x80 else 8 if exchange.wanted is None else 5 + exchange.wanted
    if len(begun) < due:
        return half(begun, due)
    return "wrong CRC: bytes are changed on the way; check termination, shield, cable length and baud rate"


def of_frame(frame: bytes, exchange: Exchange) -> str:
    """A whole frame with a right CRC that is no answer to this request."""
    if frame[0] != exchange.unit:
        return of_unit(frame[0], exchange)
    return exchange.unlike(frame[1:-2]) or "an answer to an earlier request"


def _ends(raw: bytes) -> tuple[int, ...]:
    """Where a serial frame that begins `raw` could end."""
    return tuple(n for n in (5, 8, 5 + raw[2]) if 5 <= n <= len(raw))
