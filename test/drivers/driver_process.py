"""Starting drivers as the orchestrator does, and looking for what they leave behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DRIVERS = ROOT / "src" / "drivers"
PREFIX = "[orchestrate] "
MARKER = "ORCHESTRATE_MARKER"
IN_PROCESS = {"VLLM_ENABLE_V1_MULTIPROCESSING": "0"}


def run(script: Path | str, *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 400) -> Any:
    """Runs a driver to its end; `stdout` and `stderr` are text."""
    return subprocess.run(
        [sys.executable, str(DRIVERS / script), *arguments],
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def start(command: list[str], log: Path, marker: str, stdin: Any = subprocess.PIPE, **env: str) -> Any:
    """In a session of its own, its output in a file, as the orchestrator does it."""
    with log.open("w") as output:
        return subprocess.Popen(
            [sys.executable, *command],
            env={**os.environ, **env, MARKER: marker},
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def events(stdout: str) -> list[dict[str, Any]]:
    return [json.loads(line[len(PREFIX) :]) for line in stdout.splitlines() if line.startswith(PREFIX)]


def wait_until(condition: Callable[[], Any], timeout: float) -> Any:
    """The first true answer, or the last one when the time is over."""
    deadline = time.monotonic() + timeout
    while not (answer := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return answer


def living(marker: str, session: int | None = None) -> dict[int, str]:
    """Command lines of the processes that carry the marker in their environment or belong to the session; no zombies.

    The marker alone would miss engine processes if vLLM's setproctitle overwrote what /proc shows of their environment.
    """
    found = {}
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            state, _parent, _group, of_session = (directory / "stat").read_text().rpartition(")")[2].split()[:4]
            marked = f"{MARKER}={marker}".encode() in (directory / "environ").read_bytes()
            if state != "Z" and (marked or int(of_session) == session):
                command = (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found[int(directory.name)] = command
        except OSError:
            continue
    return found


def job(name: str, **changes: Any) -> dict[str, Any]:
    """One entry of launch.json's `jobs`."""
    return {
        "id": name,
        "run_name": f"run {name}",
        "prompt_len": 64,
        "shared_len": 0,
        "num_prefixes": 1,
        "output_len": 8,
        "num_prompts": 4,
        "prefix_state": "cold",
        "warmups": 1,
        "seed": 0,
        **changes,
    }
