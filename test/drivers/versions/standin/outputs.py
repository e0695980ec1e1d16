"""What is asked of a request, and what comes back."""

from __future__ import annotations

import time
from typing import Any

from vllm.standin.facts import FACTS, IS_V0, function, record_class

SamplingParams = record_class("SamplingParams", FACTS["sampling_params"])
CompletionOutput = record_class("CompletionOutput", FACTS["completion_output"])
RequestStateStats = record_class("RequestStateStats", FACTS["request_state_stats"])
RequestMetrics = record_class("RequestMetrics", FACTS["v0_request_metrics"] or [])


def fill_output(given: dict[str, Any]) -> None:
    own = given["self"]
    for name in FACTS["request_output"]["attributes"]:
        setattr(own, name, given.get(name))


RequestOutput = type(
    "RequestOutput", (), {"__init__": function("__init__", FACTS["request_output"]["init"], fill_output)}
)


def metrics_of(llm: Any, position: int) -> Any:
    """Clock readings in vLLM's order; which class holds them, and under which names, is this version's own."""
    if IS_V0:
        return RequestMetrics(**dict.fromkeys(FACTS["v0_request_metrics"], time.time()))
    if not llm.log_stats:
        return None
    times = {
        "arrival_time": time.time(),
        "queued_ts": 100.0,
        "scheduled_ts": 100.5 + position,
        "first_token_ts": 101.0 + position,
        "last_token_ts": 102.0 + position,
        "first_token_latency": 1.5 + position,
        "num_preemptions": 1,
    }
    return RequestStateStats(
        **{name: times.get(name, 0) for name in FACTS["request_state_stats"]},
    )


def one_output(llm: Any, position: int, prompt: list[int], sampling: Any) -> Any:
    completion = CompletionOutput(token_ids=[5] * sampling.max_tokens, finish_reason="length")
    values = {
        "request_id": str(position),
        "prompt": None,
        "prompt_token_ids": prompt,
        "prompt_logprobs": None,
        "outputs": [completion],
        "finished": True,
        "num_cached_tokens": 0,
        "metrics": metrics_of(llm, position),
    }
    given = FACTS["request_output"]["given_by_v1"] if not IS_V0 else values
    return RequestOutput(**{name: values.get(name) for name in given})
