from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from atomic_file import write_atomically
from driver_process import DRIVERS, MARKER, living, wait_until

# Engines whose end is interrupted by a signal, or takes for ever; a child of theirs is alive in both cases.
ENDS = f"""
import os, signal, subprocess, sys, time
from types import SimpleNamespace
sys.path.insert(0, {str(DRIVERS)!r})
import dying, ending
dying.die_with_parent()
subprocess.Popen(["sleep", "60"])
def interrupted():
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(5)
def slow():
    time.sleep(60)
def run(engines):
    core = SimpleNamespace(shutdown=globals()[sys.argv[1]])
    engines.append(SimpleNamespace(llm_engine=SimpleNamespace(engine_core=core)))
    return 7
ending.run_and_leave(run)
"""


@pytest.mark.parametrize("how", ["interrupted", "slow"])
def test_no_child_is_left_and_the_code_stays(how: str) -> None:
    marker = str(uuid.uuid4())
    env = {**os.environ, MARKER: marker}
    done = subprocess.run([sys.executable, "-c", ENDS, how], env=env, check=False, timeout=20)
    assert done.returncode == 7
    assert wait_until(lambda: not living(marker), 1)


def test_a_file_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def chunks() -> object:
        yield "half of "
        raise OSError(28, "No space left on device")

    (tmp_path / "a.json").write_text("before")
    with pytest.raises(OSError, match="No space"):
        write_atomically(tmp_path / "a.json", chunks())
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert (tmp_path / "a.json").read_text() == "before"
    write_atomically(tmp_path / "a.json", ["af", "ter"])
    assert (tmp_path / "a.json").read_text() == "after"
