from __future__ import annotations

from enum import Enum
from types import SimpleNamespace
from typing import Any

import pytest
from engine_report import engine_report


class Method(Enum):
    FP8 = "fp8"


def config(**cache: Any) -> Any:
    model = SimpleNamespace(model="some/model", dtype="torch.bfloat16", quantization=Method.FP8, max_model_len=4096)
    return SimpleNamespace(
        model_config=model,
        cache_config=SimpleNamespace(cache_dtype="fp8", **cache),
        parallel_config=SimpleNamespace(tensor_parallel_size=2, pipeline_parallel_size=1),
        scheduler_config=SimpleNamespace(max_num_seqs=256, max_num_batched_tokens=8192),
        device_config=SimpleNamespace(device_type="cuda"),
    )


def test_what_the_engine_tells() -> None:
    told = {
        "block_size": 16,
        "num_gpu_blocks": 1000,
        "kv_cache_size_tokens": 12_345,
        "gpu_memory_utilization": 0.9,
        "enable_prefix_caching": False,
    }
    assert engine_report(config(**told), "0.32.0") == {
        "vllm_version": "0.32.0",
        "device_type": "cuda",
        "model": "some/model",
        "dtype": "bfloat16",
        "quantization": "fp8",
        "kv_cache_dtype": "fp8",
        "tensor_parallel_size": 2,
        "pipeline_parallel_size": 1,
        "max_model_len": 4096,
        "max_num_seqs": 256,
        "max_num_batched_tokens": 8192,
        "gpu_memory_utilization": 0.9,
        "enable_prefix_caching": False,
        "block_size": 16,
        "kv_cache_tokens": 12_345,
        "enforce_eager": None,
    }


def test_what_it_does_not_tell_is_null() -> None:
    assert set(engine_report(SimpleNamespace(), None).values()) == {None}


@pytest.mark.parametrize(
    ("cache", "tokens"),
    [
        ({"num_gpu_blocks": 1000, "block_size": 16}, 16_000),
        ({"num_gpu_blocks": None, "block_size": 16}, None),
        ({"num_gpu_blocks": 0, "block_size": 16}, None),
        ({"num_gpu_blocks": 1000, "block_size": 16, "kv_cache_size_tokens": None}, 16_000),
    ],
)
def test_tokens_from_blocks_where_the_engine_counts_no_tokens(cache: dict[str, Any], tokens: int | None) -> None:
    assert engine_report(config(**cache), None)["kv_cache_tokens"] == tokens


def test_a_whole_number_is_a_fraction_too() -> None:
    assert engine_report(config(gpu_memory_utilization=1), None)["gpu_memory_utilization"] == 1.0
