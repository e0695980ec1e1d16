"""A driver says that its engine makes steps, and nothing when it makes none."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

from heartbeat import start_heartbeat


class Told:
    def __init__(self) -> None:
        self.steps: list[int] = []
        self.came = threading.Event()

    def __call__(self, event: str, *, steps: int) -> None:
        assert event == "progress"
        self.steps.append(steps)
        self.came.set()


def engine(answers: list[str]) -> Any:
    return SimpleNamespace(llm_engine=SimpleNamespace(step=lambda: answers.pop()))


def test_steps_are_counted_and_their_results_handed_on() -> None:
    told = Told()
    llm = engine(["second", "first"])
    start_heartbeat(llm, 0.02, told)
    assert [llm.llm_engine.step(), llm.llm_engine.step()] == ["first", "second"]
    assert told.came.wait(5)
    assert told.steps[-1] == 2


def test_an_engine_that_makes_no_step_says_nothing_more() -> None:
    told = Told()
    llm = engine(["only"])
    start_heartbeat(llm, 0.02, told)
    llm.llm_engine.step()
    assert told.came.wait(5)
    threading.Event().wait(0.2)
    assert told.steps == [1]


def test_an_error_of_a_step_is_the_callers() -> None:
    llm = engine([])
    start_heartbeat(llm, 0.02, Told())
    try:
        llm.llm_engine.step()
    except IndexError:
        return
    raise AssertionError("the error was swallowed")
