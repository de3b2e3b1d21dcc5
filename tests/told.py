"""Small articles and hits written by hand, for the tests of everything that answers from hits."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from rag.clean import language_of
from rag.sentences import sentences
from rag.types import Article, Hit, Passage, Span

TALKS_EN = (
    "Maria Keller announced the agreement in Geneva on 14 March. "
    "Seven documents were signed by Norway and Chad. "
    "The agreement does not include the northern provinces."
)
TALKS_AR = (
    "أعلن وزير الدفاع سيرغي شويغو أن 62 ألف مقاتل وقعوا الاتفاق. "
    "ولن يشمل الاتفاق تنظيم داعش. "
    "وتبدأ المفاوضات في أستانا يوم 23 يناير."
)


def hit(text: str, *, title: str = "", date: str | None = None, name: str = "a", number: int = 0) -> Hit:
    """A hit on an article that is one passage."""
    article = Article(f"{name}-id", f"{name}.txt", title, text, language_of(text), date, (), "")
    passage = Passage(number, article.id, number, Span(0, len(text)), text, sentences(text))
    return Hit(passage, article, 1.0)


def script(name: str) -> ModuleType:
    """The module ``eval/NAME.py``, which is run by itself and belongs to no package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent.parent / "eval" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module
