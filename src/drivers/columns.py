"""Every request of one measurement as columns: `RequestColumns` of src/schema/driver-protocol.ts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from metrics import request_times, seen


def request_columns(outputs: Sequence[Any]) -> dict[str, list[Any]]:
    """A value a request, in the order in which they were sent; None where this vLLM does not tell."""
    missing = metrics_missing(outputs) is not None
    stats = [None if missing else getattr(output, "metrics", None) for output in outputs]
    times = [request_times(output) for output in outputs]
    return {
        "prompt_tokens": [len(output.prompt_token_ids or ()) for output in outputs],
        "output_tokens": [len(output.outputs[0].token_ids) for output in outputs],
        "cached_tokens": [getattr(output, "num_cached_tokens", None) for output in outputs],
        "finish_reason": [output.outputs[0].finish_reason for output in outputs],
        "preemptions": [getattr(stat, "num_preemptions", None) for stat in stats],
        "arrival_unix_s": [seen(stat, "arrival_time") for stat in stats],
        "queued_ts": [time.queued_ts for time in times],
        "scheduled_ts": [time.scheduled_ts for time in times],
        "first_token_ts": [time.first_token_ts for time in times],
        "last_token_ts": [time.last_token_ts for time in times],
        "first_token_latency_s": [seen(stat, "first_token_latency") for stat in stats],
    }


def metrics_missing(outputs: Sequence[Any]) -> str | None:
    """Why there are no per-request times; None when there are some.

    V1 fills `RequestOutput.metrics` from vLLM 0.11.1 on, if the engine was built with disable_log_stats=False. V0's
    RequestMetrics are wall-clock times of another meaning: they are left out, not mixed in.
    """
    kinds = {type(output.metrics).__name__ for output in outputs if getattr(output, "metrics", None) is not None}
    if any(any(value is not None for value in request_times(output)) for output in outputs):
        return None
    if not kinds:
        return "RequestOutput.metrics is None: vLLM before 0.11.1, or --disable-log-stats"
    if "RequestMetrics" in kinds:
        return "RequestOutput.metrics holds wall-clock RequestMetrics of the V0 engine, which are not used"
    return f"RequestOutput.metrics is a {' or '.join(sorted(kinds))} without queued, scheduled and token time stamps"
