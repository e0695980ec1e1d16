from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from driver_process import run
from probed import NOTHING_READ, answer, with_methods, write


@pytest.mark.parametrize(
    "source", ["def (", "\0", "x = " + "(" * 10_000, "\xff\udcff", "QuantizationMethods = other()"]
)
def test_what_cannot_be_read_is_empty(tmp_path: Path, source: str) -> None:
    names = (
        "benchmarks__throughput",
        "config__cache",
        "config__quantization",
        "entrypoints__cli__benchmark__throughput",
        "v1__engine__output_processor",
    )
    mentions = "#(BenchmarkSubcommandBase) QuantizationMethods CacheDType metrics= --num-warmups\n"
    write(tmp_path)
    for name in (*(name.replace("__", "/") for name in names), "model_executor/layers/quantization/__init__"):
        path = tmp_path / "vllm" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((mentions + source).encode("utf-8", "surrogateescape"))
    facts = answer(tmp_path)
    assert facts["vllm_version"] == "0.99.0"
    assert {key: facts[key] for key in NOTHING_READ} == NOTHING_READ


def test_a_mention_is_not_a_use(tmp_path: Path) -> None:
    write(
        tmp_path,
        benchmarks__throughput="""
# add_random_dataset_base_args(parser)
parser.add_argument("--num-prompts", help="--num-warmups")
""",
        v1__engine__output_processor="Other(metrics=1); RequestOutput(text='metrics=')\n",
    )
    facts = answer(tmp_path)
    assert [facts[key] for key in ("random_length_flags", "num_warmups", "request_metrics")] == [False] * 3


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {
                "benchmarks__throughput": """
def add_cli_args(parser: Parser) -> None:
    if True:
        parser.add_argument(
            "--num-warmups", type=int)
    datasets.add_random_dataset_base_args(parser)
"""
            },
            {"random_length_flags": True, "num_warmups": True},
        ),
        (
            {"v1__engine__output_processor": "def f(self):\n    return RequestOutput(id=1, metrics=self.stats)\n"},
            {"request_metrics": True},
        ),
        # Up to 0.9 a subcommand named itself in its constructor; later the class has the name.
        (
            {
                "entrypoints__cli__benchmark__a": """
class Old(BenchmarkSubcommandBase):
    def __init__(self):
        self.name = "latency"
""",
                "entrypoints__cli__benchmark__b": """
class New(BenchmarkSubcommandBase):
    name = "mm-processor"
    help = "Benchmark it."
""",
                "entrypoints__cli__benchmark__main": """
class BenchmarkSubcommand(CLISubcommand):
    name = "bench"
    all = (BenchmarkSubcommandBase)
""",
            },
            {"bench": ["latency", "mm-processor"]},
        ),
        ({"config": 'CacheDType = Literal["auto", "fp8"]\n'}, {"kv_cache_dtypes": ["auto", "fp8"]}),
        ({"config__cache": 'CacheDType = Literal["auto"] | Literal["fp8"]'}, {"kv_cache_dtypes": ["auto", "fp8"]}),
    ],
)
def test_what_is_read_of_each_file(tmp_path: Path, files: dict[str, str], expected: dict[str, Any]) -> None:
    facts = answer(write(tmp_path, **files))
    assert {key: facts[key] for key in NOTHING_READ} == {**NOTHING_READ, **expected}


SHORTHANDS = """
_ONLINE_SHORTHANDS: dict[str, Args] = {
    "both": Args(linear=Spec(weight=k), moe=Spec(weight=k)),
    "dense_only": Args(linear=Spec(weight=k)),
    "moe_only": Args(moe=Spec(weight=k)),
}
"""


def test_which_layers_a_shorthand_reaches(tmp_path: Path) -> None:
    names = "fp8 both dense_only moe_only awq mxfp4"
    assert with_methods(tmp_path, names, config__quantization=SHORTHANDS) == {
        "fp8": ["linear", "experts"],
        "both": ["linear", "experts"],
        "dense_only": ["linear"],
        "moe_only": ["experts"],
        "mxfp4": [],
    }


