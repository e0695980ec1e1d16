"""The lines that a measurement prints: those of `vllm bench throughput`, then the source document's four."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from metrics import RequestTimes, mean, percentile, tpot_tokens_per_s, ttft_s


def result_lines(columns: Mapping[str, Sequence[Any]], elapsed_s: float, missing: str | None) -> list[str]:
    """Printed from the same columns that the file holds, so the two cannot disagree.

    P99 TPOT is the fast side: a rate in tokens per second, not a time.
    """
    prompt_tokens, output_tokens = sum(columns["prompt_tokens"]), sum(columns["output_tokens"])
    requests_per_s = len(columns["prompt_tokens"]) / elapsed_s
    total_per_s = (prompt_tokens + output_tokens) / elapsed_s
    stamps = (columns[field] for field in RequestTimes._fields)
    times = [RequestTimes(*row) for row in zip(*stamps)]
    ttft = [ttft_s(time) for time in times]
    tpot = [tpot_tokens_per_s(time, count) for time, count in zip(times, columns["output_tokens"])]
    no_ttft = missing or "no request has a queued and a first-token time stamp"
    no_tpot = missing or "no request has a second output token at a later time"
    return [
        f"Throughput: {requests_per_s:.2f} requests/s, {total_per_s:.2f} total tokens/s, "
        f"{output_tokens / elapsed_s:.2f} output tokens/s",
        f"Total num prompt tokens:  {prompt_tokens}",
        f"Total num output tokens:  {output_tokens}",
        f"Average TTFT (s): {number(mean(ttft), 6, no_ttft)}",
        f"P99 TTFT (s): {number(percentile(ttft, 99), 6, no_ttft)}",
        f"Average TPOT (tokens/s): {number(mean(tpot), 4, no_tpot)}",
        f"P99 TPOT (tokens/s): {number(percentile(tpot, 99), 4, no_tpot)}",
    ]


def number(value: float | None, decimals: int, reason: str) -> str:
    return f"n/a ({reason})" if value is None else f"{value:.{decimals}f}"
