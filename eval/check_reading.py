"""How well the shipped reader reads the paragraphs that answer: ``python -m eval.check_reading``.

All questions of XQuAD's development half in four directions, each on its gold paragraph, the best span whether
it would be told or withheld. ``python eval --squad xquad DIRECTION`` tells the same beside what it retrieves.

``--written`` asks a quarter of the questions of ``train/asked.tsv`` whose articles are kept out of training, and tells how well those that
their passage does not answer, though it seems to, are told from the others: the area under the curve of the best span's margin.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean
from zlib import crc32

from rag.clean import language_of
from rag.evaluation.sets import named_squad
from rag.lexicon import lexicon
from rag.metrics import best_match, exact_match, token_f1
from rag.reader import OnnxReader
from train.asked import examples
from train.calibrate import area
from train.data import Example, data_root

DIRECTIONS = ("en-en", "en-ar", "ar-en", "ar-ar")
Item = tuple[
    str, str, Sequence[str]
]  # question, passage, accepted answers: none where the passage only seems to answer


def from_xquad(direction: str, data: str | None) -> Iterator[Item]:
    asked = named_squad(["xquad", direction], None, data)
    texts = {paragraph.key: paragraph.text for paragraph in asked.paragraphs}
    for asking in asked.askings:
        yield asking.question, texts[next(iter(asking.gold))], asking.answers


def from_written(direction: str, pairs: Sequence[tuple[Example, Example]]) -> Iterator[Item]:
    asked, read = direction.split("-")
    for pair in pairs:
        one = pair[asked == "ar"]
        if language_of(one.context) == read and crc32(one.context.encode()) % 4 == 0:
            yield one.question, one.context, [one.context[one.start : one.end]] if one.start >= 0 else []


def check(reader: OnnxReader, items: Iterable[Item]) -> str:
    scores, answered, others = [], [], []
    for question, passage, answers in items:
        (reading,) = reader.read(question, [passage])
        (answered if answers else others).append(reading.margin)
        if answers:
            said = reading.spans[0].text if reading.spans else ""
            scores.append([best_match(metric, said, answers) for metric in (token_f1, exact_match)])
    f1, em = (100 * fmean(column) for column in zip(*scores, strict=True))
    told = f"{len(scores)} questions, F1/EM {f1:.1f}/{em:.1f}"
    if others:
        told += f"; beside {len(others)} that look answered, area {area(answered, others):.3f}"
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("directions", nargs="*", metavar="DIRECTION", help=f"default: {' '.join(DIRECTIONS)}")
    parser.add_argument("--data", help="root of the data sets (default: SANAD_DATA, ../shared/data)")
    parser.add_argument(
        "--written",
        action="store_true",
        help="the questions written for the training, of articles kept out of it",
    )
    args = parser.parse_args()
    reader = OnnxReader(words=lexicon())
    pairs = list(examples(data_root(args.data), kept=True)) if args.written else []
    for direction in args.directions or DIRECTIONS:
        items = from_written(direction, pairs) if args.written else from_xquad(direction, args.data)
        print(f"{direction}: {check(reader, items)}", flush=True)


if __name__ == "__main__":
    main()
