"""What a worker holds: counted on stand-ins for vLLM's layers, and asked of real engines."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from ask_workers import EXTENSION, METHOD, UNKNOWN, ask_workers, let_workers_be_asked, summed
from driver_process import IN_PROCESS, job, run
from worker_report import worker_report

REPORT = {"weights": {"bytes": 6, "by_dtype": {"int8": 6}, "methods": {"A": 2}}, "kv_cache_bytes": 100}
OTHER = {"weights": {"bytes": 4, "by_dtype": {"int8": 1, "uint8": 3}, "methods": {"B": 1}}, "kv_cache_bytes": 50}


def parsed(**values: Any) -> Any:
    neutral = {"worker_extension_cls": "", "tensor_parallel_size": 1, "pipeline_parallel_size": 1}
    return SimpleNamespace(**{**neutral, **values})


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Any:
    """vLLM's current platform, of the type and with the devices that a test says."""

    def be(device_type: str, count: int = 1) -> None:
        module = ModuleType("vllm.platforms")
        vars(module)["current_platform"] = SimpleNamespace(device_type=device_type, device_count=lambda: count)
        monkeypatch.setitem(sys.modules, "vllm.platforms", module)
        if "vllm" not in sys.modules:
            monkeypatch.setitem(sys.modules, "vllm", ModuleType("vllm"))

    return be


@pytest.mark.parametrize(
    ("kind", "count", "args"),
    [
        ("cpu", 1, {"tensor_parallel_size": 2}),
        ("cuda", 8, {"tensor_parallel_size": 4, "pipeline_parallel_size": 2}),
        ("cuda", 1, {"distributed_executor_backend": "mp"}),
        ("cuda", 1, {"distributed_executor_backend": None, "data_parallel_backend": "mp", "nnodes": 1}),
    ],
)
def test_workers_that_run_the_drivers_file_are_asked(device: Any, kind: str, count: int, args: dict[str, Any]) -> None:
    device(kind, count)
    flags = parsed(**args)
    assert let_workers_be_asked(flags)
    assert flags.worker_extension_cls == EXTENSION


@pytest.mark.parametrize(
    ("kind", "args"),
    [
        ("tpu", {}),
        ("xpu", {}),
        ("cuda", {"tensor_parallel_size": 2}),
        ("cpu", {"distributed_executor_backend": "ray"}),
        ("cuda", {"distributed_executor_backend": "external_launcher"}),
        ("cuda", {"data_parallel_backend": "ray"}),
        ("cuda", {"nnodes": 2}),
        ("cpu", {"worker_extension_cls": "mine.Extension"}),
        ("cpu", {"worker_extension_cls": None}),
    ],
)
def test_no_others_and_the_users_own_flag_stands(device: Any, kind: str, args: dict[str, Any]) -> None:
    device(kind)
    flags = parsed(**args)
    before = flags.worker_extension_cls
    assert not let_workers_be_asked(flags)
    assert flags.worker_extension_cls == before


def test_a_vllm_without_the_flag_is_not_asked() -> None:
    assert not let_workers_be_asked(object())


