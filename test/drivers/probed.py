"""What the probe says of a vLLM made of a few files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from driver_process import DRIVERS

NOTHING_READ = {
    "bench": [],
    "random_length_flags": False,
    "num_warmups": False,
    "request_metrics": False,
    "quantization": [],
    "deprecated_quantization": [],
    "online_quantization": {},
    "kv_cache_dtypes": [],
}


def probed(*directories: Path) -> Any:
    """By an isolated Python that finds nothing but the standard library and `directories`."""
    path = [str(DRIVERS), *map(str, directories)]
    source = f"import sys; sys.path[:0] = {path!r}\nimport json, probe; print(json.dumps(probe.probe()))"
    done = subprocess.run([sys.executable, "-ISc", source], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def answer(*directories: Path) -> Any:
    """Without what its validity hangs on."""
    return {key: value for key, value in probed(*directories).items() if key not in ("executable", "depends_on")}


def write(directory: Path, **files: str) -> Path:
    """A vLLM of these files; `__` in a name stands for a slash."""
    for name, source in {"_version": "__version__ = '0.99.0'", "__init__": "raise ImportError", **files}.items():
        inside = name if name.startswith("_") else name.replace("__", "/")
        path = directory / "vllm" / f"{inside}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return directory


def with_methods(directory: Path, names: str, **files: str) -> dict[str, list[str]]:
    write(directory, **files)
    path = directory / "vllm" / "model_executor" / "layers" / "quantization" / "__init__.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"QuantizationMethods = Literal{names.split()}\n")
    found: dict[str, list[str]] = answer(directory)["online_quantization"]
    return found
