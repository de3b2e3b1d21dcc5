"""Bytes to text: UTF-8, UTF-16, UTF-32 and the Arabic code pages, never damaged in silence."""

from __future__ import annotations

import codecs
import re

from rag.errors import ReadError

# That of UTF-32 begins with that of UTF-16, so it comes first.
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BOMS = tuple(bom for bom, _ in _BOMS)
_SIGNATURES = (b"%PDF", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"\x7fELF", b"GIF8", b"\x1f\x8b")


def decode(data: bytes, name: str) -> str:
    """The text of ``data``.

    UTF-8 when it is valid, or but for a stray byte, which is marked; else UTF-16 or UTF-32 where every second
    byte or three of four show it; else the Arabic code page (Windows-1256 or ISO 8859-6) whose letters make likelier words, or
    Windows-1252 where the text is plainly of Latin letters. Other code pages are refused.

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
    text = data.decode("utf-8", "replace")
    marks = text.count("\ufffd")
    # A code page's letters hardly ever make sequences of UTF-8.
    if not marks or sum(char > "\x7f" for char in text) > 5 * marks or is_utf8(data):
        # One replacement mark may be the author's, or stand for one bad byte; many are damage done before.
        if marks > 2 + len(text) // 500:
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
        if encoding != "windows-1252" or _western(text):
            candidates.append((_likelihood(text), text))
    score, best = max(candidates, default=(0.0, ""))
    if score < 0.6:
        raise ReadError(
            f"The encoding of {name} cannot be told. Convert it to UTF-8, for example with iconv."
        )
    return best


def is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _wide(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark, by the high bytes that Latin and Arabic script have in them."""
    if len(data) % 2:
        return None
    sample = data[:20_000]
    if len(data) % 4 == 0:
        for encoding, upper in (("utf-32-le", (2, 3)), ("utf-32-be", (0, 1))):
            if not any(any(sample[at::4]) for at in upper) and any(sample):
                return encoding
    for encoding, high in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        letters = high.count(0) + high.count(6) + high.count(0x20)
        if letters > 0.9 * len(high) and (0 in high or 6 in high) and sample.count(0) < 0.6 * len(sample):
            return encoding
    return None


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ReadError(
            f"{name} is not valid {encoding} (byte {error.start}). Convert it to UTF-8."
        ) from error

    if "\0" in text:
        raise ReadError(f"{name} is not a text file. Leave it out, or export its text as UTF-8.")
    return text


# Letters that Windows-1252 shows for those of Greek, Cyrillic, Turkish or Polish code pages: þ ý ð
# are Icelandic alone, signs do not stand between letters, and few letters of a text have accents.
_NOT_WESTERN = re.compile("[þýðÞÝÐ]|(?<=[A-Za-zÀ-ÿ])[¢£¤¥¦¨¬¯±²³´µ¶¸¹¼½¾×÷](?=[A-Za-zÀ-ÿ])")


def _western(text: str) -> bool:
    accented, letters = len(re.findall("[À-ÿ]", text)), len(re.findall("[A-Za-zÀ-ÿ]", text))
    return accented <= 0.2 * letters and not _NOT_WESTERN.search(text)


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
