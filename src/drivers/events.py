"""A driver's own lines on stdout (`DriverEvent` of src/schema/driver-protocol.ts), between those of vLLM."""

from __future__ import annotations

import json
import sys
from typing import Any

EVENT_PREFIX = "[orchestrate] "


def emit(event: str, **fields: Any) -> None:
    say(EVENT_PREFIX + json.dumps({"event": event, **fields}, allow_nan=False))


def say(line: str) -> None:
    """Flushed at once: stdout is a file that the orchestrator follows, and Python would keep 8 KiB back."""
    # One call: `print` makes two, and the heartbeat's thread could write between them.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def one_line(error: BaseException) -> str:
    """`ValueError: what it says`, without line breaks; at most 2,000 characters of it."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:2000]
