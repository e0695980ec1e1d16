"""What killed engine processes leave in the file system: sockets, and shared memory that nobody has mapped any more."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

LONGEST_FOLDER = 70
"""A socket's path has at most 107 characters (unix(7)), and vLLM adds a slash and a UUID."""
SHARED_MEMORY = re.compile(
    r" (/dev/shm/(?:psm_[0-9a-f]+|sem\.mp-\w+|nccl-\w+|torch_\d+_\d+_\d+|vllm_(?:offload|ec)_\S+\.mmap))\n"
)
"""Of Python (vLLM's message queues, locks), NCCL, torch and vLLM. What else lies there, a model say, is the user's."""


def make_folder(name: str | None) -> Path | None:
    """For the sockets of one launch; null when the user chose a folder, or none can be made."""
    path = Path(os.environ.get("TMPDIR", "/tmp"), name or "")  # noqa: S108 (nobody can guess the name)
    if name is None or "VLLM_RPC_BASE_PATH" in os.environ or len(str(path)) > LONGEST_FOLDER:
        return None
    try:
        path.mkdir(mode=0o700)
    except OSError:
        return None
    return path


def remove_folder(path: Path | None) -> None:
    if path is not None:
        try:
            path.rmdir()
        except OSError:
            import shutil

            shutil.rmtree(path, ignore_errors=True)


def shared_memory_of(pids: Iterable[int]) -> set[str]:
    return {path for pid in pids for path in SHARED_MEMORY.findall(maps(pid))}


def unlink_unused(paths: set[str]) -> None:
    """Left alone where somebody still has them mapped: an engine of another launch, or of another user."""
    if paths:
        used = shared_memory_of(int(directory.name) for directory in Path("/proc").glob("[0-9]*"))
        for path in paths - used:
            try:
                Path(path).unlink()
            except OSError:  # the resource tracker was quicker
                continue


def maps(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/maps").read_text(errors="replace")
    except OSError:
        return ""
