"""Finding an English answer again in the Arabic passage that tells the same: span projection.

AQAD's spans were found by machine and about half of them are wrong; the English answers of the same
questions are human. Here an English answer's words are looked for in the Arabic passage through the
lexicons, the names' skeletons and the digits; a span is believed when most of the answer is in it, little else
is, and the question's words stand near.

    python -m train.project            # how many are found, and a sample to read
"""

from __future__ import annotations

import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rag.lexical import fold_words, is_stop, terms
from rag.lexicon import Lexicon, Sought, lexicon, sought
from rag.names import skeleton
from train.codeswitch import CodeSwitch
from train.data import Example, aqad_aligned, data_root, read_jsonl, trim

_WORD = re.compile(r"[^\W_]+(?:[.,:]\d+)*")
_SENTENCE_END = re.compile(r"[.!?؟؛\n]\s")
_CLITICS = "وفبلك"
_JOINED = re.compile(r"[وفبك]+(?=ال\w{2})|ال(?=\d)")  # what a span does not begin with
_PER_CENT = re.compile(r" ?[%٪]| بالمائة| بالمئة| في المائة| في المئة")
NEAR = 25  # words on each side in which the question's words count
BELIEVED = 0.75


class Word(NamedTuple):
    """A word of the passage as it may be matched."""

    start: int
    end: int
    stems: frozenset[str]
    names: frozenset[str]
    stop: bool


def words_of(text: str) -> list[Word]:
    found = []
    for match in _WORD.finditer(text):
        word = match[0]
        names = {skeleton(word)}
        if len(word) > 4 and word[0] in _CLITICS:
            names.add(skeleton(word[1:]))
        stems = frozenset(terms(word))
        found.append(Word(*match.span(), stems, frozenset(filter(None, names)), is_stop(fold_words(word))))
    return found


class Projector:
    """Projects English answers into Arabic passages."""

    def __init__(self, switch: CodeSwitch, book: Lexicon | None = None) -> None:
        self._switch = switch
        self._book = book or lexicon()

    def _sought(self, text: str) -> list[Sought]:
        """The words of an English text, with the dictionary of training beside the shipped lexicon."""
        result = sought(text, self._book)
        for one, word in self._learned(text):
            for i, known in enumerate(result):
                if one & set(known.own):
                    others = dict(known.others)
                    for stem, weight in word:
                        others[stem] = max(weight, others.get(stem, 0.0))
                    result[i] = known._replace(others=list(others.items()))
        return result

    def _learned(self, text: str) -> Iterator[tuple[set[str], list[tuple[str, float]]]]:
        for match in _WORD.finditer(text):
            entry = self._switch.en_ar.get(match[0].lower())
            if entry:
                total = max(p for _, p in entry)
                yield (
                    set(terms(match[0])),
                    [(stem, 0.9 * (p / total) ** 0.5) for word, p in entry for stem in terms(word)],
                )

    def find(self, question: str, answer: str, context: str) -> tuple[int, int, float] | None:
        """Start, end and score in (0, 1] of the answer in the Arabic ``context``, or None."""
        asked = self._sought(answer)
        if not asked:
            return None
        words = words_of(context)
        weights = [[_match(one, word) for one in asked] for word in words]
        hit = [max(row) > 0.3 for row in weights]
        places = [i for i, is_hit in enumerate(hit) if is_hit]
        if not places:
            return None
        exact = [j for j, one in enumerate(asked) if any(map(str.isdigit, "".join(one.own)))]
        ends = [m.start() for m in _SENTENCE_END.finditer(context)]
        near = self._nearness(question, words, {stem for one in asked for stem in one.own})
        best: tuple[float, float, int, int] | None = None
        for at, first in enumerate(places):
            for last in places[at : at + 2 * len(asked) + 2]:
                if last - first > 2 * len(asked) + 3:
                    break
                if any(words[first].start < end < words[last].start for end in ends):
                    break
                covered = [max(weights[i][j] for i in range(first, last + 1)) for j in range(len(asked))]
                recall = sum(min(1.0, c) for c in covered) / len(asked)
                content = [i for i in range(first, last + 1) if not words[i].stop]
                precision = sum(hit[i] for i in content) / len(content) if content else 0.0
                if recall < 0.6 or not precision or not all(covered[j] for j in exact):
                    continue
                score = 2 * recall * precision / (recall + precision)
                rank = (round(score, 2) + 0.25 * near[first], -float(last - first), first, last)
                if best is None or rank > best:
                    best = rank
        if best is None:
            return None
        first, last = best[2], best[3]
        score = best[0] - 0.25 * near[first]
        if near[first] < 0.15:
            return None
        if any(
            abs(place - first) > NEAR
            and near[place] > 0.85 * near[first]
            and words[place].stems & words[first].stems
            for place in places
        ):
            score *= 0.8  # the same words elsewhere, as near to the question's: not sure which
        start, end = words[first].start, words[last].end
        if clitic := _JOINED.match(context[start:end]):
            start += clitic.end()
        return start, end, score

    def _nearness(self, question: str, words: Sequence[Word], without: set[str]) -> list[float]:
        """For each word the share of the question's words that stand within ``NEAR`` of it."""
        asked = [one for one in self._sought(question) if not set(one.own) <= without]
        if not asked:
            return [0.0] * len(words)
        near = [0.0] * len(words)
        for one in asked:
            at = [i for i, word in enumerate(words) if _match(one, word) > 0.3]
            for i in range(len(words)):
                if any(abs(i - j) <= NEAR for j in at):
                    near[i] += 1 / len(asked)
        return near


