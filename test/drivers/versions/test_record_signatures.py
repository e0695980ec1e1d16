from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from class_members import attributes, signatures
from package_source import Package
from record_signatures import as_text, record
from standin_version import FIXTURES, recorded_versions

SOURCES = {
    "tool/__init__.py": "from .inner import Moved as Known, helper\n",
    "tool/inner.py": """
from tool.base import Base
from tool.flags import more
def helper(): ...
class Moved(Base[int]):
    late: bool = False
    def __init__(self, a, b=2, /, c=[1], *, d=helper(), e=None, **kwargs):
        self.shown = a
        self._hidden = b
    def own(self): ...
class Options:
    @staticmethod
    def add_to(parser):
        group = parser.add_argument_group("options")
        group.add_argument("--third")
def add_all(parser):
    parser.add_argument("--first")
    more(parser)
    Options.add_to(parser)
    print(parser.add_argument_group)
""",
    "tool/base.py": """
class Base:
    early: int = 1
    def own(self, overridden): ...
    def inherited(self, x): return x
""",
    "tool/flags.py": """
def more(parser_or_group):
    parser_or_group.add_argument("--second", type=int)
""",
}


@pytest.fixture
def package(tmp_path: Path) -> Package:
    for name, source in SOURCES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source)
    return Package(tmp_path)


def test_names_are_followed_through_imports(package: Package) -> None:
    assert package.binds("tool", "Known")
    assert package.binds("tool", "helper")
    assert not package.binds("tool", "Moved")
    assert not package.binds("tool.gone", "Known")
    bodies = package.class_of("tool", "Known").bodies
    assert [body.name for body in bodies] == ["Moved", "Base"]


def test_flags_are_found_in_every_function_that_gets_the_parser(package: Package) -> None:
    calls = package.calls_of("tool.inner", "add_all", "add_argument")
    assert [call.args[0].value for call in calls] == ["--first", "--second", "--third"]  # type: ignore[attr-defined]


def test_parameters_are_what_python_would_read_again(package: Package) -> None:
    found = package.class_of("tool", "Known")
    assert signatures(found) == {
        "__init__": "self, a, b=2, /, c=[1], *, d=..., e=None, **kwargs",
        "inherited": "self, x",
        "own": "self",
    }
    assert attributes(found) == ["early", "late", "shown"]


@pytest.mark.real_vllm
def test_the_installed_vllm_is_as_recorded() -> None:
    spec = importlib.util.find_spec("vllm")
    assert spec is not None
    assert spec.origin is not None
    facts: dict[str, Any] = record(Package(Path(spec.origin).parents[1]))
    assert facts["version"] in recorded_versions()
    recorded = (FIXTURES / f"vllm-{facts['version']}.json").read_text()
    assert json.loads(as_text(facts)) == json.loads(recorded)
