from __future__ import annotations

import json
from pathlib import Path

import pytest
from driver_process import run
from tiny_model import CONFIG, write_weights

pytestmark = pytest.mark.real_vllm  # torch, safetensors and tokenizers come with it; test_resident_real.py loads it


def test_a_small_complete_checkpoint(model: Path) -> None:
    config = json.loads((model / "config.json").read_text())
    assert config["max_position_embeddings"] == 16384
    assert config["vocab_size"] == 448
    assert sorted(path.name for path in model.iterdir()) == [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ]
    assert 1_000_000 < (model / "model.safetensors").stat().st_size < 10_000_000
    assert not model.with_name(model.name + ".partial").exists()


def test_the_seed_decides_the_bytes(tmp_path: Path) -> None:
    config = {**CONFIG, "vocab_size": 448}
    for name, seed in (("first", 5), ("same", 5), ("other", 6)):
        write_weights(tmp_path / name, config, seed)
    first, same, other = ((tmp_path / name).read_bytes() for name in ("first", "same", "other"))
    assert first == same
    assert first != other


def test_what_is_there_is_left_alone(tmp_path: Path, model: Path) -> None:
    before = (model / "model.safetensors").stat().st_mtime_ns
    again = run("tiny_model.py", str(model))
    assert again.returncode == 0
    assert "is complete" in again.stdout
    assert (model / "model.safetensors").stat().st_mtime_ns == before
    (tmp_path / "mine").write_text("something else")
    refused = run("tiny_model.py", str(tmp_path))
    assert refused.returncode == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_half_made_model_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "tiny.partial").mkdir()
    (tmp_path / "tiny.partial" / "left over").write_text("from a crash")
    made = run("tiny_model.py", str(tmp_path / "tiny"))
    assert made.returncode == 0, made.stderr
    assert "arning" not in made.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]
    assert len(list((tmp_path / "tiny").iterdir())) == 4


def test_text_survives_the_tokenizer(model: Path) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    tokenizer = tokenizers.Tokenizer.from_file(str(model / "tokenizer.json"))
    for text in ("the rest of it", "Grüße, 東京 \n\t 12"):
        assert tokenizer.decode(tokenizer.encode(text).ids) == text
    assert len(tokenizer.encode("the rest of it").ids) < len("the rest of it")
