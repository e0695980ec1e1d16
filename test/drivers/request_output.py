"""Stand-ins for vLLM's RequestOutput: the fields that the drivers read, with fixed values."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any


class RequestStateStats(SimpleNamespace):
    """vllm.v1.metrics.stats.RequestStateStats; every time stamp is 0.0 until its event is seen."""


class RequestMetrics(SimpleNamespace):
    """vllm.sequence.RequestMetrics of the V0 engine: wall-clock times under other names."""


def stats(queued: float = 0.0, scheduled: float = 0.0, first: float = 0.0, last: float = 0.0, **more: Any) -> Any:
    return RequestStateStats(
        queued_ts=queued,
        scheduled_ts=scheduled,
        first_token_ts=first,
        last_token_ts=last,
        **{"arrival_time": 1_700_000_000.5, "first_token_latency": 0.75, **more},
    )


def output(metrics: Any, prompt_tokens: int = 10, output_tokens: int = 5, cached: int | None = 0) -> Any:
    return SimpleNamespace(
        prompt_token_ids=[1] * prompt_tokens,
        outputs=[SimpleNamespace(token_ids=[2] * output_tokens, finish_reason="length")],
        metrics=metrics,
        num_cached_tokens=cached,
    )
