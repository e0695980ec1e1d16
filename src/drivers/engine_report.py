"""What the engine itself says it runs with (`EngineReport` of src/schema/engine.ts); None where it does not tell."""

from __future__ import annotations

from typing import Any, TypeVar

T = TypeVar("T")


def engine_report(config: Any, vllm_version: str | None) -> dict[str, Any]:
    """Read from vLLM's `VllmConfig` after start-up, when the engine has settled what it decides for itself."""
    model = getattr(config, "model_config", None)
    cache = getattr(config, "cache_config", None)
    parallel = getattr(config, "parallel_config", None)
    scheduler = getattr(config, "scheduler_config", None)
    return {
        "vllm_version": vllm_version,
        "device_type": text(getattr(config, "device_config", None), "device_type"),
        "model": text(model, "model"),
        "dtype": text(model, "dtype"),
        "quantization": text(model, "quantization"),
        "kv_cache_dtype": text(cache, "cache_dtype"),
        "tensor_parallel_size": typed(parallel, "tensor_parallel_size", int),
        "pipeline_parallel_size": typed(parallel, "pipeline_parallel_size", int),
        "max_model_len": typed(model, "max_model_len", int),
        "max_num_seqs": typed(scheduler, "max_num_seqs", int),
        "max_num_batched_tokens": typed(scheduler, "max_num_batched_tokens", int),
        "gpu_memory_utilization": real(cache, "gpu_memory_utilization"),
        "enable_prefix_caching": typed(cache, "enable_prefix_caching", bool),
        "block_size": typed(cache, "block_size", int),
        "kv_cache_tokens": kv_cache_tokens(cache),
        "enforce_eager": typed(model, "enforce_eager", bool),
    }


def kv_cache_tokens(cache: Any) -> int | None:
    """Tokens that the KV cache holds: `kv_cache_size_tokens` (0.24.0 on), since blocks mislead for hybrid models.

    Older multiprocess engines do not tell the front end how many blocks they have: None.
    """
    tokens = typed(cache, "kv_cache_size_tokens", int)
    blocks, block_size = typed(cache, "num_gpu_blocks", int), typed(cache, "block_size", int)
    if tokens is None and blocks and block_size:
        return blocks * block_size
    return tokens


def text(owner: Any, field: str) -> str | None:
    """As words: `torch.bfloat16` is `bfloat16`, an enum member is its value."""
    value = getattr(owner, field, None)
    value = getattr(value, "value", value)
    return None if value is None else str(value).removeprefix("torch.")


def typed(owner: Any, field: str, kind: type[T]) -> T | None:
    value = getattr(owner, field, None)
    return value if type(value) is kind else None


def real(owner: Any, field: str) -> float | None:
    value = getattr(owner, field, None)
    return float(value) if isinstance(value, (int, float)) else None
