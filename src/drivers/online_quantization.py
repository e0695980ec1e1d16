"""Which layers of a plain checkpoint each value of --quantization makes small, read from vLLM's source files."""

from __future__ import annotations

import ast

from source_files import Sources, assigned, name_of, strings

METHODS = "model_executor/layers/quantization"
LAYERS = {"LinearBase": "linear", "FusedMoE": "experts", "RoutedExperts": "experts"}
# Beside fp8 and the shorthands, these shrink a plain checkpoint, each by classes in a file of its name. The other names
# of --quantization want a checkpoint that is quantized already.
WITH_OWN_CLASS = ("experts_int8", "mxfp8", "bitsandbytes", "rtn", "ptpc_fp8", "tpu_int8")
# They refuse to start anywhere else.
ONLY_ON = {"ptpc_fp8": "rocm", "tpu_int8": "tpu"}


def online_quantization(vllm: Sources, platform: str | None, quantization: list[str]) -> dict[str, list[str]]:
    """Which layers each value of --quantization reaches when the checkpoint is a plain one.

    An empty list: vLLM takes the value, and no layer is quantized. On a TPU the plugin's methods want a quantized
    checkpoint (its Fp8Config refuses another, tpu_inference 0.32).
    """
    found: dict[str, list[str]] = {}
    if platform != "tpu":
        found = {"fp8": ["linear", "experts"], **shorthands(vllm)}
        # Up to 0.27 its linear layers stay as they are, and its experts are loaded from packed weights only. Where the
        # shorthands have moved to, nothing is said of it.
        if len(found) > 1 or not vllm.names(f"{METHODS}/online"):
            found.setdefault("mxfp4", [])
    for name in WITH_OWN_CLASS:
        if name not in quantization or name in found or ONLY_ON.get(name, platform) != platform:
            continue
        if layers := layers_of(vllm, f"{METHODS}/{name}.py"):
            found[name] = layers
    return {name: layers for name, layers in found.items() if name in quantization}


def shorthands(vllm: Sources) -> dict[str, list[str]]:
    """From 0.22 a table of names, each with what it does to linear layers and to experts; before that an enum."""
    nodes = vllm.nodes("config/quantization.py")
    table = assigned(nodes, "_ONLINE_SHORTHANDS")
    if not isinstance(table, ast.Dict):
        return schemes(vllm, nodes)
    found: dict[str, list[str]] = {}
    for key, value in zip(table.keys, table.values):
        given = [keyword.arg for keyword in value.keywords] if isinstance(value, ast.Call) else []
        for name in strings(key):
            found[name] = [layer for layer, field in (("linear", "linear"), ("experts", "moe")) if field in given]
    return found


def schemes(vllm: Sources, nodes: list[ast.AST]) -> dict[str, list[str]]:
    """0.20 and 0.21: those that leave linear layers alone are named where the layers get their methods."""
    members = {
        name_of(item.targets[0]): strings(item.value)
        for node in nodes
        if isinstance(node, ast.ClassDef) and node.name == "OnlineQuantScheme"
        for item in node.body
        if isinstance(item, ast.Assign)
    }
    skipped = {
        node.test.comparators[0].attr
        for node in vllm.nodes(f"{METHODS}/online/base.py", "OnlineQuantScheme")
        if isinstance(node, ast.If)
        and isinstance(node.test, ast.Compare)
        and isinstance(node.test.comparators[0], ast.Attribute)
        and "linear" in name_of(node.test.left)
        and not makes_a_method(node.body)
    }
    return {
        value: ["experts"] if member in skipped else ["linear", "experts"]
        for member, values in members.items()
        for value in values
    }


def layers_of(vllm: Sources, file: str) -> list[str]:
    """Read from `if isinstance(layer, LinearBase): return SomeLinearMethod(...)` of a configuration's class."""
    found: set[str] = set()
    for node in vllm.nodes(file, "def get_quant_method"):
        if isinstance(node, ast.FunctionDef) and node.name == "get_quant_method":
            found.update(layer_of(branch) for branch in ast.walk(node) if isinstance(branch, ast.If))
    return sorted(found & {"linear", "experts"}, reverse=True)


def layer_of(branch: ast.If) -> str:
    """The layer that a branch gives a method to; empty for another kind of branch."""
    test = branch.test
    if not (isinstance(test, ast.Call) and name_of(test.func) == "isinstance" and makes_a_method(branch.body)):
        return ""
    return LAYERS.get(name_of(test.args[-1]), "")


def makes_a_method(body: list[ast.stmt]) -> bool:
    """Whether a branch can return anything but the method of an unquantized layer."""
    returned = [node.value for statement in body for node in ast.walk(statement) if isinstance(node, ast.Return)]
    return any(isinstance(value, ast.Call) and "Unquantized" not in name_of(value.func) for value in returned)
