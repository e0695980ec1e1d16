"""One measurement: warm up, reset the prefix cache, warm the prefixes, and time `LLM.generate` of all prompts."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from engine_death import EngineProcessDeadError
from launch_file import Job
from prompts import WARMUP, make_prefixes, make_prompts


class Engine(NamedTuple):
    """A loaded engine; `allowed_ids` are the token ids that prompts are made of."""

    llm: Any
    allowed_ids: list[int]
    detokenize: bool


class Measured(NamedTuple):
    """`phases`: seconds by step. `elapsed_s` is phases["measure_s"]: `LLM.generate` and nothing else."""

    outputs: list[Any]
    elapsed_s: float
    phases: dict[str, float]
    cache_reset: bool | None
    warmup_requests: int
    started_unix_s: float


def measure(engine: Engine, job: Job, repeat: int) -> Measured:
    phases: dict[str, float] = {}
    with timed(phases, "prompts_s"):
        prompts = make_prompts(job, repeat, engine.allowed_ids)
        warmups = make_prompts(job, repeat, engine.allowed_ids, WARMUP, job.warmups)
        warm = job.prefix_state == "warm" and job.shared_len > 0
        prefixes = make_prefixes(job, repeat, engine.allowed_ids) if warm else []
    with timed(phases, "warmup_s"):
        warmed = generate(engine, warmups, job.output_len)
    with timed(phases, "reset_s"):
        cache_reset = reset_prefix_cache(engine.llm)
    with timed(phases, "prefix_s"):
        generate(engine, prefixes, max_tokens=1)
    request = prepared(engine, prompts, job.output_len)
    leave_nothing_to_collect()
    started_unix_s = time.time()
    with timed(phases, "measure_s"):
        outputs = engine.llm.generate(*request, use_tqdm=False)
    if len(outputs) != job.num_prompts:
        raise RuntimeError(f"{job.num_prompts} prompts were sent and {len(outputs)} outputs came back")
    refuse_aborted(outputs)
    return Measured(outputs, phases["measure_s"], phases, cache_reset, len(warmed), started_unix_s)


def refuse_aborted(outputs: list[Any]) -> None:
    """An engine core that is told to end (SIGINT) gives what it has, as if that were the answer, and goes."""
    aborted = sum(output.outputs[0].finish_reason == "abort" for output in outputs)
    if aborted:
        raise EngineProcessDeadError(f"the engine aborted {aborted} of {len(outputs)} requests")


def leave_nothing_to_collect() -> None:
    """No garbage of the last measurement is collected inside this one, and what lives now is not looked through again.

    vLLM freezes its engine processes for the same reason (freeze_gc_heap). Without it a collection of the front end's
    two million objects costs a good part of a second, before every measurement. Frozen objects are still freed when
    nothing refers to them.
    """
    gc.collect()
    gc.freeze()


def generate(engine: Engine, prompts: list[list[int]], max_tokens: int) -> list[Any]:
    if not prompts:
        return []
    outputs: list[Any] = engine.llm.generate(*prepared(engine, prompts, max_tokens), use_tqdm=False)
    return outputs


def prepared(engine: Engine, prompts: list[list[int]], max_tokens: int) -> tuple[list[Any], list[Any]]:
    """The arguments of `LLM.generate`; the sampling parameters are those of `vllm bench throughput`, one a request."""
    from vllm import SamplingParams

    sampling = [
        SamplingParams(
            n=1,
            temperature=1.0,
            top_p=1.0,
            ignore_eos=True,
            max_tokens=max_tokens,
            detokenize=engine.detokenize,
        )
        for _ in prompts
    ]
    return [{"prompt_token_ids": prompt} for prompt in prompts], sampling


def reset_prefix_cache(llm: Any, patience_s: float = 2.0) -> bool | None:
    """What vLLM says: True, False (requests still hold blocks), or None from versions before 0.12, which do not tell.

    The last step's blocks may be freed a moment after its outputs came back, so False is asked again.
    """
    deadline = time.monotonic() + patience_s
    while (answer := llm.reset_prefix_cache()) is False and time.monotonic() < deadline:
        time.sleep(0.05)
    return answer if isinstance(answer, bool) else None


@contextmanager
def timed(phases: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    phases[name] = time.perf_counter() - start
