"""With the real huggingface_hub, against a hub of our own on this host."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from driver_process import run
from fetch_config import problem_with

huggingface_hub = pytest.importorskip("huggingface_hub")

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OLDER = 40 * "a"
COMMITS = {"main": COMMIT, "v1": OLDER, COMMIT: COMMIT, OLDER: OLDER}
FILES = {
    "org/plain/config.json": b'{"model_type": "llama"}',
    "org/plain/model.safetensors": b"weights",
    "org/quantized/config.json": b"{}",
    "org/quantized/hf_quant_config.json": b'{"quantization": {"quant_algo": "NVFP4"}}',
    "org/quantized/model.safetensors.index.json": b'{"weight_map": {}}',
    "org/other/params.json": b"{}",
}


class Hub(BaseHTTPRequestHandler):
    """As much of the hub as a download of one file asks for: `<endpoint>/<repository>/resolve/<revision>/<file>`."""

    asked: list[str]

    def do_HEAD(self) -> None:
        self.answer(with_body=False)

    def do_GET(self) -> None:
        self.answer(with_body=True)

    def answer(self, *, with_body: bool) -> None:
        repository, _, file = self.path[1:].partition("/resolve/")
        revision, _, file = file.partition("/")
        name = f"{repository}/{file}"
        self.asked.append(name)
        if repository == "org/gated" and self.headers.get("Authorization") != "Bearer hf_good":
            return self.refuse(403, "GatedRepo")
        if not any(one.startswith(f"{repository}/") for one in FILES):
            return self.refuse(404, "RepoNotFound")
        if revision not in COMMITS:
            return self.refuse(404, "RevisionNotFound")
        if name not in FILES:
            return self.refuse(404, "EntryNotFound")
        body = FILES[name]
        self.send_response(200)
        self.send_header("X-Repo-Commit", COMMITS[revision])
        self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)
        return None

    def refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The variables by which a huggingface_hub finds it, and its cache in tmp_path."""
    Hub.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    no_proxy = dict.fromkeys(("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "HF_TOKEN"), "")
    yield {"HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}", "HF_HOME": str(tmp_path), **no_proxy}
    server.shutdown()
    server.server_close()


def fetch(model: str, env: dict[str, str], *revision: str) -> Any:
    done = run("fetch_config.py", model, *revision, env=env, timeout=30)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])["problem"]


def snapshot(home: Path, model: str) -> Path:
    """Where the docs of huggingface_hub say that it lies; main is the commit that the hub told."""
    root = home / "hub" / f"models--{model.replace('/', '--')}"
    assert (root / "refs" / "main").read_text() == COMMIT
    return root / "snapshots" / COMMIT


def test_config_json_and_no_weights(hub: dict[str, str], tmp_path: Path) -> None:
    assert fetch("org/plain", hub) is None
    found = snapshot(tmp_path, "org/plain")
    assert [path.name for path in found.iterdir()] == ["config.json"]
    assert (found / "config.json").read_bytes() == FILES["org/plain/config.json"]
    assert not [name for name in Hub.asked if name.endswith(".safetensors")]


def test_what_else_tells_of_the_weights_comes_with_it_and_first(hub: dict[str, str], tmp_path: Path) -> None:
    assert fetch("org/quantized", hub) is None
    names = sorted(path.name for path in snapshot(tmp_path, "org/quantized").iterdir())
    assert names == ["config.json", "hf_quant_config.json", "model.safetensors.index.json"]
    assert Hub.asked[-1] == "org/quantized/config.json"


def test_another_revision(hub: dict[str, str], tmp_path: Path) -> None:
    assert fetch("org/plain", hub, "v1") is None
    root = tmp_path / "hub" / "models--org--plain"
    assert (root / "refs" / "v1").read_text() == OLDER
    assert (root / "snapshots" / OLDER / "config.json").read_bytes() == FILES["org/plain/config.json"]
    assert fetch("org/plain", hub, "v9") == "the repository has no revision v9"


@pytest.mark.parametrize(
    ("model", "variables", "says"),
    [
        ("org/gated", {}, "access to the repository is restricted"),
        ("org/gated", {"HF_TOKEN": "hf_bad"}, "access to the repository is restricted"),
        ("org/absent", {}, "there is no such repository"),
        ("org/other", {}, "the repository has none"),
        ("org/plain", {"HF_HUB_OFFLINE": "1"}, "HF_HUB_OFFLINE is set"),
        ("org/plain", {"HF_ENDPOINT": "http://127.0.0.1:9"}, "Connect"),
        ("a/b/c", {}, "HFValidationError"),
    ],
)
def test_why_it_cannot_be_had(hub: dict[str, str], model: str, variables: dict[str, str], says: str) -> None:
    assert says in fetch(model, {**hub, **variables})


def test_a_hub_that_is_gone_after_the_first_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without this, config.json alone would be in the cache, and the model a plain one for ever after."""
    asked = []

    def gone(_model: str, name: str, revision: None) -> None:
        asked.append(name)
        raise huggingface_hub.errors.LocalEntryNotFoundError("cannot reach it")

    monkeypatch.setattr(huggingface_hub, "get_hf_file_metadata", lambda _url: None)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", gone)
    assert problem_with("org/quantized") == "LocalEntryNotFoundError: cannot reach it"
    assert asked == ["hf_quant_config.json"]


def test_the_token_of_the_user_holds(hub: dict[str, str]) -> None:
    FILES["org/gated/config.json"] = b"{}"
    try:
        assert fetch("org/gated", {**hub, "HF_TOKEN": "hf_good"}) is None
    finally:
        del FILES["org/gated/config.json"]
