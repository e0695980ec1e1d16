"""launch.json: which jobs to measure and in which order (`LaunchFile` of src/schema/driver-protocol.ts)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

PROTOCOL = 1
METHOD_VERSION = {"resident": 1, "stock": 1, "script": 1}
"""Raised when a driver measures differently; METHOD_VERSION of the schema says the same."""


@dataclass(frozen=True)
class Until:
    """Repeats end when their throughput varies by `cv` or less; at least `min_repeats` of them, `known` included."""

    cv: float
    min_repeats: int
    known: tuple[float, ...]


@dataclass(frozen=True)
class Job:
    """One point; lengths in tokens. `prompt_len` counts the `shared_len` tokens at its beginning."""

    id: str
    run_name: str
    prompt_len: int
    shared_len: int
    num_prefixes: int
    output_len: int
    num_prompts: int
    prefix_state: str
    warmups: int
    seed: int
    until: Until | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Measurement(NamedTuple):
    job: Job
    repeat: int


class Launch(NamedTuple):
    out_dir: Path
    measurements: list[Measurement]


def read_launch(path: Path) -> Launch:
    """Reads what the orchestrator has written and checked; only another protocol is refused here."""
    launch = json.loads(path.read_text(encoding="utf-8"))
    if launch["protocol"] != PROTOCOL:
        raise SystemExit(f"{path}: protocol {launch['protocol']}, this driver speaks protocol {PROTOCOL}")
    jobs = [read_job(job) for job in launch["jobs"]]
    measurements = [Measurement(jobs[entry["job"]], entry["repeat"]) for entry in launch["measurements"]]
    return Launch(Path(launch["out_dir"]), measurements)


def read_job(job: dict[str, Any]) -> Job:
    plain = {field.name: job[field.name] for field in fields(Job) if field.name != "until"}
    until = job.get("until")
    if until is None:
        return Job(**plain)
    return Job(**plain, until=Until(until["cv"], until["min_repeats"], tuple(until["known"])))
