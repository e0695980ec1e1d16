from __future__ import annotations

from columns import metrics_missing, request_columns
from request_output import RequestMetrics, output, stats
from result_lines import result_lines

# Two requests. TTFT: 1.5 - 1 = 0.5 s and 3.5 - 1 = 2.5 s: mean 1.5, P99 0.5 + 0.99 * 2 = 2.48.
# TPOT: (5 - 1) / (2.5 - 1.5) = 4 and (3 - 1) / (7.5 - 3.5) = 0.5 tokens/s: mean 2.25, P99 0.5 + 0.99 * 3.5 = 3.965.
FIRST = output(stats(1.0, 1.25, 1.5, 2.5, num_preemptions=0), prompt_tokens=100, output_tokens=5)
SECOND = output(stats(1.0, 3.0, 3.5, 7.5, num_preemptions=2), prompt_tokens=60, output_tokens=3, cached=16)


def test_a_value_a_request_in_order() -> None:
    assert request_columns([FIRST, SECOND]) == {
        "prompt_tokens": [100, 60],
        "output_tokens": [5, 3],
        "cached_tokens": [0, 16],
        "finish_reason": ["length", "length"],
        "preemptions": [0, 2],
        "arrival_unix_s": [1_700_000_000.5, 1_700_000_000.5],
        "queued_ts": [1.0, 1.0],
        "scheduled_ts": [1.25, 3.0],
        "first_token_ts": [1.5, 3.5],
        "last_token_ts": [2.5, 7.5],
        "first_token_latency_s": [0.75, 0.75],
    }


def test_lines_of_two_requests() -> None:
    # 2 requests, 160 prompt and 8 output tokens in 4 s
    assert result_lines(request_columns([FIRST, SECOND]), elapsed_s=4.0, missing=None) == [
        "Throughput: 0.50 requests/s, 42.00 total tokens/s, 2.00 output tokens/s",
        "Total num prompt tokens:  160",
        "Total num output tokens:  8",
        "Average TTFT (s): 1.500000",
        "P99 TTFT (s): 2.480000",
        "Average TPOT (tokens/s): 2.2500",
        "P99 TPOT (tokens/s): 3.9650",
    ]


def test_without_metrics_times_are_null_with_the_reason_and_tokens_stay() -> None:
    outputs = [output(metrics=None, cached=None)]
    columns, missing = request_columns(outputs), metrics_missing(outputs)
    assert columns["output_tokens"] == [5]
    nulls = {name for name, values in columns.items() if values == [None]}
    assert nulls == {*columns} - {"prompt_tokens", "output_tokens", "finish_reason"}
    assert missing is not None
    assert "0.11.1" in missing
    lines = result_lines(columns, 2.0, missing)
    assert lines[0] == "Throughput: 0.50 requests/s, 7.50 total tokens/s, 2.50 output tokens/s"
    assert lines[3:] == [
        f"Average TTFT (s): n/a ({missing})",
        f"P99 TTFT (s): n/a ({missing})",
        f"Average TPOT (tokens/s): n/a ({missing})",
        f"P99 TPOT (tokens/s): n/a ({missing})",
    ]


def test_wall_clock_metrics_of_v0_are_left_out() -> None:
    v0 = RequestMetrics(arrival_time=1e9, first_token_time=1e9 + 1, last_token_time=1e9 + 2, time_in_queue=0.5)
    outputs = [output(v0)]
    assert "V0" in (metrics_missing(outputs) or "")
    assert request_columns(outputs)["arrival_unix_s"] == [None]


def test_statistics_without_any_time_stamp_count_as_missing() -> None:
    assert "RequestStateStats" in (metrics_missing([output(stats())]) or "")


def test_one_request_with_times_is_enough() -> None:
    outputs = [output(stats(1.0, 2.0, 3.0, 4.0)), output(metrics=None)]
    assert metrics_missing(outputs) is None
    assert request_columns(outputs)["queued_ts"] == [1.0, None]


def test_preemptions_are_null_before_0_30() -> None:
    assert request_columns([output(stats(1.0, 2.0, 3.0, 4.0))])["preemptions"] == [None]


def test_one_output_token_each_has_no_tpot_and_says_so() -> None:
    outputs = [output(stats(1.0, 1.25, 1.5, 1.5), output_tokens=1)]
    lines = result_lines(request_columns(outputs), 1.0, metrics_missing(outputs))
    assert lines[3] == "Average TTFT (s): 0.500000"
    assert lines[5] == "Average TPOT (tokens/s): n/a (no request has a second output token at a later time)"
