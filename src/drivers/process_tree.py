"""Killing what a driver has started. Engine processes ignore their parent's death, so nothing else ends them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

PROC = Path("/proc")


def kill_everything() -> None:
    """SIGKILL for every process below this one, for its process group if it leads one, and for itself."""
    kill_descendants(with_group=True)
    if not PROC.is_dir() and os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def kill_descendants(with_group: bool = False, patience_s: float = 2.0) -> None:
    """Until there are none, since a process may have been started between the look and the kill.

    Python's resource tracker is spared: it removes the shared memory that killed workers leave in /dev/shm, and ends by
    itself when the last process of the family is gone. `with_group` takes orphans too, but also what a shell has put
    into this process's group (`python resident.py ... | tee log`).
    """
    deadline = time.monotonic() + patience_s
    while (victims := living_relatives(with_group)) and time.monotonic() < deadline:
        for pid in victims:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.02)


def living_relatives(with_group: bool) -> list[int]:
    own = os.getpid()
    rows = process_rows()
    family = {own}
    while found := {pid for pid, parent, _ in rows if parent in family} - family:
        family |= found
    if with_group:
        family |= {pid for pid, _, group in rows if group == own}
    return [pid for pid in family - {own} if not is_resource_tracker(pid)]


def process_rows() -> list[tuple[int, int, int]]:
    """(pid, parent, process group) of every process that is not a zombie; empty where there is no /proc."""
    rows = []
    for stat in PROC.glob("[0-9]*/stat"):
        try:
            state, parent, group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:  # it ended meanwhile
            continue
        if state not in "ZX":
            rows.append((int(stat.parent.name), int(parent), int(group)))
    return rows


def is_resource_tracker(pid: int) -> bool:
    try:
        return b"resource_tracker" in (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return False
