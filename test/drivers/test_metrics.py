from __future__ import annotations

import random

import pytest
from metrics import (
    decode_s,
    mean,
    percentile,
    prefill_s,
    queue_s,
    request_times,
    tpot_tokens_per_s,
    ttft_s,
)
from request_output import output, stats


def test_formulas_of_one_request() -> None:
    # queue 101 - 100 = 1, prefill 103.5 - 101 = 2.5, ttft 103.5 - 100 = 3.5, decode 105.5 - 103.5 = 2,
    # and (5 - 1) tokens / 2 s = 2 tokens/s
    times = request_times(output(stats(queued=100.0, scheduled=101.0, first=103.5, last=105.5)))
    assert queue_s(times) == 1.0
    assert prefill_s(times) == 2.5
    assert ttft_s(times) == 3.5
    assert decode_s(times) == 2.0
    assert tpot_tokens_per_s(times, output_tokens=5) == 2.0


def test_arrival_time_is_another_clock_and_is_never_used() -> None:
    early = request_times(output(stats(100.0, 101.0, 103.5, 105.5, arrival_time=1.0)))
    late = request_times(output(stats(100.0, 101.0, 103.5, 105.5, arrival_time=9e9)))
    assert early == late


def test_one_output_token_has_a_ttft_and_no_tpot() -> None:
    times = request_times(output(stats(queued=100.0, scheduled=101.0, first=103.5, last=103.5), output_tokens=1))
    assert ttft_s(times) == 3.5
    assert tpot_tokens_per_s(times, output_tokens=1) is None
    later = request_times(output(stats(queued=100.0, scheduled=101.0, first=103.5, last=104.5), output_tokens=1))
    assert tpot_tokens_per_s(later, output_tokens=1) is None


def test_tokens_that_all_came_at_one_time_stamp_have_no_rate() -> None:
    times = request_times(output(stats(queued=100.0, scheduled=101.0, first=103.5, last=103.5)))
    assert tpot_tokens_per_s(times, output_tokens=5) is None


def test_zero_is_not_seen_and_not_a_time() -> None:
    times = request_times(output(stats(queued=100.0, scheduled=0.0, first=103.5, last=0.0)))
    assert times.scheduled_ts is None
    assert queue_s(times) is None
    assert prefill_s(times) is None
    assert decode_s(times) is None
    assert tpot_tokens_per_s(times, output_tokens=5) is None
    assert ttft_s(times) == 3.5


def test_no_metrics_give_no_times() -> None:
    assert set(request_times(output(metrics=None))) == {None}
    assert set(request_times(object())) == {None}


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([7.0], 99, 7.0),
        # position 0.99 * 3 = 2.97 between 30 and 40: 30 + 0.97 * 10
        ([40.0, 10.0, 30.0, 20.0], 99, 39.7),
        # position 0.5 * 3 = 1.5 between 20 and 30
        ([40.0, 10.0, 30.0, 20.0], 50, 25.0),
        ([1.0, 2.0], 0, 1.0),
        ([1.0, 2.0], 100, 2.0),
        ([1.0, None, 3.0], 50, 2.0),
        ([None], 99, None),
        ([], 99, None),
    ],
)
def test_percentile(values: list[float | None], percent: float, expected: float | None) -> None:
    assert percentile(values, percent) == (None if expected is None else pytest.approx(expected, rel=1e-12))


def test_percentile_is_that_of_numpy() -> None:
    numpy = pytest.importorskip("numpy")
    generator = random.Random(0)
    for size in range(1, 60):
        values = [generator.gauss(0, 10) for _ in range(size)]
        for percent in (0, 1, 33.3, 50, 95, 99, 100):
            assert percentile(values, percent) == pytest.approx(float(numpy.percentile(values, percent)), rel=1e-12)


def test_mean_leaves_out_what_is_not_known() -> None:
    assert mean([1.0, None, 2.0]) == 1.5
    assert mean([None]) is None
