"""Makes a tiny Llama with random weights and its tokenizer, a few MB that vLLM loads like any checkpoint.

    python tiny_model.py DIR [--seed 0]

For trying things out and for tests: real weights in a real file, no download, nothing that anybody would want to read.
Same seed, same torch: the same bytes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

SPECIAL_TOKENS = ("<s>", "</s>", "<pad>")
MERGE_LETTERS = "etaoinshrdlu"
FILES = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
CONFIG: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "dtype": "bfloat16",
    "hidden_size": 256,
    "intermediate_size": 512,
    "num_hidden_layers": 4,
    "num_attention_heads": 8,
    "num_key_value_heads": 4,
    "head_dim": 32,
    "max_position_embeddings": 16384,
    "hidden_act": "silu",
    "rms_norm_eps": 1e-6,
    "rope_theta": 10000.0,
    "initializer_range": 0.02,
    "tie_word_embeddings": False,
    "attention_bias": False,
    "mlp_bias": False,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="tiny_model.py", description="Make a tiny random-weight model for vLLM.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    directory: Path = options.directory
    if all((directory / name).is_file() for name in FILES):
        print(f"{directory} is complete")
        return 0
    if directory.exists() and any(directory.iterdir()):
        print(f"{directory} exists and is not a model of this program: nothing was written", file=sys.stderr)
        return 1
    partial = directory.with_name(directory.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    vocabulary = write_tokenizer(partial)
    config = {
        **CONFIG,
        "vocab_size": -(-len(vocabulary) // 64) * 64,  # padded, as real checkpoints are
        "bos_token_id": vocabulary["<s>"],
        "eos_token_id": vocabulary["</s>"],
    }
    (partial / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    write_weights(partial / "model.safetensors", config, options.seed)
    partial.rename(directory)
    print(f"{directory} made")
    return 0


def write_tokenizer(directory: Path) -> dict[str, int]:
    """Byte-level BPE: 256 bytes, the special tokens, and pairs of common letters."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    merges = [(first, second) for first in MERGE_LETTERS for second in MERGE_LETTERS]
    tokens = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *SPECIAL_TOKENS, *(a + b for a, b in merges)]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL_TOKENS])
    tokenizer.save(str(directory / "tokenizer.json"))
    about = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "pad_token": "<pad>",
        "model_max_length": CONFIG["max_position_embeddings"],
        "clean_up_tokenization_spaces": False,
    }
    (directory / "tokenizer_config.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    return vocabulary


def write_weights(path: Path, config: dict[str, Any], seed: int) -> None:
    import torch
    from safetensors.torch import save

    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Any:
        return (torch.randn(*shape, generator=generator) * config["initializer_range"]).to(torch.bfloat16)

    def ones(size: int) -> Any:
        return torch.ones(size, dtype=torch.bfloat16)

    hidden, inner = config["hidden_size"], config["intermediate_size"]
    queries = config["num_attention_heads"] * config["head_dim"]
    keys = config["num_key_value_heads"] * config["head_dim"]
    tensors = {"model.embed_tokens.weight": normal(config["vocab_size"], hidden)}
    for number in range(config["num_hidden_layers"]):
        layer = f"model.layers.{number}"
        tensors |= {
            f"{layer}.input_layernorm.weight": ones(hidden),
            f"{layer}.self_attn.q_proj.weight": normal(queries, hidden),
            f"{layer}.self_attn.k_proj.weight": normal(keys, hidden),
            f"{layer}.self_attn.v_proj.weight": normal(keys, hidden),
            f"{layer}.self_attn.o_proj.weight": normal(hidden, queries),
            f"{layer}.post_attention_layernorm.weight": ones(hidden),
            f"{layer}.mlp.gate_proj.weight": normal(inner, hidden),
            f"{layer}.mlp.up_proj.weight": normal(inner, hidden),
            f"{layer}.mlp.down_proj.weight": normal(hidden, inner),
        }
    tensors |= {"model.norm.weight": ones(hidden), "lm_head.weight": normal(config["vocab_size"], hidden)}
    path.write_bytes(save(tensors, metadata={"format": "pt"}))  # save_file would make it unreadable for others


if __name__ == "__main__":
    sys.exit(main())
