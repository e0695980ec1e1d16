"""What a running engine shows of its configuration."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from vllm.standin.facts import FACTS, MAX_MODEL_LEN


def config(name: str, **values: Any) -> Any:
    """What this version's class has, with these values where it has them, and None."""
    known = FACTS["platform"] if name == "platform" else FACTS["configs"][name]
    made = SimpleNamespace(**dict.fromkeys(known["attributes"]))
    for field, value in values.items():
        if field in known["attributes"] or field in known["methods"]:
            setattr(made, field, value)
    return made


current_platform = config("platform", device_type="cpu", device_count=lambda: 1)


def vllm_config(given: dict[str, Any]) -> Any:
    return config(
        "vllm_config",
        model_config=config(
            "model_config",
            model=given["model"],
            max_model_len=MAX_MODEL_LEN,
            dtype="torch.bfloat16",
            quantization=given.get("quantization"),
            enforce_eager=bool(given.get("enforce_eager")),
            get_vocab_size=lambda: 90,
        ),
        cache_config=config(
            "cache_config",
            cache_dtype="auto",
            block_size=16,
            gpu_memory_utilization=0.5,
            enable_prefix_caching=True,
            num_gpu_blocks=None,
            kv_cache_size_tokens=4096,
        ),
        parallel_config=config(
            "parallel_config", tensor_parallel_size=int(given["tensor_parallel_size"] or 1), pipeline_parallel_size=1
        ),
        scheduler_config=config("scheduler_config", max_num_seqs=128, max_num_batched_tokens=2048),
        device_config=config("device_config", device_type="cpu"),
    )
