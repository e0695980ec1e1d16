from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from driver_process import run

pytestmark = pytest.mark.real_vllm

LENGTHS = {
    "prompt_len": 50,
    "shared_len": 20,
    "num_prefixes": 2,
    "output_len": 8,
    "num_prompts": 5,
    "seed": 3,
    "input_len": 50,
    "prefix_len": 20,
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Any:
    directory = tmp_path_factory.mktemp("datasets")
    paths = [directory / "tiny" / name for name in ("inlen50_outlen8_prefixlen20.json", "seed4.json")]
    jobs = [{**LENGTHS, "path": str(paths[0])}, {**LENGTHS, "seed": 4, "path": str(paths[1])}]
    (directory / "jobs.json").write_text(json.dumps(jobs))
    ran = run("datasets.py", "--model", str(model), "--jobs", str(directory / "jobs.json"))
    assert ran.returncode == 0, ran.stderr
    return ran.stdout, paths


def test_one_line_and_one_whole_file_a_job(made: Any) -> None:
    stdout, paths = made
    told = [line for line in stdout.splitlines() if ".json" in line]
    assert told == [f"{path}: 5 prompts of 50 tokens" for path in paths]
    assert sorted(paths[0].parent.iterdir()) == sorted(paths)


def test_entries_have_exact_lengths_text_and_shared_beginnings(made: Any, model: Path) -> None:
    entries = json.loads(made[1][0].read_text())
    ids = [entry.pop("prompt_token_ids") for entry in entries]
    texts = [entry.pop("prompt") for entry in entries]
    assert entries == [{"prompt_len": 50, "output_len": 8, "prefix_len": 20}] * 5
    assert [len(prompt) for prompt in ids] == [50] * 5
    assert ids[0][:20] == ids[2][:20] != ids[1][:20]
    assert len({tuple(prompt[20:]) for prompt in ids}) == 5
    tokenizer = pytest.importorskip("tokenizers").Tokenizer.from_file(str(model / "tokenizer.json"))
    assert texts == [tokenizer.decode(prompt) for prompt in ids]
    specials = {256, 257, 258}
    # 403 tokens in the tokenizer, 448 rows in the model
    assert all(token < 403 and token not in specials for prompt in ids for token in prompt)


def test_they_are_the_prompts_of_the_resident_driver(made: Any) -> None:
    from types import SimpleNamespace

    from prompts import make_prompts

    allowed = [token for token in range(403) if token not in {256, 257, 258}]
    entries = json.loads(made[1][1].read_text())
    expected = make_prompts(SimpleNamespace(**{**LENGTHS, "seed": 4}), 0, allowed)
    assert [entry["prompt_token_ids"] for entry in entries] == expected
