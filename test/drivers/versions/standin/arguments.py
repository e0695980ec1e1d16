"""The command line and the engine arguments that it becomes."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

from vllm.standin.facts import FACTS, UNREAD


class FlexibleArgumentParser(argparse.ArgumentParser):
    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Names with underscores are taken too, as vLLM does it."""
        return super().parse_args([dashed(word) for word in args or []], namespace)


def dashed(word: str) -> str:
    name, equals, value = word.partition("=")
    return name.replace("_", "-") + equals + value if word.startswith("--") else word


def add_cli_args(parser: argparse.ArgumentParser) -> None:
    for flag in FACTS["flags"]:
        parser.add_argument(*flag["names"], **options_of(flag))


def options_of(flag: dict[str, Any]) -> dict[str, Any]:
    options = {name: flag[name] for name in ("nargs", "default", "choices") if name in flag}
    default = FACTS["engine_args"].get(flag["names"][0].lstrip("-").replace("-", "_"), UNREAD)
    if "default" not in options and default != UNREAD:
        options["default"] = default
    action = flag.get("action")
    if action == "BooleanOptionalAction":
        return {**options, "action": argparse.BooleanOptionalAction}
    if action in ("store_true", "store_false"):
        return {**options, "action": action}
    return {**options, "type": {"int": int, "float": float}.get(flag.get("type", ""), str)}


EngineArgs = dataclasses.make_dataclass(
    "EngineArgs",
    [(name, Any, None if default == UNREAD else default) for name, default in FACTS["engine_args"].items()],
)


def from_cli_args(cls: Any, args: argparse.Namespace) -> Any:
    given = {name: getattr(args, name, None) for name in FACTS["engine_args"]}
    return cls(**{name: value for name, value in given.items() if value is not None})


EngineArgs.from_cli_args = classmethod(from_cli_args)  # type: ignore[attr-defined]
