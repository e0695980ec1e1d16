"""What a class offers: methods with their parameters, fields with their defaults, attributes."""

from __future__ import annotations

import ast
from typing import Any

from package_source import Class, literal, parameters


def methods(found: Class) -> dict[str, ast.FunctionDef]:
    """By name, inherited ones included; of overloads the last, which is the one that runs."""
    named: dict[str, ast.FunctionDef] = {}
    for body in reversed(found.bodies):
        named.update({node.name: node for node in body.body if isinstance(node, ast.FunctionDef)})
    return named


def signatures(found: Class) -> dict[str, str]:
    """Public methods and the constructor; `cls` first for class methods."""
    return {
        name: parameters(node)
        for name, node in sorted(methods(found).items())
        if name == "__init__" or not name.startswith("_")
    }


def fields_as_written(found: Class) -> dict[str, ast.AnnAssign]:
    named: dict[str, ast.AnnAssign] = {}
    for body in reversed(found.bodies):
        for node in body.body:
            if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
                continue
            if "ClassVar" not in ast.unparse(node.annotation):
                named[node.target.id] = node
    return named


def fields(found: Class) -> dict[str, Any]:
    """Fields of a dataclass or msgspec.Struct in their order, with literal defaults; `...` stands for any other."""
    return {name: literal(node.value) for name, node in fields_as_written(found).items()}


def attributes(found: Class) -> list[str]:
    """What an instance has: fields, properties, and whatever a method assigns to `self`."""
    named = {name for name in fields_as_written(found) if not name.startswith("_")}
    for node in methods(found).values():
        if any("property" in ast.unparse(decorator) for decorator in node.decorator_list):
            named.add(node.name)
        named.update(assigned_to_self(node))
    return sorted(named)


def members(found: Class) -> dict[str, list[str]]:
    return {"attributes": attributes(found), "methods": sorted(methods(found))}


def assigned_to_self(function: ast.FunctionDef) -> set[str]:
    targets = [
        target
        for node in ast.walk(function)
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    return {
        target.attr
        for target in targets
        if isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self" and not target.attr.startswith("_")
    }
