"""Keeps one vLLM engine loaded and measures many jobs on it; docs/driver-protocol.md.

    python resident.py --launch launch.json -- <flags of `vllm bench throughput`>

Exit codes: 0 when every measurement was tried, 1 when the engine could not be built or died, 2 for bad flags, 128 + n
when stopped by signal n. No sibling is imported at module level: spawned engine processes import this file once more.
"""

from __future__ import annotations

import argparse
import runpy
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


class WorkerReport:
    """vLLM mixes it into its workers, where `LLM.collective_rpc` calls it by name; see ask_workers.py."""

    def orchestrate_report(self) -> Any:
        return runpy.run_path(str(HERE / "worker_report.py"))["worker_report"](self)


def main(arguments: list[str]) -> None:
    sys.path.insert(0, str(HERE))
    from dying import die_with_parent
    from ending import run_and_leave
    from launch_file import read_launch
    from session import run

    # Off again: below vLLM, `import datasets` means the package of that name and not our datasets.py.
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != HERE]

    options, flags = split(arguments)
    launch = read_launch(options.launch)
    die_with_parent()
    run_and_leave(lambda engines: run(launch, flags, engines))


def split(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Our own options, and the engine's flags after the first `--`."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(prog="resident.py", usage="%(prog)s --launch FILE -- <vLLM flags>")
    parser.add_argument("--launch", type=Path, required=True, metavar="FILE")
    return parser.parse_args(arguments[:end]), arguments[end + 1 :]


if __name__ == "__main__":
    main(sys.argv[1:])
