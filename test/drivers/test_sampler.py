"""The sampler as a process: what it writes, and how it ends; test_sampler_parts.py looks at its parts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from driver_process import DRIVERS, ROOT, living, start, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

CORES = os.sysconf("SC_NPROCESSORS_ONLN")
# Computes for a second, and says how much CPU time that was.
COMPUTES = """
import sys, time
input()
begin = time.process_time()
end = time.monotonic() + 1
while time.monotonic() < end: pass
print(time.process_time() - begin, flush=True)
input()
"""


class Sampled:
    """A sampler that runs, with a stand-in for nvidia-smi on its PATH."""

    def __init__(
        self, folder: Path, *arguments: str, interval: float = 0.1, marker: str | None = None, **env: str
    ) -> None:
        self.file = folder / "telemetry.jsonl"
        self.calls = folder / "calls"
        self.marker = marker or str(uuid.uuid4())
        programs = folder / "programs"
        programs.mkdir()
        (programs / "nvidia-smi").symlink_to(ROOT / "fixtures" / "programs" / "stand-in-nvidia-smi")
        command = [str(DRIVERS / "sampler.py"), "--out", str(self.file), "--interval", str(interval), *arguments]
        # Else the stand-in would keep nothing back, as C programs do that print into a pipe.
        env = {"PATH": f"{programs}:{os.environ['PATH']}", "PYTHONUNBUFFERED": "", "SMI_CALLS": str(self.calls), **env}
        self.process = start(command, folder / "log", self.marker, **env)
        self.log = folder / "log"

    def lines(self) -> list[dict[str, Any]]:
        text = self.file.read_text() if self.file.exists() else ""
        return [json.loads(line) for line in text.splitlines()]

    def samples(self, least: int = 3, timeout: float = 10) -> list[dict[str, Any]]:
        """So many lines behind the first one."""
        wait_until(lambda: len(self.lines()) > least, timeout)
        begin, *samples = self.lines()
        assert begin["line"] == "begin" and {line["line"] for line in samples} == {"sample"}
        assert len(samples) >= least
        return samples

    def ends_within(self, seconds: float) -> int:
        code = self.process.wait(seconds)
        assert wait_until(lambda: not living(self.marker), 3), living(self.marker)
        return int(code)


@pytest.fixture
def sampled(tmp_path: Path) -> Iterator[Any]:
    made: list[Sampled] = []

    def begin(*arguments: str, **changes: Any) -> Sampled:
        made.append(Sampled(tmp_path, *arguments, **changes))
        return made[0]

    yield begin
    for one in made:
        one.process.kill()
        one.process.wait()


def test_load_of_the_host_and_of_its_own_launch(tmp_path: Path, sampled: Any) -> None:
    marker = str(uuid.uuid4())

    def computes(**env: str) -> Any:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        return subprocess.Popen([sys.executable, "-c", COMPUTES], env={**os.environ, **env}, **pipes)

    own, other = computes(ORCHESTRATE_MARKER=marker), computes()
    one = Sampled(tmp_path, marker=marker)
    try:
        one.samples(1)
        begin = one.lines()[-1]["unix_s"]
        for process in (own, other):
            process.stdin.write("\n")
            process.stdin.flush()
        used = [float(process.stdout.readline()) for process in (own, other)]
        time.sleep(0.3)
        lines = one.samples()
        seconds = [after["unix_s"] - before["unix_s"] for before, after in zip(lines, lines[1:])]
        told = [(line, passed) for line, passed in zip(lines[1:], seconds) if line["unix_s"] > begin]
        assert 0.05 < sum(seconds) / len(seconds) < 0.3
        # CPU seconds from the shares, beside what the processes say; the kernel counts in ticks of 10 ms.
        measured = sum(line["cpu_load_own"] * passed * CORES for line, passed in told)
        assert measured == pytest.approx(used[0], rel=0.15, abs=0.05)
        everything = sum(line["cpu_load"] * passed * CORES for line, passed in told)
        assert everything > 0.85 * sum(used) - 0.05
        assert all(0 <= line["cpu_load_own"] <= line["cpu_load"] <= 1 for line, _ in told)
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        assert all(0 < line["host_memory_available_bytes"] < total for line in lines)
        assert all(line["gpus"] == [] and line["xids"] is None for line in lines)
    finally:
        one.process.kill()
        for process in (own, other):
            process.kill()


def test_without_a_marker_its_own_load_is_not_known(tmp_path: Path) -> None:
    command = [sys.executable, str(DRIVERS / "sampler.py"), "--out", str(tmp_path / "lines"), "--interval", "0.05"]
    env = {name: value for name, value in os.environ.items() if name != "ORCHESTRATE_MARKER"}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, env=env)
    wait_until(lambda: (tmp_path / "lines").exists() and (tmp_path / "lines").read_text().count("\n") > 2, 10)
    process.communicate(timeout=5)
    begin, *samples = [json.loads(line) for line in (tmp_path / "lines").read_text().splitlines()]
    assert begin["absent"] == {"cpu_load_own": "ORCHESTRATE_MARKER is not set"}
    assert {line["cpu_load_own"] for line in samples} == {None}


def test_figures_of_every_gpu(sampled: Any, tmp_path: Path) -> None:
    rows = tmp_path / "rows"
    rows.write_text(json.dumps({"1": {"power.draw": "[N/A]", "clocks_event_reasons.active": "0x0000000000000000"}}))
    one = sampled("--gpus", "0,1", SMI_ROWS=str(rows))
    sample = one.samples()[-1]
    assert one.lines()[0]["sources"][:2] == ["/proc", "nvidia-smi"]
    assert sample["gpus"][0] == {
        "index": "0",
        "sm_clock_mhz": 1980,
        "memory_clock_mhz": 2619,
        "power_w": 350,
        "temperature_c": 61,
        "memory_temperature_c": 70,
        "memory_used_bytes": 73728 * 2**20,
        "utilization": pytest.approx(0.97),
        "throttle_reasons": ["sw_power_cap"],
        "ecc_uncorrected": 0,
        "ecc_corrected": 2,
    }
    assert sample["gpus"][1] == {**sample["gpus"][0], "index": "1", "power_w": None, "throttle_reasons": []}
    rows.write_text(json.dumps({"0": {"power.draw": "99.5"}}))
    told = lambda: [gpu["power_w"] for line in one.samples() for gpu in line["gpus"]]  # noqa: E731
    assert wait_until(lambda: 99.5 in told(), 5)
    calls = one.calls.read_text().splitlines()
    assert len(calls) == 1 and calls[0].endswith("--format=csv,noheader,nounits -lms 100 -i 0,1")


def test_a_line_is_written_as_soon_as_every_gpu_has_told(sampled: Any) -> None:
    one = sampled("--gpus", "0,1", interval=1)
    # Whole seconds are asked for as NVIDIA documents them.
    assert wait_until(lambda: one.calls.exists() and one.calls.read_text().endswith(" -l 1 -i 0,1\n"), 5)
    assert wait_until(lambda: len(one.lines()) > 1, 0.9)
    assert len(one.lines()[1]["gpus"]) == 2


def test_a_sampler_that_is_killed_leaves_no_nvidia_smi_behind(sampled: Any) -> None:
    # Nothing is printed in the next half minute that could fail for want of a reader.
    one = sampled("--gpus", "0", interval=30)
    assert wait_until(lambda: len(one.lines()) > 1, 10)
    assert len(living(one.marker)) == 2
    one.process.kill()
    assert one.ends_within(5) == -signal.SIGKILL


@pytest.mark.parametrize(
    ("unknown", "queries", "reasons"),
    [
        ("clocks_event_reasons.active", 2, ["sw_power_cap"]),
        ("clocks_event_reasons.active,temperature.memory", 3, ["sw_power_cap"]),
        ("clocks_event_reasons.active,clocks_throttle_reasons.active", 4, None),
    ],
)
def test_a_driver_that_does_not_know_a_field_is_asked_for_fewer(
    sampled: Any, unknown: str, queries: int, reasons: list[str] | None
) -> None:
    one = sampled("--gpus", "0", SMI_REFUSES=unknown)
    gpu = one.samples()[-1]["gpus"][0]
    assert (gpu["power_w"], gpu["throttle_reasons"]) == (350, reasons)
    assert len(one.calls.read_text().splitlines()) == queries


def test_the_first_line_says_which_gpus_are_asked_for(sampled: Any) -> None:
    one = sampled("--gpus", "0,1", SMI_REFUSES="index")
    one.samples(1)
    assert one.lines()[0]["gpus"] == ["0", "1"]


def test_a_driver_that_refuses_everything_is_absent_and_the_host_is_sampled(sampled: Any) -> None:
    one = sampled("--gpus", "0", SMI_REFUSES="index")
    assert [line["gpus"] for line in one.samples()[:3]] == [[], [], []]
    begin = one.lines()[0]
    assert begin["absent"]["nvidia-smi"] == 'nvidia-smi: Field "index" is not a valid field to query.'
    assert "nvidia-smi" not in begin["sources"]


def test_without_nvidia_smi_the_host_is_sampled(sampled: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    one = sampled("--gpus", "0", PATH=str(tmp_path / "empty"))
    assert one.samples()[-1]["gpus"] == []
    assert one.lines()[0]["absent"]["nvidia-smi"] == "nvidia-smi is not on PATH"


def test_when_nvidia_smi_ends_the_host_is_sampled_on(sampled: Any) -> None:
    one = sampled("--gpus", "0", SMI_ROUNDS="2")
    assert wait_until(lambda: one.lines()[-2:] and all(line.get("gpus") == [] for line in one.lines()[-2:]), 10)
    assert sum(len(line["gpus"]) for line in one.samples()) == 2
    one.process.stdin.close()
    assert one.ends_within(5) == 0


@pytest.mark.parametrize("how", ["stdin", "SIGTERM", "SIGKILL"])
def test_it_ends_and_takes_nvidia_smi_with_it(sampled: Any, how: str) -> None:
    one = sampled("--gpus", "0")
    one.samples()
    assert len(living(one.marker)) == 2
    for number in (signal.SIGINT, signal.SIGHUP):  # of a terminal: they are for the launch
        one.process.send_signal(number)
    time.sleep(0.2)
    assert one.process.poll() is None
    if how == "stdin":
        one.process.stdin.close()
    else:
        one.process.send_signal(signal.Signals[how])
    assert one.ends_within(5) == (-signal.SIGKILL if how == "SIGKILL" else 0)
    assert one.log.read_text() == ""
    assert one.file.read_text().endswith("}\n")


def test_it_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    marker = str(uuid.uuid4())
    child = [sys.executable, str(DRIVERS / "sampler.py"), "--out", str(tmp_path / "lines"), "--interval", "0.1"]
    parent = start(
        ["-c", f"import subprocess; subprocess.run({child!r}, stdin=subprocess.DEVNULL)"], tmp_path / "log", marker
    )
    assert wait_until(lambda: (tmp_path / "lines").exists(), 10)
    parent.kill()
    parent.wait()
    assert wait_until(lambda: not living(marker), 5)


def test_a_file_that_cannot_be_made_ends_nothing(sampled: Any, tmp_path: Path) -> None:
    one = sampled("--out", str(tmp_path / "no" / "folder" / "lines"))
    time.sleep(0.5)
    assert one.process.poll() is None
    (tmp_path / "no" / "folder").mkdir(parents=True)
    assert wait_until(lambda: (tmp_path / "no" / "folder" / "lines").exists(), 5)
    one.process.stdin.close()
    assert one.ends_within(5) == 0
    assert json.loads((tmp_path / "no" / "folder" / "lines").read_text().splitlines()[0])["line"] == "begin"
