"""The keeper of a launch by itself; what it does for a run is tested through the orchestrator's executor."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keeper
import leftovers
import pytest
from driver_process import DRIVERS, living, start, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

KEEPER = ["-I", "-S", str(DRIVERS / "keeper.py")]
SLEEPS = [sys.executable, "-S", "-c", "import time; print('ready', flush=True); time.sleep(60)"]
# Has a segment that nobody removes when it is killed with its resource tracker; the name is in its output.
SHARES_MEMORY = """
import os, signal, time
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory
memory = SharedMemory(create=True, size=1 << 20)
os.kill(resource_tracker._resource_tracker._pid, signal.SIGKILL)
print("ready", memory.name, flush=True)
time.sleep(60)
"""


class Kept:
    """A command below a keeper, its output in a file."""

    def __init__(self, directory: Path, command: list[str], *options: str, **env: str) -> None:
        self.marker = str(uuid.uuid4())
        self.log = directory / f"{self.marker}.log"
        self.process = start([*KEEPER, *options, "--", *command], self.log, self.marker, **env)
        assert wait_until(lambda: "ready" in self.text(), 20), self.text()

    def text(self) -> str:
        return self.log.read_text()

    def ends_within(self, seconds: float) -> int:
        code = int(self.process.wait(seconds))
        assert living(self.marker) == {}
        return code


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Any]:
    started: list[Kept] = []

    def begin(command: list[str], *options: str, **env: str) -> Kept:
        started.append(Kept(tmp_path, command, *options, **env))
        return started[-1]

    yield begin
    for one in started:
        for pid in living(one.marker):
            os.kill(pid, signal.SIGKILL)
        one.process.wait(5)


def fields_of(pid: int) -> list[str]:
    """From field 3 of proc_pid_stat(5) on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def test_one_that_waits_takes_no_time_and_little_memory(kept: Any) -> None:
    one = kept(SLEEPS)
    time.sleep(0.2)

    def ticks_and_wake_ups() -> tuple[int, str]:
        status = Path(f"/proc/{one.process.pid}/status").read_text()
        (switches,) = (line for line in status.splitlines() if line.startswith("voluntary_ctxt_switches"))
        return sum(map(int, fields_of(one.process.pid)[11:13])), switches  # utime, stime: fields 14 and 15

    before = ticks_and_wake_ups()
    time.sleep(1)
    assert ticks_and_wake_ups() == before
    pages = int(Path(f"/proc/{one.process.pid}/statm").read_text().split()[1])
    assert pages * os.sysconf("SC_PAGE_SIZE") < 15e6


