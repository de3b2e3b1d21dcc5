"""What Sanad adds to plain llama.cpp on the same file: ``python -m bench.llama [MODEL.gguf] [--json FILE]``.

Ratios, not times of a machine: processor seconds of Sanad over those of ``llama_cpp.Llama`` called
directly with the same prompt, for the first token and for the rest of an answer of 64; and of a second question's
prompt over the first's. Both run in every round, in alternating order, and the median of the rounds' ratios is told
with its quartiles: what else the machine does falls on both. Without a file, a model of random weights is made; it is
small (100 million weights), so that what Sanad adds weighs more than it will beside a real one.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rag.generate import LlamaGenerator, LlamaSettings
from rag.prompts import answer_messages
from rag.template import chatml
from rag.types import Article, Hit, Passage, Span

TOKENS = 64
QUESTIONS = ("How many documents were signed?", "Where will the talks be held?")
TEXT = "The ministers met again on Monday and agreed on a list of prisoners, but not on the day of their release. "


def hits(count: int = 4) -> tuple[Hit, ...]:
    """Passages of about a hundred words."""
    found = []
    for number in range(count):
        text = f"Report {number}. " + TEXT * 5
        article = Article(f"id{number}", f"{number}.txt", "", text, "en", None, (), "")
        found.append(Hit(Passage(number, article.id, 0, Span(0, len(text)), text, ()), article, 1.0))
    return tuple(found)


def spent(pieces: Iterator[Any]) -> tuple[float, float]:
    """Processor seconds to the first piece, and from there to the end."""
    began = time.process_time()
    first = next(piece for piece in pieces if piece)
    assert first is not None
    at_first = time.process_time()
    for _ in pieces:
        pass
    return at_first - began, time.process_time() - at_first


def quartiles(values: Sequence[float]) -> dict[str, float]:
    """Median and quartiles, rounded."""
    low, median, high = statistics.quantiles(values, n=4)
    return {"median": round(median, 4), "low": round(low, 4), "high": round(high, 4)}


def compare(path: Path, rounds: int) -> dict[str, dict[str, float]]:
    """The ratios of ``rounds`` rounds, at least two, by name."""
    from llama_cpp import Llama

    settings = LlamaSettings(threads=1, context=2048, batch=256, answer_tokens=TOKENS)
    ours = LlamaGenerator(path, settings)
    shown = hits()
    prompt = "".join(piece.text for piece in chatml(answer_messages(QUESTIONS[0], shown, "en")))
    ours.passages_that_fit(QUESTIONS[0], shown, "en")  # loads
    plain = Llama(str(path), n_ctx=2048, n_batch=256, n_threads=1, n_threads_batch=1, verbose=False)
    tokens = plain.tokenize(prompt.encode(), add_bos=False, special=True)
    firsts: dict[str, list[float]] = {"plain": [], "ours": [], "second": []}
    each: dict[str, list[float]] = {"plain": [], "ours": []}

    def note(name: str, make: Callable[[], Iterator[Any]]) -> None:
        first, rest = spent(make())
        firsts[name].append(first)
        if name in each:
            each[name].append(rest)

    for turn in range(rounds):
        runs: list[tuple[str, Callable[[], Iterator[Any]]]] = [
            ("plain", lambda: _plain(plain, tokens)),
            ("ours", lambda: _fresh(ours, shown)),
        ]
        for name, make in runs if turn % 2 else runs[::-1]:
            note(name, make)
        note("second", lambda: ours.stream(QUESTIONS[1], shown, "en"))
    plain.close()
    ours.close()

    def ratios(above: Sequence[float], below: Sequence[float]) -> dict[str, float]:
        return quartiles([a / b for a, b in zip(above, below, strict=True)])

    return {
        "first token, Sanad / plain": ratios(firsts["ours"], firsts["plain"]),
        "rest of the answer, Sanad / plain": ratios(each["ours"], each["plain"]),
        "prompt of a second question / of the first": ratios(firsts["second"], firsts["ours"]),
    }


def _plain(model: Any, tokens: Sequence[int]) -> Iterator[Any]:
    """The loop that a program without Sanad would write, to the same number of tokens."""
    model.reset()
    model._ctx.kv_cache_clear()
    for count, token in enumerate(model.generate(list(tokens), temp=0.0, top_k=40), start=1):
        yield model.detokenize([token]) or b" "
        if count >= TOKENS:
            return


def _fresh(ours: LlamaGenerator, shown: Sequence[Hit]) -> Iterator[str]:
    ours._model.reset()
    return ours.stream(QUESTIONS[0], shown, "en")


def main() -> None:
    """Prints the ratios."""
    parser = argparse.ArgumentParser(description="Sanad's cost over plain llama.cpp.")
    parser.add_argument("model", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--json", type=Path, help="write the ratios to this file too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.model
        if path is None:
            from train.tiny_llm import Pair, Shape, build

            path = Path(folder) / "noise.gguf"
            shape = Shape(width=1024, layers=8, heads=16, inner=2816, context=2048, pieces=4000)
            prompts = ["".join(p.text for p in chatml(answer_messages(q, hits(), "en"))) for q in QUESTIONS]
            build(path, [Pair(prompt, "") for prompt in prompts], steps=0, shape=shape)
        found = compare(path, max(2, options.rounds))
        made = {"model": path.name, "bytes": path.stat().st_size, "rounds": options.rounds}
    for name, ratio in found.items():
        print(f"{name}: {ratio['median']:.3f} ({ratio['low']:.3f} to {ratio['high']:.3f})")
    if options.json:
        load = round(os.getloadavg()[0], 1)
        options.json.write_text(json.dumps({**made, "load": load, "ratios": found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
