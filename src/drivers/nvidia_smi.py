"""One nvidia-smi that runs as long as the sampler and prints a line for each GPU every second."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from dying import PR_SET_PDEATHSIG

RESTART_S = 10.0

# Field of a sample -> what nvidia-smi calls it (nvidia-smi --help-query-gpu).
BASIC = {
    "index": "index",
    "bus": "pci.bus_id",
    "sm_clock_mhz": "clocks.current.sm",
    "memory_clock_mhz": "clocks.current.memory",
    "power_w": "power.draw",
    "temperature_c": "temperature.gpu",
    "memory_used_bytes": "memory.used",
    "utilization": "utilization.gpu",
}
ERRORS = {
    "ecc_uncorrected": "ecc.errors.uncorrected.volatile.total",
    "ecc_corrected": "ecc.errors.corrected.volatile.total",
}
MEMORY = {"memory_temperature_c": "temperature.memory"}
# A driver that does not know a field refuses all of them, so fewer are asked after each refusal.
QUERIES = (
    {**BASIC, **ERRORS, **MEMORY, "throttle_reasons": "clocks_event_reasons.active"},
    {**BASIC, **ERRORS, **MEMORY, "throttle_reasons": "clocks_throttle_reasons.active"},
    {**BASIC, **ERRORS, "throttle_reasons": "clocks_throttle_reasons.active"},
    BASIC,
)

# nvml.h, nvmlClocksEventReason* (before R535 nvmlClocksThrottleReason*), in words of nvidia-smi.
REASONS = {
    0x001: "gpu_idle",
    0x002: "applications_clocks_setting",
    0x004: "sw_power_cap",
    0x008: "hw_slowdown",
    0x010: "sync_boost",
    0x020: "sw_thermal_slowdown",
    0x040: "hw_thermal_slowdown",
    0x080: "hw_power_brake_slowdown",
    0x100: "display_clock_setting",
}
UNITS = {"memory_used_bytes": 2**20, "utilization": 0.01}


class NvidiaSmi:
    """`descriptor` has something to read when nvidia-smi has said something or has ended; None: it does not run."""

    def __init__(self, gpus: list[str], interval_s: float, now: Callable[[], float] = time.monotonic) -> None:
        self.gpus, self.interval_s, self.now = gpus, interval_s, now
        self.queries = list(QUERIES)
        self.buses: set[str] = set()
        self.descriptor: int | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.rest = b""
        self.answered = False
        self.last_words = ""
        self.absent: str | None = None
        self.restart_at = 0.0
        self.start()

    def start(self) -> None:
        program = shutil.which("nvidia-smi")
        if program is None:
            self.absent = "nvidia-smi is not on PATH"
            return
        milliseconds = round(self.interval_s * 1000)
        loop = ["-l", str(milliseconds // 1000)] if milliseconds % 1000 == 0 else ["-lms", str(milliseconds)]
        fields = ",".join(self.queries[0].values())
        command = [program, f"--query-gpu={fields}", "--format=csv,noheader,nounits", *loop, "-i", ",".join(self.gpus)]
        # A terminal, because a C program keeps back what it prints into a pipe until there are some kilobytes of it.
        try:
            self.descriptor, writer = os.openpty()
        except OSError:
            self.descriptor, writer = os.pipe()
        os.set_blocking(self.descriptor, False)
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=writer,
                stderr=writer,
                preexec_fn=die_with_sampler,
            )
        except (OSError, subprocess.SubprocessError) as error:
            self.absent = f"nvidia-smi does not start: {error}"
            self.stop()
        finally:
            os.close(writer)

    def rows(self) -> list[dict[str, Any]]:
        """The lines that have come since the call before."""
        if self.descriptor is None:
            if self.absent is None and self.now() >= self.restart_at:
                self.start()
            return []
        try:
            chunk = os.read(self.descriptor, 1 << 16)
        except BlockingIOError:
            return []
        except OSError:  # EIO: the other end of the terminal is closed
            chunk = b""
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        rows = [row for row in map(self.row, lines) if row is not None]
        self.answered = self.answered or rows != []
        self.buses |= {row["bus"] for row in rows if row["bus"] is not None}
        if chunk == b"":
            self.ended()
        return rows

    def row(self, line: bytes) -> dict[str, Any] | None:
        text = line.decode(errors="replace").strip()
        if text == "":
            return None
        row = row_of(text, self.queries[0])
        if row is None:
            self.last_words = text
        return row

    def ended(self) -> None:
        """Refused: fewer fields. Ended by itself later, as when a GPU is lost: again, but not at once."""
        self.stop()
        if self.answered:
            self.restart_at = self.now() + RESTART_S
        elif len(self.queries) > 1:
            self.queries.pop(0)
            self.start()
        else:
            self.absent = f"nvidia-smi: {self.last_words[:200] or 'ended without a word'}"

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            with suppress(subprocess.TimeoutExpired):  # it can hang in the driver, where no signal reaches it
                self.process.wait(timeout=1)
        if self.descriptor is not None:
            os.close(self.descriptor)
        self.process, self.descriptor, self.rest = None, None, b""


def row_of(text: str, query: dict[str, str]) -> dict[str, Any] | None:
    """A line of CSV by the names of a sample; None for what is no such line, such as a message."""
    cells = [cell.strip() for cell in text.split(",")]
    if len(cells) != len(query) or not cells[0].isdigit():
        return None
    told = dict(zip(query, cells))
    row: dict[str, Any] = {
        name: number_of(told.get(name), UNITS.get(name, 1)) for name in {**BASIC, **ERRORS, **MEMORY}
    }
    bus = told["bus"]
    reasons = reasons_of(told.get("throttle_reasons"))
    return {**row, "index": told["index"], "bus": bus if ":" in bus else None, "throttle_reasons": reasons}


def number_of(cell: str | None, unit: float) -> float | None:
    """`[N/A]`, `[Not Supported]`, `[GPU is lost]` and whatever else is no number: unknown."""
    try:
        number = float(cell or "")
    except ValueError:
        return None
    # `nan` and `inf` are no JSON.
    return number * unit if abs(number) < 1e15 else None


def reasons_of(cell: str | None) -> list[str] | None:
    """Names of the bits that are set; one that is not known here keeps its number."""
    try:
        mask = int(cell or "", 16)
    except ValueError:
        return None
    bits = [1 << place for place in range(mask.bit_length()) if mask >> place & 1]
    return [REASONS.get(bit, hex(bit)) for bit in bits]


def die_with_sampler() -> None:
    """In the child: a sampler that is killed leaves no nvidia-smi behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