def test_it_adds_less_than_30_ms_to_the_start_of_python() -> None:
    """Processor time, which what else this machine does hardly touches; the best of several."""

    def seconds(*arguments: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-I", "-S", *arguments], stdin=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    python = min(seconds("-c", "0") for _ in range(5))
    assert min(seconds(*KEEPER[2:], "--", "/bin/true") for _ in range(10)) - python < 0.030


def test_shared_memory_of_what_it_kills_is_removed(kept: Any) -> None:
    one = kept([sys.executable, "-c", SHARES_MEMORY])
    segment = Path("/dev/shm") / one.text().split()[1]
    assert segment.stat().st_size == 1 << 20
    one.process.send_signal(signal.SIGUSR1)
    assert one.ends_within(5) == -signal.SIGKILL
    assert not segment.exists()


def test_shared_memory_that_another_one_still_has_stays(kept: Any) -> None:
    one = kept([sys.executable, "-c", SHARES_MEMORY])
    name = one.text().split()[1]
    attach = f"f = open('/dev/shm/{name}', 'r+'); m = mmap.mmap(f.fileno(), 0); print('ready', flush=True)"
    other = kept([sys.executable, "-S", "-c", f"import mmap, time; {attach}; time.sleep(60)"])
    for each, still_there in ((one, True), (other, False)):
        each.process.send_signal(signal.SIGUSR1)
        assert each.ends_within(5) == -signal.SIGKILL
        assert (Path("/dev/shm") / name).exists() == still_there


@pytest.mark.parametrize(
    ("line", "path"),
    [
        # multiprocessing.shared_memory: psm_ and 8 hexadecimal digits.
        ("7f00-7f10 rw-s 00000000 00:1b 5    /dev/shm/psm_0a1b2c3d\n", "/dev/shm/psm_0a1b2c3d"),
        # multiprocessing.synchronize: mp- and 8 letters, digits or _, to which sem_open(3) adds sem. in front.
        ("7f00-7f10 rw-s 00000000 00:1b 5    /dev/shm/sem.mp-6cxru_dy\n", "/dev/shm/sem.mp-6cxru_dy"),
        ("7f00-7f10 rw-s 00000000 00:1b 5    /dev/shm/nccl-AbC1x9\n", "/dev/shm/nccl-AbC1x9"),
        ("7f00-7f10 rw-s 00000000 00:1b 5    /dev/shm/psm_0a1b2c3d (deleted)\n", None),
        ("7f00-7f10 r--s 00000000 00:1b 5    /dev/shm/models/model.safetensors\n", None),
        ("7f00-7f10 r--s 00000000 00:1b 5    /dev/shm/model.safetensors\n", None),
        ("7f00-7f10 r--s 00000000 00:1b 5    /home/me/dev/shm/psm_0a1b2c3d\n", None),
    ],
)
def test_only_what_engines_make_is_removed(line: str, path: str | None) -> None:
    assert leftovers.SHARED_MEMORY.findall(line) == ([] if path is None else [path])


def test_a_process_that_does_not_go_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that hangs in the kernel cannot be made here: a process that is never signalled stands in for it."""
    stuck = subprocess.Popen(["/bin/sleep", "60"])
    monkeypatch.setattr(keeper, "KILL_S", 0.1)
    monkeypatch.setattr(keeper, "send_signal", lambda *_: None)
    monkeypatch.setattr(keeper.Keeper, "__init__", lambda _: None)
    monkeypatch.setattr(keeper.Keeper, "reap", lambda _: False)
    try:
        assert f"{stuck.pid} /bin/sleep 60" in keeper.Keeper().kill()  # type: ignore[call-arg]
    finally:
        stuck.kill()
        stuck.wait()


def test_what_is_wrong_with_the_sampler_stays_with_it(kept: Any, tmp_path: Path) -> None:
    one = kept(
        [sys.executable, "-S", "-c", "print('ready', flush=True); raise SystemExit(7)"],
        *("--telemetry", str(tmp_path / "no such folder" / "telemetry.jsonl")),
    )
    assert one.ends_within(5) == 7
    assert one.text() == "ready\n"


def test_by_hand_it_says_on_stderr_what_did_not_start() -> None:
    done = subprocess.run(
        [sys.executable, *KEEPER, "--", "/nowhere/python"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (127, "")
    assert "spawn /nowhere/python ENOENT" in done.stderr


def test_what_ends_while_the_orchestrator_lives_is_not_hurried(kept: Any) -> None:
    """SIGTERM that only the keeper gets reaches the command as the end of its stdin."""
    reads = "import sys; print('ready', flush=True); sys.stdin.read(); print('in order', flush=True)"
    one = kept([sys.executable, "-S", "-c", reads])
    one.process.terminate()
    assert one.ends_within(5) == 0
    assert "in order" in one.text()


# Two ways to learn that the orchestrator is dead; each must do alone.
def test_the_end_of_its_stdin_ends_everything(kept: Any) -> None:
    one = kept(SLEEPS)
    one.process.stdin.close()
    assert one.ends_within(5) == -signal.SIGTERM


def test_the_death_of_its_parent_ends_everything(tmp_path: Path) -> None:
    keeps = f"import subprocess; subprocess.run({[sys.executable, *KEEPER, '--', *SLEEPS]!r}, stdin=subprocess.DEVNULL)"
    log, marker = tmp_path / "log", str(uuid.uuid4())
    parent = start(["-S", "-c", keeps], log, marker)
    assert wait_until(lambda: "ready" in log.read_text(), 20)
    assert len(living(marker)) == 3
    parent.kill()
    parent.wait(5)
    assert wait_until(lambda: not living(marker), 5)


def test_the_folder_for_sockets_is_gone_with_what_is_in_it(kept: Any, tmp_path: Path) -> None:
    source = "import os, pathlib; pathlib.Path(os.environ['VLLM_RPC_BASE_PATH'], 'socket').touch(); print('ready')"
    one = kept([sys.executable, "-S", "-c", source], "--folder", "sockets", TMPDIR=str(tmp_path))
    assert one.ends_within(5) == 0
    assert not (tmp_path / "sockets").exists()
