"""Text of two directions made into HTML: nothing in it can act, and each part keeps its own order.

Everything that comes from an article, a model or an asker goes through ``inline``. It drops the
characters that a terminal or a bidirectional display obeys, escapes the rest, and isolates numbers and
words of the other script, so that ``OpenAI`` or ``2,5 %`` cannot reorder the Arabic around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape as _escape
from typing import Literal

from rag.clean import language_of

Direction = Literal["rtl", "ltr"]
_TEMPLATES = {ord(sign): f"&#{ord(sign)};" for sign in "${}`"}

_DROPPED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_LATIN = "A-Za-z\u00c0-\u024f\u1e00-\u1eff"
_ARABIC = (
    "\u0600-\u060b\u060d-\u061a\u061c-\u061e\u0620-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc"
)
_DIGIT = "0-9\u0660-\u0669\u06f0-\u06f9"
_NUMBER = rf"[{_DIGIT}](?:[{_DIGIT}.,:/٫٬–-]*[{_DIGIT}])?(?:\s?[%٪])?"
_IN_RTL = re.compile(rf"[{_LATIN}](?:[{_LATIN}0-9 .,'’&@:/_-]*[{_LATIN}0-9])?|[$€£]?{_NUMBER}")
# In brackets and quotation marks a number goes with the Arabic beside it: (62 ألف).
_IN_LTR = re.compile(
    rf"(?<=[(“«])[^()“”«»{_LATIN}]*[{_ARABIC}][^()“”«»{_LATIN}]*(?=[)”»])|[{_ARABIC}](?:[{_ARABIC} ،؛.-]*[{_ARABIC}])?"
)


def direction(text: str) -> Direction:
    """By the majority of letters, not the first one: ``OpenAI يقدم نموذجا`` is right to left."""
    return "rtl" if language_of(text) == "ar" else "ltr"


def harmless(text: str) -> str:
    """``text`` without control characters, direction marks and overrides, and lone surrogates."""
    return _DROPPED.sub("", text)


def escape(text: str) -> str:
    """As ``html.escape``; and the signs by which a page's templates would know code are entities too."""
    return _escape(text, quote=True).translate(_TEMPLATES)


def inline(text: str, base: Direction) -> str:
    """``text`` as HTML inside a paragraph of direction ``base``; tags of its own become visible text."""
    return "".join(_pieces(harmless(text), _IN_RTL if base == "rtl" else _IN_LTR))


def _pieces(text: str, foreign: re.Pattern[str]) -> Iterator[str]:
    done = 0
    for match in foreign.finditer(text):
        yield escape(text[done : match.start()])
        yield f"<bdi>{escape(match.group())}</bdi>"
        done = match.end()
    yield escape(text[done:])


def attribute(text: str) -> str:
    """``text`` inside a quoted attribute, on one line."""
    return escape(" ".join(harmless(text).split()))


def phrase(text: str) -> str:
    """A title, a source or a name standing alone, isolated with its own direction."""
    base = direction(text)
    return f'<bdi dir="{base}">{inline(" ".join(text.split()), base)}</bdi>'


def paragraphs(text: str, css: str = "") -> str:
    """Each line of ``text`` as a paragraph with its own direction."""
    kind = f' class="{css}"' if css else ""
    lines = [line.strip() for line in text.split("\n")]
    return "".join(
        f'<p{kind} dir="{direction(line)}">{inline(line, direction(line))}</p>' for line in lines if line
    )
