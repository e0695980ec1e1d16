"""What one worker of the engine holds in memory, counted inside its own process; `ask_workers.py` adds them up.

Run by path in a worker (`WorkerReport` of resident.py), so nothing here may import a sibling.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def worker_report(worker: Any) -> dict[str, Any]:
    """`weights` and `kv_cache_bytes` of this worker alone; plain values only, they are sent to another process."""
    runner = worker.model_runner
    model = runner.get_model() if hasattr(runner, "get_model") else runner.model
    by_dtype = bytes_by_dtype(model)
    return {
        "weights": {"bytes": sum(by_dtype.values()), "by_dtype": by_dtype, "methods": methods(model)},
        "kv_cache_bytes": kv_cache_bytes(getattr(runner, "kv_caches", None)),
    }


def bytes_by_dtype(model: Any) -> dict[str, int]:
    """Bytes of parameters and buffers by torch dtype; memory that two names share counts once.

    Buffers that are no part of a checkpoint, such as the tables of rotary embeddings, are no weights.
    """
    largest: dict[int, tuple[str, int]] = {}
    for tensor in (*model.parameters(), *persistent_buffers(model)):
        size = tensor.numel() * tensor.element_size()
        if size > 0 and tensor.device.type != "meta":
            address = tensor.untyped_storage().data_ptr()
            if address not in largest or largest[address][1] < size:
                largest[address] = (dtype_name(tensor.dtype), size)
    found: dict[str, int] = {}
    for name, size in [*largest.values(), *repacked(model)]:
        found[name] = found.get(name, 0) + size
    return found


def persistent_buffers(model: Any) -> Iterator[Any]:
    for module in model.modules():
        derived = getattr(module, "_non_persistent_buffers_set", ())
        yield from (buffer for name, buffer in module.named_buffers(recurse=False) if name not in derived)


def repacked(model: Any) -> Iterator[tuple[str, int]]:
    """Weights that a CPU keeps in a layout of oneDNN's, out of torch's sight, where an empty parameter is left behind.

    They are as large as their shape says: repacking a layer that is not quantized does not change its elements.
    """
    for layer in model.modules():
        weight = getattr(layer, "weight", None)
        shape = [per_rank(layer, "input_size"), per_rank(layer, "output_size")]
        dtype = getattr(layer, "params_dtype", None)
        if weight is None or weight.numel() > 0 or None in shape or dtype is None:
            continue
        if method_name(layer).startswith("Unquantized"):
            yield dtype_name(dtype), shape[0] * shape[1] * dtype.itemsize


def per_rank(layer: Any, name: str) -> Any:
    """`input_size_per_partition` where the layer is split, `input_size` where every worker has all of it."""
    return getattr(layer, f"{name}_per_partition", getattr(layer, name, None))


def methods(model: Any) -> dict[str, int]:
    """How many linear layers and expert blocks have which quantization method."""
    seen: set[int] = set()
    found: dict[str, int] = {}
    for layer in model.modules():
        name = method_name(layer)
        if not name:
            continue
        # A block of experts may show its one method at two levels; linear layers may share one object.
        shown = id(layer.quant_method) if is_a(layer.quant_method, "FusedMoEMethodBase") else id(layer)
        if shown not in seen:
            seen.add(shown)
            found[name] = found.get(name, 0) + 1
    return found


def method_name(layer: Any) -> str:
    """Class of a linear layer's or expert block's method, with that of its scheme where the method has several.

    Empty for embeddings, attention and layers without a method. A class derived from an `Unquantized...` one, as
    routers have it, is that one.
    """
    method = getattr(layer, "quant_method", None)
    method = getattr(method, "old_quant_method", method)
    if not (is_a(method, "LinearMethodBase") or is_a(method, "FusedMoEMethodBase")):
        return ""
    names = [base.__name__ for base in type(method).__mro__]
    name = next((base for base in names if base.startswith("Unquantized")), names[0])
    scheme = getattr(layer, "scheme", None)
    return name if scheme is None else f"{name}:{type(scheme).__name__}"


def is_a(value: Any, class_name: str) -> bool:
    """By name, since the modules of these classes moved between versions."""
    return any(base.__name__ == class_name for base in type(value).__mro__)


def kv_cache_bytes(caches: Any) -> int | None:
    """Bytes behind the tensors of the KV cache, each storage once: layers may be views of one allocation."""
    storages = {storage.data_ptr(): storage.nbytes() for storage in map(storage_of, tensors_in(caches))}
    return sum(storages.values()) or None


def storage_of(tensor: Any) -> Any:
    return tensor.untyped_storage()


def tensors_in(caches: Any) -> Iterator[Any]:
    """A list of tensors, of tuples of them (key and value; states of Mamba), or a dict by layer."""
    if isinstance(caches, dict):
        caches = list(caches.values())
    if isinstance(caches, (list, tuple)):
        for cache in caches:
            yield from tensors_in(cache)
    elif hasattr(caches, "untyped_storage"):
        yield caches


def dtype_name(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")
