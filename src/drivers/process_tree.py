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
        send_signal(victims, signal.SIGKILL)
        time.sleep(0.02)


def living_relatives(with_group: bool) -> dict[int, str]:
    own = os.getpid()
    rows = process_rows()
    relatives = descendants(own, rows)
    if with_group:
        relatives.update({pid: start for pid, _, group, start in rows if group == own and pid != own})
    return {pid: start for pid, start in relatives.items() if not is_resource_tracker(pid)}


def descendants(own: int, rows: list[tuple[int, int, int, str]]) -> dict[int, str]:
    """Start times of every process below this one, by process id."""
    family = {own}
    while found := {pid for pid, parent, _, _ in rows if parent in family} - family:
        family |= found
    return {pid: start for pid, _, _, start in rows if pid in family and pid != own}


def send_signal(processes: dict[int, str], number: signal.Signals) -> None:
    """Only to those that still have the start time they had: a process id that came back is somebody else's."""
    for pid, start in processes.items():
        row = process_row(str(pid))
        if row is not None and row[3] == start:
            try:
                os.kill(pid, number)
            except OSError:  # it ended meanwhile, or has become another user's
                continue


def process_rows() -> list[tuple[int, int, int, str]]:
    """(pid, parent, process group, start time) of every process that is no zombie; empty where there is no /proc."""
    pids = (directory.name for directory in PROC.glob("[0-9]*"))
    return [row for pid in pids if (row := process_row(pid)) is not None]


def process_row(pid: str) -> tuple[int, int, int, str] | None:
    try:
        # A program's name may hold anything, also what is no text, and parentheses.
        stat = (PROC / pid / "stat").read_text(errors="replace")
        state, parent, group, *more = stat.rpartition(")")[2].split()
    except (OSError, ValueError):  # it ended meanwhile
        return None
    # proc_pid_stat(5): the name is field 2, the start time field 22.
    return None if state in "ZX" else (int(pid), int(parent), int(group), more[16])


def is_resource_tracker(pid: int) -> bool:
    return b"resource_tracker" in command_line(pid)


def command_line(pid: int) -> bytes:
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").strip()
    except OSError:
        return b""
