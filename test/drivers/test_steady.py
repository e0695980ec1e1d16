"""When a job has been repeated often enough; the table of cases is the orchestrator's too (test/stats)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driver_process import ROOT, events, job, run
from launch_file import Job, read_job
from standin_vllm import write_standin
from steady import Steadiness, is_steady, variation

STATISTICS = ROOT / "fixtures" / "statistics"
CASES = json.loads((STATISTICS / "steady.json").read_text())["cases"]
VARIATIONS = json.loads((STATISTICS / "reference.json").read_text())["variations"]


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_the_table_of_cases(case: dict[str, Any]) -> None:
    assert is_steady(case["values"], case["min_repeats"], case["cv"]) is case["steady"]


@pytest.mark.parametrize("case", VARIATIONS)
def test_the_last_bit_is_that_of_the_orchestrator(case: dict[str, Any]) -> None:
    assert variation(case["values"]) == case["cv"]
    assert variation(case["values"][::-1]) == case["cv"]
    assert is_steady(case["values"], 3, case["cv"])
    assert not is_steady(case["values"], 3, math.nextafter(case["cv"], 0))


def planned(name: str, until: dict[str, Any] | None) -> Job:
    return read_job(job(name, until=until))


def test_a_job_without_until_is_always_wanted() -> None:
    steadiness, without = Steadiness(), planned("a", None)
    for _ in range(5):
        steadiness.measured(without, 100.0)
        assert steadiness.wants(without)


def test_what_was_known_before_counts_and_a_steady_job_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    steadiness = Steadiness()
    a = planned("a", {"cv": 0.03, "min_repeats": 3, "known": [97.0, 100.0]})
    b = planned("b", {"cv": 0.03, "min_repeats": 3, "known": []})
    assert steadiness.wants(a)
    steadiness.measured(a, 103.0)
    assert [steadiness.wants(a), steadiness.wants(a), steadiness.wants(b)] == [False, False, True]
    assert events(capsys.readouterr().out) == [{"event": "job_steady", "job": "a", "repeats": 3, "cv": 0.03}]


def launched(tmp_path: Path, write_launch: Callable[..., Path], measurements: list[tuple[dict[str, Any], int]]) -> Any:
    env = {"PYTHONPATH": str(write_standin(tmp_path / "standin")), "STANDIN_LOG": str(tmp_path / "calls")}
    process = run("resident.py", "--launch", str(write_launch(measurements)), "--", "--model", "some/model", env=env)
    assert process.returncode == 0, process.stderr
    return [(entry["event"], entry["job"], entry.get("repeat")) for entry in events(process.stdout) if "job" in entry]


def test_the_driver_leaves_out_what_is_not_needed_any_more(tmp_path: Path, write_launch: Callable[..., Path]) -> None:
    # Whatever the stand-in's speed, a CV of 1e9 is reached at the third repeat and one of 1e-12 is not.
    a = job("a", until={"cv": 1e9, "min_repeats": 3, "known": [1.0]})
    b = job("b", until={"cv": 1e-12, "min_repeats": 3, "known": []})
    said = launched(tmp_path, write_launch, [(point, repeat) for repeat in range(1, 5) for point in (a, b)])
    assert [entry for entry in said if entry[0] != "job_begin"] == [
        ("job_end", "a", 1),
        ("job_end", "b", 1),
        ("job_end", "a", 2),
        ("job_steady", "a", None),
        ("job_end", "b", 2),
        ("job_end", "b", 3),
        ("job_end", "b", 4),
    ]
    written = json.loads((tmp_path / "out" / "a.r1.json").read_text())
    assert written["asked"]["until"] == {"cv": 1e9, "min_repeats": 3, "known": [1.0]}


def test_a_job_that_is_steady_already_is_not_measured(tmp_path: Path, write_launch: Callable[..., Path]) -> None:
    a = job("a", until={"cv": 0.03, "min_repeats": 3, "known": [97.0, 100.0, 103.0]})
    assert launched(tmp_path, write_launch, [(a, 3), (a, 4)]) == [("job_steady", "a", None)]
