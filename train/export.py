"""Write a trained trunk as the files that the package ships: int8 weights in an ONNX graph.

    python -m train.export encoder --model train/work/encoder --out rag/weights/encoder
    python -m train.export reader  --model train/work/reader  --out rag/weights/reader
    python -m train.export table   --model train/work/reader  --out rag/weights/trunk

The graph is written here operator by operator, since it is small and must stay as it is: it takes
word embeddings, not token ids, because encoder and reader share one table of them (``table``: int8 rows
with a scale each, a NumPy file that is memory-mapped). Its rows of Arabic are the reader's, so that one trained with
``--words`` or ``--rows`` needs it written anew; the encoder's own are written beside its graph. Linear weights are int8 per output channel, activations are
quantised when it runs: one scale a call, which a few channels that are ten times as large as all others would make coarse. The reader's
go a way of their own, in float (after Dettmers et al. 2022, LLM.int8()); they are looked for in the project's own articles. The encoder's
do not: its vectors come nearer to the master's so, but find no more.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from train.encoder import ARABIC

Array = NDArray[Any]
ARTICLES = (Path("seeds"), Path("eval/articles"))
APART = 4  # channels that are multiplied in float


def int8_columns(weight: Array) -> tuple[Array, Array]:
    """``weight`` (in, out) as int8 with one float32 scale per output column.

    63 levels, not 127, keep the sum of two products within 16 bits: processors with plain AVX2
    saturate there, and would disagree with newer ones.
    """
    scale = np.maximum(np.abs(weight).max(axis=0), 1e-8) / 63.0
    return np.round(weight / scale).astype(np.int8), scale.astype(np.float32)


class Graph:
    """Collects nodes and weights."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def constant(self, name: str, value: Array) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, op: str, inputs: list[str], name: str, domain: str = "", **attributes: Any) -> str:
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def linear(self, x: str, name: str, weight: Array, bias: Array) -> str:
        """``x @ weight + bias``; ``weight`` has shape (in, out), ``x`` is quantised at run time."""
        values, scale = int8_columns(weight)
        zero = self.constant(f"{name}.zero", np.zeros(len(scale), np.int8))
        q, s = self.constant(f"{name}.q", values), self.constant(f"{name}.scale", scale)
        terms = [x, q, s, zero, self.constant(f"{name}.bias", bias)]
        return self.node("DynamicQuantizeMatMul", terms, name, "com.microsoft")

    def feed_forward(
        self,
        x: str,
        name: str,
        wide: tuple[Array, Array],
        narrow: tuple[Array, Array],
        apart: tuple[Array, Array] | None,
    ) -> str:
        """``gelu(x @ wide + bias) @ narrow + bias``; the channels ``apart`` of ``x`` and of what is between are multiplied in float.

        Between, such a channel is 0 on the way that is quantised: its weights there are 0, and its bias is so low that GELU ends it.
        """
        if apart is None:
            hidden = self.node(
                "Gelu", [self.linear(x, f"{name}.wide", *wide)], f"{name}.gelu", "com.microsoft"
            )
            return self.linear(hidden, f"{name}.narrow", *narrow)
        (weight, bias), (weight_2, bias_2), (outer, inner) = wide, narrow, apart
        rest, rest_bias, rest_2 = weight.copy(), bias.copy(), weight_2.copy()
        rest[outer], rest[:, inner], rest_bias[inner], rest_2[inner] = 0, 0, -30, 0
        beside = weight[outer].copy()
        beside[:, inner] = 0
        kept = np.ones(len(weight), np.float32)
        kept[outer] = 0
        few = self.node("Gather", [x, self.constant(f"{name}.outer", outer)], f"{name}.few", axis=2)
        most = self.node("Mul", [x, self.constant(f"{name}.kept", kept)], f"{name}.most")
        hidden = self.linear(most, f"{name}.wide", rest, rest_bias)
        hidden = self.node("Add", [hidden, self.product(few, f"{name}.beside", beside)], f"{name}.hidden")
        hidden = self.node("Gelu", [hidden], f"{name}.gelu", "com.microsoft")
        out = self.linear(hidden, f"{name}.narrow", rest_2, bias_2)
        large = self.product(x, f"{name}.large", weight[:, inner])
        large = self.node(
            "Add", [large, self.constant(f"{name}.large.bias", bias[inner])], f"{name}.large.sum"
        )
        large = self.node("Gelu", [large], f"{name}.large.gelu", "com.microsoft")
        return self.node(
            "Add", [out, self.product(large, f"{name}.large.out", weight_2[inner])], f"{name}.out"
        )

    def product(self, x: str, name: str, weight: Array) -> str:
        """``x @ weight`` in float."""
        return self.node("MatMul", [x, self.constant(f"{name}.w", weight.astype(np.float32))], name)

    def norm(self, x: str, name: str, weight: Array, bias: Array) -> str:
        inputs = [x, self.constant(f"{name}.w", weight), self.constant(f"{name}.b", bias)]
        return self.node("LayerNormalization", inputs, name, axis=-1, epsilon=1e-12)


