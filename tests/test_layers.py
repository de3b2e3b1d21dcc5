"""The package's own imports, read from its sources: they lead downwards, and heavy ones stand in few places."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "rag"
FILES = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in ROOT.rglob("*.py")
}
EDGES = (
    "rag.ask",
    "rag.buildcli",
    "rag.cli",
    "rag.doctor",
    "rag.mcp_server",
    "rag.api",
    "rag.chat",
    "rag.evaluation",
)
# Pure functions over text: they know no file, index or model, so that each can be read and tested alone.
PURE = (
    "clean",
    "sentences",
    "chunk",
    "numbers",
    "dates",
    "days",
    "markers",
    "names",
    "types",
    "errors",
    "metrics",
)
# Where each heavy package may be imported, always within a function.
HEAVY = {
    "faiss": {"rag.cells", "rag.vectorfile", "rag.vectors"},
    "gradio": {"rag.chat.page", "rag.chat.server"},
    "huggingface_hub": {"rag.models"},
    "llama_cpp": {"rag.generate"},
    "onnxruntime": {"rag.onnx"},
    "pymilvus": {"rag.extras.milvus"},
    "ray": {"rag.extras.ray_build"},
    "sentence_transformers": {"rag.embed"},
    "torch": set(),
    "transformers": set(),
}


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """``(name, whether within a function)``; what only type checkers or scripts read is left out."""

    def read(nodes: list[ast.stmt], inside: bool) -> Iterator[tuple[str, bool]]:
        for node in nodes:
            if isinstance(node, ast.If) and ast.unparse(node.test) in (
                "TYPE_CHECKING",
                "__name__ == '__main__'",
            ):
                continue
            if isinstance(node, ast.Import):
                yield from ((alias.name, inside) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((f"{node.module}.{alias.name}", inside) for alias in node.names)
            within = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            for part in ("body", "orelse", "finalbody"):
                yield from read(getattr(node, part, []), within)
            for handler in getattr(node, "handlers", []):
                yield from read(handler.body, within)

    return read(ast.parse(path.read_text(encoding="utf-8")).body, False)


@cache
def below() -> dict[str, set[str]]:
    """The modules of the package that each imports, at once or later."""
    graph: dict[str, set[str]] = {}
    for module, path in FILES.items():
        graph[module] = set()
        for name, _ in imports(path):
            while name and name not in FILES:
                name = name.rpartition(".")[0]
            if name not in ("", "rag", module):
                graph[module].add(name)
    return graph


def test_no_two_modules_need_each_other() -> None:
    order = list(TopologicalSorter(below()).static_order())  # raises CycleError
    assert order.index("rag.types") < order.index("rag.retrieve") < order.index("rag.answer")


def test_nothing_below_imports_the_edges() -> None:
    upward = {
        (module, name)
        for module, names in below().items()
        for name in names
        if name.startswith(EDGES) and not module.startswith(EDGES)
    }
    assert upward == set()


def test_only_edges_and_answers_import_what_assembles() -> None:
    importers = {module for module, names in below().items() if "rag.assemble" in names}
    assert {module for module in importers if not module.startswith(EDGES)} == set()


@pytest.mark.parametrize("name", PURE)
def test_pure_modules_know_no_index_and_no_model(name: str) -> None:
    seen: set[str] = set()
    left = [f"rag.{name}"]
    while left:
        module = left.pop()
        if module not in seen:
            seen.add(module)
            left += below()[module]
    assert seen.isdisjoint({"rag.store", "rag.index", "rag.onnx", "rag.embed", "rag.reader", "rag.config"})


def test_heavy_packages_are_imported_where_they_are_needed_and_late() -> None:
    found: dict[str, set[str]] = {package: set() for package in HEAVY}
    early = set()
    for module, path in FILES.items():
        for name, inside in imports(path):
            package = name.partition(".")[0]
            if package in HEAVY:
                found[package].add(module)
                if not inside:
                    early.add((module, package))
    assert found == HEAVY
    assert early == set()


def test_the_graph_sees_imports_of_every_kind(tmp_path: Path) -> None:
    path = tmp_path / "some.py"
    path.write_text(
        "import json\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import faiss\n"
        "try:\n    import ray\nexcept ImportError:\n    import zlib\n"
        "class A:\n    def f(self):\n        with open('x'):\n            from rag.types import Hit\n"
        "if __name__ == '__main__':\n    import torch\n",
        encoding="utf-8",
    )
    assert list(imports(path)) == [
        ("json", False),
        ("typing.TYPE_CHECKING", False),
        ("ray", False),
        ("zlib", False),
        ("rag.types.Hit", True),
    ]
