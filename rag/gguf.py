"""The header of a GGUF file, read without llama.cpp: is it one, is it whole, will it fit.

Layout after https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Only the header is read, so a
model of many gigabytes is checked in milliseconds, before a library that aborts on damage sees it.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from rag.errors import ModelError

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_MOST = 1 << 24  # entries or bytes of one value; more means a damaged header
# Values and bytes of one block, by ggml type.
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110),
    22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8),
    29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Header:
    """What a GGUF file says of itself.

    Attributes:
        metadata: Scalars and strings; of arrays only the length.
        size: Bytes of the file; ``needed``: bytes that its tensors reach to.
    """

    metadata: Mapping[str, Any]
    size: int
    needed: int

    def number(self, key: str, default: int = 0) -> int:
        """A whole number of the model's architecture, such as ``context_length``."""
        value = self.metadata.get(f"{self.metadata.get('general.architecture')}.{key}", default)
        return int(value) if isinstance(value, int | float) else default

    def cache_bytes(self, context: int) -> int:
        """Memory of the attention cache for ``context`` tokens, keys and values in 16 bits."""
        heads = self.number("attention.head_count", 1) or 1
        size = self.number("attention.key_length", self.number("embedding_length") // heads)
        return context * self.number("block_count") * self.number("attention.head_count_kv", heads) * size * 4


def read_header(path: Path) -> Header:
    """The header of ``path``.

    Raises:
        ModelError: There is no such file, it is not GGUF, damaged, or cut off.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            magic = file.read(4)
            if magic != b"GGUF":
                raise ModelError(
                    f"{path} is not a GGUF model (it begins with {magic!r}). Get one with: "
                    "python -m rag.models pull"
                )
            header = _read(file, size)
    except OSError as error:
        raise ModelError(f"Cannot read the model {path}: {error.strerror}. Check the path.") from error
    except EOFError as error:
        raise ModelError(
            f"{path} is cut off inside its header ({size:,} bytes). Download it again."
        ) from error
    except (struct.error, ValueError, OverflowError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} has a damaged header ({error}). Download it again.") from error
    if header.needed > header.size:
        raise ModelError(
            f"{path} is cut off: {header.size:,} of {header.needed:,} bytes are there. Download it again."
        )
    return header


def _read(file: BinaryIO, size: int) -> Header:
    version, tensors, entries = _unpack(file, "IQQ")
    if not 2 <= version <= 3:
        raise ValueError(f"version {version}")
    if tensors > _MOST or entries > _MOST:
        raise ValueError(f"{tensors} tensors, {entries} entries")
    metadata = {}
    for _ in range(entries):
        key = _string(file)
        metadata[key] = _value(file, _unpack(file, "I")[0])
    end = 0
    for _ in range(tensors):
        _string(file)
        dimensions = _unpack(file, "I")[0]
        if dimensions > 8:
            raise ValueError(f"a tensor of {dimensions} dimensions")
        values = 1
        for length in _unpack(file, "Q" * dimensions):
            values *= length
        kind, offset = _unpack(file, "IQ")
        per_block, block_bytes = _BLOCKS.get(kind, (1, 0))
        end = max(end, offset + values // per_block * block_bytes)
    alignment = int(metadata.get("general.alignment", 32)) or 32
    start = -(-file.tell() // alignment) * alignment
    return Header(metadata, size, start + end)


def _unpack(file: BinaryIO, layout: str) -> tuple[Any, ...]:
    length = struct.calcsize("<" + layout)
    data = file.read(length)
    if len(data) < length:
        raise EOFError
    return struct.unpack("<" + layout, data)


def _string(file: BinaryIO) -> str:
    (length,) = _unpack(file, "Q")
    if length > _MOST:
        raise ValueError(f"a string of {length} bytes")
    data = file.read(length)
    if len(data) < length:
        raise EOFError
    return data.decode("utf-8", errors="replace")


def _value(file: BinaryIO, kind: int) -> Any:
    if kind == _STRING:
        return _string(file)
    if kind != _ARRAY:
        if kind not in _SCALARS:
            raise ValueError(f"value type {kind}")
        return _unpack(file, _SCALARS[kind])[0]
    inner, length = _unpack(file, "IQ")
    if length > _MOST:
        raise ValueError(f"an array of {length} entries")
    if inner in _SCALARS:
        skipped = struct.calcsize("<" + _SCALARS[inner]) * length
        file.seek(skipped, os.SEEK_CUR)
    else:
        for _ in range(length):
            _value(file, inner)
    return length
