"""vLLM's own benchmark without a measurement."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from vllm.standin.facts import FACTS, log


def main(args: argparse.Namespace) -> None:
    """`vllm.benchmarks.throughput.main`: the lines are the same in every version, the keys of the file are not."""
    log(call="main", **vars(args))
    prompt_len = args.random_input_len if hasattr(args, "random_input_len") else args.input_len
    output_len = args.random_output_len if hasattr(args, "random_output_len") else args.output_len
    tokens = args.num_prompts * (prompt_len + output_len)
    print(f"Throughput: {args.num_prompts:.2f} requests/s, {tokens:.2f} total tokens/s, 1.00 output tokens/s")
    print(f"Total num prompt tokens:  {args.num_prompts * prompt_len}")
    print(f"Total num output tokens:  {args.num_prompts * output_len}")
    values = {"model_id": args.model, "num_requests": args.num_prompts, "total_num_tokens": tokens}
    Path(args.output_json).write_text(json.dumps({key: values.get(key, 1.0) for key in FACTS["result_keys"]}))
