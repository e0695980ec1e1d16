"""Asks every worker of the engine what it holds; what cannot be asked is None, and never costs a launch."""

from __future__ import annotations

import sys
from typing import Any

from events import one_line

EXTENSION = "__main__.WorkerReport"
"""vLLM mixes this class of resident.py into its workers. Engine processes that are spawned import the driver's file as
their own `__main__`, and those that are forked have it already: no folder of ours has to be on their sys.path."""

METHOD = "orchestrate_report"
UNKNOWN: dict[str, Any] = {"weights": None, "kv_cache_bytes": None}

PATIENCE_S = 60.0

ASKABLE = ("cpu", "cuda")
"""`device_type` of vLLM's platforms; ROCm calls itself cuda. On a TPU the weights are no torch tensors."""


def let_workers_be_asked(args: Any) -> bool:
    """Sets --worker-extension-cls; False, and nothing set, where that could fail or is the user's own."""
    if getattr(args, "worker_extension_cls", None) != "":
        return False
    try:
        askable = workers_run_this_file(args)
    except Exception as error:
        complain(error)
        return False
    args.worker_extension_cls = EXTENSION if askable else ""
    return askable


def workers_run_this_file(args: Any) -> bool:
    """Ray's workers and those of other hosts have another `__main__`."""
    from vllm.platforms import current_platform

    device = getattr(current_platform, "device_type", None)
    ray = "ray" in (getattr(args, "distributed_executor_backend", None), getattr(args, "data_parallel_backend", None))
    if device not in ASKABLE or ray or (getattr(args, "nnodes", None) or 1) > 1:
        return False
    if getattr(args, "distributed_executor_backend", None) is not None or device == "cpu":
        return getattr(args, "distributed_executor_backend", None) in (None, "mp", "uni")
    # With more workers than devices here, vLLM takes Ray by itself.
    workers = (args.tensor_parallel_size or 1) * (args.pipeline_parallel_size or 1)
    return workers <= int(current_platform.device_count())


def ask_workers(llm: Any) -> dict[str, Any]:
    """`weights` and `kv_cache_bytes` of an EngineReport, summed over the workers."""
    try:
        return summed(llm.collective_rpc(METHOD, timeout=PATIENCE_S))
    except Exception as error:
        complain(error)
        return UNKNOWN


def complain(error: Exception) -> None:
    print(f"driver: the workers do not tell what they hold: {one_line(error)}", file=sys.stderr, flush=True)


def summed(reports: list[dict[str, Any]]) -> dict[str, Any]:
    if not reports:
        return UNKNOWN
    weights = [report["weights"] for report in reports]
    caches = [report["kv_cache_bytes"] for report in reports]
    return {
        "weights": {
            "bytes": sum(weight["bytes"] for weight in weights),
            "by_dtype": counted([weight["by_dtype"] for weight in weights]),
            "methods": counted([weight["methods"] for weight in weights]),
        },
        "kv_cache_bytes": None if None in caches else sum(caches),
    }


def counted(parts: list[dict[str, int]]) -> dict[str, int]:
    names = sorted({name for part in parts for name in part})
    return {name: sum(part.get(name, 0) for part in parts) for name in names}