def _match(one: Sought, word: Word) -> float:
    """How surely this Arabic word renders (part of) ``one``."""
    best = max((weight for stem, weight in one.others if stem in word.stems), default=0.0)
    if word.names & set(one.names) or word.stems & set(one.own):
        best = max(best, 1.0)
    return best


def projected(root: Path, switch: CodeSwitch) -> list[dict[str, Any]]:
    """Questions with ``question_en``, ``question_ar`` (may be ""), ``context_ar``, ``start``, ``end``.

    AQAD's aligned questions, and the other questions that SQuAD asks of the same paragraphs.
    """
    projector = Projector(switch)
    rows = aqad_aligned(root)
    done = {(row["context_en"], row["question_en"]) for row in rows}
    passages: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        passages[row["context_en"]].add(row["context_ar"])
    for paragraph in read_jsonl(root / "squad" / "squad-v1.1-train.jsonl.xz"):
        for context in sorted(passages.get(paragraph["context"], ())):
            for qa in paragraph["qas"]:
                if qa["answers"] and (paragraph["context"], qa["question"]) not in done:
                    rows.append(
                        {
                            "question_en": qa["question"],
                            "question_ar": "",
                            "context_ar": context,
                            "answer_en": qa["answers"][0]["text"],
                            "answer_ar": "",
                        }
                    )
    kept = []
    for row in rows:
        found = projector.find(row["question_en"], row["answer_en"], row["context_ar"])
        if found is None or found[2] < BELIEVED:
            continue
        start, end, score = found
        start, end = _widened(row, start, end)
        if example := trim(Example(row["question_en"], row["context_ar"], start, end, "projected")):
            kept.append({**row, "start": example.start, "end": example.end, "score": score})
    return kept


def _widened(row: dict[str, Any], start: int, end: int) -> tuple[int, int]:
    """The span with its per-cent sign, or the machine's own span around it, where this is not too long."""
    context, machine = row["context_ar"], trim(Example("", row["answer_ar"], 0, len(row["answer_ar"]), ""))
    if machine is not None:
        text = machine.context[machine.start : machine.end]
        at = context.rfind(text, 0, start + len(text))
        long = len(text.split()) > len(row["answer_en"].split()) + 2
        if at >= 0 and at <= start and at + len(text) >= end and not long:
            return at, at + len(text)
    if after := _PER_CENT.match(context, end):
        end = after.end()
    return start, end


def main() -> None:
    root = data_root(sys.argv[1] if len(sys.argv) > 1 else None)
    kept = projected(root, CodeSwitch(root))
    print(
        len(kept),
        "answers found again,",
        sum(1 for row in kept if row["question_ar"]),
        "of them asked in Arabic too",
    )
    for row in random.Random(3).sample(kept, min(60, len(kept))):
        span = row["context_ar"][row["start"] : row["end"]]
        print(f"{row['score']:.2f} {row['question_en']} | {row['answer_en']} | {span} | ({row['answer_ar']})")


if __name__ == "__main__":
    main()
