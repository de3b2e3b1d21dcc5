"""Markers such as ``[1]`` in generated text: reading them, and keeping a stream of pieces clean.

Understood are square, full-width and lenticular brackets, ``[^1]``, digits of both kinds, lists
``[1, 2]``, ranges ``[1-3]``, a word before the number (``[passage 2]``), and at the end of a sentence
``(1)``. Other brackets are left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹０１２３４５６７８９", "0123456789" * 3)
_D = r"[0-9٠-٩۰-۹０-９]{1,3}"
_LIST = rf"{_D}(?:\s*(?:[,،;؛&+]|-|–|—|‑|\.\.|…|to|and|و|إلى|الى)\s*\^?{_D})*"
_WORD = r"(?:passages?|sources?|hits?|no\.?|#|الفقرات|الفقرة|فقرة|المصدر|مصدر|رقم|المقطع)"
_SQUARE = re.compile(
    rf"[ \t]*[\[［【〔⟦]\s*(?:{_WORD}\s*)*\^?(?P<list>{_LIST})\s*(?:†[^\]］】〕⟧]*)?[\]］】〕⟧]",
    re.IGNORECASE,
)
_ROUND = re.compile(
    rf"[ \t]*[(（]\s*(?:{_WORD}\s*)*(?P<list>{_LIST})\s*[)）](?=\s*(?:[.!?؟。…](?!\d)|$|\n|[(（\[［【]))"
)
_OPENING = re.compile(r"[ \t]*[\[［【〔⟦(（][^\]］】〕⟧)）]{0,40}$")
# A round marker is one only at the end of a sentence, so what follows it is waited for.
_ROUND_END = re.compile(rf"[ \t]*[(（]\s*(?:{_WORD}\s*)*{_LIST}\s*[)）]\s*$")
_RANGE = re.compile(rf"({_D})\s*(?:-|–|—|‑|\.\.|…|to|إلى|الى)\s*\^?({_D})")


_NOTE = re.compile(r"\s?\[\d{1,3}\]")


def on_one_line(quote: str) -> str:
    """An article's words as an answer's text holds them: without the marks of its own notes, taken for ours else."""
    return " ".join(_NOTE.sub("", quote).split()).rstrip(" .،,;؛")


@dataclass(frozen=True, slots=True)
class Marked:
    """Text without its markers, and where they stood.

    Attributes:
        marks: For each marker its place in ``text`` (code points) and the numbers it named, all of
            them between 1 and the number of hits; invented numbers are gone.
        invented: Numbers that named no hit, in order.
    """

    text: str
    marks: tuple[tuple[int, tuple[int, ...]], ...]
    invented: tuple[int, ...] = ()


def read_markers(text: str, hits: int) -> Marked:
    """Takes every marker out of ``text``, with the blanks before it; ``hits`` is the highest number."""
    pieces: list[str] = []
    marks: list[tuple[int, tuple[int, ...]]] = []
    invented: list[int] = []
    length = done = 0
    for start, end, numbers in _found(text, hits):
        pieces.append(text[done:start])
        length += start - done
        done = end
        if known := tuple(number for number in numbers if 1 <= number <= hits):
            marks.append((length, known))
        invented += [number for number in numbers if not 1 <= number <= hits]
    return Marked("".join([*pieces, text[done:]]), tuple(marks), tuple(invented))


def _found(text: str, hits: int) -> list[tuple[int, int, tuple[int, ...]]]:
    found = [(match.start(), match.end(), _numbers(match["list"])) for match in _SQUARE.finditer(text)]
    for match in _ROUND.finditer(text):
        numbers = _numbers(match["list"])
        # (2015) or a list's own "(12)" is text, not a marker.
        if all(1 <= number <= hits for number in numbers):
            found.append((match.start(), match.end(), numbers))
    return sorted(found)


def _numbers(listed: str) -> tuple[int, ...]:
    plain = listed.translate(_DIGITS)
    numbers: list[int] = []
    for low, high in _RANGE.findall(plain):
        if int(low) < int(high) <= int(low) + 20:
            numbers += range(int(low), int(high) + 1)
    numbers += [int(number) for number in re.findall(r"\d+", plain)]
    return tuple(dict.fromkeys(numbers))


class MarkerFilter:
    """Passes pieces of a stream on, with markers written as ``[n]`` and invented ones left out.

    A marker that is not complete yet is held back until the next piece, so that no half of one is shown.
    Numbers stay the model's own (those of the hits), as the final ones are known only at the end.
    """

    def __init__(self, hits: int) -> None:
        self._hits = hits
        self._held = ""
        self._after_marker = False  # markers side by side need no blank between them

    def feed(self, piece: str) -> str:
        """What may be shown after ``piece``."""
        text = self._held + piece
        keep = len(text)
        for pattern in (_OPENING, _ROUND_END):
            if match := pattern.search(text):
                keep = min(keep, match.start())
        # Blanks wait too: they go with a marker that may follow.
        keep = min(keep, len(text[:keep].rstrip(" \t")))
        self._held = text[keep:]
        return self._clean(text[:keep])

    def end(self) -> str:
        """The rest, after the last piece."""
        rest, self._held = self._held, ""
        return self._clean(rest)

    def _clean(self, text: str) -> str:
        pieces: list[str] = []
        done = 0
        for start, end, numbers in _found(text, self._hits):
            pieces.append(text[done:start])
            self._after_marker = self._after_marker and start == done
            if shown := "".join(f"[{number}]" for number in numbers if 1 <= number <= self._hits):
                pieces.append(shown if self._after_marker else f" {shown}")
                self._after_marker = True
            done = end
        if done < len(text):
            self._after_marker = False
        return "".join([*pieces, text[done:]])
