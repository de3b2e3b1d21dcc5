"""Three legs, one list: dense, lexical and cross-script hits fused by their scores, and compared word by word."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from rag.alike import amounts, relations
from rag.clean import fold, language_of
from rag.copies import runs
from rag.types import Filter, Hit, Language, Leg, Passage

if TYPE_CHECKING:
    from rag.config import Config
    from rag.lexicon import Lexicon
    from rag.protocols import AskedVectors, Embedder
    from rag.snapshot import Snapshot

WORDS = 1000  # passages that a word leg scores; the first of them are candidates
ALIKE = 0.85  # share of words in common from which passages are copies
TOLD = 0.9  # share of runs of words from which a passage of a copied article says nothing more
NO_WIRES: Mapping[str, str] = MappingProxyType({})
MOST = 800  # candidates, where copies fill the first ones


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each leg says, and the passages' words."""

    dense: float
    words: float
    lexical: float
    cross: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Attributes:
        legs: What each leg brought, best first; the word legs tell the scores of more than they bring as candidates.
        cosines: Of the question's vector with that of every candidate, whichever leg brought it.
        words: Of every candidate how near its words are to the question's; none where the encoder gives words no vectors.
    """

    legs: dict[str, list[tuple[int, float]]]
    cosines: dict[int, float]
    words: dict[int, float]

    def near(self, id: int) -> float:
        """How near a candidate's words are; its cosine where they have no vectors."""
        return self.words.get(id, self.cosines[id])


def retrieve(
    question: str,
    snapshot: Snapshot,
    embedder: Embedder,
    words: Lexicon,
    config: Config,
    where: Filter = Filter(),
) -> tuple[Hit, ...]:
    """Hits for one question, best first, at most ``config.candidates``, copies collapsed."""
    if not len(snapshot):
        return ()
    found = search(question, snapshot, embedder, words, config, where)
    if not found.cosines:
        return ()
    ids = sorted(found.cosines)
    weights = Weights(config.weight_dense, config.weight_words, config.weight_lexical, config.weight_cross)
    scores = fuse(found, weights)
    best = sorted(ids, key=lambda id: (-scores[id], id))[: config.candidates]
    legs = found.legs | {"words": sorted(found.words.items(), key=lambda pair: (-pair[1], pair[0]))}
    ranks = {name: {id: Leg(i, score) for i, (id, score) in enumerate(leg, 1)} for name, leg in legs.items()}
    passages = {passage.id: passage for passage in snapshot.passages(best)}
    articles = {key: snapshot.article(key) for key in {p.article_id for p in passages.values()}}
    hits = [
        Hit(
            passages[id],
            articles[passages[id].article_id],
            scores[id],
            {name: leg[id] for name, leg in ranks.items() if id in leg},
            likeness(found, id),
        )
        for id in best
    ]
    kept = collapse(hits, snapshot.wires(articles))
    if len(kept) < config.passages and len(ids) >= config.candidates < MOST:
        # Copies of one report took the places of other articles.
        wider = replace(config, candidates=4 * config.candidates)
        return retrieve(question, snapshot, embedder, words, wider, where)
    return kept


def search(
    question: str,
    snapshot: Snapshot,
    embedder: Embedder,
    words: Lexicon,
    config: Config,
    where: Filter = Filter(),
) -> Found:
    """What each leg finds, and how like the question every candidate is, as a whole and word by word."""
    from rag.lexical import terms
    from rag.lexicon import cross_query

    asked = _asked(question, embedder)
    groups, skeletons = cross_query(question, words)
    legs = {
        "dense": snapshot.dense(asked.vector[None], config.candidates, where)[0],
        "lexical": snapshot.lexical(terms(question), max(WORDS, config.candidates), where),
        "cross": snapshot.cross(groups, skeletons, max(WORDS, config.candidates), where),
    }
    ids = sorted({id for leg in legs.values() for id, _ in leg[: config.candidates]})
    if not ids:
        return Found(legs, {}, {})
    cosines = dict(zip(ids, (snapshot.vectors(ids) @ asked.vector).tolist(), strict=True))
    return Found(legs, cosines, snapshot.by_words(ids, asked))


