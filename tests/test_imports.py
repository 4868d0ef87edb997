"""What is loaded when: a box in a cellar starts without the simulation, and the command line starts at once."""

import subprocess
import sys

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
