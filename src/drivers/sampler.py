"""What the hardware does while a launch runs, a line a second: `python sampler.py --out telemetry.jsonl [--gpus 0,1]`.

One process for the whole launch, at its side: it ends when its stdin does, on SIGTERM, and with its parent. Nothing
that it cannot read or write ends the launch or itself; the lines are TelemetryLine in src/schema/telemetry.ts.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from dying import STDIN, signal_when_parent_dies, stdin_is_held_by_parent, still_open
from host_load import MARKER, CoreClocks, HostLoad, OwnProcesses, available_memory_bytes
from kernel_log import KernelLog, same_device
from nvidia_smi import NvidiaSmi

PATIENCE_S = 10.0
"""For the first answer of nvidia-smi, which takes seconds where no other program keeps the driver awake."""


class Sampler:
    def __init__(self, out: Path, gpus: list[str], interval_s: float) -> None:
        self.output = Lines(out)
        self.interval_s = interval_s
        self.absent: dict[str, str] = {}
        self.load = HostLoad(self.own_processes())
        self.clocks = CoreClocks()
        self.nvidia_smi = NvidiaSmi(gpus, interval_s) if gpus else None
        self.kernel_log = self.open_kernel_log() if gpus else None
        self.gpus = gpus
        self.round: dict[str, dict[str, Any]] = {}
        self.begun = False
        self.started = time.monotonic()
        self.due = self.started + interval_s

    def own_processes(self) -> OwnProcesses | None:
        marker = os.environ.get(MARKER)
        if not marker:
            self.absent["cpu_load_own"] = f"{MARKER} is not set"
            return None
        return OwnProcesses(marker)

    def open_kernel_log(self) -> KernelLog | None:
        try:
            return KernelLog()
        except OSError as error:
            self.absent["/dev/kmsg"] = error.strerror or "cannot be read"
            return None

    def run(self) -> None:
        """Until stdin ends."""
        held = [STDIN] if stdin_is_held_by_parent() else []
        while True:
            descriptor = self.nvidia_smi.descriptor if self.nvidia_smi is not None else None
            sources = held if descriptor is None else [*held, descriptor]
            ready, _, _ = select.select(sources, [], [], max(0.0, self.due - time.monotonic()))
            if STDIN in ready and not still_open(STDIN):
                return
            if self.nvidia_smi is not None:
                self.take(self.nvidia_smi.rows())
            if time.monotonic() >= self.due:
                self.write_sample()

    def take(self, rows: list[dict[str, Any]]) -> None:
        """A sample is written when every GPU has told, so that its time is that of its figures."""
        for row in rows:
            if row["index"] in self.round:
                self.write_sample()
            self.round[row["index"]] = row
        if len(self.round) >= len(self.gpus):
            self.write_sample()

    def write_sample(self) -> None:
        told = [{name: row[name] for name in row if name != "bus"} for row in self.round.values()]
        self.round = {}
        self.wait_for_the_next(heard=told != [])
        if not self.begin():
            return
        self.output.write(
            {
                "line": "sample",
                **self.load.sample(),
                "cpu_mhz": self.clocks.mean_mhz(),
                "host_memory_available_bytes": available_memory_bytes(),
                "gpus": told,
                "xids": self.xids(),
            }
        )

    def wait_for_the_next(self, heard: bool) -> None:
        """nvidia-smi sets the pace as long as it answers; without it there is a line every interval."""
        now = time.monotonic()
        # Twice and a half: it is late on a busy host, and a line without GPUs says nothing of them.
        self.due = now + 2.5 * self.interval_s if heard else max(self.due + self.interval_s, now)

    def begin(self) -> bool:
        """The first line, as soon as it is known whether nvidia-smi answers."""
        smi = self.nvidia_smi
        waiting = smi is not None and not smi.answered and smi.absent is None
        if self.begun or (waiting and time.monotonic() < self.started + PATIENCE_S):
            return self.begun
        if smi is not None and smi.absent is not None:
            self.absent["nvidia-smi"] = smi.absent
        asked = ["/proc", *(["nvidia-smi"] if smi else []), *(["/dev/kmsg"] if self.kernel_log else [])]
        sources = [source for source in asked if source not in self.absent]
        told = {"interval_s": self.interval_s, "sources": sources, "absent": self.absent, "gpus": self.gpus}
        self.begun = self.output.write({"line": "begin", **told})
        return self.begun

    def xids(self) -> list[dict[str, Any]] | None:
        """Of the GPUs that are asked for; of all while nvidia-smi has not said which those are."""
        if self.kernel_log is None or self.nvidia_smi is None:
            return None
        buses = self.nvidia_smi.buses
        found = self.kernel_log.xids()
        return [xid for xid in found if not buses or any(same_device(xid["device"], bus) for bus in buses)]

    def close(self) -> None:
        if self.nvidia_smi is not None:
            self.nvidia_smi.stop()


class Lines:
    """A file of whole lines, also on a disk that is full for a while: then lines are missing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.descriptor: int | None = None
        self.size = 0

    def write(self, value: dict[str, Any]) -> bool:
        rest = json.dumps(value)[1:].encode() + b"\n"
        # Last: who reads a line before its time is over would make another record than who reads it later.
        line = b'{"unix_s": %.3f, ' % time.time() + rest
        try:
            if self.descriptor is None:
                self.descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
                self.size = os.fstat(self.descriptor).st_size
            if os.write(self.descriptor, line) == len(line):
                self.size += len(line)
                return True
        except OSError:
            pass
        self.cut_back()
        return False

    def cut_back(self) -> None:
        """Half a line would spoil the next one."""
        if self.descriptor is not None:
            with suppress(OSError):
                os.ftruncate(self.descriptor, self.size)


def interval(text: str) -> float:
    seconds = float(text)
    if not 0.01 <= seconds <= 3600:
        raise argparse.ArgumentTypeError("must be from 0.01 to 3600 seconds")
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes what the hardware does, a line a second, until stdin ends.")
    parser.add_argument("--out", type=Path, required=True, help="file that lines are added to")
    parser.add_argument(
        "--gpus", default="", help="GPUs to ask nvidia-smi about: numbers or UUIDs, with commas between"
    )
    parser.add_argument("--interval", type=interval, default=1.0, help="seconds between two lines")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    for number in (signal.SIGINT, signal.SIGHUP):  # a Ctrl-C is for the launch: the sampler sees it to its end
        signal.signal(number, signal.SIG_IGN)
    signal_when_parent_dies()
    gpus = [gpu for gpu in arguments.gpus.split(",") if gpu]
    sampler = Sampler(arguments.out, gpus, arguments.interval)
    try:
        sampler.run()
    except OSError as error:
        sys.stderr.write(f"sampler: {error}\n")
    finally:
        sampler.close()


if __name__ == "__main__":
    main()
