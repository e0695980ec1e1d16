"""The source of a Python package, looked through by name as the interpreter would, and never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple


class Class(NamedTuple):
    """A class with the classes of the same package that it inherits from: bodies in the order of lookup."""

    bodies: list[ast.ClassDef]


class Package:
    def __init__(self, root: Path) -> None:
        """`root` is the folder that holds the package's own."""
        self.root = root
        self.trees: dict[str, ast.Module] = {}

    def path(self, module: str) -> Path | None:
        base = self.root.joinpath(*module.split("."))
        return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)

    def exists(self, module: str) -> bool:
        return self.path(module) is not None

    def text(self, module: str) -> str:
        path = self.path(module)
        if path is None:
            raise LookupError(module)
        return path.read_text(encoding="utf-8")

    def tree(self, module: str) -> ast.Module:
        if module not in self.trees:
            self.trees[module] = ast.parse(self.text(module))
        return self.trees[module]

    def binds(self, module: str, name: str) -> bool:
        """Whether `from module import name` works."""
        return self.exists(module) and self.definition(module, name) is not None

    def definition(self, module: str, name: str) -> tuple[str, ast.AST] | None:
        """The module and the node that define what is called `name` in a module, imports followed."""
        for node in self.tree(module).body:
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == name:
                return module, node
        for node in ast.walk(self.tree(module)):
            if not isinstance(node, ast.ImportFrom):
                continue
            for alias in node.names:
                source = self.imported_from(module, node)
                if (alias.asname or alias.name) == name and self.exists(source) and source != module:
                    return self.definition(source, alias.name)
        return None

    def imported_from(self, module: str, node: ast.ImportFrom) -> str:
        if node.level == 0:
            return node.module or ""
        path = self.path(module)
        package = module.split(".")
        depth = node.level if path is not None and path.name != "__init__.py" else node.level - 1
        base = package[: len(package) - depth]
        return ".".join([*base, *([node.module] if node.module else [])])

    def class_of(self, module: str, name: str) -> Class:
        found = self.definition(module, name)
        if found is None or not isinstance(found[1], ast.ClassDef):
            raise LookupError(f"{module}.{name}")
        where, body = found
        bodies = [body]
        for base in body.bases:
            base_name = ast.unparse(base).partition("[")[0]
            if base_name.isidentifier():
                inherited = self.definition(where, base_name)
                if inherited is not None and isinstance(inherited[1], ast.ClassDef):
                    bodies.extend(self.class_of(*inherited_name(inherited)).bodies)
        return Class(bodies)

    def calls_of(self, module: str, function: str, method: str) -> Iterator[ast.Call]:
        """Calls of `<anything>.method` in a function, and in the functions that it hands its parser to; in order."""
        found = self.definition(module, function)
        if found is None:
            raise LookupError(f"{module}.{function}")
        yield from self.calls_in(*found, method)

    def calls_in(self, module: str, function: ast.AST, method: str) -> Iterator[ast.Call]:
        calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
            if isinstance(call.func, ast.Attribute) and call.func.attr == method:
                yield call
            elif any(isinstance(argument, ast.Name) and "parser" in argument.id for argument in call.args):
                yield from self.calls_handed_on(module, call.func, method)

    def calls_handed_on(self, module: str, called: ast.expr, method: str) -> Iterator[ast.Call]:
        """`add_these(parser)` or `SomeClass.add_these(parser)`."""
        if isinstance(called, ast.Name):
            found = self.definition(module, called.id)
            if found is not None and isinstance(found[1], ast.FunctionDef):
                yield from self.calls_in(*found, method)
        elif isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            found = self.definition(module, called.value.id)
            if found is None or not isinstance(found[1], ast.ClassDef):
                return
            for node in found[1].body:
                if isinstance(node, ast.FunctionDef) and node.name == called.attr:
                    yield from self.calls_in(found[0], node, method)


def inherited_name(found: tuple[str, ast.AST]) -> tuple[str, str]:
    module, node = found
    assert isinstance(node, ast.ClassDef)
    return module, node.name


def literal(node: ast.AST | None, otherwise: Any = ...) -> Any:
    """A constant, or a list or dict of them; `otherwise` for what would have to be run. No node: None."""
    if node is None:
        return otherwise
    try:
        return ast.literal_eval(node)  # type: ignore[arg-type]
    except ValueError:
        return otherwise


def parameters(function: ast.FunctionDef) -> str:
    """The parameter list as Python would read it again, without types; a default that is no literal becomes `...`."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    parts = [one(argument, default) for argument, default in zip(positional, [*defaults, *arguments.defaults])]
    if arguments.posonlyargs:
        parts.insert(len(arguments.posonlyargs), "/")
    if arguments.vararg is not None:
        parts.append(f"*{arguments.vararg.arg}")
    elif arguments.kwonlyargs:
        parts.append("*")
    parts.extend(one(argument, default) for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults))
    if arguments.kwarg is not None:
        parts.append(f"**{arguments.kwarg.arg}")
    return ", ".join(parts)


def one(argument: ast.arg, default: ast.expr | None) -> str:
    return argument.arg if default is None else f"{argument.arg}={literal(default)!r}".replace("Ellipsis", "...")