def test_a_platform_that_does_not_answer_costs_a_line_and_nothing_else(
    device: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    device("cuda")
    sys.modules["vllm.platforms"].current_platform = SimpleNamespace(device_type="cuda")  # type: ignore[attr-defined]
    flags = parsed()
    assert not let_workers_be_asked(flags)
    assert flags.worker_extension_cls == ""
    assert capsys.readouterr().err.startswith("driver: the workers do not tell what they hold: AttributeError")


def test_reports_are_added_up() -> None:
    assert summed([REPORT, OTHER]) == {
        "weights": {"bytes": 10, "by_dtype": {"int8": 7, "uint8": 3}, "methods": {"A": 2, "B": 1}},
        "kv_cache_bytes": 150,
    }
    assert summed([REPORT, {**OTHER, "kv_cache_bytes": None}])["kv_cache_bytes"] is None
    assert summed([]) == UNKNOWN


class Engine:
    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def collective_rpc(self, method: str, timeout: float) -> Any:
        assert (method, timeout > 0) == (METHOD, True)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_what_cannot_be_asked_is_unknown_and_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask_workers(Engine([REPORT])) == REPORT
    assert capsys.readouterr().err == ""
    for answer in (RuntimeError("no\nsuch method"), [{"weights": None}], [None], object()):
        assert ask_workers(Engine(answer)) == UNKNOWN
        error = capsys.readouterr().err
        assert error.startswith("driver: the workers do not tell what they hold: ")
        assert error.count("\n") == 1


def worker_of(model: Any, kv_caches: Any) -> Any:
    return SimpleNamespace(model_runner=SimpleNamespace(model=model, kv_caches=kv_caches))


def test_counting_on_a_small_module() -> None:
    torch = pytest.importorskip("torch")
    bases = {name: type(name, (), {}) for name in ("LinearMethodBase", "FusedMoEMethodBase")}
    unquantized = type("UnquantizedLinearMethod", (bases["LinearMethodBase"],), {})
    router = type("_GateLinearMethod", (unquantized,), {})
    schemes = type("CompressedTensorsLinearMethod", (bases["LinearMethodBase"],), {})
    experts = type("Mxfp4MoEMethod", (bases["FusedMoEMethodBase"],), {})()

    def layer(method: Any, weight: Any, **fields: Any) -> Any:
        module = torch.nn.Module()
        module.weight = torch.nn.Parameter(weight, requires_grad=False)
        vars(module).update({"quant_method": method, **fields})
        return module

    model = torch.nn.Module()
    model.router = layer(router(), torch.zeros(2, 3))
    model.scheme = layer(schemes(), torch.zeros(5, dtype=torch.int8), scheme=type("W8A8", (), {})())
    # Repacked by a CPU: 4 x 6 elements of 2 bytes are somewhere else.
    packed = {"input_size": 4, "output_size_per_partition": 6, "output_size": 12, "params_dtype": torch.bfloat16}
    model.packed = layer(unquantized(), torch.zeros(0, dtype=torch.bfloat16), **packed)
    model.block = layer(experts, torch.zeros(7, dtype=torch.uint8))
    model.block.inner = layer(experts, model.block.weight)
    model.embedding = layer(object(), torch.zeros(3, dtype=torch.bfloat16))
    model.register_buffer("scale", torch.zeros(2))
    model.register_buffer("rotary", torch.zeros(1000), persistent=False)
    whole = torch.zeros(64, dtype=torch.uint8)
    report = worker_report(worker_of(model, [(whole[:32], whole[32:]), {"state": torch.zeros(4)}]))
    assert report == {
        "weights": {
            "bytes": 24 + 5 + 48 + 7 + 6 + 8,
            "by_dtype": {"float32": 24 + 8, "int8": 5, "uint8": 7, "bfloat16": 6 + 48},
            "methods": {
                "UnquantizedLinearMethod": 2,
                "CompressedTensorsLinearMethod:W8A8": 1,
                "Mxfp4MoEMethod": 1,
            },
        },
        "kv_cache_bytes": 64 + 16,
    }
    assert worker_report(worker_of(model, None))["kv_cache_bytes"] is None


# The tiny model has 2,590,976 parameters, 2,359,296 of them in 16 linear layers; attention keeps 16 scales in float32.
BF16 = {
    "bytes": 5_182_016,
    "by_dtype": {"bfloat16": 5_181_952, "float32": 64},
    "methods": {"UnquantizedLinearMethod": 16},
}


@pytest.mark.real_vllm
@pytest.mark.parametrize(
    ("flags", "method", "fp8_bytes"),
    [
        (["--quantization", "fp8_per_block"], "Fp8PerBlockOnlineLinearMethod", 2_359_296),
        (["--quantization", "experts_int8"], "UnquantizedLinearMethod", 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_real_engine_tells_what_became_of_the_weights(
    tmp_path: Path, engine_flags: list[str], write_launch: Any, flags: list[str], method: str, fp8_bytes: int
) -> None:
    launch = write_launch([(job("plain"), 0)])
    ran = run("resident.py", "--launch", str(launch), "--", *engine_flags, *flags, env=IN_PROCESS)
    assert ran.returncode == 0, ran.stderr
    engine = json.loads((tmp_path / "out" / "plain.r0.json").read_text())["engine"]
    assert engine["quantization"] == flags[-1]
    assert engine["weights"]["methods"] == {method: 16}
    assert engine["weights"]["by_dtype"].get("float8_e4m3fn", 0) == fp8_bytes
    if fp8_bytes == 0:
        assert engine["weights"] == BF16
    assert engine["kv_cache_bytes"] == 268_435_456


@pytest.mark.real_vllm
@pytest.mark.filterwarnings("ignore")
def test_the_engine_differs_from_the_stock_one_in_this_flag_alone(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine import parse_flags
    from vllm.engine.arg_utils import EngineArgs

    monkeypatch.setenv("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
    args, asked = parse_flags(["--model", str(model)]), parse_flags(["--model", str(model)])
    assert let_workers_be_asked(asked)
    stock, ours = EngineArgs.from_cli_args(args), EngineArgs.from_cli_args(asked)
    assert {name for name, value in vars(ours).items() if vars(stock)[name] != value} == {"worker_extension_cls"}
    # The hash by which vLLM finds what it has compiled before.
    assert stock.create_engine_config().compute_hash() == ours.create_engine_config().compute_hash()
