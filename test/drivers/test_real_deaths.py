"""No process of a real engine outlives its driver, however that ends. SIGKILL of the driver is the orchestrator's."""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from driver_process import DRIVERS, IN_PROCESS, events, job, living, start, wait_until

pytestmark = pytest.mark.real_vllm

START_S = 400  # 20 on an idle machine
# Minutes of work, so that the end comes in the middle of it.
ENDLESS = job("endless", num_prompts=2000, output_len=1900, warmups=0)


class Engine:
    """A driver with a real engine, its stdin held by us."""

    def __init__(self, launch: Path, log: Path, marker: str, flags: list[str], **env: str) -> None:
        self.log, self.marker = log, marker
        command = [str(DRIVERS / "resident.py"), "--launch", str(launch), "--", *flags]
        self.process = start(command, log, marker, **env)

    def wait_for_work(self) -> None:
        assert wait_until(lambda: "job_begin" in self.log.read_text(), START_S), self.log.read_text()
        time.sleep(2)
        assert self.process.poll() is None
        assert "job_failed" not in self.log.read_text()

    def is_gone_within(self, seconds: float) -> int:
        deadline = time.monotonic() + seconds
        code = self.process.wait(seconds)
        assert wait_until(lambda: not self.family(), deadline - time.monotonic()), self.family()
        return int(code)

    def family(self) -> dict[int, str]:
        return living(self.marker, session=self.process.pid)

    def children(self, word: str = "") -> list[int]:
        return [pid for pid, line in self.family().items() if pid != self.process.pid and word in line]


@pytest.fixture
def engine(
    tmp_path: Path, write_launch: Callable[..., Path], engine_flags: list[str]
) -> Iterator[Callable[..., Engine]]:
    started: list[Engine] = []

    def begin(**env: str) -> Engine:
        launch, marker = write_launch([(ENDLESS, 0)]), str(uuid.uuid4())
        started.append(Engine(launch, tmp_path / "log", marker, engine_flags, **env))
        return started[-1]

    yield begin
    for engine in started:
        for pid in engine.family():
            os.kill(pid, signal.SIGKILL)


def test_the_end_of_stdin_in_the_middle_of_a_measurement(engine: Callable[..., Engine]) -> None:
    driver = engine()
    driver.wait_for_work()
    assert len(driver.children()) >= 3  # the resource tracker, the EngineCore and its worker
    assert living(driver.marker) == driver.family()
    driver.process.stdin.close()
    assert driver.is_gone_within(15) == 128 + signal.SIGTERM


def test_sigterm_in_the_middle_of_a_measurement(engine: Callable[..., Engine]) -> None:
    driver = engine(**IN_PROCESS)
    driver.wait_for_work()
    driver.process.terminate()
    assert driver.is_gone_within(15) == 128 + signal.SIGTERM


def test_sigterm_while_the_engine_starts(engine: Callable[..., Engine]) -> None:
    driver = engine()
    # The resource tracker, the EngineCore and its worker: the worker has begun to load.
    assert wait_until(lambda: len(driver.children()) >= 3, START_S), driver.log.read_text()
    time.sleep(1)
    assert "engine_ready" not in driver.log.read_text()
    driver.process.terminate()
    assert driver.is_gone_within(15) == 128 + signal.SIGTERM


def test_an_engine_that_is_killed_ends_the_driver(engine: Callable[..., Engine]) -> None:
    """vLLM 0.32 alone would wait for ever."""
    driver = engine()
    driver.wait_for_work()
    os.kill(engine_core(driver), signal.SIGKILL)
    assert driver.is_gone_within(25) == 1
    last: dict[str, Any] = events(driver.log.read_text())[-1]
    assert (last["event"], last["job"]) == ("job_failed", "endless")
    assert "SIGKILL" in last["error"]


def engine_core(driver: Engine) -> int:
    """The child that is no resource tracker; vLLM names it where it can."""
    children = Path(f"/proc/{driver.process.pid}/task/{driver.process.pid}/children").read_text().split()
    (core,) = [int(pid) for pid in children if int(pid) not in driver.children("resource_tracker")]
    return core
