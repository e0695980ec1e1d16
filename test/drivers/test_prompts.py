from __future__ import annotations

import time
from hashlib import sha256
from random import Random
from types import SimpleNamespace
from typing import Any

from prompts import WARMUP, allowed_ids, make_prefixes, make_prompts

IDS = list(range(1000, 1400))
# From a separate program: 1000 + getrandbits(32) % 400, word by word.
KNOWN_FIRST = [1062, 1259, 1306, 1362, 1170, 1365, 1128, 1107]
KNOWN_LAST = [1244, 1228, 1388, 1336]


def shape(**changes: int) -> Any:
    lengths = {"prompt_len": 24, "shared_len": 0, "num_prefixes": 1, "output_len": 8, "num_prompts": 6, "seed": 7}
    return SimpleNamespace(**{**lengths, **changes})


def reference(stream: str, length: int, repeat: int = 0, tag: str = "measured", **changes: int) -> list[int]:
    """The same ids written another way: the words one by one from the big number that the bytes come from."""
    job = shape(**changes)
    canonical = (
        f"orchestrate-prompts-1|seed={job.seed}|prompt_len={job.prompt_len}|shared_len={job.shared_len}"
        f"|num_prefixes={job.num_prefixes}|output_len={job.output_len}|num_prompts={job.num_prompts}"
        f"|repeat={repeat}|{tag}|{stream}"
    )
    number = Random(int(sha256(canonical.encode()).hexdigest(), 16)).getrandbits(32 * length)
    return [IDS[(number >> (32 * i) & 0xFFFFFFFF) % len(IDS)] for i in range(length)]


def test_known_values_for_ever() -> None:
    prompts = make_prompts(shape(), repeat=0, allowed_ids=IDS)
    assert prompts[0][:8] == KNOWN_FIRST
    assert prompts[5][-4:] == KNOWN_LAST


def test_prompts_are_those_of_the_reference() -> None:
    lengths = {"prompt_len": 24, "shared_len": 10, "num_prefixes": 2}
    prompts = make_prompts(shape(**lengths), repeat=3, allowed_ids=IDS, tag="other")
    for i, prompt in enumerate(prompts):
        shared = reference(f"prefix={i % 2}", 10, 3, "other", **lengths)
        assert prompt == shared + reference(f"prompt={i}", 14, 3, "other", **lengths)


def test_lengths_are_exact_and_ids_are_allowed() -> None:
    for lengths in ({"shared_len": 0}, {"shared_len": 24}, {"shared_len": 5, "num_prefixes": 4}, {"prompt_len": 1}):
        prompts = make_prompts(shape(**lengths), 0, IDS)
        assert [len(prompt) for prompt in prompts] == [lengths.get("prompt_len", 24)] * 6
        assert {token for prompt in prompts for token in prompt} <= set(IDS)


def test_prompt_i_has_prefix_i_modulo_their_number_and_an_own_part() -> None:
    job = shape(shared_len=10, num_prefixes=3, num_prompts=7)
    prefixes, prompts = make_prefixes(job, 0, IDS), make_prompts(job, 0, IDS)
    assert len({tuple(prefix) for prefix in prefixes}) == 3
    assert [prompt[:10] for prompt in prompts] == [prefixes[i % 3] for i in range(7)]
    assert len({tuple(prompt[10:]) for prompt in prompts}) == 7


def test_no_more_prefixes_than_prompts() -> None:
    assert len(make_prefixes(shape(shared_len=4, num_prefixes=9, num_prompts=2), 0, IDS)) == 2


def test_warm_up_prompts_share_nothing_with_measured_ones() -> None:
    job = shape(shared_len=20, num_prefixes=2)
    measured, warm = make_prompts(job, 0, IDS), make_prompts(job, 0, IDS, WARMUP, count=3)
    assert len(warm) == 3
    assert not {tuple(prompt[:4]) for prompt in measured} & {tuple(prompt[:4]) for prompt in warm}


def test_everything_that_names_a_measurement_changes_its_prompts() -> None:
    fields = ("prompt_len", "shared_len", "num_prefixes", "output_len", "num_prompts", "seed")
    jobs = [shape(), *(shape(**{field: getattr(shape(), field) + 1}) for field in fields)]
    firsts = [make_prompts(job, 0, IDS)[0][:12] for job in jobs] + [make_prompts(shape(), 1, IDS)[0][:12]]
    assert len({tuple(first) for first in firsts}) == len(firsts)


def test_all_ids_are_drawn_about_equally_often() -> None:
    (prompt,) = make_prompts(shape(prompt_len=40_000, num_prompts=1), 0, IDS)
    counts = [prompt.count(token) for token in IDS]
    # 100 each on average; the standard deviation of one count is about 10
    assert min(counts) > 50
    assert max(counts) < 150


def test_a_thousand_long_prompts_in_about_a_second() -> None:
    start = time.process_time()
    make_prompts(shape(prompt_len=8192, num_prompts=1000), 0, list(range(128_000)))
    assert time.process_time() - start < 10  # 1 on an idle machine


def test_allowed_ids_are_known_to_both_and_not_special() -> None:
    class Tokenizer:
        all_special_ids = (1, 3)

        def __len__(self) -> int:
            return 6

    assert allowed_ids(Tokenizer(), model_vocabulary=5) == [0, 2, 4]
    assert allowed_ids(Tokenizer(), model_vocabulary=8) == [0, 2, 4, 5]
    assert allowed_ids(Tokenizer(), model_vocabulary=None) == [0, 2, 4, 5]
