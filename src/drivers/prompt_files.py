"""Prompt files: a JSON array with an entry a prompt, its text and its token ids.

The ids are those that the resident driver sends in repeat 0 of the same workload to a model with this tokenizer. They
are what counts: tokenizing the text again need not give them back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from atomic_file import write_atomically
from prompts import allowed_ids, make_prompts


class PromptFile(NamedTuple):
    """Lengths in tokens; `input_len` and `prefix_len` are what the user wrote, the others what it means."""

    path: str
    prompt_len: int
    shared_len: int
    num_prefixes: int
    output_len: int
    num_prompts: int
    seed: int
    input_len: int
    prefix_len: int


def write_prompt_files(model: str, jobs: Path) -> None:
    wanted = [
        PromptFile(**{name: entry[name] for name in PromptFile._fields})
        for entry in json.loads(jobs.read_text(encoding="utf-8"))
    ]
    tokenizer = load_tokenizer(model)
    allowed = allowed_ids(tokenizer, model_vocabulary(model))
    for file in wanted:
        path = Path(file.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, prompt_lines(file, tokenizer, allowed))
        print(f"{path}: {file.num_prompts} prompts of {file.prompt_len} tokens", flush=True)


def prompt_lines(file: PromptFile, tokenizer: Any, allowed: list[int]) -> Iterator[str]:
    """The JSON array, a prompt a line, so that a large file can be looked at."""
    separator = "[\n"
    for ids in make_prompts(file, repeat=0, allowed_ids=allowed):
        entry = {
            "prompt": tokenizer.decode(ids),
            "prompt_token_ids": ids,
            "prompt_len": len(ids),
            "output_len": file.output_len,
            "prefix_len": file.prefix_len,
        }
        yield separator + json.dumps(entry)
        separator = ",\n"
    yield "\n]\n"


def load_tokenizer(model: str) -> Any:
    """vLLM's own loader, which also reads the tokenizers that transformers does not know."""
    try:
        from vllm.tokenizers import get_tokenizer
    except ImportError:
        try:
            from vllm.transformers_utils.tokenizer import get_tokenizer
        except ImportError:
            from transformers import AutoTokenizer

            return AutoTokenizer.from_pretrained(model)
    return get_tokenizer(model)


def model_vocabulary(model: str) -> int | None:
    """Rows of the embedding; None where the configuration does not say, and then the tokenizer alone decides."""
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(model)
    except Exception:  # a model that this transformers does not know: its tokenizer may still be there
        return None
    size = getattr(config.get_text_config(), "vocab_size", None)
    return size if isinstance(size, int) else None
