"""Says now and then that the engine still makes steps, so that a hang can be told from a long measurement."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from events import emit

INTERVAL_S = 10.0


def start_heartbeat(llm: Any, interval_s: float = INTERVAL_S, tell: Callable[..., None] = emit) -> None:
    """Counts calls of the engine's public `step`, and tells the count whenever it has changed.

    Versions whose front end logs its throughput do the same by themselves; others are silent for as long as one
    `LLM.generate` takes. A call more a step costs 0.1 us, and a step is a millisecond at least.
    """
    step = getattr(llm.llm_engine, "step", None)
    if step is None:
        return
    steps = 0

    def counted() -> Any:
        nonlocal steps
        steps += 1
        return step()

    def beat() -> None:
        told = 0
        while True:
            time.sleep(interval_s)
            if steps != told:
                told = steps
                tell("progress", steps=told)

    llm.llm_engine.step = counted
    threading.Thread(target=beat, name="heartbeat", daemon=True).start()
