"""What every reader must do; run on the one by keywords and on the shipped one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rag.protocols import Reader
from rag.types import Reading

PASSAGES = (
    "The truce began on Monday at midnight. Russia and Turkey guarantee it, the minister said in Astana.",
    "بدأت الهدنة منتصف ليل الخميس. وقال الوزير إن روسيا وتركيا ضامنتان لها.",
    "",
    "Prices doubled within a month, because the barley harvest failed in the north-east. " * 40,
    "نعم",
    "٢٠٪ — 3,5 \u200f(a) “b” \u0640\u064b 🙂",
)
QUESTIONS = ("Who guarantees the truce?", "من يضمن الهدنة؟", "why " * 600, "؟")


def check_reader(reader: Reader, question: str, passages: Sequence[str]) -> list[Reading]:
    """Asserts the contract and returns the readings."""
    readings = reader.read(question, passages)
    assert len(readings) == len(passages)
    for reading, passage in zip(readings, passages, strict=True):
        for found in reading.spans:
            assert 0 <= found.span.start < found.span.end <= len(passage)
            assert found.text == passage[found.span.start : found.span.end]
        assert [s.score for s in reading.spans] == sorted((s.score for s in reading.spans), reverse=True)
        places = sorted((s.span for s in reading.spans), key=lambda span: span.start)
        assert all(left.end <= right.start for left, right in pairwise(places))
        assert reading.spans or not passage.strip()
        if reading.spans:
            assert reading.margin == reading.spans[0].score
    # Neither asking again nor another order of the passages changes what is found.
    assert reader.read(question, passages) == readings
    assert reader.read(question, passages[::-1])[::-1] == readings
    return readings
