"""What a vLLM can do, read from its source files: nothing of it is imported, and no engine is needed.

What cannot be read, because a version has moved it or because this Python cannot parse it, is an empty list or false.
"""

from __future__ import annotations

import ast
from typing import Any

from online_quantization import online_quantization
from source_files import Sources, assigned, calls_of, literal, name_of, strings

THROUGHPUT = "benchmarks/throughput.py"
QUANTIZATION = "model_executor/layers/quantization/__init__.py"
# Platforms that take a part of --quantization only, and where that part is written.
PLATFORM_FILES = {"rocm": "platforms/rocm.py", "tpu": "platforms/tpu.py"}


def capabilities(vllm: Sources, platform: str | None, plugin: Sources | None = None) -> dict[str, Any]:
    """`vllm`: the package's folder; `plugin`: that of tpu_inference, which brings vLLM's TPU platform."""
    supported = platform_methods(vllm, platform, plugin)
    quantization = [
        name for name in literal(vllm, QUANTIZATION, "QuantizationMethods") if not supported or name in supported
    ]
    length_flags = calls_of(vllm, THROUGHPUT, "add_random_dataset_base_args", mention="add_random_dataset_base_args")
    flags = calls_of(vllm, THROUGHPUT, "add_argument", mention="--num-warmups")
    return {
        "bench": bench_subcommands(vllm),
        "random_length_flags": len(length_flags) > 0,
        "num_warmups": any("--num-warmups" in strings(argument) for call in flags for argument in call.args),
        "request_metrics": gives_metrics(vllm),
        "quantization": quantization,
        "deprecated_quantization": literal(vllm, QUANTIZATION, "DEPRECATED_QUANTIZATION_METHODS"),
        "online_quantization": online_quantization(vllm, platform, quantization),
        "kv_cache_dtypes": kv_cache_dtypes(vllm),
    }


def bench_subcommands(vllm: Sources) -> list[str]:
    """Each is a class of its own file; up to 0.9 it named itself in its constructor."""
    found: set[str] = set()
    for name in vllm.names("entrypoints/cli/benchmark"):
        for node in vllm.nodes(name, "(BenchmarkSubcommandBase)"):
            if isinstance(node, ast.ClassDef) and "BenchmarkSubcommandBase" in map(name_of, node.bases):
                found.update(strings(assigned(ast.walk(node), "name")))
    return sorted(found)


def gives_metrics(vllm: Sources) -> bool:
    """Whether the V1 engine hands a request's times on with its output."""
    made = calls_of(vllm, "v1/engine/output_processor.py", "RequestOutput", mention="metrics=")
    return any(keyword.arg == "metrics" for call in made for keyword in call.keywords)


def kv_cache_dtypes(vllm: Sources) -> list[str]:
    for file in ("config/cache.py", "config/__init__.py", "config.py"):
        if found := literal(vllm, file, "CacheDType"):
            return found
    return []


def platform_methods(vllm: Sources, platform: str | None, plugin: Sources | None) -> list[str]:
    """The only methods that the platform takes; empty where it takes them all."""
    if platform == "tpu" and plugin is not None:
        return literal(plugin, "platforms/tpu_platform.py", "supported_quantization")
    return literal(vllm, PLATFORM_FILES[platform], "supported_quantization") if platform in PLATFORM_FILES else []
