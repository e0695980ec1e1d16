"""A driver dies with its parent, in order when it can, and takes the engine's processes with it in any case.

Three things end it: SIGTERM (SIGINT, SIGHUP), the end of stdin, and the death of the parent. All become one signal,
which raises SystemExit in the main thread, so that `finally` clauses shut the engine down. Signals are counted by a
thread of its own through a wake-up pipe, because Python runs handlers only when the main thread comes back from C code.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import stat
import sys
import threading
import time
from types import FrameType

from process_tree import kill_everything

GRACE_S = 10.0
"""vLLM waits 5 s for its processes before it kills them; the rest is for a machine that is busy."""
ECHO_S = 1.0
"""Two signals that come this close are one event: Ctrl-C and its forwarding, or a parent's death seen both ways."""
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
STDIN, STDERR = 0, 2

stop_requested = False


def die_with_parent() -> None:
    """Call once, in the main thread, before anything is started."""
    # Else vLLM's setproctitle overwrites the environment of its processes, and with it the mark that they are ours.
    os.environ.setdefault("SPT_NOENV", "1")
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in stop_signals():
        signal.signal(number, raise_in_main_thread)
    os.register_at_fork(after_in_child=forget_in_child)
    threading.Thread(target=watch, args=(reader,), name="dying", daemon=True).start()
    signal_when_parent_dies()


def stop_signals() -> list[signal.Signals]:
    """SIGINT or SIGHUP that was set to be ignored (`&` in a script, nohup) stays ignored."""
    wished = [number for number in (signal.SIGINT, signal.SIGHUP) if signal.getsignal(number) != signal.SIG_IGN]
    return [signal.SIGTERM, *wished]


def raise_in_main_thread(number: int, _frame: FrameType | None) -> None:
    global stop_requested
    if not stop_requested:
        stop_requested = True
        # Not sys.stderr: the main thread may be inside a write to it, which cannot be entered twice.
        os.write(STDERR, f"driver: stopping on {signal.Signals(number).name}\n".encode())
        raise SystemExit(128 + number)


def forget_in_child() -> None:
    """A forked worker shares the wake-up pipe: its own signals must not count as the driver's."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def signal_when_parent_dies() -> None:
    """SIGTERM and not SIGKILL: a killed driver would leave the engine's processes behind, a stopped one ends them."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != parent:  # it died before the call, so its signal will not come
            os.kill(os.getpid(), signal.SIGTERM)


def watch(reader: int) -> None:
    """Thread: turns the end of stdin into SIGTERM; kills everything on a second signal or GRACE_S after the first."""
    sources = [reader, STDIN] if stdin_is_held_by_parent() else [reader]
    first: float | None = None
    while True:
        ready, _, _ = select.select(sources, [], [], None if first is None else ECHO_S / 5)
        if STDIN in ready and not still_open(STDIN):
            sources.remove(STDIN)
            if first is None:
                os.kill(os.getpid(), signal.SIGTERM)
        signalled = reader in ready and any(number in stop_signals() for number in os.read(reader, 64))
        now = time.monotonic()
        if signalled and first is None:
            first = now
        elif first is not None and (now >= first + GRACE_S or (signalled and now >= first + ECHO_S)):
            kill_everything()
        elif first is not None and not stop_requested and now < first + ECHO_S / 2:
            # The kernel may have given the signal to this thread, or a moment before the main thread began to wait.
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)


def stdin_is_held_by_parent() -> bool:
    """A pipe, or the socket that Node gives for one. /dev/null and a terminal say nothing about the parent."""
    try:
        mode = os.fstat(STDIN).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def still_open(descriptor: int) -> bool:
    try:
        return os.read(descriptor, 4096) != b""
    except OSError:
        return False
