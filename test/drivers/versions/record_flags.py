"""The flags of `vllm bench throughput`, from the calls that add them to its parser."""

from __future__ import annotations

import ast
import re
from typing import Any

from package_source import Package, literal


def flags(package: Package, engine_fields: dict[str, ast.AnnAssign]) -> list[dict[str, Any]]:
    """Every `add_argument` that `vllm.benchmarks.throughput.add_cli_args` comes to, in order."""
    return [
        flag
        for call in package.calls_of("vllm.benchmarks.throughput", "add_cli_args", "add_argument")
        if (flag := flag_of(call, engine_fields)) is not None
    ]


def flag_of(call: ast.Call, engine_fields: dict[str, ast.AnnAssign]) -> dict[str, Any] | None:
    names = [literal(argument) for argument in call.args]
    if not names or not all(isinstance(name, str) and name.startswith("-") for name in names):
        return None
    said = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg is not None}
    flag: dict[str, Any] = {"names": names}
    if "action" in said:
        flag["action"] = str(literal(said["action"], ast.unparse(said["action"])).rpartition(".")[2])
    elif len(said) < len(call.keywords):
        flag.update(made_by_vllm(engine_fields.get(names[0].lstrip("-").replace("-", "_"))))
    if (kind := plain_type(said.get("type"))) is not None:
        flag["type"] = kind
    for name in ("nargs", "default", "choices"):
        if name in said and (value := literal(said[name])) is not ...:
            flag[name] = value
    return flag


def made_by_vllm(field: ast.AnnAssign | None) -> dict[str, str]:
    """`**kwargs` of an engine flag: vLLM makes them from the type of the engine argument of that name."""
    kind = "" if field is None else ast.unparse(field.annotation)
    if re.search(r"\bbool\b", kind):
        return {"action": "BooleanOptionalAction"}
    number = re.fullmatch(r"(?:Optional\[)?(int|float)\b(?: \| None|\])?", kind)
    return {} if number is None else {"type": number[1]}


def plain_type(node: ast.expr | None) -> str | None:
    """int, float or str; None for a function, which would have to be run."""
    found = None if node is None else re.fullmatch(r"(?:optional_type\()?(int|float|str)\)?", ast.unparse(node))
    return None if found is None else found[1]
