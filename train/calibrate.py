"""Fit, for each direction, the probability that a span answers, and the threshold to abstain at.

Questions are asked of an index of their paragraphs, among paragraphs of other articles, through the project's own
retrieval and reader. Each question counts twice: with its paragraph (answerable) and with that paragraph's passages
taken out of the hits (unanswerable). Articles are split into calibration and test.

There are two collections. ``written`` has the questions of ``train.asked`` whose articles are kept out of training, and of the same
articles those that look answered and are not. ``aligned`` has SQuAD's questions and AQAD's, which are machine-translated, their spans
found by machine: a large language model read each beside its paragraph, and its verdicts are kept in ``checked.tsv`` (questions that cannot
be understood or that the paragraph does not answer are left out, wrong spans put right; and passages that answer although they are
another question's). Both are fitted, and the thresholds chosen on both.

    python -m train.calibrate collect --questions 200 --distractors 150   # train/work/calibration-written.json
    python -m train.calibrate collect --of aligned --questions 300 --distractors 150
    python -m train.calibrate own                         # the own development half, beside it
    python -m train.calibrate fit --near 4                # rag/weights/reader/calibration.json
    python -m train.calibrate doubtful > doubtful.txt     # what may answer though it is another question's, to be read
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rag.clean import language_of
from rag.decide import NEAR_HITS, Calibration, Standing, calibrations, standing
from rag.metrics import token_f1
from rag.types import Hit
from train.asked import examples
from train.codeswitch import CodeSwitch
from train.data import Example, aqad_aligned, data_root, kept_for_calibration, read_jsonl, squad_format
from train.project import projected

WORK = Path("train/work")
HITS = 6  # that are read
DIRECTIONS = ("en->en", "en->ar", "ar->en", "ar->ar")
COLLECTIONS = ("written", "aligned")
LOOKED = 0.5  # weight of a question that only looks answered, beside 1 for one whose passages are not there
CHECKED = Path(__file__).parent / "checked.tsv"


def key_of(question: str, text: str) -> str:
    """What stands for a question with a paragraph or passage in ``checked.tsv``."""
    return hashlib.sha256(f"{question}\0{text}".encode()).hexdigest()[:16]


def read_checked() -> dict[str, list[str]]:
    """By ``key_of``: ``ok``, ``no``, or ``span`` with the right span's start and end; of other passages ``other`` if they answer, ``none`` if not."""
    lines = (line.split("\t") for line in CHECKED.read_text(encoding="utf-8").splitlines())
    return {key: rest for key, *rest in lines}


def put_right(example: Example, verdicts: dict[str, list[str]]) -> Example | None:
    """The example with its right span; None where its question is not answered."""
    verdict, *span = verdicts.get(key_of(example.question, example.context), ["ok"])
    if verdict == "span":
        return replace(example, start=int(span[0]), end=int(span[1]))
    return None if verdict == "no" else example


def questions(root: Path, count: int, seed: int) -> dict[str, list[tuple[Example, str]]]:
    """``{direction: [(example, title)]}``, ``count`` less those found wrong, one question a paragraph, of articles that its recipe keeps out of the reader's training.

    Answers in Arabic are those that projection found again, since half of the data set's own are wrong.
    """
    chance = random.Random(seed)
    found: dict[str, list[tuple[Example, str]]] = {d: [] for d in DIRECTIONS}
    rows = [row for row in aqad_aligned(root) if row["sim"] > 0.6 and kept_for_calibration(row["title_en"])]
    titles = {row["context_ar"]: row["title_en"] for row in rows}
    pool: dict[str, list[Example]] = {name: [] for name in found}
    for row in rows:
        at = row["context_en"].find(row["answer_en"])
        if at < 0:
            continue
        titles[row["context_en"]] = row["title_en"]
        for name in ("en->en", "ar->en"):
            asked = row[f"question_{name[:2]}"]
            pool[name].append(Example(asked, row["context_en"], at, at + len(row["answer_en"]), "squad"))
    for row in projected(root, CodeSwitch(root)):
        for name in ("en->ar", "ar->ar"):
            asked = row[f"question_{name[:2]}"]
            if asked and row["context_ar"] in titles:
                pool[name].append(Example(asked, row["context_ar"], row["start"], row["end"], "aqad"))
    for name, bucket in found.items():
        chance.shuffle(pool[name])
        used: set[str] = set()
        for example in pool[name]:
            if example.context not in used and len(bucket) < count:
                used.add(example.context)
                bucket.append((example, titles[example.context]))
    verdicts = read_checked()
    return {
        name: [(right, title) for one, title in bucket if (right := put_right(one, verdicts)) is not None]
        for name, bucket in found.items()
    }


