"""The real drivers against the recorded signatures of each version.

The stand-ins are built from what was read out of the published packages (record_signatures.py). What is expected here
was written by hand, from reading each version's source: what a version's outputs carry and what its calls answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from driver_process import events, job, run
from standin_version import facts_of, recorded_versions, write_standin_version
from test_contract import node

PLAIN = job("plain", prompt_len=64, warmups=2)
SHARED = job("shared", prompt_len=64, shared_len=48, num_prefixes=2, prefix_state="warm", num_prompts=6)


class Known(NamedTuple):
    """What a version's V1 engine tells of a request, and what its calls answer."""

    cached_tokens: bool = True
    times: bool = True
    first_token_latency: bool = True
    preemptions: bool = False
    reset_answers: bool = True
    legacy_lengths: bool = False
    names_the_model: bool = False
    kv_cache_tokens: bool = False


# `RequestOutput.metrics` is None before 0.11.1, `num_cached_tokens` before 0.9.1; `reset_prefix_cache` says nothing
# before 0.12.0; preemptions of a request came with 0.30.0, `--random-input-len` with 0.14.0, `model_id` with 0.31.0,
# the size of the KV cache in tokens by 0.24.0.
OLD = Known(times=False, first_token_latency=False, reset_answers=False, legacy_lengths=True)
MIDDLE = Known(legacy_lengths=True)
NEW = Known(kv_cache_tokens=True)
EXPECTED = {
    "0.8.5": OLD._replace(cached_tokens=False),
    "0.9.2": OLD,
    "0.10.2": OLD,
    "0.11.0.post2": OLD,
    "0.11.1": MIDDLE._replace(reset_answers=False),
    "0.11.2": MIDDLE._replace(reset_answers=False),
    "0.12.0": MIDDLE,
    "0.13.0": MIDDLE,
    "0.14.0": Known(),
    "0.15.1": Known(),
    "0.17.1": Known(),
    "0.19.1": Known(),
    "0.20.2": Known(),
    "0.24.0": NEW,
    "0.27.1": NEW,
    "0.28.0": NEW,
    "0.29.0": NEW,
    "0.30.0": NEW._replace(preemptions=True),
    "0.31.0": NEW._replace(preemptions=True, names_the_model=True),
    "0.32.0": NEW._replace(preemptions=True, names_the_model=True),
}
VERSIONS = recorded_versions()
every_version = pytest.mark.parametrize("version", VERSIONS)


class Surroundings(NamedTuple):
    env: dict[str, str]
    log: Path

    def calls(self, name: str) -> list[dict[str, Any]]:
        found = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [call for call in found if call["call"] == name]


@pytest.fixture
def standin(tmp_path: Path) -> Callable[[str], Surroundings]:
    def build(version: str) -> Surroundings:
        log = tmp_path / "calls"
        directory = write_standin_version(tmp_path / version, version)
        return Surroundings({"PYTHONPATH": str(directory), "STANDIN_LOG": str(log)}, log)

    return build


def test_every_recorded_version_is_expected_to_do_something() -> None:
    assert list(EXPECTED) == VERSIONS


@every_version
def test_the_resident_driver(
    version: str, tmp_path: Path, standin: Callable[[str], Surroundings], write_launch: Callable[..., Path]
) -> None:
    known, around = EXPECTED[version], standin(version)
    launch = write_launch([(PLAIN, 0), (SHARED, 0)])
    flags = ["--model", "some/model", "--tensor-parallel-size", "2", "--enforce-eager", "--max-model-len", "512"]
    ran = run("resident.py", "--launch", str(launch), "--", *flags, env=around.env)
    assert ran.returncode == 0, ran.stderr
    assert [event["event"] for event in events(ran.stdout)] == [
        *["driver_started", "engine_loading", "engine_ready"],
        *["job_begin", "job_end"] * 2,
        "driver_done",
    ]
    assert events(ran.stdout)[0]["vllm_version"] == version
    (built,) = around.calls("LLM")
    assert (built["model"], built["tensor_parallel_size"], built["enforce_eager"]) == ("some/model", 2, True)
    assert built["disable_log_stats"] is False
    assert built["worker_extension_cls"] == "__main__.WorkerReport"
    # 32 tokens before anything else; then warm-ups, the prefixes where there are some, and what is measured.
    assert [call["lengths"] for call in around.calls("generate")] == [
        *[[32], [64] * 2, [64] * 4],
        *[[64] * 1, [48] * 2, [64] * 6],
    ]
    assert len(around.calls("reset_prefix_cache")) == 2
    for spec in (PLAIN, SHARED):
        check(json.loads((tmp_path / "out" / f"{spec['id']}.r0.json").read_text()), spec, version, known)


