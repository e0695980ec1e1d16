"""The end of a driver. Everything measured is on disk by now, so it is quick: an engine start must not cost twice."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from engine_death import stop_watching
from process_tree import kill_descendants

SHUTDOWN_S = 1.0
"""vLLM alone waits 5 s for its EngineCore, and on a slow machine it kills it then all the same."""


def run_and_leave(run: Callable[[list[Any]], int]) -> NoReturn:
    """Runs the driver and ends the process with its exit code, whatever happens, with no engine process left.

    `run` puts its engine into the list that it gets. The interpreter is not torn down: with torch loaded that takes
    seconds, and sometimes for ever.
    """
    engines: list[Any] = []
    code = 1
    try:
        code = exit_code(run, engines)
        end_engines(engines)
    finally:  # also when a signal comes in the middle of ending; only the first one raises
        kill_descendants()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def exit_code(run: Callable[[list[Any]], int], engines: list[Any]) -> int:
    """As the interpreter would have it: an int is the code, a text is printed, an exception shows its traceback."""
    try:
        return run(engines)
    except SystemExit as stop:
        if isinstance(stop.code, int):
            return stop.code
        print(stop.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    return 1


def end_engines(engines: list[Any]) -> None:
    """In order, which also closes sockets and removes shared memory, but with less patience than vLLM has."""
    stop_watching()
    threads = [threading.Thread(target=shut_down, args=(llm,), daemon=True) for llm in engines]
    for thread in threads:
        thread.start()
        thread.join(SHUTDOWN_S)
    kill_descendants()
    for thread in threads:
        thread.join(SHUTDOWN_S)


def shut_down(llm: Any) -> None:
    """The V0 engine has no `engine_core`; its workers end with the driver."""
    engine_core = getattr(llm.llm_engine, "engine_core", None)
    if engine_core is not None:
        engine_core.shutdown()
