"""What the stand-ins are worth: a driver that uses what a version does not have fails on that version, and only there.

Each row breaks a copy of the drivers in one place and names two neighbours among the recorded versions: on one the
broken driver fails, on the other it works.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from driver_process import DRIVERS, events, job, run
from standin_version import write_standin_version


class Broken(NamedTuple):
    file: str
    text: str
    instead: str
    fails_on: str
    works_on: str
    error: str


BROKEN = {
    "a parameter of generate that came after 0.15": Broken(
        *("measure.py", "use_tqdm=False", "use_tqdm=False, tokenization_kwargs=None"),
        *("0.15.1", "0.17.1"),
        "TypeError: generate() got an unexpected keyword argument 'tokenization_kwargs'",
    ),
    "a parameter of generate that went after 0.9": Broken(
        *("measure.py", "use_tqdm=False", "use_tqdm=False, prompt_token_ids=None"),
        *("0.10.2", "0.9.2"),
        "TypeError: generate() got an unexpected keyword argument 'prompt_token_ids'",
    ),
    "a sampling parameter of the newest": Broken(
        *("measure.py", "top_p=1.0,", "top_p=1.0, watermarking=None,"),
        *("0.29.0", "0.30.0"),
        "TypeError: __init__() got an unexpected keyword argument 'watermarking'",
    ),
    "a parameter of reset_prefix_cache": Broken(
        *("measure.py", "llm.reset_prefix_cache()", "llm.reset_prefix_cache(reset_running_requests=False)"),
        *("0.11.2", "0.12.0"),
        "TypeError: reset_prefix_cache() got an unexpected keyword argument 'reset_running_requests'",
    ),
    "the newer constructor alone": Broken(
        *("engine.py", 'if hasattr(LLM, "from_engine_args"):', "if True:"),
        *("0.17.1", "0.19.1"),
        "AttributeError: type object 'LLM' has no attribute 'from_engine_args'",
    ),
    "the parser's newer place alone": Broken(
        *("engine.py", "except ImportError:", "except ZeroDivisionError:"),
        *("0.10.2", "0.11.1"),
        "ModuleNotFoundError: No module named 'vllm.utils.argparse_utils'",
    ),
    "a field of the configuration that came with 0.24": Broken(
        *("session.py", "    leave_nothing_to_collect()\n", "    vllm_config(llm).cache_config.kv_cache_size_tokens\n"),
        *("0.20.2", "0.24.0"),
        "AttributeError: 'types.SimpleNamespace' object has no attribute 'kv_cache_size_tokens'",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_it_fails_where_it_would(name: str, tmp_path: Path, write_launch: Callable[..., Path]) -> None:
    broken = BROKEN[name]
    drivers = tmp_path / "drivers"
    shutil.copytree(DRIVERS, drivers, ignore=shutil.ignore_patterns("__pycache__"))
    source = (drivers / broken.file).read_text()
    assert broken.text in source
    (drivers / broken.file).write_text(source.replace(broken.text, broken.instead))

    def on(version: str) -> Any:
        env = {
            "PYTHONPATH": str(write_standin_version(tmp_path / version, version)),
            "STANDIN_LOG": str(tmp_path / "calls"),
        }
        launch = write_launch([(job("a"), 0)])
        return run(drivers / "resident.py", "--launch", str(launch), "--", "--model", "some/model", env=env)

    worked, failed = on(broken.works_on), on(broken.fails_on)
    assert events(worked.stdout)[-2]["event"] == "job_end", worked.stdout + worked.stderr
    assert "job_end" not in {event["event"] for event in events(failed.stdout)}
    # Of the start, or of the measurement.
    assert broken.error in failed.stderr + failed.stdout
