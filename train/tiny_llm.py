"""A language model of the llama architecture so small that a test can train it: under 300,000 weights.

It learns a handful of prompts and their answers by heart and knows nothing else. That is enough to run
llama.cpp for real: load, stream, stop, reuse the cache, write a marker. It says nothing about how well
any model answers. Without training its weights are random, and what it writes is noise.

    python -m train.tiny_llm OUT.gguf PAIRS.jsonl      # lines: {"prompt": …, "answer": …}
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

BEGIN, END, PAD = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
SPECIALS = (PAD, BEGIN, END)


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the model; ``width`` is divided among the heads, ``context`` is in tokens."""

    width: int = 64
    layers: int = 2
    heads: int = 4
    inner: int = 192
    context: int = 1024
    pieces: int = 1400


@dataclass(frozen=True, slots=True)
class Pair:
    """A prompt in ChatML up to the assistant's words, and these."""

    prompt: str
    answer: str


class Block(nn.Module):
    """Attention and gated feed-forward, each behind an RMS norm, as llama has them."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.attn_norm = nn.RMSNorm(shape.width, eps=1e-5)
        self.attn_q, self.attn_k, self.attn_v, self.attn_output = (
            nn.Linear(shape.width, shape.width, bias=False) for _ in range(4)
        )
        self.ffn_norm = nn.RMSNorm(shape.width, eps=1e-5)
        self.ffn_gate = nn.Linear(shape.width, shape.inner, bias=False)
        self.ffn_up = nn.Linear(shape.width, shape.inner, bias=False)
        self.ffn_down = nn.Linear(shape.inner, shape.width, bias=False)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        batch, length, width = x.shape
        normed = self.attn_norm(x)
        q, k, v = (
            part(normed).view(batch, length, self.heads, width // self.heads).transpose(1, 2)
            for part in (self.attn_q, self.attn_k, self.attn_v)
        )
        mixed = functional.scaled_dot_product_attention(_turned(q, turn), _turned(k, turn), v, is_causal=True)
        x = x + self.attn_output(mixed.transpose(1, 2).reshape(batch, length, width))
        normed = self.ffn_norm(x)
        return x + self.ffn_down(functional.silu(self.ffn_gate(normed)) * self.ffn_up(normed))


class Llama(nn.Module):
    """Embeddings, blocks, norm, output; the parts bear the names that GGUF gives their tensors."""

    def __init__(self, shape: Shape, vocabulary: int) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(vocabulary, shape.width)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = nn.RMSNorm(shape.width, eps=1e-5)
        self.output = nn.Linear(shape.width, vocabulary, bias=False)
        nn.init.normal_(self.token_embd.weight, std=0.5)

    def forward(self, tokens: Tensor) -> Tensor:
        half = self.shape.width // self.shape.heads // 2
        speeds = 10000.0 ** (-torch.arange(half) / half)
        angles = torch.outer(torch.arange(tokens.shape[1]), speeds)
        x = self.token_embd(tokens)
        for block in self.blk:
            x = block(x, (angles.cos(), angles.sin()))
        return torch.as_tensor(self.output_norm(x))


def _turned(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """Rotary positions on neighbouring pairs, the order that llama.cpp expects of this architecture."""
    cos, sin = turn
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)


def build(
    path: Path, pairs: Sequence[Pair], *, steps: int = 400, shape: Shape = Shape(), seed: int = 7
) -> float:
    """Trains on ``pairs`` until they are known by heart, at most ``steps`` steps, and writes ``path``.

    Args:
        steps: 0 leaves the weights random.

    Returns:
        The last loss, in nats per token of the answers; infinite without training.
    """
    torch.manual_seed(seed)
    tokenizer = _tokenizer(pairs, shape.pieces)
    model = Llama(shape, tokenizer.get_vocab_size())
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so little work is slower on several
    try:
        loss = _learn(model, tokenizer, pairs, steps) if steps else math.inf
    finally:
        torch.set_num_threads(threads)
    _write(path, model, tokenizer)
    return loss


def _tokenizer(pairs: Sequence[Pair], pieces: int) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=pieces,
        special_tokens=list(SPECIALS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator((f"{pair.prompt}\n{pair.answer}" for pair in pairs), trainer)
    return tokenizer


def _learn(model: Llama, tokenizer: Any, pairs: Sequence[Pair], steps: int) -> float:
    """All pairs are one batch; only the tokens of the answers count."""
    rows, spans = [], []
    for pair in pairs:
        prompt = tokenizer.encode(pair.prompt).ids
        answer = tokenizer.encode(pair.answer + END).ids
        rows.append(prompt + answer)
        spans.append((len(prompt), len(prompt) + len(answer)))
    longest = max(len(row) for row in rows)
    if longest > model.shape.context:
        raise ValueError(f"a pair of {longest} tokens, the context has {model.shape.context}")
    batch = torch.zeros(len(rows), longest, dtype=torch.long)
    counted = torch.zeros(len(rows), longest, dtype=torch.bool)
    for place, (row, (begin, end)) in enumerate(zip(rows, spans, strict=True)):
        batch[place, : len(row)] = torch.tensor(row)
        counted[place, begin - 1 : end - 1] = True
    targets = batch.roll(-1, dims=1)[counted]
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.0)
    value = math.inf
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 4e-3 * min(1.0, (step + 1) / 20)
        # The output layer is the largest part: it is asked only where an answer stands.
        loss = functional.cross_entropy(model.output(model(batch)[counted]), targets)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        value = float(loss.detach())
        if value < 0.01:
            break
    return value


def _write(path: Path, model: Llama, tokenizer: Any) -> None:
    from gguf import GGUFWriter, TokenType

    shape = model.shape
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    writer = GGUFWriter(path, "llama")
    writer.add_name("tiny test model")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_vocab_size(len(vocabulary))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([piece for piece, _ in vocabulary])
    writer.add_token_types(
        [TokenType.CONTROL if piece in SPECIALS else TokenType.NORMAL for piece, _ in vocabulary]
    )
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in merges])
    writer.add_bos_token_id(tokenizer.token_to_id(PAD))
    writer.add_eos_token_id(tokenizer.token_to_id(END))
    writer.add_pad_token_id(tokenizer.token_to_id(PAD))
    writer.add_add_bos_token(False)
    for name, weights in model.state_dict().items():
        kind = np.float16 if weights.ndim > 1 else np.float32
        writer.add_tensor(name, weights.numpy().astype(kind))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    """Trains on a file of pairs."""
    parser = argparse.ArgumentParser(description="Train a tiny model of the llama architecture by heart.")
    parser.add_argument("out", type=Path)
    parser.add_argument("pairs", type=Path)
    options = parser.parse_args()
    lines = options.pairs.read_text(encoding="utf-8").splitlines()
    pairs = [Pair(**json.loads(line)) for line in lines]
    print(f"loss {build(options.out, pairs):.4f}, {options.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