def written(root: Path, count: int, seed: int) -> dict[str, list[tuple[Example, str]]]:
    """``{direction: [(example, title)]}``: of each kind, answered and not, ``count`` questions, one a passage."""
    chance = random.Random(seed)
    found: dict[str, list[tuple[Example, str]]] = {d: [] for d in DIRECTIONS}
    both = list(examples(root, kept=True))
    for answered in (True, False):
        chance.shuffle(both)
        used: dict[str, set[str]] = {d: set() for d in DIRECTIONS}
        for asked_in, number in (("en", 0), ("ar", 1)):
            for pair in both:
                one = pair[number]
                name = f"{asked_in}->{language_of(one.context)}"
                if (one.start >= 0) == answered and one.context not in used[name] and len(used[name]) < count:
                    used[name].add(one.context)
                    found[name].append((one, one.source))
    return found


def asked_of(pipeline: Any, question: str) -> Any:
    """The question's words, weighed by the collection of ``pipeline``."""
    from rag.decide import Asked
    from rag.lexicon import lexicon

    with pipeline.index.snapshot() as snapshot:
        return Asked(question, lexicon(), snapshot.rarity)


def kept_of(hit: Hit, example: Example, answerable: bool, names: dict[str, str]) -> dict[str, Any]:
    """What is kept of a hit: which passage it is, how near, and whether it is the question's own."""
    return {
        "gold": answerable and hit.article.source == names[example.context],
        "passage": key_of(example.question, hit.passage.text),
        "score": hit.score,
        "cosine": hit.cosine,
    }


def collect(root: Path, of: str, count: int, distractors: int, seed: int) -> None:
    from rag.answer import context_of, span_features
    from rag.assemble import assemble_over
    from rag.config import Config

    chance = random.Random(seed)
    asked = (written if of == "written" else questions)(root, count, seed)
    others = {
        "ar": [
            r["content"]
            for r in read_jsonl(root / "news" / "antcorpus.ar.jsonl.xz")
            if len(r["content"]) > 300
        ],
        "en": list({e.context for e in squad_format(root / "squad" / "squad-v1.1-train.jsonl.xz", "squad")}),
    }
    rows: list[dict[str, Any]] = []
    passages: dict[str, str] = {}
    for read in ("en", "ar"):
        with tempfile.TemporaryDirectory() as folder:
            texts = {e.context for d, items in asked.items() if d.endswith(read) for e, _ in items}
            names = {text: f"{i:05}.txt" for i, text in enumerate(sorted(texts))}
            more = sorted(set(chance.sample(sorted(others[read]), distractors)) - texts)
            for text, name in [*names.items(), *((t, f"x{i:05}.txt") for i, t in enumerate(more))]:
                Path(folder, name).write_text(text, encoding="utf-8")
            pipeline = assemble_over([Path(folder)], Config(generator="reader"))
            for name, items in asked.items():
                if not name.endswith(read):
                    continue
                for number, (example, title) in enumerate(items):
                    near = pipeline.search(example.question, k=NEAR_HITS)
                    hits = near[:HITS]
                    readings = pipeline.reader.read(example.question, [h.passage.text for h in hits])
                    question = asked_of(pipeline, example.question)
                    answerable = example.start >= 0
                    gold = example.context[example.start : example.end] if answerable else ""
                    passages.update((key_of(example.question, h.passage.text), h.passage.text) for h in hits)
                    spans = [
                        {
                            **kept_of(hit, example, answerable, names),
                            "text": span.text,
                            "f1": token_f1(span.text, gold),
                            "features": span_features(question, hit, span, reading.relevance),
                            "factor": question.suits(context_of(hit, span)),
                        }
                        for hit, reading in zip(hits, readings, strict=True)
                        for span in reading.spans
                    ]
                    rows.append({
                        "direction": name,
                        "title": title,
                        "question": example.question,
                        "answerable": answerable,
                        "spans": spans,
                        "hits": [kept_of(hit, example, answerable, names) for hit in near],
                    })  # fmt: skip
                    if number % 50 == 0:
                        print(name, number, flush=True)
            pipeline.close()
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / f"calibration-{of}.json").write_text(json.dumps(rows), encoding="utf-8")
    (WORK / f"calibration-{of}-passages.json").write_text(json.dumps(passages), encoding="utf-8")


