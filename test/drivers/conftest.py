from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driver_process import run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if importlib.util.find_spec("vllm") is None:
        for item in items:
            if item.get_closest_marker("real_vllm"):
                item.add_marker(pytest.mark.skip(reason="this Python has no vLLM"))


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model; ORCHESTRATE_TEST_MODEL names one that is already there."""
    if "ORCHESTRATE_TEST_MODEL" in os.environ:
        return Path(os.environ["ORCHESTRATE_TEST_MODEL"])
    directory = tmp_path_factory.mktemp("models") / "tiny"
    made = run("tiny_model.py", str(directory))
    assert made.returncode == 0, made.stderr
    return directory


@pytest.fixture(scope="session")
def engine_flags(model: Path) -> list[str]:
    flags = ["--model", str(model), "--enforce-eager", "--max-model-len", "2048"]
    return [*flags, "--kv-cache-memory-bytes", "268435456"]


@pytest.fixture
def write_launch(tmp_path: Path) -> Callable[..., Path]:
    """Writes launch.json for (job, repeat) pairs, measured in that order; results go to tmp_path/out."""

    def write(measurements: list[tuple[dict[str, Any], int]]) -> Path:
        jobs = list({job["id"]: job for job, _ in measurements}.values())
        launch = {
            "protocol": 1,
            "launch_id": "launch",
            "out_dir": str(tmp_path / "out"),
            "jobs": jobs,
            "measurements": [{"job": jobs.index(job), "repeat": repeat} for job, repeat in measurements],
        }
        path = tmp_path / "launch.json"
        path.write_text(json.dumps(launch))
        return path

    return write
