"""Flags of `vllm bench throughput` -> the engine that it would build, whatever the version (0.8.5 to 0.32 were read).

By capability, never by version number: a name that moved is looked for in both places.
"""

from __future__ import annotations

import dataclasses
from typing import Any

STOCK_ONLY = {
    "backend": "vllm",
    "async_engine": False,
    "enable_lora": False,
    "n": 1,
    "prequeue_requests": False,
    "profile": False,
}
"""Flags that change how requests are sent, with the value that changes nothing. Ignored, they would give a wrong name
to what was measured."""


def parse_flags(flags: list[str]) -> Any:
    """The namespace that `vllm.benchmarks.throughput.main` would work with, its defaults filled in as it does."""
    from vllm.benchmarks.throughput import add_cli_args

    parser = flexible_argument_parser()(prog="vllm bench throughput")
    add_cli_args(parser)
    args = parser.parse_args(flags)
    for flag, neutral in STOCK_ONLY.items():
        if getattr(args, flag, None) not in (neutral, None):
            parser.error(f"--{flag.replace('_', '-')}: only vLLM's own benchmark does this (driver: stock)")
    args.tokenizer = args.tokenizer or args.model
    args.seed = 0 if args.seed is None else args.seed
    return args


def flexible_argument_parser() -> Any:
    try:
        from vllm.utils.argparse_utils import FlexibleArgumentParser
    except ImportError:  # until 0.11 it was in vllm.utils itself
        from vllm.utils import FlexibleArgumentParser
    return FlexibleArgumentParser


def build_engine(args: Any) -> Any:
    """An `LLM` made as the stock benchmark makes it: never by `LLM(model=...)`, which has other defaults.

    EngineArgs leaves `disable_log_stats` False where `LLM` alone would make it True, and without these statistics there
    are no per-request times.
    """
    from vllm import LLM
    from vllm.engine.arg_utils import EngineArgs

    engine_args = EngineArgs.from_cli_args(args)
    if hasattr(LLM, "from_engine_args"):
        return LLM.from_engine_args(engine_args)
    return LLM(**dataclasses.asdict(engine_args))


def model_vocabulary(llm: Any) -> int | None:
    get_vocab_size = getattr(vllm_config(llm).model_config, "get_vocab_size", None)
    return None if get_vocab_size is None else int(get_vocab_size())


def max_model_len(llm: Any) -> int:
    return int(vllm_config(llm).model_config.max_model_len)


def vllm_config(llm: Any) -> Any:
    return llm.llm_engine.vllm_config