def collected(of: str) -> list[dict[str, Any]]:
    """What ``collect`` wrote; passages that were read and answer count as the question's own."""
    rows: list[dict[str, Any]] = json.loads((WORK / f"calibration-{of}.json").read_text(encoding="utf-8"))
    verdicts = read_checked()
    for row in rows:
        for one in (*row["spans"], *row["hits"]):
            one["gold"] = one["gold"] or verdicts.get(one["passage"]) == ["other"]
    return rows


def doubtful(of: str, most: int = 2) -> None:
    """Prints each question with the likeliest span of each of the ``most`` likeliest passages not its own that nobody read yet."""
    rows, verdicts = [row for row in collected(of) if row["answerable"]], read_checked()
    passages = json.loads((WORK / f"calibration-{of}-passages.json").read_text(encoding="utf-8"))
    fitted = calibrations()
    for row in rows:
        others = [span for span in row["spans"] if not span["gold"]]
        if not others:
            continue
        p = odds({**row, "spans": others}, fitted[row["direction"]])
        best: dict[str, str] = {}
        for i in np.argsort(-p):
            best.setdefault(others[i]["passage"], others[i]["text"])
        for key, text in list(best.items())[:most]:
            if key not in verdicts:
                print(f"### {key}\nQUESTION: {row['question']}\nSPAN: {text}\nPASSAGE: {passages[key]}\n")


def own() -> None:
    """The same from the development half of the project's own questions."""
    from rag.answer import context_of, read_all, span_features
    from rag.assemble import assemble_over
    from rag.compose import found_in, kind_of
    from rag.config import Config
    from rag.dated import dated
    from rag.evaluation.gold import locate, overlap
    from rag.evaluation.judge import gives_any
    from rag.evaluation.questions import read_questions
    from rag.retrieve import direction

    pipeline = assemble_over([Path("seeds"), Path("eval/articles")], Config(generator="reader"))
    texts = {article.source: article.text for article in pipeline.articles()}
    rows: list[dict[str, Any]] = []
    for question in read_questions(Path("eval/questions.jsonl")):
        if question.split != "dev":
            continue
        beside = pipeline.search(question.question, k=NEAR_HITS)
        hits = beside[: pipeline.config.passages]
        wordings, readings = read_all(pipeline.reader, dated(question.question, None), hits)
        asked = {text: asked_of(pipeline, text) for text in dict.fromkeys(wordings)}
        kind = kind_of(question.question)
        gold = [(g.source, span) for g in question.gold for span in locate(g.quote, texts[g.source])]
        accepted = [answer for answers in question.answers.values() for answer in answers]
        spans = []
        for hit, text, reading in zip(hits, wordings, readings, strict=True):
            for span in reading.spans:
                found = found_in(hit, span, 0.0, kind)
                inside = any(
                    hit.article.source == source
                    and overlap(found.sentence, place) > 0.5 * (place.end - place.start)
                    for source, place in gold
                )
                right = inside and (kind == "sentence" or gives_any(accepted, found.text))
                spans.append({
                    "gold": inside,
                    "f1": float(right),
                    "score": hit.score,
                    "cosine": hit.cosine,
                    "direction": direction(question.language, hit.passage),
                    "features": span_features(asked[text], hit, span, reading.relevance),
                    "factor": asked[text].suits(context_of(hit, span)),
                })  # fmt: skip
        near = [{"score": hit.score, "cosine": hit.cosine, "gold": False} for hit in beside]
        rows.append({
            "question": question.question, "answerable": question.answerable, "spans": spans, "hits": near
        })  # fmt: skip
    pipeline.close()
    (WORK / "calibration-own.json").write_text(json.dumps(rows), encoding="utf-8")
    print(len(rows), "questions")


def odds(row: dict[str, Any], fitted: Calibration, without: bool = False) -> np.ndarray:
    """Log-odds of each span of a row, as ``rag.answer.weigh`` has them; ``without`` the question's own passages."""
    spans = [span for span in row["spans"] if not (without and span["gold"])]
    x = np.array([span["features"] for span in spans])
    return np.asarray(x @ np.array(fitted.weights) + fitted.bias + np.log([span["factor"] for span in spans]))


