"""Python source read as text and as a syntax tree: nothing of it is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path


class Sources:
    """The Python files below a folder; remembers which were asked for, because the answer depends on them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.asked: list[Path] = []

    def text(self, name: str) -> str:
        path = self.directory / name
        self.asked.append(path)
        try:
            return path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def nodes(self, name: str, mention: str = "") -> list[ast.AST]:
        """Every node of a file that contains `mention`; none where this Python cannot parse it."""
        text = self.text(name)
        if mention not in text:
            return []
        try:
            return list(ast.walk(ast.parse(text)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return []

    def names(self, folder: str) -> list[str]:
        self.asked.append(self.directory / folder)
        return sorted(f"{folder}/{path.name}" for path in (self.directory / folder).glob("*.py"))


def calls_of(sources: Sources, file: str, function: str, mention: str) -> list[ast.Call]:
    """Every call of a function in a file that contains `mention`."""
    nodes = sources.nodes(file, mention)
    return [node for node in nodes if isinstance(node, ast.Call) and name_of(node.func) == function]


def literal(sources: Sources, file: str, name: str) -> list[str]:
    """The strings of `name = Literal["a", "b"]` or `name: list[str] = ["a", "b"]`, in their order."""
    return strings(assigned(sources.nodes(file, name), name))


def assigned(nodes: Iterable[ast.AST], name: str) -> ast.AST | None:
    """The first value that is given to `name`, or to an attribute of that name."""
    for node in nodes:
        if isinstance(node, ast.Assign) and name in map(name_of, node.targets):
            return node.value
        if isinstance(node, ast.AnnAssign) and name == name_of(node.target) and node.value is not None:
            return node.value
    return None


def strings(node: ast.AST | None) -> list[str]:
    """Every string constant inside."""
    inside = [] if node is None else [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
    return [value for value in inside if isinstance(value, str)]


def name_of(node: ast.AST) -> str:
    """`LinearBase` of LinearBase and of vllm.linear.LinearBase."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