def _asked(question: str, embedder: Embedder) -> AskedVectors:
    """The question's vector, and those of its words where the encoder gives them."""
    import numpy as np

    from rag.protocols import AskedVectors

    with_words = getattr(embedder, "embed_question_with_words", None)
    if with_words is not None:
        asked: AskedVectors = with_words(question)
        return asked
    none = np.zeros((0, 0), np.float32)
    return AskedVectors(embedder.embed_questions([question])[0], none, np.zeros(0, np.float32))


def likeness(found: Found, id: int) -> float:
    """The mean of the passage's cosine and of its words', where it has any."""
    return (found.cosines[id] + found.near(id)) / 2


def fuse(found: Found, weights: Weights) -> dict[int, float]:
    """One score per candidate: the weighted mean of the cosine, of the words' nearness and of the word legs' shares.

    None is scaled to its best, so that a leg which found little says little: the words of a question in
    one language hardly occur in passages of the other, and no passage is best only because the others
    are worse.
    """
    lexical, cross = dict(found.legs["lexical"]), dict(found.legs["cross"])
    total = weights.dense + weights.words + weights.lexical + weights.cross
    return {
        id: (
            weights.dense * cosine
            + weights.words * found.near(id)
            + weights.lexical * lexical.get(id, 0.0)
            + weights.cross * cross.get(id, 0.0)
        )
        / total
        for id, cosine in found.cosines.items()
    }


def collapse(hits: Sequence[Hit], wires: Mapping[str, str] = NO_WIRES) -> tuple[Hit, ...]:
    """Of passages that are copies of each other the best, naming the sources of the others.

    Args:
        wires: The groups of articles that are copies, by article. Their passages begin and end at
            other places; one that says nothing beyond those kept of its group is a copy too.
    """
    kept: list[Hit] = []
    bags: list[frozenset[str]] = []
    for hit in hits:
        bag = frozenset(fold(hit.passage.text).split())
        at = next(
            (i for i, other in enumerate(bags) if _copies(bag, other) and _told_alike(hit, kept[i])), None
        )
        if at is None and (wire := wires.get(hit.article.id)) is not None:
            same = [i for i, other in enumerate(kept) if wires.get(other.article.id) == wire]
            at = _told_by(hit, same, kept)
        if at is None:
            kept.append(hit)
            bags.append(bag)
        elif hit.article.source not in (kept[at].article.source, *kept[at].also_in):
            kept[at] = replace(kept[at], also_in=(*kept[at].also_in, hit.article.source))
    return tuple(kept)


def _copies(bag: frozenset[str], other: frozenset[str]) -> bool:
    return len(bag & other) >= ALIKE * max(len(bag | other), 1)


def _told_alike(hit: Hit, kept: Hit) -> bool:
    """Whether a passage with nearly the same words has the same numbers, and denies the same."""
    one, other = hit.passage.text, kept.passage.text
    return set(amounts(one)) <= set(amounts(other)) and relations(one) == relations(other)


def _told_by(hit: Hit, same: Sequence[int], kept: Sequence[Hit]) -> int | None:
    """Which of the passages ``same`` tells most of ``hit``, if they tell it all, every number too."""
    told = {i: set(runs(kept[i].passage.text)) for i in same if kept[i].article.id != hit.article.id}
    own = set(runs(hit.passage.text))
    if not own or len(own & set().union(*told.values())) < TOLD * len(own):
        return None
    numbers = set().union(*(_numbers(kept[i].passage.text) for i in told))
    return max(told, key=lambda i: len(own & told[i])) if _numbers(hit.passage.text) <= numbers else None


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+", fold(text)))


def direction(question_language: Language, passage: Passage) -> str:
    """``en->ar`` and the like: the asker's language and the passage's, for calibration."""
    asked = "ar" if question_language == "ar" else "en"
    return f"{asked}->{'ar' if language_of(passage.text) == 'ar' else 'en'}"
