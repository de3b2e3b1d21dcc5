import pytest
from fakes import HashEmbedder
from hypothesis import given
from hypothesis import strategies as st
from told import TALKS_AR, TALKS_EN, hit

from rag.cite import abstains, cite
from rag.markers import MarkerFilter, read_markers
from rag.prompts import ABSTENTION

HITS = [hit(TALKS_EN, date="2016-03-14"), hit(TALKS_AR, name="b", number=1)]


# Markers -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("[1]", [1]),
        ("【2】", [2]),
        ("［３］", [3]),
        ("[١]", [1]),
        ("[۲]", [2]),
        ("[1,2]", [1, 2]),
        ("[1، ٣]", [1, 3]),
        ("[1-3]", [1, 2, 3]),
        ("[1–3]", [1, 2, 3]),
        ("[^2]", [2]),
        ("[passage 2]", [2]),
        ("[الفقرة ٢]", [2]),
        ("【1†source】", [1]),
        ("[1][3]", [1, 3]),
        ("(2)", [2]),
    ],
)
def test_every_way_to_write_a_marker_is_read(written, numbers):
    for text in (f"It was signed {written}.", f"It was signed{written}.", f"It was signed. {written}"):
        marked = read_markers(text, 3)
        assert marked.text == "It was signed."
        assert [number for _, named in marked.marks for number in named] == numbers
        assert marked.invented == ()


def test_invented_numbers_are_told_apart():
    marked = read_markers("A [7]. B [1, 9].", 3)
    assert marked.text == "A. B."
    assert marked.marks == ((4, (1,)),)
    assert marked.invented == (7, 9)


@pytest.mark.parametrize(
    "text",
    [
        "In (2015) it began.",
        "The list [a, b] stays.",
        "Resolution (2254) was passed.",
        "He said (1) this and (2) that happened.",
        "“[sic]” he said.",
        "1 [",
        "[]",
        "a[1",
    ],
)
def test_other_brackets_are_left_alone(text):
    assert read_markers(text, 3).text == text


def _streamed(pieces, hits=3):
    passer = MarkerFilter(hits)
    shown = [passer.feed(piece) for piece in pieces]
    return [*shown, passer.end()]


def test_no_half_of_a_marker_is_ever_shown():
    shown = _streamed(["Signed", " [", "1", "] and", " 【", "２】. Also", " [9", "].", " End [1"])
    assert "".join(shown) == "Signed [1] and [2]. Also. End [1"
    for end in range(len(shown)):
        sofar = "".join(shown[:end])
        assert sofar.count("[") == sofar.count("]")


@given(st.lists(st.text(alphabet="ab .[]【】(١2,-9)\n", max_size=6), max_size=12))
def test_a_stream_says_the_same_however_it_is_cut(pieces):
    text = "".join(pieces)
    assert "".join(_streamed(pieces)) == "".join(_streamed([text])) == "".join(_streamed(list(text)))


@given(st.text())
def test_a_stream_without_brackets_passes_unchanged(text):
    if not set("[［【〔⟦(（") & set(text):
        assert "".join(_streamed(list(text))) == text


# Citing --------------------------------------------------------------------------------------------
def test_a_true_sentence_is_cited_with_the_exact_words():
    told, citations = cite("Seven documents were signed by Norway and Chad [1].", HITS, HashEmbedder())
    assert [sentence.text for sentence in told] == ["Seven documents were signed by Norway and Chad [1]."]
    assert told[0].verified
    assert told[0].markers == (1,)
    (citation,) = citations
    assert citation.quote == "Seven documents were signed by Norway and Chad."
    assert TALKS_EN[citation.start : citation.end] == citation.quote
    assert [TALKS_EN[slice(*span)] for span in citation.marks] == [
        "Seven documents",
        "signed",
        "Norway",
        "Chad",
    ]
    assert (citation.article_id, citation.source, citation.date) == ("a-id", "a.txt", "2016-03-14")
    assert 0 < citation.score <= 1


def test_the_words_decide_not_the_models_marker():
    told, citations = cite("Seven documents were signed by Norway and Chad [2].", HITS, HashEmbedder())
    assert citations[0].article_id == "a-id"
    told, citations = cite("Seven documents were signed by Norway and Chad [8].", HITS, HashEmbedder())
    assert told[0].markers == (1,)


