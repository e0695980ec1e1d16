from __future__ import annotations

import subprocess
import sys

import pytest
from driver_process import DRIVERS
from engine_death import EngineProcessDeadError, is_dead

# The main thread waits for ever, as vLLM 0.32's front end does when its EngineCore is killed.
WAITS = f"""
import multiprocessing, os, queue, sys, time
sys.path.insert(0, {str(DRIVERS)!r})
import engine_death
engine_death.PATIENCE_S = 0.2
def engine(seconds, code):
    time.sleep(seconds)
    os._exit(code) if code >= 0 else os.kill(os.getpid(), -code)
for seconds, code in %s:
    multiprocessing.get_context("fork").Process(target=engine, args=(seconds, code)).start()
engine_death.watch_engine_processes()
try:
    queue.Queue().get(timeout=None if %r else 1.5)
except Exception as error:
    print(type(error).__name__, error, flush=True)
os._exit(0)
"""


def what_ends_the_wait(children: list[tuple[float, int]], for_ever: bool) -> str:
    source = WAITS % (children, for_ever)
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=20, check=True)
    return done.stdout.strip()


def test_a_wait_for_a_dead_engine_ends() -> None:
    answer = what_ends_the_wait([(0.3, 9)], for_ever=True)
    assert answer == "EngineProcessDeadError engine process ForkProcess-1 ended with exit code 9"
    answer = what_ends_the_wait([(0.3, -9)], for_ever=True)
    assert answer == "EngineProcessDeadError engine process ForkProcess-1 was killed by SIGKILL"


def test_a_child_that_ends_well_is_no_engine_death_and_the_others_are_still_watched() -> None:
    assert what_ends_the_wait([(0.1, 0)], for_ever=False) == "Empty"
    assert "ForkProcess-2 ended with exit code 9" in what_ends_the_wait([(0.1, 0), (0.5, 9)], for_ever=True)


def test_without_engine_processes_there_is_nothing_to_watch() -> None:
    assert what_ends_the_wait([], for_ever=False) == "Empty"


class EngineDeadError(Exception):
    """vLLM's, by name."""


@pytest.mark.parametrize("dead", [EngineDeadError(), type("MQEngineDeadError", (Exception,), {})()])
def test_death_is_known_by_name(dead: Exception) -> None:
    assert is_dead(dead)
    assert is_dead(EngineProcessDeadError())
    wrapped = RuntimeError("request failed")
    wrapped.__cause__ = dead
    assert is_dead(wrapped)
    assert not is_dead(ValueError("prompt too long"))
    assert not is_dead(type("DeadlineExceeded", (Exception,), {})())
