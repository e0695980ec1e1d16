"""The life of one resident engine: load it, measure every job in turn, say so on stdout, write the files."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from ask_workers import UNKNOWN, ask_workers, let_workers_be_asked
from atomic_file import write_atomically
from columns import metrics_missing, request_columns
from engine import build_engine, max_model_len, model_vocabulary, parse_flags, vllm_config
from engine_death import is_dead, watch_engine_processes
from engine_report import engine_report
from events import emit, one_line, say
from heartbeat import start_heartbeat
from launch_file import METHOD_VERSION, PROTOCOL, Launch, Measurement
from measure import Engine, generate, leave_nothing_to_collect, measure
from probe import vllm_version
from prompts import allowed_ids
from result_lines import result_lines
from steady import Steadiness

DRIVER = "resident"
METHOD = METHOD_VERSION[DRIVER]


def run(launch: Launch, flags: list[str], loaded: list[Any]) -> int:
    """The exit code. The engine is put into `loaded` as soon as there is one, so that the caller can shut it down."""
    started = time.perf_counter()
    emit("driver_started", driver=DRIVER, method=METHOD, vllm_version=vllm_version())
    launch.out_dir.mkdir(parents=True, exist_ok=True)
    emit("engine_loading")
    args = parse_flags(flags)
    askable = let_workers_be_asked(args)
    llm = build_engine(args)
    loaded.append(llm)
    ids = allowed_ids(llm.get_tokenizer(), model_vocabulary(llm))
    engine = Engine(llm, ids, detokenize=not args.disable_detokenize)
    answer_one_request(engine)
    watch_engine_processes()
    start_heartbeat(llm)
    report = {**engine_report(vllm_config(llm), vllm_version()), **(ask_workers(llm) if askable else UNKNOWN)}
    leave_nothing_to_collect()
    emit("engine_ready", seconds=time.perf_counter() - started, engine=report)
    steadiness = Steadiness()
    for measurement in launch.measurements:
        if steadiness.wants(measurement.job) and not attempt(engine, measurement, launch.out_dir, report, steadiness):
            return 1
    emit("driver_done")
    return 0


def attempt(
    engine: Engine, measurement: Measurement, out_dir: Path, report: dict[str, Any], steadiness: Steadiness
) -> bool:
    """One measurement and its lines; False when the engine cannot be used any more."""
    job, repeat = measurement
    emit("job_begin", job=job.id, run_name=job.run_name, repeat=repeat)
    try:
        file_name, output_tokens_per_s = measure_and_write(engine, measurement, out_dir, report)
    except Exception as error:
        emit("job_failed", job=job.id, repeat=repeat, error=one_line(error))
        return not is_dead(error) and still_answers(engine)
    emit("job_end", job=job.id, repeat=repeat, file=file_name)
    steadiness.measured(job, output_tokens_per_s)
    return True


def measure_and_write(
    engine: Engine, measurement: Measurement, out_dir: Path, report: dict[str, Any]
) -> tuple[str, float]:
    """The name of the file, and output tokens per second."""
    job, repeat = measurement
    if job.prompt_len + job.output_len > max_model_len(engine.llm):
        # vLLM would cut the output short without a word.
        raise ValueError(
            f"prompt_len {job.prompt_len} + output_len {job.output_len} is more than "
            f"the engine's max_model_len {max_model_len(engine.llm)}"
        )
    measured = measure(engine, job, repeat)
    columns, missing = request_columns(measured.outputs), metrics_missing(measured.outputs)
    document = {
        "protocol": PROTOCOL,
        "driver": DRIVER,
        "method": METHOD,
        "job_id": job.id,
        "run_name": job.run_name,
        "repeat": repeat,
        "vllm_version": report["vllm_version"],
        "asked": job.as_json(),
        "engine": report,
        "phases": measured.phases,
        "elapsed_s": measured.elapsed_s,
        "cache_reset": measured.cache_reset,
        "warmup_requests": measured.warmup_requests,
        "metrics_missing": missing,
        "started_unix_s": measured.started_unix_s,
        "requests": columns,
    }
    path = out_dir / f"{job.id}.r{repeat}.json"
    write_atomically(path, [json.dumps(document, allow_nan=False), "\n"])
    for line in result_lines(columns, measured.elapsed_s, missing):
        say(line)
    return path.name, sum(columns["output_tokens"]) / measured.elapsed_s


def still_answers(engine: Engine) -> bool:
    """After a failure: finish what is left in the engine, then see whether it still works."""
    try:
        while engine.llm.llm_engine.has_unfinished_requests():
            engine.llm.llm_engine.step()
        answer_one_request(engine)
    except Exception as error:
        say(f"driver: the engine does not answer any more: {one_line(error)}")
        return False
    return True


def answer_one_request(engine: Engine) -> None:
    """32 tokens and no fewer: on CPUs with AMX a first prompt of 3 tokens has killed the worker with SIGILL."""
    length = max(1, min(32, max_model_len(engine.llm) - 2))
    prompt = [engine.allowed_ids[i % len(engine.allowed_ids)] for i in range(length)]
    generate(engine, [prompt], max_tokens=2)
