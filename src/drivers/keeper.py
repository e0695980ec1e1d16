"""Keeps one launch together: starts its command, and ends when no process of it is left.

    python -I -S keeper.py [OPTION VALUE]... -- COMMAND ARGUMENT...

    --telemetry FILE   start sampler.py beside it, which writes there
    --gpus LIST        the devices that it asks
    --stragglers S     how long what the command leaves behind may still need (10)
    --folder NAME      of a temporary folder for vLLM's sockets, removed at the end
    --report FD        where to tell, as lines of JSON, why the command did not start, and what would not go

It is a child subreaper (prctl(2)): a process below it that loses its parent, by a double fork or in a session of its
own, becomes its child, so nothing that the command started gets out of its reach, whatever it did to its environment.
Once the command has ended, what is left has some seconds to end by itself and is then killed. The keeper ends as the
command did: with its exit code, or of its signal.

The command's stdin is a pipe that the keeper holds: a driver reads its end when the keeper is gone (dying.py). When the
keeper's own stdin ends or its parent dies, the orchestrator is dead: everything gets SIGTERM, and SIGKILL ORPHAN_S
later. SIGTERM (SIGINT, SIGHUP) means that the group has got it too, so the keeper only closes the command's stdin,
which a driver takes for the same event, and waits. SIGUSR1 kills everything at once. Otherwise it sleeps in a select.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
import signal
import sys
import time
from pathlib import Path

# -I, which keeps the user's modules away, keeps this folder away as well.
sys.path.append(str(Path(__file__).resolve().parent))

from child_process import STDIN, end_as, receive_signals, spawn
from dying import signal_when_parent_dies, stdin_is_held_by_parent, still_open, stop_signals
from leftovers import make_folder, remove_folder, shared_memory_of, unlink_unused
from process_tree import command_line, descendants, is_resource_tracker, process_rows, send_signal

ORPHAN_S = 10.0
"""After the orchestrator has died, how long everything may still need."""
STOP_S = 30.0
"""After SIGTERM; the orchestrator, which has sent it, loses patience sooner."""
SAMPLER_S = 2.0
TRACKER_S = 2.0
"""How long Python's resource tracker gets to remove the shared memory of killed processes."""
KILL_S = 15.0
"""How long a killed process may take to go: one that hangs in the kernel does not go at all."""
PR_SET_CHILD_SUBREAPER = 36  # <linux/prctl.h>
STDOUT, STDERR = 1, 2


