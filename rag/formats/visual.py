"""Arabic text as files of pages give it, back in the order of reading.

A PDF holds glyphs in the order of their places. What is drawn from it may run backwards, stand in
presentation forms, have brackets that face the wrong way, or lam and alef of one glyph exchanged
(``اإلعالم`` for ``الإعلام``). Each is mended only where the text itself shows it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

_ARABIC = "\u0620-\u065f\u066e-\u06d5\ufb50-\ufdff\ufe70-\ufefc"
_WORD = re.compile(f"[{_ARABIC}]+")
_FORM = re.compile("[\ufb50-\ufdff\ufe70-\ufefc]")
# What keeps its own order inside text that runs from right to left: words of other letters, numbers.
_OTHER = "A-Za-z\u00c0-\u024f0-9٠-٩۰-۹"
_LEFT_TO_RIGHT = re.compile(rf"[{_OTHER}@#$€£+%](?:[{_OTHER}@#&+.,:/%_'’ -]*[{_OTHER}%])?")

# Marks drawn apart from the words that they belong to.
_AFTER_OPENING = re.compile(r"(?<=[“«(\[]) +(?=\w)")
_BEFORE_CLOSING = re.compile(r"(?<=\S) +(?=[”»)\]،؛؟.!](?:\W|$))")

# Never right in Arabic at the beginning of a word: an article whose lam was exchanged with an alef.
_EXCHANGED = re.compile(r"(?<![\u0621-\u065f])([وفبك]?ا)([اأإآ])ل(?=[\u0621-\u065f])")
_STATED = re.compile(r"(?<![\u0621-\u065f])[وفبك]?ا[أإآ]ل(?=[\u0621-\u065f])")
# Frequent words with lam-alef inside that are no words with the two exchanged.
_WITH_LAM_ALEF = re.findall(
    r"\S+",
    """
    خلال سلام إسلام اسلام إعلام اعلام علاقة علاق ثلاثة ثلاثين ثلاثون ثلاثاء ملايين لاعب لاعبين لاجئ لاجئين خلاف اختلاف
    استقلال احتلال ائتلاف إئتلاف إصلاح اصلاح سلاح ولاية ولاي كلام علاج إعلان اعلان إطلاق اطلاق انطلاق إغلاق اغلاق أخلاق
    اخلاق صلاح صلاحية طلاب حلال جلالة هلال فلاح عملاء زملاء وكلاء هؤلاء دلالة بلاغ إبلاغ إخلاء استيلاء غلاف تلاميذ فلاديمير
    إيلاء أقلام أحلام أفلام أعلام إملاء ميلاد بلاد بلاستيك ملاحظة ملاحظ ملاحقة ملاحق تلاعب سلالة لاحق لازم لافروف لافت
    """,
)
_MENDED: dict[str, str] = {word.replace("لا", "ال", 1): word for word in _WITH_LAM_ALEF}
_SPLIT = re.compile("^([وف]?(?:ال|لل|[بكل]ال|[بكل])?)(.+?)((?:ات|ية|ين|ون|ها|هم|ه|ي|ا|اً)?)$")


def mend(lines: Sequence[str]) -> list[str]:
    """``lines`` of one document in reading order; lines without Arabic come back as they are."""
    backwards = _evidence(lines)
    turned = [_turn(line) if backwards and _WORD.search(line) else line for line in lines]
    shaped = [_FORM.sub(lambda match: unicodedata.normalize("NFKC", match[0]), line) for line in turned]
    exchanged = sum(len(_STATED.findall(line)) for line in shaped) > 0
    return [_facing(_lam_alef(line) if exchanged else line) for line in shaped]


def _evidence(lines: Iterable[str]) -> bool:
    """Whether the words run backwards: by articles, letters that only end words, and joined forms."""
    forwards = backwards = 0
    for line in lines:
        for match in _WORD.finditer(line):
            word = match[0]
            if len(word) < 3:
                continue
            plain = unicodedata.normalize("NFKC", word)
            forwards += plain.startswith(("ال", "وال", "بال")) + plain.endswith(("ة", "ى")) + _joins(word)
            backwards += (
                plain.endswith(("لا", "لاو", "لاب")) + plain.startswith(("ة", "ى")) + _joins(word[::-1])
            )
    return backwards > 2 and backwards > 2 * forwards


def _joins(word: str) -> bool:
    """Whether presentation forms begin the word as a beginning and end it as an end."""
    first, last = unicodedata.decomposition(word[0]), unicodedata.decomposition(word[-1])
    return first.startswith("<initial>") or last.startswith("<final>")


def _turn(line: str) -> str:
    """A line from the order of places to the order of reading."""
    return _LEFT_TO_RIGHT.sub(lambda match: match[0][::-1], line[::-1])


def _facing(line: str) -> str:
    """Brackets and quotes of a line with Arabic, beside their words, and turned round where every pair
    closes before it opens.
    """
    if not _WORD.search(line):
        return line
    for opening, closing in (("(", ")"), ("[", "]"), ("«", "»"), ("“", "”")):
        first, last = line.find(opening), line.find(closing)
        if 0 <= last < first and line.count(opening) == line.count(closing):
            line = line.translate({ord(opening): closing, ord(closing): opening})
    return _BEFORE_CLOSING.sub("", _AFTER_OPENING.sub("", line))


def _lam_alef(line: str) -> str:
    line = _EXCHANGED.sub(r"\1ل\2", line)
    return _WORD.sub(lambda match: _exchange(match[0]), line)


def _exchange(word: str) -> str:
    """A frequent word with its lam and alef in order again, under its clitics; others unchanged."""
    if word in _MENDED:
        return _MENDED[word]
    if parts := _SPLIT.match(word):
        before, stem, after = str(parts[1]), str(parts[2]), str(parts[3])
        return before + _MENDED.get(stem, stem) + after
    return word
