"""What the drivers write satisfies the schemas of src/schema, checked by those schemas themselves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from driver_process import DRIVERS, ROOT, events, job, run, wait_until
from launch_file import METHOD_VERSION, PROTOCOL
from standin_vllm import write_standin

VALIDATE = f"""
import * as protocol from '{ROOT}/src/schema/driver-protocol.ts';
import {{ Capabilities }} from '{ROOT}/src/schema/facts.ts';
import {{ TelemetryLine }} from '{ROOT}/src/schema/telemetry.ts';
const schemas = {{ ...protocol, Capabilities, TelemetryLine }};
const {{ schema, values }} = JSON.parse(await new Response(process.stdin).text());
if (schema === null) console.log(JSON.stringify([protocol.PROTOCOL, protocol.METHOD_VERSION]));
else for (const value of values) console.log(JSON.stringify(schemas[schema].parse(value)));
"""


@cache
def node_that_reads_typescript() -> str | None:
    program = shutil.which("node")
    if program is None:
        return None
    asked = [program, "--print", "process.features.typescript"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=60)
    return program if answer.stdout.strip() in ("strip", "transform") else None


def node(schema: str | None, *values: Any) -> list[Any]:
    """The values as the schema understood them; fails where it did not."""
    program = node_that_reads_typescript()
    if program is None or not (ROOT / "node_modules" / "zod").is_dir():
        pytest.skip("no Node 22.18 or newer on PATH, or no zod")
    done = subprocess.run(
        [program, "--disable-warning=ExperimentalWarning", "--input-type=module", "-e", VALIDATE],
        input=json.dumps({"schema": schema, "values": values}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_protocol_and_method_versions_are_the_same() -> None:
    assert node(None) == [[PROTOCOL, METHOD_VERSION]]


def test_a_session_speaks_the_protocol(tmp_path: Path, write_launch: Callable[..., Path]) -> None:
    launch = write_launch([(job("a"), 0), (job("b", prompt_len=600), 0)])
    node("LaunchFile", json.loads(launch.read_text()))
    env = {"PYTHONPATH": str(write_standin(tmp_path / "standin")), "STANDIN_LOG": str(tmp_path / "calls")}
    ran = run("resident.py", "--launch", str(launch), "--", env=env)
    assert ran.returncode == 0, ran.stderr
    said = events(ran.stdout)
    assert {event["event"] for event in said} == {
        "driver_started",
        "engine_loading",
        "engine_ready",
        "job_begin",
        "job_end",
        "job_failed",
        "driver_done",
    }
    assert node("DriverEvent", *said) == said
    document = json.loads((tmp_path / "out" / "a.r0.json").read_text())
    assert node("MeasurementFile", document) == [document]


@pytest.mark.real_vllm
def test_the_probe_says_what_the_plan_needs() -> None:
    facts = json.loads(run("probe.py").stdout)
    (understood,) = node("Capabilities", facts)
    assert understood.items() <= facts.items()


def test_the_sampler_writes_lines_of_telemetry(tmp_path: Path) -> None:
    (tmp_path / "nvidia-smi").symlink_to(ROOT / "fixtures" / "programs" / "stand-in-nvidia-smi")
    out = tmp_path / "telemetry.jsonl"
    command = [sys.executable, str(DRIVERS / "sampler.py"), "--out", str(out), "--gpus", "0,1", "--interval", "0.1"]
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    sampler = subprocess.Popen(command, stdin=subprocess.PIPE, env=env)
    wait_until(lambda: out.exists() and out.read_text().count("\n") > 2, 10)
    sampler.communicate(timeout=5)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["line"] for line in lines[:3]] == ["begin", "sample", "sample"]
    # Nothing that the schema does not know, nothing that it had to fill in.
    assert node("TelemetryLine", *lines) == lines
