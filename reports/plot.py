"""Setpoint against measured power as an SVG of our own: styled by the page, the same bytes for the same trace."""

import math
from collections.abc import Sequence

WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 62, 12, 12, 34
DENSE = 40  # points from which on they are joined
Point = Sequence[float | None]  # s, setpoint in W, measured W


def setpoint_plot(trace: Sequence[Point]) -> str:
    """Steps for what was asked, dots for what was measured; empty for fewer than two points."""
    if len(trace) < 2:
        return ""
    times = [float(point[0] or 0.0) for point in trace]
    powers = [float(value) for point in trace for value in point[1:] if value is not None]
    across = Axis.over(min(times), max(times), LEFT, WIDTH - RIGHT, 8)
    up = Axis.over(min([*powers, 0.0]), max([*powers, 0.0]), HEIGHT - BOTTOM, TOP, 5)
    kilo = max(abs(up.low), abs(up.high)) >= 10_000
    parts = [f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="setpoint and measured power">']
    for tick in up.ticks:
        at = _n(up.place(tick))
        parts.append(f'<path class="{"zero" if tick == 0 else "grid"}" d="M{LEFT} {at}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{at}" dy=".32em" text-anchor="end">{_label(tick, kilo)}</text>')
    for tick in across.ticks:
        at = _n(across.place(tick))
        parts.append(f'<path class="grid" d="M{at} {TOP}V{HEIGHT - BOTTOM}"/>')
        parts.append(f'<text x="{at}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{_label(tick)}</text>')
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 3}" text-anchor="end">t / s</text>')
    parts.append(f'<text x="4" y="{HEIGHT - 3}">P / {"kW" if kilo else "W"}</text>')
    parts.append(f'<path class="wanted" d="{_steps(trace, across, up)}"/>')
    seen = [(across.place(float(p[0] or 0.0)), up.place(p[2])) for p in trace if p[2] is not None]
    if len(seen) >= DENSE:  # between few points nothing is known of what the power did
        parts.append(f'<path class="found" d="M{"L".join(f"{_n(x)} {_n(y)}" for x, y in seen)}"/>')
    radius = 1.5 if len(seen) >= DENSE else 3.5
    parts += [f'<circle class="dot" cx="{_n(x)}" cy="{_n(y)}" r="{radius}"/>' for x, y in seen]
    parts.append("</svg>")
    return "".join(parts)


class Axis:
    """A linear scale with round ticks."""

    def __init__(self, low: float, high: float, start: float, end: float, step: float) -> None:
        self.low, self.high, self._start, self._end = low, high, start, end
        first = math.ceil(low / step - 1e-9)
        self.ticks = [round(n * step, 9) for n in range(first, math.floor(high / step + 1e-9) + 1)]

    @classmethod
    def over(cls, low: float, high: float, start: float, end: float, count: int) -> "Axis":
        """A scale from round number to round number over `low` to `high` with about `count` ticks."""
        span = high - low or max(abs(high), 1.0)
        raw = span / count
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)
        return cls(math.floor(low / step) * step, math.ceil((low + span) / step) * step, start, end, step)

    def place(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self._start + share * (self._end - self._start)


def _steps(trace: Sequence[Point], across: Axis, up: Axis) -> str:
    """The setpoint holds until the next note; None breaks the line."""
    path, drawing = [], False
    for index, point in enumerate(trace):
        wanted = point[1]
        if wanted is None:
            drawing = False
            continue
        x, y = across.place(float(point[0] or 0.0)), up.place(wanted)
        path.append(f"{'H' if drawing else 'M'}{_n(x)}{f'V{_n(y)}' if drawing else f' {_n(y)}'}")
        last = trace[index + 1][0] if index + 1 < len(trace) else across.high
        path.append(f"H{_n(across.place(float(last or 0.0)))}")
        drawing = True
    return "".join(path)


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _label(value: float, kilo: bool = False) -> str:
    return f"{value / 1000 if kilo else value:.6g}".replace("-", "−")