def check(written: dict[str, Any], spec: dict[str, Any], version: str, known: Known) -> None:
    count, requests = spec["num_prompts"], written["requests"]
    assert written["vllm_version"] == written["engine"]["vllm_version"] == version
    assert written["cache_reset"] is (True if known.reset_answers else None)
    assert requests["prompt_tokens"] == [64] * count
    assert requests["output_tokens"] == [8] * count
    assert requests["finish_reason"] == ["length"] * count
    assert requests["cached_tokens"] == [0 if known.cached_tokens else None] * count
    assert requests["queued_ts"] == [100.0 if known.times else None] * count
    assert requests["scheduled_ts"] == [100.5 + i if known.times else None for i in range(count)]
    assert requests["first_token_ts"] == [101.0 + i if known.times else None for i in range(count)]
    assert requests["last_token_ts"] == [102.0 + i if known.times else None for i in range(count)]
    latency = known.times and known.first_token_latency
    assert requests["first_token_latency_s"] == [1.5 + i if latency else None for i in range(count)]
    assert requests["preemptions"] == [1 if known.preemptions else None] * count
    if known.times:
        assert written["metrics_missing"] is None
    else:
        assert written["metrics_missing"].startswith("RequestOutput.metrics is None: vLLM before 0.11.1")
    engine = written["engine"]
    assert (engine["model"], engine["dtype"], engine["max_model_len"]) == ("some/model", "bfloat16", 512)
    assert (engine["tensor_parallel_size"], engine["enforce_eager"]) == (2, True)
    assert (engine["max_num_seqs"], engine["max_num_batched_tokens"], engine["block_size"]) == (128, 2048, 16)
    assert (engine["gpu_memory_utilization"], engine["device_type"]) == (0.5, "cpu")
    assert engine["weights"]["by_dtype"] == {"bfloat16": 8}
    assert engine["kv_cache_tokens"] == (4096 if known.kv_cache_tokens else None)


def test_events_and_files_satisfy_the_schemas(
    tmp_path: Path, standin: Callable[[str], Surroundings], write_launch: Callable[..., Path]
) -> None:
    """On a version of each kind: nothing known of a request, times without preemptions, everything."""
    said, written = [], []
    for version in ("0.8.5", "0.20.2", "0.32.0"):
        flags = ["--model", "some/model"]
        ran = run("resident.py", "--launch", str(write_launch([(SHARED, 0)])), "--", *flags, env=standin(version).env)
        said.extend(events(ran.stdout))
        written.append(json.loads((tmp_path / "out" / "shared.r0.json").read_text()))
    assert node("DriverEvent", *said) == said
    assert node("MeasurementFile", *written) == written


@every_version
def test_the_stock_driver(version: str, tmp_path: Path, standin: Callable[[str], Surroundings]) -> None:
    known, around = EXPECTED[version], standin(version)
    prefix = "" if known.legacy_lengths else "random-"
    lengths = [f"--{prefix}input-len", "100", f"--{prefix}output-len", "8", f"--{prefix}prefix-len", "20"]
    flags = ["--model", "some/model", "--dataset-name", "random", "--num-prompts", "4", "--seed", "3", *lengths]
    output = tmp_path / "not" / "yet" / "output.json"
    ours = ["--job", "3f9a", "--run-name", "chat", "--repeat", "1", "--output-json", str(output)]
    ran = run("stock.py", *ours, "--", *flags, env=around.env)
    assert ran.returncode == 0, ran.stderr
    assert events(ran.stdout) == [
        {"event": "driver_started", "driver": "stock", "method": 1, "vllm_version": version},
        {"event": "job_begin", "job": "3f9a", "run_name": "chat", "repeat": 1},
        {"event": "job_end", "job": "3f9a", "repeat": 1, "file": str(output)},
        {"event": "driver_done"},
    ]
    (asked,) = around.calls("main")
    assert (asked["model"], asked["seed"], asked["num_prompts"]) == ("some/model", 3, 4)
    assert "Total num prompt tokens:  400\n" in ran.stdout
    written = json.loads(output.read_text())
    assert written["num_requests"] == 4
    assert ("model_id" in written) is known.names_the_model


@pytest.mark.parametrize("version", ["0.8.5", "0.13.0", "0.14.0", "0.32.0"])
def test_length_flags_that_a_version_does_not_have_are_exit_2(
    version: str, tmp_path: Path, standin: Callable[[str], Surroundings]
) -> None:
    around = standin(version)
    ours = ["--job", "3f9a", "--run-name", "chat", "--repeat", "1", "--output-json", str(tmp_path / "output.json")]
    ran = run("stock.py", *ours, "--", "--model", "some/model", "--random-input-len", "100", env=around.env)
    assert ran.returncode == (2 if EXPECTED[version].legacy_lengths else 0)
    if EXPECTED[version].legacy_lengths:
        assert "unrecognized arguments: --random-input-len 100" in ran.stderr
        assert events(ran.stdout)[-1]["event"] == "job_failed"


@pytest.mark.parametrize("version", [name for name in VERSIONS if facts_of(name)["v0_request_metrics"] is not None])
def test_wall_clock_times_of_the_v0_engine_are_not_taken_for_times(
    version: str, tmp_path: Path, standin: Callable[[str], Surroundings], write_launch: Callable[..., Path]
) -> None:
    around = standin(version)
    launch = write_launch([(PLAIN, 0)])
    env = {**around.env, "STANDIN_ENGINE": "V0"}
    ran = run("resident.py", "--launch", str(launch), "--", "--model", "some/model", env=env)
    assert ran.returncode == 0, ran.stderr
    written = json.loads((tmp_path / "out" / "plain.r0.json").read_text())
    assert "wall-clock RequestMetrics of the V0 engine" in written["metrics_missing"]
    for column in ("arrival_unix_s", "queued_ts", "first_token_ts", "first_token_latency_s", "preemptions"):
        assert written["requests"][column] == [None] * 4
    assert written["requests"]["cached_tokens"] == [0] * 4


def test_the_versions_with_a_v0_engine() -> None:
    """Its last release is 0.10.2: `vllm/engine/llm_engine.py` is another name of V1's from 0.11.0 on."""
    assert [name for name in VERSIONS if facts_of(name)["v0_request_metrics"] is not None] == [
        "0.8.5",
        "0.9.2",
        "0.10.2",
    ]