def stands(row: dict[str, Any], fitted: Calibration, without: bool = False) -> list[tuple[float, Standing]]:
    """Of each passage with spans the likeliest's log-odds, and how what was found stands out; ``without`` the question's own."""
    hits = [(hit["score"], hit["cosine"]) for hit in row["hits"] if not (without and hit["gold"])]
    spans = [span for span in row["spans"] if not (without and span["gold"])]
    relevances = [span["features"][-1] for span in spans]
    likeliest: dict[tuple[float, float], float] = {}
    for span, told in zip(spans, odds(row, fitted, without).tolist(), strict=True):
        own = (span["score"], span["cosine"])
        likeliest[own] = max(told, likeliest.get(own, told))
    return [(told, standing(hits, relevances, own)) for own, told in likeliest.items()]


def answering(row: dict[str, Any], fitted: Calibration, without: bool = False) -> float:
    """How surely a row is answered, by the passage that does so most surely; 0 without spans."""
    if not row["spans"]:
        return 0.0
    found = stands(row, fitted, without)
    return max(fitted.answering(float(sigmoid(np.array(told))), stand) for told, stand in found)


def sigmoid(z: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-np.clip(z, -30, 30))))


def logistic(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, offset: np.ndarray, ridge: float = 1.0
) -> tuple[np.ndarray, float]:
    """Weighted logistic regression by Newton's method on standardised features; ``offset`` is added to the logit."""
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-6
    z = np.hstack([(x - mean) / spread, np.ones((len(x), 1))])
    beta = np.zeros(z.shape[1])
    penalty = np.diag([ridge] * x.shape[1] + [1e-6])
    for _ in range(30):
        p = sigmoid(z @ beta + offset)
        gradient = z.T @ (weight * (p - y)) + penalty @ beta
        hessian = (z * (weight * p * (1 - p))[:, None]).T @ z + penalty
        beta -= np.linalg.solve(hessian, gradient)
    scale = beta[:-1] / spread
    return scale, float(beta[-1] - scale @ mean)


def tested(title: str) -> bool:
    """Whether an article belongs to the test half; by its title, so that it stays there."""
    return zlib.crc32(title.encode()) % 2 == 1


def outcomes(rows: list[dict[str, Any]], fitted: Calibration) -> list[tuple[float, float, float]]:
    """Of each question: how surely it is answered with its passage, F1 of the likeliest span, how surely without."""
    result = []
    for row in rows:
        if both(row):
            right = row["spans"][int(odds(row, fitted).argmax())]["f1"]
            result.append((answering(row, fitted), float(right), answering(row, fitted, without=True)))
    return result


def both(row: dict[str, Any]) -> bool:
    """Whether a row has spans of the question's own passages and of others."""
    return len({span["gold"] for span in row["spans"]}) == 2


def rates(found: list[tuple[float, float, float]], threshold: float) -> tuple[float, float]:
    """Hallucination (answered without a passage) and error (abstained with one)."""
    without = np.mean([c > threshold for _, _, c in found])
    withheld = np.mean([a <= threshold for a, _, _ in found])
    return float(without), float(withheld)


def close_misses(mine: list[dict[str, Any]], name: str, fitted: Calibration) -> list[tuple[float, bool]]:
    """Of each own question whose best span lies in this direction: how surely it is answered, and whether it is answerable."""
    return [
        (answering(row, fitted), bool(row["answerable"]))
        for row in mine
        if row["spans"] and row["spans"][int(odds(row, fitted).argmax())]["direction"] == name
    ]


def worst(
    found: list[tuple[float, float, float]], close: list[tuple[float, bool]], threshold: float
) -> float:
    """What a threshold costs: hallucination and error, balanced, on both kinds of questions."""
    hallucination, error = rates(found, threshold)
    misses = [p > threshold for p, ok in close if not ok]
    withheld = [p <= threshold for p, ok in close if ok]
    if len(misses) >= 8 and len(withheld) >= 8:
        hallucination = (hallucination + float(np.mean(misses))) / 2
        error = (error + float(np.mean(withheld))) / 2
    return hallucination + error + 0.5 * abs(hallucination - error)