class Keeper:
    def __init__(self, stragglers_s: float) -> None:
        self.stragglers_s = stragglers_s
        self.parent = os.getppid()
        self.wake, self.came = receive_signals([*stop_signals(), signal.SIGUSR1, signal.SIGCHLD])
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        signal_when_parent_dies()
        self.command = self.stdin = 0
        self.sampler = 0
        self.status: int | None = None  # of the command, as waitpid tells it
        self.deadline = self.sampler_deadline = float("inf")

    def start(self, command: list[str], env: dict[str, str]) -> None:
        """Throws OSError when there is no such program, or it is none."""
        self.command, self.stdin = spawn(command, env)
        if self.came.intersection(stop_signals()):  # the group got it before the command was there
            os.kill(self.command, signal.SIGTERM)

    def start_sampler(self, out: str, gpus: str | None) -> None:
        """A launch without telemetry is better than none: what goes wrong with it stays here."""
        script = Path(__file__).resolve().parent / "sampler.py"
        command = [sys.executable, "-E", "-S", str(script), "--out", out, *([] if gpus is None else ["--gpus", gpus])]
        silent = [(os.POSIX_SPAWN_OPEN, to, os.devnull, os.O_WRONLY, 0) for to in (STDOUT, STDERR)]
        try:
            self.sampler, _ = spawn(command, dict(os.environ), silent)  # its stdin ends with the keeper
        except OSError:
            return

    def wait(self) -> list[str]:
        """Until no process is left. The answer is those that would not go."""
        sources = [self.wake, STDIN] if stdin_is_held_by_parent() else [self.wake]
        while not self.reap():
            now = time.monotonic()
            if now >= self.deadline:
                return self.kill()
            if now >= self.sampler_deadline:
                self.end_sampler(signal.SIGKILL, float("inf"))
            nearest = min(self.deadline, self.sampler_deadline)
            ready, _, _ = select.select(sources, [], [], None if nearest == float("inf") else nearest - now)
            if STDIN in ready and not still_open(STDIN):
                sources.remove(STDIN)
                self.orphaned()
            if self.wake in ready:
                self.signalled(os.read(self.wake, 64))
        return []

    def signalled(self, numbers: bytes) -> None:
        if signal.SIGUSR1 in numbers:
            self.deadline = 0
        if any(number in stop_signals() for number in numbers):
            if os.getppid() == self.parent:
                self.close_stdin()
                self.end_by(STOP_S)
            else:
                self.orphaned()

    def orphaned(self) -> None:
        """Nobody else tells the others."""
        self.close_stdin()
        send_signal(descendants(os.getpid(), process_rows()), signal.SIGTERM)
        self.end_by(ORPHAN_S)

    def end_by(self, seconds: float) -> None:
        self.deadline = min(self.deadline, time.monotonic() + seconds)

    def close_stdin(self) -> None:
        if self.stdin:
            os.close(self.stdin)
            self.stdin = 0

    def end_sampler(self, number: signal.Signals, patience_s: float) -> None:
        self.sampler_deadline = time.monotonic() + patience_s
        if self.sampler:
            os.kill(self.sampler, number)

    def reap(self) -> bool:
        """Takes the children that have ended; true when there are none, and so, below a subreaper, no descendants."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid == 0:
                return False
            if pid == self.command:
                self.status = status
                self.close_stdin()
                self.end_by(self.stragglers_s)
                self.end_sampler(signal.SIGTERM, SAMPLER_S)
            elif pid == self.sampler:
                self.sampler = 0

    def kill(self) -> list[str]:
        """Until there are none, since a process may have been started between the look and the kill."""
        begin = time.monotonic()
        segments: set[str] = set()
        while not self.reap():
            waited = time.monotonic() - begin
            family = descendants(os.getpid(), process_rows())
            if waited > KILL_S:
                return [f"{pid} {command_line(pid).decode(errors='replace')[:120]}" for pid in family]
            segments |= shared_memory_of(family)
            others = {pid: start for pid, start in family.items() if not is_resource_tracker(pid)}
            send_signal(others or (family if waited > TRACKER_S else {}), signal.SIGKILL)
            time.sleep(0.02 if waited < 1 else 0.2)
        unlink_unused(segments)
        return []


def tell(report: int, what: dict[str, object]) -> None:
    import json

    try:
        os.write(report, f"{json.dumps(what)}\n".encode())
    except OSError:  # nobody reads it any more
        return


def main(argv: list[str]) -> None:
    words, command = argv[: argv.index("--")], argv[argv.index("--") + 1 :]
    options = dict(zip(words[::2], words[1::2]))
    report = int(options.get("--report", STDERR))
    os.set_inheritable(report, report <= STDERR)
    keeper = Keeper(float(options.get("--stragglers", 10)))
    # vLLM's sockets would stay in /tmp after a kill.
    folder = make_folder(options.get("--folder"))
    own = {} if folder is None else {"VLLM_RPC_BASE_PATH": str(folder)}
    try:
        keeper.start(command, {**os.environ, **own})
    except OSError as error:
        remove_folder(folder)
        tell(report, {"not_started": f"spawn {command[0]} {errno.errorcode.get(error.errno or 0, error)}"})
        os._exit(127)
    if "--telemetry" in options:
        keeper.start_sampler(options["--telemetry"], options.get("--gpus"))
    left_behind = keeper.wait()
    remove_folder(folder)
    if left_behind:
        tell(report, {"left_behind": left_behind})
    end_as(keeper.status)


if __name__ == "__main__":
    main(sys.argv[1:])
