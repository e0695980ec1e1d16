"""Reads the signatures that the drivers rely on out of a vLLM package, without importing or running any of it.

    python test/drivers/versions/record_signatures.py UNPACKED_WHEEL [...]

UNPACKED_WHEEL is a folder that holds `vllm/` (a published wheel, unpacked; the Python files are enough). The answer
goes to fixtures/packages/vllm-<version>.json: names, parameters and literal defaults, and no line of vLLM's code.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path
from typing import Any

from class_members import assigned_to_self, attributes, fields, fields_as_written, members, methods, signatures
from package_source import Package, literal, parameters
from record_flags import flags

FIXTURES = Path(__file__).parents[3] / "fixtures" / "packages"
ENGINE_ARGS = "vllm.engine.arg_utils"
PARSER_MODULES = ("vllm.utils.argparse_utils", "vllm.utils")
CONFIGS = {
    "vllm_config": "VllmConfig",
    "model_config": "ModelConfig",
    "cache_config": "CacheConfig",
    "parallel_config": "ParallelConfig",
    "scheduler_config": "SchedulerConfig",
    "device_config": "DeviceConfig",
}
"""What an engine is asked for after its start, and the class that it is."""


def record(package: Package) -> dict[str, Any]:
    """Everything that a stand-in for this version is built from."""
    llm = package.class_of("vllm.entrypoints.llm", "LLM")
    engine = package.class_of("vllm.v1.engine.llm_engine", "LLMEngine")
    engine_args = package.class_of(ENGINE_ARGS, "EngineArgs")
    return {
        "version": version(package),
        "exports": exports(package),
        "flexible_argument_parser": [
            module for module in PARSER_MODULES if package.binds(module, "FlexibleArgumentParser")
        ],
        "llm": signatures(llm),
        "llm_engine": {
            "attributes": attributes(engine),
            "methods": sorted(methods(engine)),
            "reset_prefix_cache_returns": returns_something(methods(engine)["reset_prefix_cache"]),
        },
        "sampling_params": fields(package.class_of("vllm.sampling_params", "SamplingParams")),
        "request_output": request_output(package),
        "completion_output": sorted(fields(package.class_of("vllm.outputs", "CompletionOutput"))),
        "request_state_stats": request_state_stats(package),
        "v0_request_metrics": v0_request_metrics(package),
        "engine_args": {name: default_of(package, node) for name, node in fields_as_written(engine_args).items()},
        "flags": flags(package, fields_as_written(engine_args)),
        "result_keys": result_keys(package),
        "configs": {name: members(package.class_of("vllm.config", kind)) for name, kind in CONFIGS.items()},
        "platform": members(package.class_of("vllm.platforms.interface", "Platform")),
    }


def version(package: Package) -> str:
    (found,) = re.findall(r"^__version__ = version = '([^'+]+)", package.text("vllm._version"), re.MULTILINE)
    return str(found)


def exports(package: Package) -> list[str]:
    """What `from vllm import ...` gives."""
    (names,) = [
        literal(node.value)
        for node in package.tree("vllm").body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    return sorted(names)


def default_of(package: Package, node: ast.AnnAssign) -> Any:
    """Of an engine argument; `ModelConfig.dtype` is looked up in that class."""
    value = node.value
    if isinstance(value, ast.Attribute) and package.binds(ENGINE_ARGS, ast.unparse(value.value)):
        owner = fields_as_written(package.class_of(ENGINE_ARGS, ast.unparse(value.value)))
        value = owner[value.attr].value if value.attr in owner else None
    if isinstance(value, ast.Call):  # Field(default=1, ge=1)
        value = next((keyword.value for keyword in value.keywords if keyword.arg == "default"), None)
    return literal(value)


def returns_something(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Return) and node.value is not None for node in ast.walk(function))


def request_output(package: Package) -> dict[str, Any]:
    """The class, and which of its fields the V1 engine fills: the others keep their defaults."""
    (given,) = [
        sorted(keyword.arg for keyword in node.keywords if keyword.arg is not None)
        for node in ast.walk(package.tree("vllm.v1.engine.output_processor"))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "RequestOutput"
    ]
    constructor = methods(package.class_of("vllm.outputs", "RequestOutput"))["__init__"]
    return {
        "init": parameters(constructor),
        "attributes": sorted(assigned_to_self(constructor)),
        "given_by_v1": given,
    }


def request_state_stats(package: Package) -> list[str]:
    for module in ("vllm.v1.metrics.stats", "vllm.v1.stats.common"):
        if package.binds(module, "RequestStateStats"):
            return list(fields(package.class_of(module, "RequestStateStats")))
    raise LookupError("RequestStateStats")


def v0_request_metrics(package: Package) -> list[str] | None:
    """Of the V0 engine's RequestMetrics; None where there is no V0 engine any more."""
    if package.exists("vllm.engine.llm_engine"):
        if not any(isinstance(node, ast.ClassDef) for node in package.tree("vllm.engine.llm_engine").body):
            return None
        return list(fields(package.class_of("vllm.sequence", "RequestMetrics")))
    return None


def result_keys(package: Package) -> list[str]:
    """Keys of --output-json."""
    for node in ast.walk(package.tree("vllm.benchmarks.throughput")):
        if isinstance(node, ast.Dict):
            keys = [literal(key) for key in node.keys if key is not None]
            if "elapsed_time" in keys:
                return keys
    raise LookupError("elapsed_time")


def main(folders: list[str]) -> None:
    FIXTURES.mkdir(parents=True, exist_ok=True)
    for folder in folders:
        facts = record(Package(Path(folder)))
        path = FIXTURES / f"vllm-{facts['version']}.json"
        path.write_text(as_text(facts))
        print(f"{path.name}: {len(facts['flags'])} flags")


def as_text(facts: dict[str, Any]) -> str:
    """A line for every entry, so that two versions can be compared by diff."""
    plain = json.loads(json.dumps(facts, default=lambda value: "..." if value is ... else repr(value)))
    lines = []
    for key, value in plain.items():
        if isinstance(value, dict):
            inner = ",\n".join(f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in value.items())
            lines.append(f" {json.dumps(key)}: {{\n{inner}\n }}")
        elif key == "flags":
            inner = ",\n".join(f"  {json.dumps(entry)}" for entry in value)
            lines.append(f" {json.dumps(key)}: [\n{inner}\n ]")
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    main(sys.argv[1:])
