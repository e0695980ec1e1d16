"""`vllm` of any recorded version, with its signatures and no engine: copied into a stand-in package as vllm/standin.

A call binds its arguments as the real function would: an argument that this version does not have is a TypeError, an
attribute that it does not have an AttributeError. What was asked is in the file named by STANDIN_LOG.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

FACTS = json.loads((Path(__file__).parents[1] / "signatures.json").read_text())
IS_V0 = os.environ.get("STANDIN_ENGINE") == "V0"
MAX_MODEL_LEN = 512
UNREAD = "..."
"""In the recorded files: a default that is no literal."""


def log(**what: Any) -> None:
    with open(os.environ["STANDIN_LOG"], "a") as file:  # noqa: PTH123
        file.write(json.dumps(what, default=str) + "\n")


def function(name: str, parameters: str, answer: Any) -> Any:
    """A function with these parameters that gives `answer` its arguments by name."""
    made: dict[str, Any] = {"answer": answer}
    exec(f"def {name}({parameters}):\n    return answer(dict(locals()))", made)  # noqa: S102
    return made[name]


def not_here(name: str) -> Any:
    def answer(_: dict[str, Any]) -> None:
        raise NotImplementedError(f"{name} is no part of the stand-in")

    return answer


def record_class(name: str, fields: list[str] | dict[str, Any]) -> Any:
    """A class whose constructor takes exactly these fields."""
    defaults = fields if isinstance(fields, dict) else dict.fromkeys(fields, UNREAD)
    listed = ", ".join(["self", *(f"{field}={default!r}" for field, default in defaults.items())])

    def fill(given: dict[str, Any]) -> None:
        own = given.pop("self")
        own.__dict__.update(given)

    return type(name, (), {"__init__": function("__init__", listed, fill)})
