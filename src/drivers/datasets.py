"""Writes prompt files, so that the very prompts of a run can be given to other programs.

    python datasets.py --model PATH --jobs FILE

FILE is a JSON list; an entry has `path` and the lengths of a job. One line is printed a file.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    parser = argparse.ArgumentParser(prog="datasets.py", description="Write seeded prompt files.")
    parser.add_argument("--model", required=True, metavar="PATH", help="or a Hugging Face id; its tokenizer is used")
    parser.add_argument("--jobs", required=True, type=Path, metavar="FILE")
    options = parser.parse_args()
    sys.path.insert(0, str(HERE))
    from prompt_files import write_prompt_files

    # Off again: below vLLM, `import datasets` means the package of that name and not this file.
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != HERE]
    write_prompt_files(options.model, options.jobs)


if __name__ == "__main__":
    main()
