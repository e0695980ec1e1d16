"""A stand-in for old vLLM versions: a package `vllm` with their API, and no engine behind it.

It shows what the installed vLLM cannot: an `LLM` without from_engine_args, outputs without metrics, an engine that
dies. Everything that it was asked is in the file named by STANDIN_LOG, a JSON object a line.
"""

from __future__ import annotations

from pathlib import Path

FILES = {
    "_version.py": "__version__ = version = '0.8.5'\n",
    "__init__.py": """
import json, os, time
from types import SimpleNamespace as Namespace

FAILURE = os.environ.get("STANDIN_FAILURE", "")

def log(**what):
    with open(os.environ["STANDIN_LOG"], "a") as file:
        file.write(json.dumps(what) + "\\n")

class SamplingParams(Namespace):
    pass

class EngineDeadError(Exception):
    pass

class Tokenizer:
    all_special_ids = [0, 1]
    def __len__(self):
        return 100

class LLM:
    def __init__(self, **engine_args):
        log(call="LLM", **engine_args)
        if FAILURE == "start":
            raise RuntimeError("EngineCore failed to start.")
        model = Namespace(model=engine_args["model"], max_model_len=512, dtype="torch.float16", enforce_eager=False)
        model.get_vocab_size = lambda: 90
        cache = Namespace(cache_dtype="auto", block_size=16, num_gpu_blocks=None)
        self.llm_engine = Namespace(vllm_config=Namespace(model_config=model, cache_config=cache))
        self.llm_engine.has_unfinished_requests = lambda: False
        self.failures = 0

    def get_tokenizer(self):
        return Tokenizer()

    def reset_prefix_cache(self):
        log(call="reset_prefix_cache")

    def generate(self, prompts, sampling_params, use_tqdm=True):
        ids = [prompt["prompt_token_ids"] for prompt in prompts]
        log(call="generate", prompts=ids, sampling=[vars(params) for params in sampling_params], use_tqdm=use_tqdm)
        if FAILURE == "dead" and len(ids) == 3:
            raise EngineDeadError("EngineCore encountered an issue.\\nSee stack trace.")
        if FAILURE == "broken" and len(ids) == 3:
            self.failures += 1
        if FAILURE == "once" and len(ids) == 3:
            raise RuntimeError("out of\\nsomething")
        if self.failures:
            raise RuntimeError("device lost")
        time.sleep(0.01)
        reason = "abort" if FAILURE == "abort" and len(ids) == 3 else "length"
        return [Namespace(
            prompt_token_ids=prompt, num_cached_tokens=None, metrics=None,
            outputs=[Namespace(token_ids=[5] * params.max_tokens, finish_reason=reason)],
        ) for prompt, params in zip(ids, sampling_params)]
""",
    "utils.py": """
import argparse
class FlexibleArgumentParser(argparse.ArgumentParser):
    pass
""",
    "benchmarks/__init__.py": "",
    "benchmarks/throughput.py": """
import json
def add_cli_args(parser):
    parser.add_argument("--model", default="facebook/opt-125m")
    parser.add_argument("--tokenizer")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--backend", default="vllm")
    parser.add_argument("--n", type=int, default=1)
    parser.add_argument("--async-engine", action="store_true")
    parser.add_argument("--disable-detokenize", action="store_true")
    parser.add_argument("--output-json")
def main(args):
    print("Throughput: 1.00 requests/s, 2.00 total tokens/s, 1.00 output tokens/s")
    with open(args.output_json, "w") as file:
        json.dump(vars(args), file)
""",
    "engine/__init__.py": "",
    "engine/arg_utils.py": """
from dataclasses import dataclass
@dataclass
class EngineArgs:
    model: str
    tokenizer: str
    seed: int
    disable_log_stats: bool = False
    @classmethod
    def from_cli_args(cls, args):
        return cls(args.model, args.tokenizer, args.seed)
""",
}


def write_standin(directory: Path) -> Path:
    """The value for PYTHONPATH."""
    for name, source in FILES.items():
        path = directory / "vllm" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return directory
