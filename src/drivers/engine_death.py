"""Notices that an engine process has died while the driver waits for it.

vLLM 0.32's front end waits for ever when its EngineCore is killed from outside (the kernel's out-of-memory killer does
that): `SyncMPClient.get_output` blocks on a queue that nobody fills. Here the wait ends with an exception.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import FrameType

PATIENCE_S = 10.0
"""Where vLLM notices by itself it raises within a few seconds, and knows more of the cause than we do."""

cause: list[str] = []


class EngineProcessDeadError(RuntimeError):
    pass


def is_dead(error: BaseException | None) -> bool:
    """vLLM's EngineDeadError, MQEngineDeadError or ours, by name: their modules moved between versions."""
    while error is not None:
        if type(error).__name__.endswith("DeadError"):
            return True
        error = error.__cause__ or error.__context__
    return False


def watch_engine_processes() -> None:
    """Call in the main thread when the engine is up. An in-process engine has no children: nothing to watch."""
    children = multiprocessing.active_children()
    if children:
        signal.signal(signal.SIGUSR2, raise_in_main_thread)
        threading.Thread(target=watch, args=(children,), name="engine-death", daemon=True).start()


def stop_watching() -> None:
    """Before the engine is shut down on purpose."""
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)


def watch(children: list[BaseProcess]) -> None:
    while children:
        ended = wait([child.sentinel for child in children])
        gone = [child for child in children if child.sentinel in ended]
        children = [child for child in children if child not in gone]
        for child in gone:
            child.join(1)  # its files are closed a moment before its exit code is known
        failed = [child for child in gone if child.exitcode != 0]
        if failed:
            cause.extend(how_it_ended(child) for child in failed)
            time.sleep(PATIENCE_S)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR2)
            return


def raise_in_main_thread(_number: int, _frame: FrameType | None) -> None:
    raise EngineProcessDeadError("; ".join(cause))


def how_it_ended(child: BaseProcess) -> str:
    code = child.exitcode
    if code is None or code >= 0:
        return f"engine process {child.name} ended with exit code {code}"
    return f"engine process {child.name} was killed by {signal.Signals(-code).name}"
