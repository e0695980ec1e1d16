"""How a driver ends, on small programs without vLLM; test_real_deaths.py does it with an engine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from driver_process import DRIVERS, living, start, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

BEGIN = f"""
import os, signal, subprocess, sys, time
sys.path.insert(0, {str(DRIVERS)!r})
import dying
dying.GRACE_S = float(os.environ.get("GRACE_S", "30"))
dying.die_with_parent()
"""
ORDERLY = """
try:
    print("ready", flush=True)
    time.sleep(float(os.environ.get("SLEEP_S", "60")))
    print("finished", flush=True)
finally:
    print("in order", flush=True)
"""
WITH_GRANDCHILD = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=False)\n"
# Its parent is gone, as the EngineCore above a worker may be: only the process group still tells whose it is.
WITH_ORPHAN = "subprocess.run(['sh', '-c', 'sleep 60 & exit 0'])\n"
STUBBORN = """
while True:
    try:
        print("ready", flush=True)
        time.sleep(60)
    except SystemExit:
        print("swallowed", flush=True)
"""
# A mutex that is locked twice blocks in C and is not woken by signals.
STUCK_IN_C = """
import ctypes
libc, mutex = ctypes.CDLL(None), ctypes.create_string_buffer(128)
libc.pthread_mutex_lock(mutex)
print("ready", flush=True)
libc.pthread_mutex_lock(mutex)
"""


TAKEN_BY_A_THREAD = """
import threading
def take():
    time.sleep(0.5)
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
threading.Thread(target=take, daemon=True).start()
"""


class Driver:
    """A small program that is run as a driver is: own session, stdin held by us, a marker in the environment."""

    def __init__(self, directory: Path, source: str, stdin: Any = subprocess.PIPE, **env: str) -> None:
        self.marker = str(uuid.uuid4())
        self.log = directory / "log"
        script = directory / "driver.py"
        script.write_text(BEGIN + source)
        self.process = start([str(script)], self.log, self.marker, stdin, **env)
        assert wait_until(lambda: "ready" in self.text(), 20), self.text()

    def text(self) -> str:
        return self.log.read_text()

    def ends_within(self, seconds: float) -> int:
        code = self.process.wait(seconds)
        assert wait_until(lambda: not living(self.marker), 3), living(self.marker)
        return int(code)


@pytest.fixture
def drivers() -> Iterator[list[Driver]]:
    started: list[Driver] = []
    yield started
    for driver in started:
        for pid in living(driver.marker):
            os.kill(pid, signal.SIGKILL)
        driver.process.wait(5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_in_order(tmp_path: Path, drivers: list[Driver], number: signal.Signals) -> None:
    drivers.append(driver := Driver(tmp_path, ORDERLY))
    driver.process.send_signal(number)
    assert driver.ends_within(5) == 128 + number
    assert "in order" in driver.text()


def test_a_signal_that_another_thread_gets_wakes_the_main_thread(tmp_path: Path, drivers: list[Driver]) -> None:
    drivers.append(driver := Driver(tmp_path, TAKEN_BY_A_THREAD + ORDERLY))
    assert driver.ends_within(5) == 128 + signal.SIGTERM
    assert "in order" in driver.text()


def test_the_end_of_stdin_ends_it(tmp_path: Path, drivers: list[Driver]) -> None:
    drivers.append(driver := Driver(tmp_path, ORDERLY))
    driver.process.stdin.close()
    assert driver.ends_within(5) == 128 + signal.SIGTERM
    assert "in order" in driver.text()


def test_the_pipe_of_node_is_a_socket(tmp_path: Path, drivers: list[Driver]) -> None:
    ours, theirs = socket.socketpair()
    drivers.append(driver := Driver(tmp_path, ORDERLY, stdin=theirs))
    theirs.close()
    ours.send(b"what is written does not matter")
    time.sleep(0.3)
    assert driver.process.poll() is None
    ours.close()
    assert driver.ends_within(5) == 128 + signal.SIGTERM


def test_dev_null_on_stdin_says_nothing(tmp_path: Path, drivers: list[Driver]) -> None:
    drivers.append(driver := Driver(tmp_path, ORDERLY, stdin=subprocess.DEVNULL, SLEEP_S="1"))
    assert driver.ends_within(5) == 0
    assert "finished" in driver.text()


def test_it_dies_with_a_parent_that_is_killed(tmp_path: Path, drivers: list[Driver]) -> None:
    child = tmp_path / "child.py"
    child.write_text(BEGIN + ORDERLY)
    parent = f"subprocess.run([sys.executable, {str(child)!r}], stdin=subprocess.DEVNULL)\n"
    drivers.append(driver := Driver(tmp_path, parent))
    assert len(living(driver.marker)) == 2
    driver.process.kill()
    driver.ends_within(5)
    assert wait_until(lambda: "in order" in driver.text(), 3)


@pytest.mark.parametrize("source", [STUBBORN, STUCK_IN_C], ids=["swallows the exception", "is stuck in C"])
def test_everything_is_killed_when_the_grace_is_over(tmp_path: Path, drivers: list[Driver], source: str) -> None:
    drivers.append(driver := Driver(tmp_path, WITH_GRANDCHILD + source, GRACE_S="3"))
    assert len(living(driver.marker)) == 2
    driver.process.terminate()
    time.sleep(0.5)
    assert driver.process.poll() is None
    assert driver.ends_within(10) == -signal.SIGKILL


def test_orphans_of_its_process_group_are_killed_too(tmp_path: Path, drivers: list[Driver]) -> None:
    drivers.append(driver := Driver(tmp_path, WITH_ORPHAN + STUBBORN, GRACE_S="0.5"))
    assert len(living(driver.marker)) == 2
    driver.process.terminate()
    assert driver.ends_within(5) == -signal.SIGKILL


def test_a_second_signal_kills_at_once(tmp_path: Path, drivers: list[Driver]) -> None:
    drivers.append(driver := Driver(tmp_path, WITH_GRANDCHILD + STUBBORN))
    driver.process.terminate()
    time.sleep(1.2)
    driver.process.terminate()
    assert driver.ends_within(10) == -signal.SIGKILL


def test_signals_that_come_together_are_one(tmp_path: Path, drivers: list[Driver]) -> None:
    slow_end = ORDERLY.replace('print("in order"', 'time.sleep(1.5); print("in order"')
    drivers.append(driver := Driver(tmp_path, slow_end))
    driver.process.send_signal(signal.SIGINT)
    driver.process.terminate()
    driver.process.stdin.close()
    assert driver.ends_within(5) in (128 + signal.SIGINT, 128 + signal.SIGTERM)
    assert "in order" in driver.text()


def test_signals_of_forked_workers_are_their_own(tmp_path: Path, drivers: list[Driver]) -> None:
    source = """
