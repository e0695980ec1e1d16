"""resident.py on a stand-in for vLLM 0.8.5: the order of its steps, an old API, and what it does about failures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driver_process import events, job, run
from standin_vllm import write_standin

PREFIXED = job("b", prompt_len=40, shared_len=32, num_prefixes=2, prefix_state="warm", warmups=3, num_prompts=5)


class Ran:
    def __init__(self, process: Any, log: Path, out: Path) -> None:
        self.code, self.stdout, self.stderr = process.returncode, process.stdout, process.stderr
        self.events = events(process.stdout)
        self.calls = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        self.files = {path.name: json.loads(path.read_text()) for path in sorted(out.glob("*"))}

    def named(self, event: str) -> list[dict[str, Any]]:
        return [entry for entry in self.events if entry["event"] == event]


@pytest.fixture
def resident(tmp_path: Path, write_launch: Callable[..., Path]) -> Callable[..., Ran]:
    def call(measurements: list[tuple[dict[str, Any], int]], *flags: str, failure: str = "") -> Ran:
        log = tmp_path / "calls"
        env = {
            "PYTHONPATH": str(write_standin(tmp_path / "standin")),
            "STANDIN_LOG": str(log),
            "STANDIN_FAILURE": failure,
        }
        launch = write_launch(measurements)
        process = run("resident.py", "--launch", str(launch), "--", "--model", "some/model", *flags, env=env)
        return Ran(process, log, tmp_path / "out")

    return call


def test_the_steps_of_a_measurement_in_order(resident: Callable[..., Ran]) -> None:
    ran = resident([(PREFIXED, 0)])
    assert ran.code == 0, ran.stderr
    engine, first, warmup, reset, prefix, measured = ran.calls
    assert engine == {
        "call": "LLM",
        "model": "some/model",
        "tokenizer": "some/model",
        "seed": 0,
        "disable_log_stats": False,
    }
    assert [len(prompt) for prompt in first["prompts"]] == [32]
    assert [len(prompt) for prompt in warmup["prompts"]] == [40] * 3
    assert reset == {"call": "reset_prefix_cache"}
    assert [len(prompt) for prompt in prefix["prompts"]] == [32] * 2
    assert prefix["sampling"][0]["max_tokens"] == 1
    assert [prompt[:32] for prompt in measured["prompts"]] == [prefix["prompts"][i % 2] for i in range(5)]
    assert not {tuple(prompt[:8]) for prompt in warmup["prompts"]} & {tuple(prompt[:8]) for prompt in prefix["prompts"]}
    assert {token for prompt in measured["prompts"] for token in prompt} <= set(range(2, 90))
    assert (
        measured["sampling"]
        == [{"n": 1, "temperature": 1.0, "top_p": 1.0, "ignore_eos": True, "max_tokens": 8, "detokenize": True}] * 5
    )
    assert measured["use_tqdm"] is False


def test_cold_prefixes_and_jobs_without_prefix_send_none_beforehand(resident: Callable[..., Ran]) -> None:
    ran = resident([({**PREFIXED, "prefix_state": "cold"}, 0), (job("a", prefix_state="warm", warmups=0), 0)])
    assert [len(call["prompts"]) for call in ran.calls if call["call"] == "generate"] == [1, 3, 5, 4]


def test_repeats_and_engines_get_their_prompts(resident: Callable[..., Ran]) -> None:
    a = job("a", warmups=0)
    ran = resident([(a, 0), (a, 1), (a, 0)])
    first, second, again = [call["prompts"] for call in ran.calls if call["call"] == "generate"][1:]
    assert first == again
    assert first != second


def test_detokenizing_is_left_out_when_the_flag_says_so(resident: Callable[..., Ran]) -> None:
    ran = resident([(job("a"), 0)], "--disable-detokenize")
    assert ran.calls[-1]["sampling"][0]["detokenize"] is False


def test_what_an_old_vllm_does_not_tell_is_null_with_the_reason(resident: Callable[..., Ran]) -> None:
    ran = resident([(job("a"), 2)])
    written = ran.files["a.r2.json"]
    assert written["vllm_version"] == "0.8.5"
    assert written["cache_reset"] is None
    assert "0.11.1" in written["metrics_missing"]
    assert written["requests"]["cached_tokens"] == [None] * 4
    assert written["requests"]["first_token_ts"] == [None] * 4
    assert written["requests"]["prompt_tokens"] == [64] * 4
    assert written["engine"]["kv_cache_tokens"] is None
    assert written["engine"]["tensor_parallel_size"] is None
    assert written["engine"]["dtype"] == "float16"
    assert f"Average TTFT (s): n/a ({written['metrics_missing']})" in ran.stdout


def test_events_in_order(resident: Callable[..., Ran]) -> None:
    ran = resident([(job("a"), 0), (job("b"), 0)])
    begin_to_end = ["job_begin", "job_end"]
    assert [entry["event"] for entry in ran.events] == [
        "driver_started",
        "engine_loading",
        "engine_ready",
        *begin_to_end * 2,
        "driver_done",
    ]
    assert ran.events[3] == {"event": "job_begin", "job": "a", "run_name": "run a", "repeat": 0}
    assert ran.events[4] == {"event": "job_end", "job": "a", "repeat": 0, "file": "a.r0.json"}


def test_a_measurement_that_fails_does_not_cost_the_others(resident: Callable[..., Ran]) -> None:
    ran = resident([(job("a"), 0), (job("b", num_prompts=3), 0), (job("c"), 0)], failure="once")
    assert ran.code == 0
    assert [entry["job"] for entry in ran.named("job_end")] == ["a", "c"]
    (failed,) = ran.named("job_failed")
    assert failed == {"event": "job_failed", "job": "b", "repeat": 0, "error": "RuntimeError: out of something"}
    assert sorted(ran.files) == ["a.r0.json", "c.r0.json"]


@pytest.mark.parametrize("failure", ["dead", "broken", "abort"])
def test_an_engine_that_died_ends_the_driver(resident: Callable[..., Ran], failure: str) -> None:
    ran = resident([(job("a"), 0), (job("b", num_prompts=3), 0), (job("c"), 0)], failure=failure)
    assert ran.code == 1
    assert [entry["event"] for entry in ran.events[3:]] == ["job_begin", "job_end", "job_begin", "job_failed"]
    assert sorted(ran.files) == ["a.r0.json"]


def test_an_output_that_would_be_cut_short_is_refused(resident: Callable[..., Ran]) -> None:
    ran = resident([(job("a", prompt_len=505), 0), (job("b", prompt_len=504), 0)])
    (failed,) = ran.named("job_failed")
    assert "prompt_len 505 + output_len 8 is more than the engine's max_model_len 512" in failed["error"]
    assert [entry["job"] for entry in ran.named("job_end")] == ["b"]


def test_an_engine_that_does_not_start_shows_its_traceback(resident: Callable[..., Ran]) -> None:
    ran = resident([(job("a"), 0)], failure="start")
    assert ran.code == 1
    assert ran.stderr.rstrip().endswith("RuntimeError: EngineCore failed to start.")
    assert [entry["event"] for entry in ran.events] == ["driver_started", "engine_loading"]


def test_a_flag_that_does_not_exist_is_exit_2(tmp_path: Path, write_launch: Callable[..., Path]) -> None:
    env = {"PYTHONPATH": str(write_standin(tmp_path / "standin")), "STANDIN_LOG": str(tmp_path / "calls")}
    ran = run("resident.py", "--launch", str(write_launch([])), "--", "--no-such-flag", env=env)
    assert ran.returncode == 2
    assert "unrecognized arguments: --no-such-flag" in ran.stderr


def test_flags_that_only_the_stock_benchmark_honours_are_refused(resident: Callable[..., Ran]) -> None:
    for flags in (["--n", "2"], ["--async-engine"], ["--backend", "hf"]):
        ran = resident([(job("a"), 0)], *flags)
        assert ran.code == 2
        assert f"{flags[0]}: only vLLM's own benchmark does this" in ran.stderr
    assert resident([(job("a"), 0)], "--n", "1", "--backend", "vllm").code == 0


def test_another_protocol_is_refused(tmp_path: Path, write_launch: Callable[..., Path]) -> None:
    launch = write_launch([])
    launch.write_text(launch.read_text().replace('"protocol": 1', '"protocol": 2'))
    ran = run("resident.py", "--launch", str(launch), "--")
    assert ran.returncode == 1
    assert "protocol 2, this driver speaks protocol 1" in ran.stderr
