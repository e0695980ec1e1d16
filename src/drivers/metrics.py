"""The formulas of one request's times, on anything that looks like a vLLM `RequestOutput`.

Sources: vLLM's own `IterationStats.update_from_finished_request` (vllm/v1/stats.py, later vllm/v1/metrics/stats.py)
for queue, prefill and decode; the source document for TPOT in tokens per second.

Every formula uses the engine's monotonic clock (`*_ts`, seconds) and no other: `arrival_time` is wall clock, and a
difference between the two is meaningless. 0.0 is vLLM's "has not happened": None here, and None is what a formula gives
for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple


class RequestTimes(NamedTuple):
    """Engine time stamps of one request in seconds; None where the engine did not tell."""

    queued_ts: float | None = None
    scheduled_ts: float | None = None
    first_token_ts: float | None = None
    last_token_ts: float | None = None


def request_times(output: Any) -> RequestTimes:
    metrics = getattr(output, "metrics", None)
    return RequestTimes(*(seen(metrics, field) for field in RequestTimes._fields))


def seen(metrics: Any, field: str) -> float | None:
    """A time stamp or duration in seconds; None when it is absent or 0.0, vLLM's initial value."""
    value = getattr(metrics, field, None)
    return float(value) if isinstance(value, (int, float)) and value != 0 else None


def queue_s(times: RequestTimes) -> float | None:
    """From the scheduler's queue to the first step that works on it; seconds."""
    return difference(times.scheduled_ts, times.queued_ts)


def prefill_s(times: RequestTimes) -> float | None:
    """From the first step to the first token, preemptions included; seconds."""
    return difference(times.first_token_ts, times.scheduled_ts)


def decode_s(times: RequestTimes) -> float | None:
    """From the first token to the last, preemptions included; seconds."""
    return difference(times.last_token_ts, times.first_token_ts)


def ttft_s(times: RequestTimes) -> float | None:
    """From the queue to the first token, in the engine; seconds. With all requests queued at once, mostly waiting."""
    return difference(times.first_token_ts, times.queued_ts)


def tpot_tokens_per_s(times: RequestTimes, output_tokens: int) -> float | None:
    """(n - 1) / (last_token_ts - first_token_ts): output tokens per second after the first one.

    None for one token: nothing came after it. None when all tokens came at one time stamp: no rate can be told.
    """
    decode = decode_s(times)
    if output_tokens < 2 or decode is None or decode <= 0:
        return None
    return (output_tokens - 1) / decode


def difference(end: float | None, start: float | None) -> float | None:
    return None if end is None or start is None else end - start


def mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known else None


def percentile(values: Iterable[float | None], percent: float) -> float | None:
    """Linear interpolation between order statistics (Hyndman-Fan type 7, as in numpy and R)."""
    known: Sequence[float] = sorted(value for value in values if value is not None)
    if not known:
        return None
    position = (len(known) - 1) * percent / 100
    below = math.floor(position)
    above = min(below + 1, len(known) - 1)
    return known[below] + (known[above] - known[below]) * (position - below)
