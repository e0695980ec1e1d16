"""`LLM`, every public method with its own parameters; those that the drivers call have an answer."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

from vllm.standin.configuration import vllm_config
from vllm.standin.facts import FACTS, IS_V0, function, log, not_here
from vllm.standin.outputs import one_output


class Tokenizer:
    all_special_ids = (0, 1)

    def __len__(self) -> int:
        return 100


def start(given: dict[str, Any]) -> None:
    llm, more = given.pop("self"), given.pop("kwargs")
    unknown = [name for name in [*more] if name not in FACTS["engine_args"]]
    if unknown:
        raise TypeError(f"EngineArgs.__init__() got an unexpected keyword argument '{unknown[0]}'")
    log(call="LLM", **given, **more)
    llm.log_stats = not more.get("disable_log_stats", True)
    llm.kv_tokens = {}
    engine = SimpleNamespace(**dict.fromkeys(FACTS["llm_engine"]["attributes"]))
    engine.vllm_config = vllm_config({**given, **more})
    engine.has_unfinished_requests = lambda: False
    llm.llm_engine = engine


def generate(given: dict[str, Any]) -> list[Any]:
    llm, prompts, sampling = given["self"], given["prompts"], given["sampling_params"]
    ids = [prompt["prompt_token_ids"] for prompt in prompts]
    log(call="generate", lengths=[len(prompt) for prompt in ids], use_tqdm=given["use_tqdm"])
    time.sleep(0.002)
    return [one_output(llm, position, prompt, sampling[position]) for position, prompt in enumerate(ids)]


def reset_prefix_cache(_: dict[str, Any]) -> bool | None:
    log(call="reset_prefix_cache")
    return True if FACTS["llm_engine"]["reset_prefix_cache_returns"] or IS_V0 else None


def collective_rpc(given: dict[str, Any]) -> list[Any]:
    """One worker, and what worker_report.py says of a model of one layer."""
    log(call="collective_rpc", method=given["method"])
    weights = {"bytes": 8, "by_dtype": {"bfloat16": 8}, "methods": {"UnquantizedLinearMethod": 1}}
    return [{"weights": weights, "kv_cache_bytes": 4096}]


ANSWERS = {
    "collective_rpc": collective_rpc,
    "__init__": start,
    "get_tokenizer": lambda _: Tokenizer(),
    "reset_prefix_cache": reset_prefix_cache,
    "generate": generate,
    "from_engine_args": lambda given: given["cls"](**vars(given["engine_args"])),
}
METHODS = {
    name: function(name, parameters, ANSWERS.get(name, not_here(name))) for name, parameters in FACTS["llm"].items()
}
LLM = type(
    "LLM",
    (),
    {name: classmethod(made) if FACTS["llm"][name].startswith("cls") else made for name, made in METHODS.items()},
)
