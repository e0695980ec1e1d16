"""The driver's engine is the one that `vllm bench throughput` would build from the same command line."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from engine import build_engine, parse_flags

pytestmark = [pytest.mark.real_vllm, pytest.mark.filterwarnings("ignore")]

STOCK_WORKLOAD = ["--random-input-len", "8", "--random-output-len", "8", "--num-prompts", "1"]


class BuiltError(Exception):
    """Carries what the engine would have been built from."""


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    vllm = pytest.importorskip("vllm")

    def stop_here(_llm: Any, *arguments: Any, **engine_args: Any) -> None:
        raise BuiltError(arguments, engine_args)

    monkeypatch.setenv("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
    monkeypatch.setattr(vllm.LLM, "__init__", stop_here)


def built_by_driver(flags: list[str]) -> Any:
    with pytest.raises(BuiltError) as built:
        build_engine(parse_flags(flags))
    return built.value.args


def built_by_stock_benchmark(flags: list[str]) -> Any:
    from vllm.benchmarks.throughput import add_cli_args, main
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    parser = FlexibleArgumentParser()
    add_cli_args(parser)
    with pytest.raises(BuiltError) as built:
        main(parser.parse_args([*flags, *STOCK_WORKLOAD]))
    return built.value.args


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize(
    "flags",
    [
        [],
        ["--quantization", "fp8_per_channel", "--kv-cache-dtype", "fp8"],
        ["-q", "fp8_per_block", "--dtype", "bfloat16", "--max_model_len=1024"],
        ["-tp", "2", "--max-num-seqs", "64", "--max-num-batched-tokens", "8192"],
        ["--hf-overrides", '{"rope_theta": 5000.0}', "--seed", "3"],
        ["-cc.mode=0", "--no-enable-prefix-caching", "--disable-log-stats"],
        ["--compilation-config", '{"mode": 0, "cudagraph_capture_sizes": [1, 2]}', "--block-size", "64"],
        ["--enforce-eager", "--gpu-memory-utilization", "0.5", "--tokenizer-mode", "hf", "--disable-detokenize"],
        ["--kv-cache-memory-bytes", "268435456", "--max-model-len", "2k", "--async-scheduling"],
    ],
    ids=" ".join,
)
def test_the_same_arguments_and_the_same_configuration(model: Path, flags: list[str]) -> None:
    from vllm.engine.arg_utils import EngineArgs

    flags = ["--model", str(model), *flags]
    ours, stock = built_by_driver(flags), built_by_stock_benchmark(flags)
    assert ours == stock
    assert ours[1]["disable_log_stats"] is ("--disable-log-stats" in flags)
    assert ours[1]["model"] == str(model)
    (_, our_args), (_, stock_args) = ours, stock
    our_config = EngineArgs(**our_args).create_engine_config()
    stock_config = EngineArgs(**stock_args).create_engine_config()
    assert comparable(our_config) == comparable(stock_config)
    assert our_config.compute_hash() == stock_config.compute_hash()


def comparable(config: Any) -> dict[str, Any]:
    """Every part of a VllmConfig. Its instance id is made from the clock, and its quantization object has no `==`."""
    parts = {field.name: getattr(config, field.name) for field in dataclasses.fields(config)}
    parts.pop("instance_id", None)
    quantization = parts["quant_config"]
    parts["quant_config"] = (type(quantization), repr(sorted(vars(quantization))) if quantization else None)
    return parts
