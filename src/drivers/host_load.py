"""What the cores of this host are doing: busy shares, the part of one launch, clocks, and free memory; from /proc."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
CPUFREQ = Path("/sys/devices/system/cpu")
MARKER = "ORCHESTRATE_MARKER"
LONGEST_SCAN_S = 10.0
MANY_PROCESSES = 64
QUIET_AFTER_S = 20.0
CORES_AT_ONCE = 16
CPUINFO_EVERY_S = 10.0


class HostLoad:
    """Shares of all cores since the call before. A counter that cannot be read gives null, never 0."""

    def __init__(self, own: OwnProcesses | None) -> None:
        self.own = own
        self.busy, self.total = core_ticks()

    def sample(self) -> dict[str, float | None]:
        busy, total = core_ticks()
        passed, used = total - self.total, busy - self.busy
        self.busy, self.total = busy, total
        own = self.own.ticks_since() if self.own is not None else None
        if passed <= 0:
            return {"cpu_load": None, "cpu_load_own": None}
        load = round(used / passed, 4)
        # Two counters of the kernel's that are not read at the same moment.
        return {"cpu_load": load, "cpu_load_own": None if own is None else min(round(own / passed, 4), load)}


class OwnProcesses:
    """CPU time of the processes whose environment carries the marker, wherever they stand in the process tree.

    Looking into every environment is what costs, so it is done ever more seldom, and of a process that has no marker
    only twice: once more, because a process that is just being started still has its parent's.
    """

    def __init__(self, marker: str, now: Callable[[], float] = time.monotonic) -> None:
        self.wanted = f"{MARKER}={marker}".encode()
        self.now = now
        self.ticks: dict[int, int] = {}
        self.moved_at: dict[int, float] = {}
        self.looks: dict[int, int] = {}
        self.pause_s = 1.0
        self.scan()

    def ticks_since(self) -> int:
        """Of those that are known, since the call before; what a process used before it was found counts for nobody."""
        now = self.now()
        scanning = now >= self.next_scan
        used = 0
        for pid, before in list(self.ticks.items()):
            if not scanning and self.is_quiet(pid, now):
                continue
            ticks = process_ticks(pid)
            if ticks is None or ticks < before:
                del self.ticks[pid]
                continue
            used += ticks - before
            self.ticks[pid] = ticks
            if ticks > before:
                self.moved_at[pid] = now
        if scanning:
            self.scan()
        return used

    def is_quiet(self, pid: int, now: float) -> bool:
        """An engine on eight GPUs has hundreds of processes that compile in the beginning and then only wait."""
        return len(self.ticks) > MANY_PROCESSES and now - self.moved_at.get(pid, now) > QUIET_AFTER_S

    def scan(self) -> None:
        self.next_scan = self.now() + self.pause_s
        self.pause_s = min(2 * self.pause_s, LONGEST_SCAN_S)
        pids = process_numbers()
        looks = {pid: self.looks.get(pid, 0) for pid in pids}
        for pid in pids:
            if pid in self.ticks or pid == os.getpid() or looks[pid] >= 2:
                continue
            looks[pid] += 1
            if self.wanted in (read(PROC / str(pid) / "environ") or b"").split(b"\0"):
                self.ticks[pid] = process_ticks(pid) or 0
                self.moved_at[pid] = self.now()
        self.looks = looks


def process_numbers() -> list[int]:
    with suppress(OSError):
        return [int(name) for name in os.listdir(PROC) if name.isdigit()]  # noqa: PTH208 (thousands of Path are slow)
    return []


def core_ticks() -> tuple[int, int]:
    """(busy, all) since the machine's start, in ticks of all cores together; proc_stat(5).

    Time that a hypervisor took away (steal) is busy; waiting for a disk is not.
    """
    first = (read(PROC / "stat") or b"").partition(b"\n")[0].split()
    if first[:1] != [b"cpu"] or len(first) < 9:
        return 0, 0
    # guest and guest_nice, which follow, are in user and nice already.
    user, nice, system, idle, iowait, irq, softirq, steal = map(int, first[1:9])
    busy = user + nice + system + irq + softirq + steal
    return busy, busy + idle + iowait


def process_ticks(pid: int) -> int | None:
    """utime + stime of all its threads; null when it is gone."""
    # Hundreds of processes every second: one line, in one read.
    try:
        descriptor = os.open(f"{PROC}/{pid}/stat", os.O_RDONLY)
    except OSError:
        return None
    try:
        text = os.read(descriptor, 4096)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    # The name in the second field may hold blanks and brackets; utime and stime are the fields 14 and 15.
    utime, stime = text.rpartition(b")")[2].split()[11:13]
    return int(utime) + int(stime)


class CoreClocks:
    """Mean MHz of the cores. Reading a clock can interrupt its core: of many, some are asked at a time, in turn."""

    def __init__(self, cpufreq: Path = CPUFREQ, proc: Path = PROC, now: Callable[[], float] = time.monotonic) -> None:
        self.cpuinfo = proc / "cpuinfo"
        self.now = now
        self.files = sorted(cpufreq.glob("cpu[0-9]*/cpufreq/scaling_cur_freq"))
        self.turn = 0
        self.told: tuple[float, float | None] | None = None

    def mean_mhz(self) -> float | None:
        if not self.files:
            return self.from_cpuinfo()
        stride = -(-len(self.files) // CORES_AT_ONCE)
        asked = self.files[self.turn % stride :: stride]
        self.turn += 1
        texts = [text for text in map(read, asked) if text is not None]
        return mean([int(text) / 1000 for text in texts if text.strip().isdigit()])

    def from_cpuinfo(self) -> float | None:
        """Where a virtual machine shows no clocks. The kernel makes this text for all cores, so not every second."""
        now = self.now()
        if self.told is None or now - self.told[0] >= CPUINFO_EVERY_S:
            clocks = re.findall(rb"^cpu MHz\s*:\s*([\d.]+)", read(self.cpuinfo) or b"", re.MULTILINE)
            self.told = (now, mean([float(clock) for clock in clocks]))
        return self.told[1]


def available_memory_bytes() -> int | None:
    found = re.search(rb"^MemAvailable:\s*(\d+) kB", read(PROC / "meminfo") or b"", re.MULTILINE)
    return None if found is None else int(found[1]) * 1024


def read(path: Path) -> bytes | None:
    """A small file as a whole; None when it cannot be read."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            chunks = []
            while chunk := os.read(descriptor, 1 << 16):
                chunks.append(chunk)
            return b"".join(chunks)
        finally:
            os.close(descriptor)
    return None


def mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
