"""How well the shipped reader reads the paragraphs that answer: ``python -m eval.check_reading``.

All questions of XQuAD's development half in four directions, each on its gold paragraph, the best span whether
it would be told or withheld. ``python eval --squad xquad DIRECTION`` tells the same beside what it retrieves.

``--written`` asks a quarter of the questions of ``train/asked.tsv`` whose articles are kept out of training, and tells how well those that
their passage does not answer, though it seems to, are told from the others: the area under the curve of the best span's margin.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import fmean
from zlib import crc32

from rag.clean import language_of
from rag.evaluation.sets import named_squad
from rag.lexicon import lexicon
from rag.metrics import best_match, exact_match, token_f1
from rag.reader import OnnxReader
from train.asked import examples
from train.data import Example, data_root

DIRECTIONS = ("en-en", "en-ar", "ar-en", "ar-ar")


def written(root: Path, direction: str) -> list[Example]:
    asked, read = direction.split("-")
    found = [pair[asked == "ar"] for pair in examples(root, kept=True)]
    return [one for one in found if language_of(one.context) == read and crc32(one.context.encode()) % 4 == 0]


def check_written(reader: OnnxReader, root: Path, direction: str) -> str:
    scores, margins = [], []
    for one in written(root, direction):
        (reading,) = reader.read(one.question, [one.context])
        margins.append((one.start >= 0, reading.margin))
        if one.start >= 0:
            said = reading.spans[0].text if reading.spans else ""
            gold = one.context[one.start : one.end]
            scores.append([metric(said, gold) for metric in (token_f1, exact_match)])
    f1, em = (100 * fmean(column) for column in zip(*scores, strict=True))
    answered = [margin for right, margin in margins if right]
    others = [margin for right, margin in margins if not right]
    area = fmean((a > b) + 0.5 * (a == b) for a in answered for b in others)
    return f"{len(answered)} questions, F1/EM {f1:.1f}/{em:.1f}; beside {len(others)} that look answered, area {area:.3f}"


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
    for direction in args.directions or DIRECTIONS:
        if args.written:
            print(f"{direction}: {check_written(reader, data_root(args.data), direction)}", flush=True)
            continue
        asked = named_squad(["xquad", direction], None, args.data)
        texts = {paragraph.key: paragraph.text for paragraph in asked.paragraphs}
        scores = []
        for asking in asked.askings:
            (reading,) = reader.read(asking.question, [texts[next(iter(asking.gold))]])
            said = reading.spans[0].text if reading.spans else ""
            scores.append([best_match(metric, said, asking.answers) for metric in (token_f1, exact_match)])
        f1, em = (100 * fmean(column) for column in zip(*scores, strict=True))
        print(f"{direction}: {len(scores)} questions, F1/EM {f1:.1f}/{em:.1f}", flush=True)


if __name__ == "__main__":
    main()
