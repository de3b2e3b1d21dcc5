"""Bytes to text: UTF-8, UTF-16 and the Arabic code pages, never damaged in silence."""

from __future__ import annotations

import codecs
import re

from rag.errors import ReadError

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SIGNATURES = (b"%PDF", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"\x7fELF", b"MZ", b"GIF8", b"\x1f\x8b")


def decode(data: bytes, name: str) -> str:
    """The text of ``data``.

    UTF-8 when it is valid; else UTF-16 where every second byte shows it; else the Arabic code page
    (Windows-1256 or ISO 8859-6) whose letters make likelier words, or Windows-1252 for Latin text.

    Raises:
        ReadError: The bytes are no text, or in no encoding that could be told with confidence.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _strict(data, encoding, name)
    binary = data.startswith(_SIGNATURES)
    if (wide := _wide(data)) and not binary:
        return _strict(data, wide, name)
    if binary or 0 in data:
        raise ReadError(f"{name} is not a text file. Leave it out, or export its text as UTF-8.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        # One replacement mark may be the author's; many are damage done before.
        if text.count("\ufffd") > 2 + len(text) // 500:
            raise ReadError(
                f"{name} was damaged by an earlier conversion (it is full of \\ufffd). Export it again as UTF-8."
            )
        return text
    candidates = []
    for encoding in ("windows-1256", "iso8859-6", "windows-1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        candidates.append((_likelihood(text), text))
    score, best = max(candidates, default=(0.0, ""))
    if score < 0.6:
        raise ReadError(
            f"The encoding of {name} cannot be told. Convert it to UTF-8, for example with iconv."
        )
    return best


def _wide(data: bytes) -> str | None:
    """The byte order of UTF-16 without a mark: every second byte is that of Latin or Arabic script."""
    sample = data[: 20_000 if len(data) % 2 == 0 else 0]
    for encoding, high in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        letters = high.count(0) + high.count(6) + high.count(0x20)
        if letters > 0.9 * len(high) and (0 in high or 6 in high) and sample.count(0) < 0.6 * len(sample):
            return encoding
    return None


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ReadError(
            f"{name} is not valid {encoding} (byte {error.start}). Convert it to UTF-8."
        ) from error


_COMMON = re.compile(
    r"\b(?:في|من|على|الى|إلى|ان|أن|عن|التي|الذي|هذا|و?قال|the|and|of|to|in|is|for|de|la|le)\b", re.I
)


def _likelihood(text: str) -> float:
    """Between 0 and 1: how much ``text`` looks like words, by its letters and its common words."""
    sample = text[:20_000]
    words = re.findall(r"\S+", sample)
    if not words:
        return 0.0
    plain = sum(
        bool(re.fullmatch(r"[\"'“«(\[]*(?:[\u0621-\u0652]+|[A-Za-zÀ-ÿ]+|[\d.,/%-]+)[\"'”»)\].,،:؛;!?؟-]*", w))
        for w in words
    )
    common = len(_COMMON.findall(sample))
    return 0.7 * plain / len(words) + 0.3 * min(1.0, 12 * common / len(words))