def first_places(
    rows: list[dict[str, Any]], fitted: Calibration, found: Sequence[float] = (0, 10, 20, 30, 40, 60)
) -> dict[float, float]:
    """Share of the questions whose own passage comes first, by what a unit of the fused score weighs in ``order``."""
    from rag.decide import order

    shares: dict[float, list[bool]] = {weight: [] for weight in found}
    for row in rows:
        if not both(row):
            continue
        p = sigmoid(odds(row, fitted))
        for weight, told in shares.items():
            places = [order(q, s["score"], weight) for q, s in zip(p, row["spans"], strict=True)]
            told.append(bool(row["spans"][int(np.argmax(places))]["gold"]))
    return {weight: round(float(np.mean(told)), 3) for weight, told in shares.items()}


def area(answered: Sequence[float], not_answered: Sequence[float]) -> float:
    """Under the curve: how often what answers is likelier than what does not."""
    first, second = np.array(answered)[:, None], np.array(not_answered)[None, :]
    return float(np.mean((first > second) + 0.5 * (first == second)))


def figures(test: list[dict[str, Any]], fitted: Calibration, threshold: float) -> str:
    """What a fit does on one collection's test half, and on its questions that only look answered."""
    held = outcomes(test, fitted)
    hallucination, error = rates(held, threshold)
    right = np.mean([f for a, f, _ in held if a > threshold])
    answered = [a for a, _, _ in held]
    told = (
        f"test of {len(held)}+{len(held)} questions: hallucination {hallucination:.1%}, error {error:.1%}, "
        f"F1 of what is answered {right:.1%}; area {area(answered, [c for _, _, c in held]):.3f}"
    )
    looked = [answering(row, fitted) for row in test if not row["answerable"]]
    if looked:
        share = np.mean([p > threshold for p in looked])
        told += f"; of {len(looked)} that look answered told {share:.1%}, area {area(answered, looked):.3f}"
    return told


def regression(
    rows: list[dict[str, Any]], mine: list[dict[str, Any]], name: str, shared: float, near: float
) -> Calibration:
    """A direction's probability that a span answers, by the span alone."""
    spans = [(row["direction"], s, 1.0) for row in rows for s in row["spans"]]
    spans += [(s["direction"], s, near) for row in mine for s in row["spans"]]
    x = np.array([s["features"] for _, s, _ in spans])
    offset = np.log([s["factor"] for _, s, _ in spans])
    y = np.array([float(s["gold"] and s["f1"] >= 0.5) for _, s, _ in spans])
    weight = np.array([w * (1.0 if d == name else shared) for d, _, w in spans])
    beta, bias = logistic(x, y, weight, offset)
    return Calibration(tuple(beta.tolist()), bias, threshold=0.5)


def with_standing(
    rows: list[dict[str, Any]],
    mine: list[dict[str, Any]],
    alone: dict[str, Calibration],
    name: str,
    shared: float,
    near: float,
) -> Calibration:
    """A direction's regression with the other one: whether anything answers.

    A question counts with its passages and without them; one that only looks answered counts half. Of its passages counts
    the surest, at first by the span alone, then by what was fitted.
    """
    samples: list[tuple[np.ndarray, bool, float]] = []

    def add(
        direction: str, row: dict[str, Any], answered: bool, weight: float, without: bool = False
    ) -> None:
        share = 1.0 if direction == name else shared
        found = [
            (told, *stand.steps, stand.relevance, *stand.behind)
            for told, stand in stands(row, alone[direction], without)
            if stand.steps is not None
        ]
        if found:
            samples.append((np.array(found), answered, weight * share))

    for row in rows:
        if both(row):
            add(row["direction"], row, True, 1.0)
            add(row["direction"], row, False, 1.0, without=True)
        elif row["spans"] and not row["answerable"]:
            add(row["direction"], row, False, LOOKED)
    for row in mine:
        if row["spans"]:
            add(row["spans"][int(odds(row, alone[name]).argmax())]["direction"], row, row["answerable"], near)
    y, weight = (np.array([sample[at] for sample in samples], float) for at in (1, 2))
    beta, bias = np.array([1.0, 0.0, 0.0, 0.0, 0.0, 0.0]), 0.0
    for _ in range(3):
        x = np.array([found[int((found @ beta).argmax())] for found, _, _ in samples])
        beta, bias = logistic(x, y, weight, np.zeros(len(y)))
    usual = np.average(x[:, 1:3], axis=0, weights=weight).tolist()
    z, score, likeness, relevance, *behind = beta.tolist()
    return replace(
        alone[name],
        answers=(z, score, likeness, relevance, behind[0], behind[1], bias),
        usual=(usual[0], usual[1]),
    )


