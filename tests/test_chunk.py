"""Passages: whole sentences, exact offsets, nothing lost, never over the maximum."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.chunk import chunk, embedding_text
from rag.onnx import tokenizer
from rag.read import read_paths, read_text
from rag.types import Article, Draft, Part, PartKind, Span

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "tests" / "golden" / "chunks.txt"


def count(text: str) -> int:
    return len(tokenizer().encode(text).ids)


def words(text: str) -> int:
    """Two specials and a token for each word: small enough to reckon by hand."""
    return 2 + len(text.split())


def seeds() -> list[Article]:
    return [article for source in read_paths([ROOT / "seeds"]) for article in source.articles]


def shown(article: Article) -> str:
    """The letters and digits of title and body, in order."""
    kept = (PartKind.TITLE, PartKind.BODY)
    text = "".join(article.text[p.span.start : p.span.end] for p in article.parts if p.kind in kept)
    return re.sub(r"[\W_]+", "", text)


def check(article: Article, drafts: tuple[Draft, ...], counter: Callable[[str], int], maximum: int) -> None:
    end = 0
    for draft in drafts:
        assert end <= draft.span.start < draft.span.end <= len(article.text)
        assert article.text[draft.span.start : draft.span.end] == draft.text
        assert counter(embedding_text(article, draft.text)) <= maximum
        place = draft.span.start
        for sentence in draft.sentences:
            assert place <= sentence.start < sentence.end <= draft.span.end
            place = sentence.end
        assert draft.sentences[0].start == draft.span.start
        assert draft.sentences[-1].end == draft.span.end
        end = draft.span.end
    assert re.sub(r"[\W_]+", "", "".join(draft.text for draft in drafts)) == shown(article)


@pytest.mark.parametrize("article", seeds(), ids=lambda a: a.source[:3])
def test_seeds_are_whole_exact_and_within_the_encoder(article: Article) -> None:
    check(article, chunk(article, count, 120, 220), count, 220)


def test_most_passages_of_the_seeds_are_full() -> None:
    sizes = [
        count(embedding_text(article, draft.text))
        for article in seeds()
        for draft in chunk(article, count, 120, 220)
    ]
    assert sum(size >= 100 for size in sizes) >= 0.9 * len(sizes)


def golden() -> str:
    blocks = []
    for article in seeds():
        for number, draft in enumerate(chunk(article, count, 120, 220)):
            head = f"{article.source} {number} {draft.span.start}-{draft.span.end}"
            sentences = "\n".join(article.text[s.start : s.end].replace("\n", " ") for s in draft.sentences)
            blocks.append(f"# {head} tokens {count(embedding_text(article, draft.text))}\n{sentences}\n")
    return "\n".join(blocks)


def test_passages_of_the_seeds_are_the_recorded_ones() -> None:
    """After a wanted change: python -m tests.test_chunk, and read the difference."""
    assert golden() == GOLDEN.read_text(encoding="utf-8")


SENTENCE = st.lists(
    st.sampled_from(
        [
            "قال",
            "الرئيس",
            "ceasefire",
            "U.S.",
            "3.5",
            "“نعم”",
            "،",
            "x" * 30,
            "你好",
            "각",
            "😀",
            "ﷺ",
            "٢٠١٥",
            "/48/",
        ]
    ),
    min_size=1,
    max_size=60,
).map(lambda found: " ".join(found) + ".")
ODD = st.one_of(
    SENTENCE, st.text(max_size=200), st.integers(1, 3000).map(lambda n: "كلمة" * n), st.just("* " * 400)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ODD, max_size=8), st.one_of(st.none(), SENTENCE))
def test_any_text_is_kept_whole_and_within_the_maximum(paragraphs: list[str], title: str | None) -> None:
    article = read_text("\n".join(paragraphs), "any.txt", title=title)
    check(article, chunk(article, count, 120, 220), count, 220)


def test_passages_close_at_a_paragraphs_end_once_they_are_big_enough() -> None:
    paragraph = "one two three four five six. seven eight nine ten."
    article = read_text("\n".join(paragraph.replace("one", f"w{i}") for i in range(4)), "a.txt")
    drafts = chunk(article, words, 20, 60)
    assert [draft.text.count("\n\n") for draft in drafts] == [1, 1]


def test_nothing_that_is_set_apart_is_in_a_passage() -> None:
    text = "first body line.\n\nread more here\n\nsecond body line."
    parts = (
        Part(PartKind.BODY, Span(0, 16)),
        Part(PartKind.BOILERPLATE, Span(18, 32)),
        Part(PartKind.BODY, Span(34, 51)),
    )
    article = Article("0" * 12, "a.txt", "", text, "en", None, parts, "")
    assert [draft.text for draft in chunk(article, words, 16, 60)] == [
        "first body line.",
        "second body line.",
    ]


def test_a_long_line_without_spaces_is_cut_into_readable_passages() -> None:
    article = read_text("ا" * 300_000, "a.txt")
    drafts = chunk(article, lambda text: 3, 120, 220)
    assert max(len(draft.text) for draft in drafts) < 2_500
    assert sum(len(draft.text) for draft in drafts) == 300_000


def test_the_work_grows_with_the_text_and_no_faster() -> None:
    """Characters given to the tokenizer, counted instead of timed."""

    def given_for(n: int) -> int:
        seen = 0

        def counter(text: str) -> int:
            nonlocal seen
            seen += len(text)
            return len(text) // 5 + 2

        chunk(read_text("كلمة " * n, "a.txt"), counter, 120, 220)
        return seen

    assert given_for(40_000) < 4.5 * given_for(10_000)
    assert given_for(10_000) < 2 * 50_000


def test_the_title_is_embedded_with_each_passage_but_once() -> None:
    article = read_text(
        "Body text that is long enough to be a paragraph.", "a.txt", title="A title of four words"
    )
    first = chunk(article, words, 16, 60)[0]
    assert embedding_text(article, first.text) == first.text
    assert embedding_text(article, "elsewhere") == "A title of four words\nelsewhere"


if __name__ == "__main__":
    GOLDEN.write_text(golden(), encoding="utf-8")
