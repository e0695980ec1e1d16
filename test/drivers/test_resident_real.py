"""resident.py on the installed vLLM and the tiny model; in one process, as test_real_deaths.py has the engine's own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from driver_process import IN_PROCESS, events, job, run
from metrics import RequestTimes, mean, percentile, tpot_tokens_per_s, ttft_s

pytestmark = pytest.mark.real_vllm

PLAIN = job("plain", prompt_len=300, output_len=8)
# The same prompts once more: they would be found in the cache if it were not reset.
AGAIN = job("again", prompt_len=300, output_len=8)
LONG = job("long", prompt_len=600, output_len=4, warmups=0)
# vLLM's blocks have 128 tokens on a CPU: 2 whole ones of the 300 shared tokens can be cached.
WARM = job("warm", prompt_len=320, shared_len=300, num_prefixes=2, prefix_state="warm")
COLD = job("cold", prompt_len=320, shared_len=300, prefix_state="cold", num_prompts=3)
TOO_LONG = job("too-long", prompt_len=2045)
MEASUREMENTS = [
    (PLAIN, 0),
    (AGAIN, 0),
    (LONG, 0),
    (TOO_LONG, 0),
    (WARM, 0),
    (COLD, 0),
    (PLAIN, 1),
    (LONG, 1),
    (WARM, 1),
]
VALID = [(spec, repeat) for spec, repeat in MEASUREMENTS if spec is not TOO_LONG]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, engine_flags: list[str]) -> Iterator[Any]:
    directory = tmp_path_factory.mktemp("resident")
    jobs = [PLAIN, AGAIN, LONG, TOO_LONG, WARM, COLD]
    launch = {
        "protocol": 1,
        "launch_id": "real",
        "out_dir": str(directory / "out"),
        "jobs": jobs,
        "measurements": [{"job": jobs.index(spec), "repeat": repeat} for spec, repeat in MEASUREMENTS],
    }
    (directory / "launch.json").write_text(json.dumps(launch))
    ran = run("resident.py", "--launch", str(directory / "launch.json"), "--", *engine_flags, env=IN_PROCESS)
    ran.out = directory / "out"
    yield ran


def written(ran: Any, spec: dict[str, Any], repeat: int) -> Any:
    return json.loads((Path(ran.out) / f"{spec['id']}.r{repeat}.json").read_text())


def test_it_walks_through_the_list(ran: Any) -> None:
    assert ran.returncode == 0, ran.stderr
    begun = [event["job"] for event in events(ran.stdout) if event["event"] == "job_begin"]
    assert begun == [spec["id"] for spec, _ in MEASUREMENTS]
    ended = [(event["job"], event["repeat"]) for event in events(ran.stdout) if event["event"] == "job_end"]
    assert ended == [(spec["id"], repeat) for spec, repeat in VALID]
    assert events(ran.stdout)[-1] == {"event": "driver_done"}


def test_a_prompt_that_is_too_long_costs_only_its_own_measurement(ran: Any) -> None:
    (failed,) = [event for event in events(ran.stdout) if event["event"] == "job_failed"]
    assert failed["job"] == "too-long"
    assert "2045" in failed["error"]
    assert "2048" in failed["error"]


@pytest.mark.parametrize(("spec", "repeat"), VALID, ids=lambda value: str(value["id"] if "id" in str(value) else value))
def test_exact_counts_and_times_in_order(ran: Any, spec: dict[str, Any], repeat: int) -> None:
    requests = written(ran, spec, repeat)["requests"]
    count = spec["num_prompts"]
    assert requests["prompt_tokens"] == [spec["prompt_len"]] * count
    assert requests["output_tokens"] == [spec["output_len"]] * count
    assert requests["finish_reason"] == ["length"] * count
    assert requests["preemptions"] == [0] * count
    for request in range(count):
        names = ("queued_ts", "scheduled_ts", "first_token_ts", "last_token_ts")
        stamps = [requests[name][request] for name in names]
        assert stamps == sorted(stamps)
        assert stamps[-1] > stamps[0] > 0
        assert requests["first_token_latency_s"][request] > 0
    assert set(map(len, requests.values())) == {count}


def test_plain_prompts_find_nothing_in_the_cache(ran: Any) -> None:
    for spec, repeat in ((PLAIN, 0), (AGAIN, 0), (PLAIN, 1), (LONG, 0), (LONG, 1)):
        assert written(ran, spec, repeat)["requests"]["cached_tokens"] == [0] * 4


def test_warm_prefixes_are_found_by_every_request_and_cold_ones_by_all_but_the_first(ran: Any) -> None:
    for repeat in (0, 1):
        assert written(ran, WARM, repeat)["requests"]["cached_tokens"] == [256] * 4
    # All three are scheduled in one step: vLLM lets later ones of a step use what the first is about to compute.
    cold = written(ran, COLD, 0)["requests"]["cached_tokens"]
    assert cold[0] == 0
    assert set(cold[1:]) <= {0, 256}


def test_what_the_engine_says(ran: Any, model: Path) -> None:
    document = written(ran, PLAIN, 0)
    (ready,) = [event for event in events(ran.stdout) if event["event"] == "engine_ready"]
    assert document["engine"] == ready["engine"]
    assert document["metrics_missing"] is None
    assert document["cache_reset"] is True
    assert document["warmup_requests"] == 1
    assert document["asked"] == {**PLAIN, "until": None}
    assert document["engine"]["model"] == str(model)
    assert document["engine"]["max_model_len"] == 2048
    assert document["engine"]["dtype"] == "bfloat16"
    assert document["engine"]["enforce_eager"] is True
    assert document["engine"]["enable_prefix_caching"] is True
    assert document["engine"]["kv_cache_tokens"] > 2048
    assert None not in {**document["engine"], "quantization": ""}.values()


def test_elapsed_time_is_that_of_generate_alone(ran: Any) -> None:
    document = written(ran, PLAIN, 1)
    stamps = document["requests"]
    engine_s = max(stamps["last_token_ts"]) - min(stamps["queued_ts"])
    assert document["elapsed_s"] == document["phases"]["measure_s"]
    assert engine_s <= document["elapsed_s"] < engine_s + 0.5


def test_the_lines_on_stdout_say_what_the_file_says(ran: Any) -> None:
    for spec, repeat in VALID:
        document = written(ran, spec, repeat)
        requests, elapsed = document["requests"], document["elapsed_s"]
        lines = lines_of(ran.stdout, spec["id"], repeat)
        prompt_tokens, output_tokens = sum(requests["prompt_tokens"]), sum(requests["output_tokens"])
        times = [RequestTimes(*row) for row in zip(*(requests[field] for field in RequestTimes._fields))]
        ttft = [ttft_s(time) for time in times]
        tpot = [tpot_tokens_per_s(time, count) for time, count in zip(times, requests["output_tokens"])]
        assert lines == [
            f"Throughput: {len(times) / elapsed:.2f} requests/s, {(prompt_tokens + output_tokens) / elapsed:.2f} "
            f"total tokens/s, {output_tokens / elapsed:.2f} output tokens/s",
            f"Total num prompt tokens:  {prompt_tokens}",
            f"Total num output tokens:  {output_tokens}",
            f"Average TTFT (s): {mean(ttft):.6f}",
            f"P99 TTFT (s): {percentile(ttft, 99):.6f}",
            f"Average TPOT (tokens/s): {mean(tpot):.4f}",
            f"P99 TPOT (tokens/s): {percentile(tpot, 99):.4f}",
        ]


def lines_of(stdout: str, job_id: str, repeat: int) -> list[str]:
    """The result lines between job_begin and job_end of one measurement."""
    inside = stdout.split(f'"job": "{job_id}", "run_name": "run {job_id}", "repeat": {repeat}}}\n')[1]
    result = re.compile(r"^(Throughput|Total num|Average|P99)")
    return [line for line in inside.split('{"event": "job_end"')[0].splitlines() if result.match(line)]
