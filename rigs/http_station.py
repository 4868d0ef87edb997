"""HTTP/1.1 around a station with a web API: bytes in, bytes out, so that its connections can break like any other."""

import h11

from emulators.wires.wire import HttpStation, NoConnection, Out
from rigs.headers import Headers, answer_headers

TURNAROUND = 0.005  # s
BAD = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class HttpSession:
    """One client's connection."""

    def __init__(self, station: HttpStation) -> None:
        self._station = station
        self._protocol = h11.Connection(h11.SERVER)
        self._request: h11.Request | None = None
        self._body = b""
        self._deaf = False

    def feed(self, data: bytes) -> list[Out]:
        if self._deaf:
            return []
        self._protocol.receive_data(data)
        out: list[Out] = []
        try:
            while True:
                event = self._protocol.next_event()
                if isinstance(event, h11.Request):
                    self._request, self._body = event, b""
                elif isinstance(event, h11.Data):
                    self._body += bytes(event.data)
                elif isinstance(event, h11.EndOfMessage) and self._request is not None:
                    answer = self._answer(self._request, self._body)
                    out += answer
                    if not answer or answer[-1].close:
                        return out
                    self._protocol.start_next_cycle()
                else:
                    return out
        except h11.RemoteProtocolError:
            return [
                *out,
                Out(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", close=True),
            ]

    def _answer(self, request: h11.Request, body: bytes) -> list[Out]:
        headers = Headers({name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers})
        try:
            reply = self._station.handle(request.method.decode(), request.target.decode("latin-1"), headers, body)
        except NoConnection as no:
            self._deaf = True
            return [] if no.hang else [Out(b"", 0.0, close=True)]
        head = self._protocol.send(h11.Response(status_code=reply.status, headers=list(answer_headers(reply).items())))
        text = b"" if request.method == b"HEAD" else self._protocol.send(h11.Data(data=reply.body))
        delay = TURNAROUND + reply.delay
        if reply.broken is not None:
            return [Out(head + text[: int(len(text) * reply.broken)], delay, close=True)]
        text += self._protocol.send(h11.EndOfMessage())
        return [Out(head + text, delay, close=self._protocol.our_state is h11.MUST_CLOSE)]