def large_channels(folder: Path, layers: int) -> list[tuple[Array, Array]]:
    """By layer the ``APART`` largest channels that go into each of the two products of its feed-forward part."""
    import torch
    from tokenizers import Tokenizer
    from transformers import AutoModel

    from rag.embed import as_passage

    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    largest: dict[str, torch.Tensor] = {}

    def watch(name: str, inputs: tuple[torch.Tensor, ...]) -> None:
        seen = inputs[0].abs().amax(dim=(0, 1))
        largest[name] = torch.maximum(largest.get(name, seen), seen)

    names = [
        (f"encoder.layer.{i}.intermediate.dense", f"encoder.layer.{i}.output.dense") for i in range(layers)
    ]
    for name, module in model.named_modules():
        if any(name in pair for pair in names):
            module.register_forward_pre_hook(lambda _, inputs, name=name: watch(name, inputs))
    with torch.no_grad():
        for path in sorted(path for folder in ARTICLES for path in folder.iterdir() if path.stem != "README"):
            first, *texts = path.read_text(encoding="utf-8").split("\n\n")
            for text in texts:  # asked with the article's first lines, plain and in English
                for passage in {text, as_passage(text)}:
                    pair = tokenizer.encode(first[:200], passage)
                    kinds = torch.tensor([pair.type_ids[:256]])
                    model(torch.tensor([pair.ids[:256]]), token_type_ids=kinds)
    first, second = (
        [largest[pair[i]].topk(APART).indices.sort().values.numpy() for pair in names] for i in (0, 1)
    )
    return list(zip(first, second, strict=True))


