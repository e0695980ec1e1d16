"""Builds a package `vllm` that has a recorded version's signatures: fixtures/packages and standin/."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FIXTURES = HERE.parents[2] / "fixtures" / "packages"
PROVIDED = {
    "LLM": "llm",
    "EngineArgs": "arguments",
    "SamplingParams": "outputs",
    "RequestOutput": "outputs",
    "CompletionOutput": "outputs",
}
"""Names that `from vllm import ...` gives, and the module of standin/ that has them."""


def recorded_versions() -> list[str]:
    names = [path.stem.removeprefix("vllm-") for path in FIXTURES.glob("vllm-*.json")]
    return sorted(names, key=lambda name: [int(part) for part in re.findall(r"\d+", name)])


def facts_of(version: str) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((FIXTURES / f"vllm-{version}.json").read_text())
    return facts


def write_standin_version(directory: Path, version: str) -> Path:
    """The value for PYTHONPATH."""
    facts = facts_of(version)
    files = {
        "vllm._version": f"__version__ = version = {version!r}\n",
        "vllm": "".join(exported(name, PROVIDED[name]) for name in PROVIDED if name in facts["exports"]),
        "vllm.engine": "",
        "vllm.engine.arg_utils": exported("EngineArgs", "arguments"),
        "vllm.benchmarks": "",
        "vllm.benchmarks.throughput": exported("add_cli_args", "arguments") + exported("main", "benchmark"),
        "vllm.platforms": exported("current_platform", "configuration"),
        "vllm.utils": "",
        **{name: exported("FlexibleArgumentParser", "arguments") for name in facts["flexible_argument_parser"]},
    }
    for module, source in files.items():
        is_package = any(other.startswith(f"{module}.") for other in files)
        path = directory.joinpath(*module.split("."))
        path = path / "__init__.py" if is_package else path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    shutil.copytree(HERE / "standin", directory / "vllm" / "standin", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(FIXTURES / f"vllm-{version}.json", directory / "vllm" / "signatures.json")
    return directory


def exported(name: str, module: str) -> str:
    return f"from vllm.standin.{module} import {name}\n"
