"""What is loaded when: a box in a cellar starts without the simulation, and the command line starts at once.

And what modules are called and import: nothing goes round in a circle, a name stands once in a package.
"""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SIMULATION = ("simpy", "twin", "emulators", "pymodbus", "pvlib", "pandas", "scenarios", "reports")


def loaded(program: str, names: tuple[str, ...]) -> list[str]:
    """Which of these modules are there after a program has run in a fresh interpreter."""
    program += f"\nimport sys\nprint(*[name for name in {names!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize("module", ["rigs.physical", "rigs.sites", "rigs.once", "rigs.operate", "rigs.serve"])
def test_what_runs_on_real_devices_loads_no_simulation(module):
    assert loaded(f"import {module}", SIMULATION) == []


def test_a_real_line_and_its_driver_need_no_simulation():
    program = (
        "from rigs.physical import Modbus, RealClock, TcpChannel\n"
        "from controller.drivers.serving import driver_for\n"
        "driver_for(1, 'modbus-tcp')(Modbus(TcpChannel('127.0.0.1', 1)), RealClock(), 3, row=1)"
    )
    assert loaded(program, SIMULATION) == []


def test_the_controller_needs_no_clock_and_no_wire_of_its_own():
    assert loaded("import controller.hem, controller.drivers.serving as c; c.drivers()", ("asyncio", "socket")) == []


def test_the_command_line_is_there_before_its_commands_are():
    assert loaded("import hem", (*SIMULATION, "rigs", "numpy", "fastapi", "matplotlib")) == []


def test_the_fixtures_load_nothing_in_test_runs_that_use_no_device():
    assert loaded("import scenarios.plugin", ("emulators", "twin", "rigs", "controller", "fastapi")) == []


ROOT = Path(__file__).parents[1]
PACKAGES = ("controller", "emulators", "reports", "rigs", "scenarios", "twin", "bench")
OURS = ("faces", "faults", "family", "table", "wires")  # rooms of emulators/ that are no maker's


def modules() -> dict[str, Path]:
    """Every module by its name."""
    paths = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")] + sorted(ROOT.glob("hem*.py"))
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


def imported(path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    """What a module imports of ours, inside of functions too, but for types alone."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            for each in node.names:
                inner = f"{node.module}.{each.name}"
                yield inner if inner in known else str(node.module)


def test_no_module_imports_itself_by_way_of_others():
    known = modules()
    graph = {name: set(imported(path, known)) - {name} for name, path in known.items()}
    assert sum(map(len, graph.values())) > 1000
    TopologicalSorter(graph).prepare()  # CycleError names the circle


def test_a_module_name_stands_once_in_a_package():
    """Drivers and makers' own rooms are named in their makers' words."""
    names: Counter[tuple[str, str]] = Counter()
    for path in modules().values():
        room = path.relative_to(ROOT).parts[:-1]
        device = room == ("controller", "drivers") or (
            room[:1] == ("emulators",) and room[1:2] not in [(r,) for r in OURS]
        )
        if room and not device and not path.name.startswith("__"):
            names[room[0], path.stem] += 1
    assert [name for name, times in names.items() if times > 1] == []
