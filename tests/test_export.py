"""The graph that is shipped: int8, its few large channels apart."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from rag.onnx import session
from train.export import Graph, int8_columns

Array = NDArray[Any]
WIDTH, WIDE, APART = 32, 64, 4


def gelu(x: Array) -> Array:
    erf = np.frompyfunc(math.erf, 1, 1)
    return np.asarray(x * (1 + erf(x / math.sqrt(2)).astype(np.float64)) / 2)


@pytest.fixture(name="parts")
def parts_() -> dict[str, Any]:
    """A feed-forward part into which a few channels come twenty times as large as the others."""
    chance = np.random.default_rng(3)
    x = chance.normal(size=(1, 40, WIDTH))
    outer, inner = np.array([1, 8, 9, 30]), np.array([0, 5, 17, 63])
    x[..., outer] *= 20
    wide = chance.normal(size=(WIDTH, WIDE)) * 0.05, chance.normal(size=WIDE) * 0.1
    wide[1][inner] += 25
    narrow = chance.normal(size=(WIDE, WIDTH)) * 0.05, chance.normal(size=WIDTH) * 0.1
    exact = gelu(x @ wide[0] + wide[1]) @ narrow[0] + narrow[1]
    return {"x": x, "wide": wide, "narrow": narrow, "apart": (outer, inner), "exact": exact}


def run(folder: Path, parts: dict[str, Any], apart: tuple[Array, Array] | None) -> Array:
    graph = Graph()
    pairs = [tuple(a.astype(np.float32) for a in parts[name]) for name in ("wide", "narrow")]
    out = graph.feed_forward("x", "feed", pairs[0], pairs[1], apart)
    graph.nodes.append(helper.make_node("Identity", [out], ["out"], name="out"))
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "s", WIDTH]) for name in ("x", "out")]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    made = helper.make_graph(graph.nodes, "feed", ends[:1], ends[1:], graph.weights)
    model = helper.make_model(made, opset_imports=opsets, ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(folder / "feed.onnx"))
    return np.asarray(session(folder / "feed.onnx", 1).run(None, {"x": parts["x"].astype(np.float32)})[0])


def test_large_channels_apart_leave_the_others_fine(tmp_path: Path, parts: dict[str, Any]) -> None:
    def error(apart: tuple[Array, Array] | None) -> float:
        return float(np.sqrt(np.mean((run(tmp_path, parts, apart) - parts["exact"]) ** 2)))

    coarse, fine = error(None), error(parts["apart"])
    assert fine < coarse / 3
    assert fine < 0.02 * float(parts["exact"].std())


def test_columns_keep_within_what_plain_avx2_can_add() -> None:
    weight = np.random.default_rng(4).normal(size=(50, 7)).astype(np.float32)
    values, scale = int8_columns(weight)
    assert np.abs(values).max() == 63
    assert np.abs(values * scale - weight).max() <= scale.max() / 2 + 1e-6
