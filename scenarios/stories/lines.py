"""Stories about bad lines: whatever the bytes do, a reading is the truth or a typed error, and it comes back."""

from controller.errors import DeviceError
from emulators.faults.possible import of_wire
from scenarios.bench.bench import Bench
from scenarios.bench.record import NotApplicable
from scenarios.bench.story import Story, answering

# Fault, its parameters. Each acts on the bytes or the time of replies.
BYTE_FAULTS: tuple[tuple[str, dict[str, object]], ...] = (
    ("noise", {}),
    ("short-count", {}),
    ("long-count", {}),
    ("odd-bytes", {}),
    ("wrong-function", {}),
    ("wrong-transaction", {}),
    ("wrong-transaction", {"value": 4711}),
    ("wrong-unit", {}),
    ("duplicate-reply", {}),
    ("split-reply", {}),
    ("reset-mid-reply", {}),
    ("half-open", {}),
    ("late-reply", {"seconds": 1.3}),
    ("exception", {"code": 1}),
    ("exception", {"code": 2}),
    ("exception", {"code": 3}),
    ("exception", {"code": 4}),
    ("exception", {"code": 6}),
    ("exception", {"code": 11}),
    ("exception", {"status": 404}),
    ("exception", {"status": 503}),
    ("busy", {"factor": 10}),
)
PERSISTENT = {"half-open", "noise", "short-count", "long-count", "odd-bytes", "wrong-function", "reset-mid-reply"}


def carries(protocol: str, fault: str) -> bool:
    """Whether a controller may meet a fault on this wire."""
    return fault in of_wire(protocol)


def fresh(bench: Bench) -> float:
    """Seconds after which a reading is asked of the device again, not taken from what it said before."""
    return max(1.1, float(getattr(bench.driver, "keep", 0.0)) + 1.0)


def wrong(bench: Bench, reading: object) -> str:
    """The first quantity of a reading that is neither absent nor the truth."""
    if not isinstance(reading, dict):
        return ""
    for quantity, found in reading.items():
        if not bench.knows(quantity) or found is None:
            continue
        true = bench.truth(quantity)
        if isinstance(true, bool) or not isinstance(true, int | float):
            continue
        if not isinstance(found, int | float) or abs(found - true) > bench.tolerance(quantity, float(true)):
            return f"{quantity} {found} instead of {true}"
    return ""


async def comes_back(bench: Bench, what: str, within: float = 30.0) -> None:
    """Readings are right again within `within` seconds; notes how long it took."""
    begin = bench.clock.monotonic()
    while True:
        answer = await bench.attempt(bench.read)
        if isinstance(answer, DeviceError):
            bench.driver.lost()
        elif not wrong(bench, answer):
            break
        if bench.clock.monotonic() - begin > within + fresh(bench):
            break
        await bench.sleep(1.0)
    took = bench.clock.monotonic() - begin
    good = not isinstance(answer, DeviceError) and not wrong(bench, answer)
    bench.record.check(
        f"readings are right again after {what}", good, f"within {within:g} s", wrong(bench, answer) or answer
    )
    key = "recovery_seconds"
    bench.record.figures[key] = max(bench.record.figures.get(key, 0.0), took)


async def garbled(bench: Bench) -> None:
    await bench.identify()
    http = hasattr(bench.installation.wire, "handle")
    for fault, parameters in BYTE_FAULTS:
        foreign = fault == "exception" and ("status" in parameters) != http
        if foreign or fault not in bench.device.possible:
            continue
        name = fault + "".join(f" {value}" for value in parameters.values())
        bench.set_telling(0)
        await bench.sleep(1.1)
        bench.device.begin(fault, **parameters)
        bench.device.faults.shown.clear()
        errors = 0
        for turn in (0, 1, 0, 1):
            bench.set_telling(turn)
            await bench.sleep(fresh(bench))
            answer = await bench.attempt(bench.read)
            errors += isinstance(answer, DeviceError)
            bench.record.check(
                f"no wrong value under {name}",
                not wrong(bench, answer),
                "the truth or a typed error",
                wrong(bench, answer),
            )
        bench.device.end(fault)
        shown = fault in bench.device.faults.shown
        bench.record.check(
            f"{name} showed", shown, "other bytes, or at another time", shown or "the fault never showed"
        )
        if fault in PERSISTENT:
            bench.record.check(f"{name} is noticed", errors > 0, "a typed error", f"{errors} errors in 4 readings")
        await comes_back(bench, name)


