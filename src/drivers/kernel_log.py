"""XID errors, which NVIDIA's kernel module writes into the kernel's log when a GPU fails; from /dev/kmsg."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

# `NVRM: Xid (PCI:0000:3b:00): 79, pid=..., GPU has fallen off the bus.`; older drivers leave `PCI:` out.
XID = re.compile(rb"NVRM: Xid \((?:PCI:)?([0-9a-fA-F:.]+)\): (\d+)")
MOST_RECORDS = 10_000


class KernelLog:
    """What is written from now on. Raises OSError when this user may not read it."""

    def __init__(self, path: Path = Path("/dev/kmsg")) -> None:
        self.descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.descriptor, 0, os.SEEK_END)

    def xids(self) -> list[dict[str, Any]]:
        """Since the call before: `{"device": "0000:3b:00", "xid": 79}`."""
        found = []
        for _ in range(MOST_RECORDS):
            try:
                record = os.read(self.descriptor, 8192)
            except BrokenPipeError:  # records were overwritten before they were read; the next read goes on behind them
                continue
            except OSError:
                break
            if not record:
                break
            found += [{"device": bus.decode(), "xid": int(xid)} for bus, xid in XID.findall(record)]
        return found

    def close(self) -> None:
        with suppress(OSError):
            os.close(self.descriptor)


def same_device(kernel: str, nvidia_smi: str) -> bool:
    """`0000:3b:00` of the kernel is `00000000:3B:00.0` of nvidia-smi."""
    return bus_of(kernel) == bus_of(nvidia_smi)


def bus_of(name: str) -> tuple[int, ...]:
    with suppress(ValueError):
        return tuple(int(part, 16) for part in name.partition(".")[0].split(":"))
    return ()
