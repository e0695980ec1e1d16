"""Random prompts of exact length, as token ids: a pure function of the job, the repeat and the allowed ids.

The ids are given to the engine as they are: no text, no tokenizer, no special ids, so a prompt has the length that was
asked for on every vLLM version. The bytes come from CPython's Mersenne Twister (`Random(int).randbytes`), seeded with
the sha256 of a canonical string: the same on every machine and Python version. A test holds known values.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from collections.abc import Sequence
from random import Random
from typing import Any, Protocol

GENERATOR = "orchestrate-prompts-1"
MEASURED = "measured"
WARMUP = "warmup"


class Shape(Protocol):
    """The part of a job that prompts depend on; lengths in tokens."""

    @property
    def prompt_len(self) -> int: ...
    @property
    def shared_len(self) -> int: ...
    @property
    def num_prefixes(self) -> int: ...
    @property
    def output_len(self) -> int: ...
    @property
    def num_prompts(self) -> int: ...
    @property
    def seed(self) -> int: ...


def allowed_ids(tokenizer: Any, model_vocabulary: int | None) -> list[int]:
    """Every token id that a prompt may hold: known to the tokenizer and to the model, and not special."""
    vocabulary = min(len(tokenizer), model_vocabulary or len(tokenizer))
    special = set(tokenizer.all_special_ids)
    return [token_id for token_id in range(vocabulary) if token_id not in special]


def make_prompts(
    job: Shape, repeat: int, allowed_ids: Sequence[int], tag: str = MEASURED, count: int | None = None
) -> list[list[int]]:
    """`count` (all when None) prompts of `prompt_len` ids; prompt i begins with the prefix i % num_prefixes.

    Another tag gives other prefixes and other prompts: warm-up requests leave nothing in the cache for measured ones.
    Only an own part of very few tokens can come twice by chance (n**2 / (2 * len(allowed_ids)**own_len) pairs).
    """
    count = job.num_prompts if count is None else count
    prefixes = make_prefixes(job, repeat, allowed_ids, tag, count)
    own_len = job.prompt_len - job.shared_len
    name = stream_name(job, repeat, tag)
    return [
        prefixes[i % job.num_prefixes] + random_ids(f"{name}|prompt={i}", own_len, allowed_ids) for i in range(count)
    ]


def make_prefixes(
    job: Shape, repeat: int, allowed_ids: Sequence[int], tag: str = MEASURED, count: int | None = None
) -> list[list[int]]:
    """The shared parts that `count` prompts use: at most num_prefixes lists of `shared_len` ids."""
    count = job.num_prompts if count is None else count
    name = stream_name(job, repeat, tag)
    used = min(job.num_prefixes, count)
    return [random_ids(f"{name}|prefix={p}", job.shared_len, allowed_ids) for p in range(used)]


def stream_name(job: Shape, repeat: int, tag: str) -> str:
    """Everything that makes one measurement's prompts differ from another's. Never change it: raise GENERATOR."""
    return (
        f"{GENERATOR}|seed={job.seed}|prompt_len={job.prompt_len}|shared_len={job.shared_len}"
        f"|num_prefixes={job.num_prefixes}|output_len={job.output_len}|num_prompts={job.num_prompts}"
        f"|repeat={repeat}|{tag}"
    )


def random_ids(name: str, length: int, allowed_ids: Sequence[int]) -> list[int]:
    """`length` draws from `allowed_ids`: little-endian 32-bit words modulo the number of ids.

    The modulo favours the first ids by at most len(allowed_ids) / 2**32, which is 6e-5 for 256k ids: no engine's speed
    depends on that, and rejecting words would cost more than the draw.
    """
    generator = Random(int.from_bytes(hashlib.sha256(name.encode()).digest(), "big"))
    words = array("I", generator.randbytes(4 * length))
    if sys.byteorder == "big":
        words.byteswap()
    size = len(allowed_ids)
    return [allowed_ids[word % size] for word in words]
