"""The load of (b), in a process of its own: python -m bench.load CONNECTIONS REGISTERS EACH HOST:PORT [HOST:PORT ...]

Each connection asks, waits for the whole answer and asks again, EACH times: bounded in count and in time. One request
at a time, because pymodbus's server drops pipelined ones. Bare sockets under one epoll, so that the load costs less
than any server. Prints the seconds.
"""

import select
import socket
import struct
import sys
import time

PATIENCE = 120.0  # s for all of it


def load(connections: int, registers: int, each: int, places: list[tuple[str, int]]) -> float:
    """Seconds until all connections have all their answers."""
    request = struct.pack(">HHHBBHH", 1, 0, 6, 1, 3, 0, registers)
    head, whole = struct.pack(">HHHBBB", 1, 0, 3 + 2 * registers, 1, 3, 2 * registers), 9 + 2 * registers
    sockets, left, heard = {}, {}, {}
    poll = select.epoll()
    for number in range(connections):
        made = socket.create_connection(places[number % len(places)], 10)
        made.setblocking(False)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        poll.register(made, select.EPOLLIN)
        sockets[made.fileno()], left[made.fileno()], heard[made.fileno()] = made, each, b""
    begin = time.perf_counter()
    for made in sockets.values():
        made.send(request)
    waiting = connections
    while waiting:
        if time.perf_counter() - begin > PATIENCE:
            raise TimeoutError(f"{waiting} connections have not got their answers in {PATIENCE:.0f} s")
        for number, _ in poll.poll(1.0):
            made = sockets[number]
            answer = made.recv(512)
            if not answer:
                raise ConnectionError("the server hung up")
            if len(answer) < whole:
                answer = heard[number] = heard[number] + answer
                if len(answer) < whole:
                    continue
                heard[number] = b""
            if len(answer) != whole or not answer.startswith(head):
                raise ConnectionError(f"{answer.hex()} is no answer")
            left[number] -= 1
            if left[number]:
                made.send(request)
            else:
                waiting -= 1
    took = time.perf_counter() - begin
    for made in sockets.values():
        made.close()
    return took


if __name__ == "__main__":
    count, width, times = (int(text) for text in sys.argv[1:4])
    where = [(host, int(port)) for host, _, port in (place.rpartition(":") for place in sys.argv[4:])]
    print(load(count, width, times, where))
