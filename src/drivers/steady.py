"""Repeating a job until its output throughput varies no more than was asked (`until` of launch.json).

The rule is that of src/stats/steady.ts, to the last bit: what is steady here is steady there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from events import emit
from launch_file import Job


def variation(values: Sequence[float]) -> float | None:
    """Standard deviation (n - 1) over mean; None for fewer than two values or a mean that is not above 0.

    Sorted and added up one by one: sum() and math.fsum are more exact than what the orchestrator does.
    """
    ordered = sorted(values)
    if len(ordered) < 2:
        return None
    mean = added(ordered) / len(ordered)
    if not mean > 0:
        return None
    return math.sqrt(added([(value - mean) * (value - mean) for value in ordered]) / (len(ordered) - 1)) / mean


def is_steady(values: Sequence[float], least: int, cv: float) -> bool:
    found = variation(values) if len(values) >= least else None
    return found is not None and found <= cv


def added(values: Sequence[float]) -> float:
    total = 0.0
    for value in values:
        total += value
    return total


class Steadiness:
    """What this engine start has measured of each job that has an `until`. A job that is steady is said so once."""

    def __init__(self) -> None:
        self._throughputs: dict[str, list[float]] = {}
        self._steady: set[str] = set()

    def measured(self, job: Job, output_tokens_per_s: float) -> None:
        if job.until is not None:
            self._of(job).append(output_tokens_per_s)
            self.wants(job)

    def wants(self, job: Job) -> bool:
        """Whether another measurement of the job is needed."""
        if job.until is None:
            return True
        values = self._of(job)
        if job.id not in self._steady and is_steady(values, job.until.min_repeats, job.until.cv):
            self._steady.add(job.id)
            emit("job_steady", job=job.id, repeats=len(values), cv=variation(values))
        return job.id not in self._steady

    def _of(self, job: Job) -> list[float]:
        known = [] if job.until is None else job.until.known
        return self._throughputs.setdefault(job.id, list(known))