async def line_lost(bench: Bench) -> None:
    await bench.identify()
    bench.set_telling(0)
    await bench.sleep(1.1)
    endpoint = bench.device.endpoint
    fault = (
        "connect-refused" if endpoint is not None and "serial" not in type(bench.line).__name__.lower() else "half-open"
    )
    for name in (fault, "connect-hang") if endpoint is not None else (fault,):
        bench.device.faults.on(name)
        bench.device.faults.on("half-open")
        if endpoint is not None:
            endpoint.drop_all()
        begin = bench.clock.monotonic()
        answers = []
        while bench.clock.monotonic() - begin < 60.0:
            answers.append(await bench.attempt(bench.read))
            bench.driver.lost()
            await bench.sleep(5.0)
        failed = sum(isinstance(answer, DeviceError) for answer in answers)
        bench.record.check(
            f"a lost line is a typed error ({name})", failed >= len(answers) - 1, f"{len(answers)} errors", failed
        )
        bench.device.faults.off(name)
        bench.device.faults.off("half-open")
        bench.set_telling(1)
        await comes_back(bench, f"a lost line ({name})")


async def second_client(bench: Bench) -> None:
    """Somebody else connects: a device for one client refuses or kicks, and the controller survives either."""
    endpoint = bench.device.endpoint
    if endpoint is None:
        raise NotApplicable("no connections on this wire")
    await bench.identify()
    bench.set_telling(0)
    await bench.sleep(1.1)
    await bench.read()
    rules = endpoint.rules
    others = []
    outcome = "accepted"
    for _ in range(rules.limit):
        try:
            others.append(endpoint.connect())
        except Exception as no:
            outcome = f"refused: {no}"
            break
    bench.record.check(
        "the device keeps to its number of clients",
        len(endpoint.connections) <= rules.limit or rules.policy == "starve",
        f"<= {rules.limit}",
        len(endpoint.connections),
    )
    bench.record.check(
        "one client too many is dealt with",
        outcome != "accepted" or rules.policy in ("kick", "starve"),
        rules.policy,
        outcome,
    )
    answer = await bench.attempt(bench.read)
    bench.record.check(
        "no wrong value while others are connected",
        not wrong(bench, answer),
        "the truth or a typed error",
        wrong(bench, answer),
    )
    for other in others:
        other.close()
    await comes_back(bench, "other clients")


def has_connections(bench: Bench) -> str:
    return "" if bench.device.endpoint is not None else "nothing connects to it"


def with_connections(protocol: str) -> bool:
    return protocol in ("modbus-tcp", "tcp", "http")


def with_bytes(protocol: str) -> bool:
    return protocol != "contacts"


STORIES = (
    Story(
        "garbled",
        "Is a bad answer refused?",
        "A wrong number is worse than none.",
        "the truth or a typed error, and the truth again within 30 s",
        garbled,
        kinds=answering,
        wires=with_bytes,
    ),
    Story(
        "line-lost",
        "Does a lost line come back?",
        "Cables are pulled, switches restart.",
        "typed errors for a minute, then the truth within 30 s",
        line_lost,
        kinds=answering,
        wires=with_bytes,
    ),
    Story(
        "second-client",
        "What if somebody else is connected?",
        "Apps, portals and other masters take the only place.",
        "the device's connection rules",
        second_client,
        has_connections,
        wires=with_connections,
    ),
)