import multiprocessing
for _ in range(3):
    worker = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
    worker.start()
    time.sleep(1.1)
    worker.terminate()
    worker.join()
"""
    drivers.append(driver := Driver(tmp_path, "print('ready', flush=True)\n" + source + ORDERLY, SLEEP_S="0.1"))
    assert driver.ends_within(20) == 0
    assert "finished" in driver.text()


def test_under_nohup_a_hang_up_is_ignored(tmp_path: Path, drivers: list[Driver]) -> None:
    ignore = "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    child = tmp_path / "child.py"
    child.write_text(BEGIN.replace("import dying\n", "import dying\n" + ignore) + ORDERLY)
    runs_it = f"print('ready', flush=True); os.execv(sys.executable, [sys.executable, {str(child)!r}])"
    drivers.append(driver := Driver(tmp_path, runs_it, SLEEP_S="1"))
    assert wait_until(lambda: driver.text().count("ready") == 2, 10)
    driver.process.send_signal(signal.SIGHUP)
    assert driver.ends_within(5) == 0


def test_a_driver_that_leads_no_group_leaves_its_neighbours_alone(tmp_path: Path, drivers: list[Driver]) -> None:
    child = tmp_path / "child.py"
    child.write_text(BEGIN + WITH_GRANDCHILD + STUBBORN)
    neighbours = f"""
neighbour = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
inner = subprocess.Popen([sys.executable, {str(child)!r}], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
inner.stdout.readline()
inner.terminate()
print("inner", inner.wait(), "neighbour", neighbour.poll(), flush=True)
print("ready", flush=True)
time.sleep(60)
"""
    drivers.append(driver := Driver(tmp_path, neighbours, GRACE_S="0.5"))
    assert "inner -9 neighbour None" in driver.text()
    assert len(living(driver.marker)) == 2  # the outer driver and the neighbour