def build(
    state: dict[str, Array],
    apart: list[tuple[Array, Array] | None],
    heads: int,
    head: tuple[Array, Array] | None,
) -> Any:
    """The model: ``embeds`` (b, s, d), ``mask`` (b, s) and ``kinds`` (b, s) in; hidden or logits out.

    Args:
        apart: By layer the channels that are multiplied in float, if any; see ``large_channels``.
    """
    g = Graph()
    d = state["embeddings.LayerNorm.weight"].shape[0]
    position = g.constant("position", state["embeddings.position_embeddings.weight"])
    token_type = g.constant("token_type", state["embeddings.token_type_embeddings.weight"])
    shape = g.node("Shape", ["embeds"], "length", start=1, end=2)
    zero = g.constant("zero", np.array([0], np.int64))
    places = g.node("Slice", [position, zero, shape, zero], "places")
    kinds = g.node("Gather", [token_type, "kinds"], "kind_vectors")
    x = g.node("Add", [g.node("Add", ["embeds", places], "with_places"), kinds], "with_kinds")
    x = g.norm(x, "embedding_norm", state["embeddings.LayerNorm.weight"], state["embeddings.LayerNorm.bias"])
    for i, channels in enumerate(apart):
        p = f"encoder.layer.{i}."

        def linear(x: str, name: str, p: str = p) -> str:
            return g.linear(x, p + name, state[p + name + ".weight"].T, state[p + name + ".bias"])

        q, k, v = (linear(x, f"attention.self.{n}") for n in ("query", "key", "value"))
        attended = g.node(
            "MultiHeadAttention", [q, k, v, "", "mask"], p + "attended", "com.microsoft", num_heads=heads
        )
        mixed = g.node("Add", [linear(attended, "attention.output.dense"), x], p + "mixed")
        n = "attention.output.LayerNorm"
        x = g.norm(mixed, p + n, state[p + n + ".weight"], state[p + n + ".bias"])
        wide, narrow = (
            (state[p + n + ".weight"].T, state[p + n + ".bias"])
            for n in ("intermediate.dense", "output.dense")
        )
        mixed = g.node("Add", [g.feed_forward(x, p + "feed", wide, narrow, channels), x], p + "mixed2")
        n = "output.LayerNorm"
        x = g.norm(mixed, p + n, state[p + n + ".weight"], state[p + n + ".bias"])
    width: int | str = d
    if head is not None:  # three columns: kept in fp32
        weight = g.constant("head.weight", head[0].T.astype(np.float32))
        x = g.node("MatMul", [x, weight], "head.product")
        x = g.node("Add", [x, g.constant("head.bias", head[1].astype(np.float32))], "head")
        width = head[0].shape[0]
    g.nodes.append(helper.make_node("Identity", [x], ["out"], name="out"))
    f, i32, i64 = TensorProto.FLOAT, TensorProto.INT32, TensorProto.INT64
    graph = helper.make_graph(
        g.nodes,
        "sanad",
        [
            helper.make_tensor_value_info("embeds", f, ["b", "s", d]),
            helper.make_tensor_value_info("mask", i32, ["b", "s"]),
            helper.make_tensor_value_info("kinds", i64, ["b", "s"]),
        ],
        [helper.make_tensor_value_info("out", f, ["b", "s", width])],
        g.weights,
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="sanad")
    onnx.checker.check_model(model)
    return model


def load_state(folder: Path) -> dict[str, Array]:
    from safetensors.numpy import load_file

    return {k: v.astype(np.float32) for k, v in load_file(folder / "model.safetensors").items()}


def write_table(state: dict[str, Array], folder: Path, first: int = 0) -> None:
    """``words.npy`` (int8 rows) and ``scales.npy`` (float32 per row), from row ``first`` on."""
    table = state["embeddings.word_embeddings.weight"][first:]
    scale = np.maximum(np.abs(table).max(axis=1), 1e-8) / 127.0
    np.save(folder / "words.npy", np.round(table / scale[:, None]).astype(np.int8))
    np.save(folder / "scales.npy", scale.astype(np.float32))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=("encoder", "reader", "table"))
    parser.add_argument("--model", type=Path, required=True, help="folder with model.safetensors")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    state = load_state(args.model)
    config = json.loads((args.model / "config.json").read_text(encoding="utf-8"))
    if args.what == "table":
        write_table(state, args.out)
        tokenizer = (args.model / "tokenizer.json").read_text(encoding="utf-8")
        (args.out / "tokenizer.json").write_text(tokenizer, encoding="utf-8")
        return
    head = None
    apart: list[tuple[Array, Array] | None] = [None] * config["num_hidden_layers"]
    if args.what == "encoder":
        write_table(state, args.out, ARABIC)
    if args.what == "reader":
        import torch

        trained = torch.load(args.model / "head.pt", weights_only=True)
        head = (trained["weight"].numpy(), trained["bias"].numpy())
        apart = list(large_channels(args.model, len(apart)))
    model = build(state, apart, config["num_attention_heads"], head)
    path = args.out / "model.onnx"
    onnx.save(model, str(path))
    print(path, f"{path.stat().st_size / 1e6:.1f} MB", hashlib.sha256(path.read_bytes()).hexdigest()[:12])


if __name__ == "__main__":
    main()