def fit(shared: float, near: float, stricter: dict[str, float]) -> None:
    """Fits and writes the calibration; prints its figures on the test half of the public articles.

    Thresholds are chosen on both collections; questions that only look answered and the project's own count half.

    Args:
        shared: Weight of a span of another direction, beside 1 for the direction's own.
        near: Weight of a span of the project's own questions, beside 1 for the public sets'.
        stricter: Factors of the thresholds by direction, chosen on the development questions afterwards.
    """
    from rag.decide import FEATURES

    sets = {of: collected(of) for of in COLLECTIONS}
    rows = [row for found in sets.values() for row in found]
    learned = [row for row in rows if not tested(row["title"])]
    mine = json.loads((WORK / "calibration-own.json").read_text(encoding="utf-8"))
    alone = {name: regression(learned, mine, name, shared, near) for name in DIRECTIONS}
    directions = {}
    for name in DIRECTIONS:
        fitted = with_standing(learned, mine, alone, name, shared, near)
        here = [row for row in rows if row["direction"] == name]
        learned_here = [row for row in learned if row["direction"] == name]
        found = outcomes(learned_here, fitted)
        close = close_misses(mine, name, fitted)
        near_by = [(answering(row, fitted), False) for row in learned_here if not row["answerable"]]
        grid = sorted({p for a, _, c in found for p in (a, c)} | {p for p, _ in close})
        threshold = min(grid, key=lambda t: (worst(found, close + near_by, t), t))
        for of, some in sets.items():
            test = [row for row in some if row["direction"] == name and tested(row["title"])]
            print(f"{name}, {of}: {figures(test, fitted, threshold)}")
        print(
            f"   threshold {threshold:.3f}; own {len(close)}: {np.mean([p > threshold for p, ok in close if not ok]):.1%}, "
            f"{np.mean([p <= threshold for p, ok in close if ok]):.1%}"
        )
        print("   " + "  ".join(f"{f} {w:.2f}" for f, w in zip(FEATURES, fitted.weights, strict=True)))
        print("   answers:", np.round(fitted.answers, 2))
        print("   own passage first:", first_places(here, fitted))
        held = outcomes([row for row in here if tested(row["title"])], fitted)
        marks = np.quantile(grid, np.linspace(0.05, 0.95, 10))
        print(
            "   threshold, hallucination, error:",
            [tuple(round(float(v), 3) for v in (t, *rates(held, t))) for t in marks],
        )
        directions[name] = {
            "weights": [round(w, 5) for w in fitted.weights],
            "bias": round(fitted.bias, 5),
            "answers": [round(w, 5) for w in fitted.answers],
            "usual": [round(step, 5) for step in fitted.usual],
            "threshold": round(stricter.get(name, 1.0) * float(threshold), 5),
        }
    from rag.onnx import WEIGHTS

    text = json.dumps({"features": list(FEATURES), "directions": directions}, indent=1)
    (WEIGHTS / "reader" / "calibration.json").write_text(
        re.sub(r",\n\s+(?=-?\d)", ", ", text) + "\n", encoding="utf-8"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=("collect", "own", "fit", "doubtful"))
    parser.add_argument("--data")
    parser.add_argument(
        "--of", choices=COLLECTIONS, default=COLLECTIONS[0], help="collect, doubtful: which questions"
    )
    parser.add_argument("--questions", type=int, default=200, help="questions per direction")
    parser.add_argument("--distractors", type=int, default=300, help="paragraphs of other articles")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--shared", type=float, default=0.5, help="weight of other directions' spans")
    parser.add_argument("--near", type=float, default=2.0, help="weight of the own questions' spans")
    parser.add_argument(
        "--stricter",
        nargs="*",
        default=[],
        metavar="DIRECTION=FACTOR",
        help="of the thresholds written; else 1",
    )
    args = parser.parse_args()
    if args.what == "collect":
        collect(data_root(args.data), args.of, args.questions, args.distractors, args.seed)
    elif args.what == "own":
        own()
    elif args.what == "doubtful":
        doubtful(args.of)
    else:
        factors = dict(item.split("=", 1) for item in args.stricter if "=" in item)
        if len(factors) < len(args.stricter) or not factors.keys() <= set(DIRECTIONS):
            parser.error(
                f"--stricter takes DIRECTION=FACTOR, a direction being one of {', '.join(DIRECTIONS)}"
            )
        fit(args.shared, args.near, {name: float(factor) for name, factor in factors.items()})


if __name__ == "__main__":
    main()
