"""The parts of the sampler on made-up hosts. The forms of nvidia-smi's figures are those of NVIDIA's manual page."""

from __future__ import annotations

import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import host_load
import nvidia_smi
import pytest
from kernel_log import KernelLog, same_device
from sampler import Lines

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.mark.parametrize(
    "cell", ["[N/A]", "N/A", "[Not Supported]", "[GPU is lost]", "[Unknown Error]", "", "nan", "inf"]
)
def test_what_is_no_figure_is_unknown(cell: str) -> None:
    query = nvidia_smi.QUERIES[0]
    row = nvidia_smi.row_of(", ".join(["0", *[cell] * (len(query) - 1)]), query)
    assert row is not None
    assert {name: value for name, value in row.items() if value is not None} == {"index": "0"}


@pytest.mark.parametrize(
    "line",
    [
        'Field "clocks_event_reasons.active" is not a valid field to query.',
        "Unable to determine the device handle for GPU0000:3B:00.0: GPU is lost.",
        "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.",
        "1, 2",
        "",
    ],
)
def test_a_message_is_no_row(line: str) -> None:
    assert nvidia_smi.row_of(line, nvidia_smi.QUERIES[0]) is None


@pytest.mark.parametrize(
    ("mask", "names"),
    [
        # The bits as nvml.h defines them.
        ("0x0000000000000000", []),
        ("0x0000000000000001", ["gpu_idle"]),
        ("0x0000000000000006", ["applications_clocks_setting", "sw_power_cap"]),
        ("0x0000000000000048", ["hw_slowdown", "hw_thermal_slowdown"]),
        ("0x00000000000000B0", ["sync_boost", "sw_thermal_slowdown", "hw_power_brake_slowdown"]),
        ("0x0000000000000100", ["display_clock_setting"]),
        ("0x8000000000000000", ["0x8000000000000000"]),
        ("[N/A]", None),
    ],
)
def test_throttle_reasons_are_bits(mask: str, names: list[str] | None) -> None:
    assert nvidia_smi.reasons_of(mask) == names


def test_nvidia_smi_that_ended_is_started_again_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nvidia-smi"
    row = ", ".join(["0", "00000000:3B:00.0", *["1"] * (len(nvidia_smi.QUERIES[0]) - 2)])
    program.write_text(f"#!/bin/sh\necho '{row}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    now = [100.0]
    smi = nvidia_smi.NvidiaSmi(["0"], 1.0, lambda: now[0])

    def rows_until_it_ends() -> int:
        found, deadline = 0, time.monotonic() + 5
        while smi.descriptor is not None and time.monotonic() < deadline:
            found += len(smi.rows())
            time.sleep(0.01)
        return found

    assert rows_until_it_ends() == 1
    now[0] += nvidia_smi.RESTART_S - 1
    assert (smi.rows(), smi.descriptor) == ([], None)
    now[0] += 1
    smi.rows()
    assert rows_until_it_ends() == 1
    assert smi.absent is None


def test_xids_that_come_after_it_began(tmp_path: Path) -> None:
    log = tmp_path / "kmsg"
    log.write_text("4,1,100,-;NVRM: Xid (PCI:0000:3b:00): 13, pid=1, before\n")
    kernel = KernelLog(log)
    assert kernel.xids() == []
    with log.open("a") as file:
        file.write("6,2,200,-;usb 1-1: new device\n")
        file.write("4,3,300,-;NVRM: Xid (PCI:0000:3b:00): 79, pid=77, GPU has fallen off the bus.\n")
        file.write("4,4,400,-;NVRM: Xid (0000:86:00): 48, an older driver\n")
    assert kernel.xids() == [{"device": "0000:3b:00", "xid": 79}, {"device": "0000:86:00", "xid": 48}]
    assert kernel.xids() == []
    kernel.close()


def test_the_kernel_and_nvidia_smi_write_one_device_differently() -> None:
    assert same_device("0000:3b:00", "00000000:3B:00.0")
    assert not same_device("0000:3b:00", "00000000:86:00.0")
    assert not same_device("0001:3b:00", "00000000:3B:00.0")


def test_clocks_of_many_cores_are_asked_in_turn(tmp_path: Path) -> None:
    for core in range(40):
        folder = tmp_path / f"cpu{core}" / "cpufreq"
        folder.mkdir(parents=True)
        (folder / "scaling_cur_freq").write_text(f"{1_000_000 + core * 10_000}\n")
    clocks = host_load.CoreClocks(tmp_path, tmp_path)
    means = [clocks.mean_mhz() or 0 for _ in range(3)]
    # 40 cores in three turns of 14, 13 and 13: each turn has other ones, and together they are all.
    assert len(set(means)) == 3
    assert (14 * means[0] + 13 * means[1] + 13 * means[2]) / 40 == pytest.approx(1195)
    assert clocks.mean_mhz() == means[0]


def test_a_virtual_machine_tells_its_clocks_in_cpuinfo_only(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\ncpu MHz\t\t: 2000.500\nprocessor\t: 1\ncpu MHz\t\t: 3000.500\n")
    now = [0.0]
    clocks = host_load.CoreClocks(tmp_path / "none", tmp_path, lambda: now[0])
    assert clocks.mean_mhz() == 2500.5
    cpuinfo.write_text("")
    now[0] = 9
    assert clocks.mean_mhz() == 2500.5  # it is not read every second
    now[0] = 10
    assert clocks.mean_mhz() is None


def test_shares_are_of_all_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # proc_stat(5): user nice system idle iowait irq softirq steal guest guest_nice
    stat = tmp_path / "stat"
    monkeypatch.setattr(host_load, "PROC", tmp_path)
    stat.write_text("cpu  100 0 100 1000 50 0 0 0 40 0\ncpu0 1 2 3\n")
    load = host_load.HostLoad(None)
    # 30 + 10 + 5 + 5 ticks busy, 40 idle and 10 waiting for a disk: half of 100.
    stat.write_text("cpu  130 0 110 1040 60 5 0 5 70 0\ncpu0 1 2 3\n")
    assert load.sample() == {"cpu_load": 0.5, "cpu_load_own": None}
    assert load.sample() == {"cpu_load": None, "cpu_load_own": None}  # no time has passed
    stat.unlink()
    assert load.sample()["cpu_load"] is None


def test_a_full_disk_leaves_whole_lines_and_passes(tmp_path: Path) -> None:
    # A limit on the size of files fails like a full disk: what fits of a line is written, the next write not at all.
    path = tmp_path / "lines"
    lines = Lines(path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    line: dict[str, Any] = {"line": "sample", "filler": "x" * 30}
    assert lines.write(line)
    size = path.stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size * 5 // 2, before[1]))
    try:
        assert [lines.write(line) for _ in range(4)] == [True, False, False, False]
        assert path.stat().st_size == 2 * size
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert lines.write(line)
    assert path.read_text().count("}\n") == 3 and path.stat().st_size == 3 * size