def test_arabic_is_cited_too():
    told, citations = cite("قال شويغو إن 62 ألف مقاتل وقعوا الاتفاق [٢].", HITS, HashEmbedder())
    assert told[0].verified
    assert citations[0].article_id == "b-id"
    assert citations[0].quote.startswith("أعلن وزير الدفاع")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Nine documents were signed by Norway and Chad [1].", "number Nine"),
        ("Maria Keller announced the agreement in Geneva on 15 March [1].", "date 15 March"),
        ("Maria Keller announced the agreement in Paris on 14 March [1].", "name Paris"),
        ("The agreement does include the northern provinces [1].", "not negated"),
        ("Seven documents were not signed by Norway and Chad [1].", "negated"),
        ("قال شويغو إن 63 ألف مقاتل وقعوا الاتفاق [2].", "number 63"),
        ("سيشمل الاتفاق تنظيم داعش [2].", "not negated"),
        ("Bees make honey from the nectar of flowers [1].", "no passage says this"),
    ],
)
def test_what_the_passages_do_not_bear_out_is_unverified(text, reason):
    told, citations = cite(text, HITS, HashEmbedder())
    assert citations == ()
    assert not told[0].verified
    assert told[0].markers == ()
    assert reason in told[0].reason


def test_one_wrong_sentence_does_not_take_the_right_one_with_it():
    text = "Seven documents were signed by Norway and Chad [1]. Nine of them were signed by Chad [1]."
    told, citations = cite(text, HITS, HashEmbedder())
    assert [sentence.verified for sentence in told] == [True, False]
    assert told[1].text == "Nine of them were signed by Chad."
    assert len(citations) == 1


def test_citations_are_numbered_in_the_order_of_their_use():
    text = "The talks begin in Astana on 23 January [2]. Seven documents were signed by Norway and Chad [1]."
    hits = [HITS[0], hit("The talks begin in Astana on 23 January.", name="c", number=2)]
    told, citations = cite(text, hits, HashEmbedder())
    assert [sentence.markers for sentence in told] == [(1,), (2,)]
    assert [(citation.marker, citation.article_id) for citation in citations] == [(1, "c-id"), (2, "a-id")]


def test_both_passages_are_cited_where_the_model_names_both_and_both_carry():
    same = hit("Norway and Chad have signed seven documents.", name="c", number=2)
    told, citations = cite("Norway and Chad signed seven documents [1][2].", [HITS[0], same], HashEmbedder())
    assert told[0].markers == (1, 2)
    assert {citation.article_id for citation in citations} == {"a-id", "c-id"}


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("وهل وقعت النرويج وتشاد سبع وثائق؟ [1]", "وهل وقعت النرويج وتشاد سبع وثائق [1]؟"),
        ("Norway and Chad signed seven documents", "Norway and Chad signed seven documents [1]."),
        ("Norway and Chad signed seven documents…", "Norway and Chad signed seven documents [1]…"),
    ],
)
def test_markers_are_written_before_the_closing_punctuation(said, shown):
    hits = [HITS[0], hit("وقعت النرويج وتشاد سبع وثائق.", name="c", number=2)]
    assert [sentence.text for sentence in cite(said, hits, HashEmbedder())[0]] == [shown]


@pytest.mark.parametrize("language", ["en", "ar", "other"])
def test_the_cannot_answer_sentence_is_known(language):
    assert abstains(ABSTENTION[language])
    assert abstains(ABSTENTION[language].rstrip(".") + "!")
    assert not abstains("The articles do not say when.")


def test_an_abstention_alone_has_no_citation_and_beside_an_answer_it_is_dropped():
    told, citations = cite(ABSTENTION["en"], HITS, HashEmbedder())
    assert citations == ()
    assert not told[0].verified
    told, citations = cite(
        f"Norway and Chad signed seven documents [1]. {ABSTENTION['en']}", HITS, HashEmbedder()
    )
    assert [sentence.text for sentence in told] == ["Norway and Chad signed seven documents [1]."]
    assert len(citations) == 1


@pytest.mark.parametrize("text", ["", " \n", "[1]", "...", "[1] [2]"])
def test_nothing_said_is_nothing_cited(text):
    assert cite(text, HITS, HashEmbedder()) == ((), ())


def test_without_hits_nothing_is_supported():
    told, citations = cite("Norway signed [1].", [], HashEmbedder())
    assert not told[0].verified
    assert citations == ()
