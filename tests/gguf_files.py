"""GGUF files for the tests, written byte by byte, so that no package is needed to make a broken one."""

from __future__ import annotations

import random
import struct


def _string(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _text(key: str, value: str) -> bytes:
    return _string(key) + struct.pack("<I", 8) + _string(value)


def _number(key: str, value: int) -> bytes:
    return _string(key) + struct.pack("<II", 4, value)


def tiny_gguf(*, seed: int = 1, context: int = 512, extra: bytes = b"", entries: int = 0) -> bytes:
    """A header with one tensor of 16 x 8 floats: sound as a file, no model to run."""
    metadata = [
        _text("general.architecture", "llama"),
        _number("llama.context_length", context),
        _number("llama.block_count", 2),
        _number("llama.embedding_length", 16),
        _number("llama.attention.head_count", 2),
        _string("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 2) + _string("a") + _string("ب"),
        _string("tokenizer.ggml.scores") + struct.pack("<IIQ", 9, 6, 2) + struct.pack("<ff", 0.0, 1.0),
    ]
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, len(metadata) + entries)
    tensor = _string("output.weight") + struct.pack("<IQQIQ", 2, 16, 8, 0, 0)
    body = head + b"".join(metadata) + extra + tensor
    values = random.Random(seed)
    return body + bytes(-len(body) % 32) + struct.pack("<128f", *(values.random() for _ in range(128)))