SCHEMES = """
class OnlineQuantScheme(Enum):
    # Schemes.
    FP8_PER_BLOCK = "fp8_per_block"
    INT8 = "int8_per_channel_weight_only"
"""
DISPATCH = """
if isinstance(layer, LinearBase):
    linear_scheme = args.linear or args.every
    if linear_scheme == OnlineQuantScheme.INT8:
        return UnquantizedLinearMethod()
    elif linear_scheme == OnlineQuantScheme.FP8_PER_BLOCK:
        return Fp8PerBlockLinearMethod()
elif isinstance(layer, FusedMoE):
    moe_scheme = args.moe or args.every
    if moe_scheme == OnlineQuantScheme.FP8_PER_BLOCK:
        return UnquantizedFusedMoEMethod()
"""


def test_schemes_of_an_enum_as_in_0_20(tmp_path: Path) -> None:
    files = {"config__quantization": SCHEMES, "model_executor__layers__quantization__online__base": DISPATCH}
    assert with_methods(tmp_path, "fp8_per_block int8_per_channel_weight_only", **files) == {
        "fp8_per_block": ["linear", "experts"],
        "int8_per_channel_weight_only": ["experts"],
    }


def test_nothing_is_said_of_mxfp4_where_the_shorthands_have_moved(tmp_path: Path) -> None:
    moved = {"model_executor__layers__quantization__online__shorthands": SHORTHANDS}
    assert with_methods(tmp_path, "fp8 mxfp4", **moved) == {"fp8": ["linear", "experts"]}


METHOD = """
class Config:
    def get_quant_method(self, layer, prefix):
        if isinstance(layer, LinearBase):
            if skipped(prefix):
                return UnquantizedLinearMethod()
            {linear}
        elif isinstance(layer, FusedMoE):
            {experts}
        return None
"""


@pytest.mark.parametrize(
    ("linear", "experts", "layers"),
    [
        ("return RTNLinearMethod(self)", "return RTNMoEMethod(self)", ["linear", "experts"]),
        ("return UnquantizedLinearMethod()", "return Int8MoEMethod(self)", ["experts"]),
        ("return RTNLinearMethod(self)", "return UnquantizedFusedMoEMethod(layer)", ["linear"]),
    ],
)
def test_a_class_says_which_layers_it_gives_a_method_to(
    tmp_path: Path, linear: str, experts: str, layers: list[str]
) -> None:
    file = {"model_executor__layers__quantization__rtn": METHOD.format(linear=linear, experts=experts)}
    assert with_methods(tmp_path, "fp8 rtn", **file)["rtn"] == layers


def test_a_platform_that_takes_some_methods_only(tmp_path: Path) -> None:
    takes = "class P:\n    supported_quantization: list[str] = ['fp8', 'auto_awq']\n"
    (tmp_path / "tpu_inference" / "platforms").mkdir(parents=True)
    (tmp_path / "tpu_inference" / "__init__.py").write_text("raise ImportError('must not be imported')")
    (tmp_path / "tpu_inference" / "platforms" / "tpu_platform.py").write_text(takes)
    assert with_methods(tmp_path, "awq auto_awq fp8 mxfp4") == {}
    assert answer(tmp_path)["quantization"] == ["auto_awq", "fp8"]


@pytest.mark.real_vllm
def test_the_installed_vllm_is_what_vllm_says_of_itself() -> None:
    source = """
import json, typing
from vllm.config.cache import CacheDType
from vllm.model_executor.layers import quantization as q
print(json.dumps([q.QUANTIZATION_METHODS, q.DEPRECATED_QUANTIZATION_METHODS, list(typing.get_args(CacheDType))]))
"""
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    facts = json.loads(run("probe.py").stdout)
    read = [facts[key] for key in ("quantization", "deprecated_quantization", "kv_cache_dtypes")]
    assert json.loads(done.stdout.splitlines()[-1]) == read
