"""Starting a process, hearing of signals, and ending as another process did; subprocess takes longer to import."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Sequence

STDIN = 0


def spawn(command: list[str], env: dict[str, str], actions: Sequence[tuple[object, ...]] = ()) -> tuple[int, int]:
    """(process id, the writing end of its stdin). Throws OSError when there is no such program, or it is none.

    Python ignores two signals; the program must not inherit that.
    """
    reader, writer = os.pipe()
    try:
        files = [(os.POSIX_SPAWN_DUP2, reader, STDIN), *actions]
        default = [signal.SIGPIPE, signal.SIGXFSZ]
        return os.posix_spawnp(command[0], command, env, file_actions=files, setsigdef=default), writer
    except OSError:
        os.close(writer)
        raise
    finally:
        os.close(reader)


def receive_signals(numbers: Iterable[signal.Signals]) -> tuple[int, set[int]]:
    """The end of a pipe from which the numbers of the signals that came can be read, and the set of all of them."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    came: set[int] = set()
    for number in numbers:
        signal.signal(number, lambda number, _frame: came.add(number))
    return reader, came


def end_as(status: int | None) -> None:
    """Ends this process as the one did whose status waitpid told; null: it has not ended."""
    if status is None or not os.WIFSIGNALED(status):
        os._exit(1 if status is None else os.WEXITSTATUS(status))
    import resource

    number = os.WTERMSIG(status)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the other one has left its core, if any
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)
