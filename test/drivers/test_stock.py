from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
from driver_process import IN_PROCESS, events, run
from standin_vllm import write_standin
from stock import set_up_logging

OURS = ["--job", "3f9a", "--run-name", "chat", "--repeat", "1"]
LINES = [
    "Throughput: 1.00 requests/s, 2.00 total tokens/s, 1.00 output tokens/s",
    "Total num prompt tokens:  1",
]
SCRIPT = """
import helper, sys
from multiprocessing import get_context
def child(queue):
    queue.put("child of the script")
if __name__ == "__main__":
    queue = get_context("spawn").SimpleQueue()
    get_context("spawn").Process(target=child, args=(queue,)).start()
    print(sys.argv, helper.NAME, queue.get(), flush=True)
    raise SystemExit(int(sys.argv[-1]))
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A benchmark script with a module beside it, as in a source checkout."""
    (tmp_path / "checkout").mkdir()
    (tmp_path / "checkout" / "helper.py").write_text("NAME = 'beside the script'")
    path = tmp_path / "checkout" / "benchmark_throughput.py"
    path.write_text(SCRIPT)
    return path


def test_vllms_own_main_runs_between_our_lines(tmp_path: Path) -> None:
    """On the stand-in: the parser and `main` that are installed, and a directory for the JSON that was not there."""
    output = tmp_path / "not" / "yet" / "there" / "output.json"
    env = {"PYTHONPATH": str(write_standin(tmp_path)), "STANDIN_LOG": str(tmp_path / "calls")}
    flags = ["--model", "some/model", "--seed", "3"]
    ran = run("stock.py", *OURS, "--output-json", str(output), "--", *flags, env=env)
    assert ran.returncode == 0, ran.stderr
    assert events(ran.stdout) == [
        {"event": "driver_started", "driver": "stock", "method": 1, "vllm_version": "0.8.5"},
        {"event": "job_begin", "job": "3f9a", "run_name": "chat", "repeat": 1},
        {"event": "job_end", "job": "3f9a", "repeat": 1, "file": str(output)},
        {"event": "driver_done"},
    ]
    assert ran.stdout.splitlines()[2] == LINES[0]
    written = json.loads(output.read_text())
    assert (written["model"], written["seed"], written["output_json"]) == ("some/model", 3, str(output))


def test_a_script_runs_as_if_called_by_itself(script: Path) -> None:
    ran = run("stock.py", "--script", str(script), *OURS, "--", "--input-len", "0")
    assert ran.returncode == 0, ran.stderr
    argv = [str(script), "--input-len", "0"]
    assert f"{argv} beside the script child of the script" in ran.stdout
    kinds = [event["event"] for event in events(ran.stdout)]
    assert kinds == ["driver_started", "job_begin", "job_end", "driver_done"]
    assert events(ran.stdout)[0]["driver"] == "script"
    assert events(ran.stdout)[2]["file"] is None


def test_a_failing_benchmark_keeps_its_exit_code_and_is_reported(script: Path, tmp_path: Path) -> None:
    ran = run("stock.py", "--script", str(script), *OURS, "--", "7")
    assert ran.returncode == 7
    assert events(ran.stdout)[-1]["event"] == "job_failed"
    env = {"PYTHONPATH": str(write_standin(tmp_path)), "STANDIN_LOG": str(tmp_path / "calls")}
    ran = run("stock.py", *OURS, "--", "--no-such-flag", env=env)
    assert ran.returncode == 2
    assert events(ran.stdout)[-1] == {"event": "job_failed", "job": "3f9a", "repeat": 1, "error": "SystemExit: 2"}


def test_logging_is_set_up_first_where_vllm_leaves_that_to_its_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("vllm.logger")
    monkeypatch.setitem(sys.modules, "vllm.logger", module)
    set_up_logging()
    configured: list[argparse.Namespace] = []
    vars(module)["configure_logging_from_args"] = configured.append
    set_up_logging()
    assert configured == [argparse.Namespace()]


@pytest.mark.real_vllm
def test_the_installed_benchmark(tmp_path: Path, engine_flags: list[str]) -> None:
    output = tmp_path / "results" / "output.json"
    lengths = ["--random-input-len", "64", "--random-output-len", "8", "--num-prompts", "4", "--dataset-name", "random"]
    ours = [*OURS, "--output-json", str(output)]
    ran = run("stock.py", *ours, "--", *engine_flags, *lengths, env=IN_PROCESS)
    assert ran.returncode == 0, ran.stderr
    between = ran.stdout.split('"event": "job_begin"')[1].split('"event": "job_end"')[0]
    assert "\nThroughput: " in between
    assert "Sampling input_len from [64, 64] and output_len from [8, 8]" in between
    assert "\nTotal num output tokens:  32\n" in between
    assert json.loads(output.read_text())["num_requests"] == 4
