"""How well the shipped reader reads the paragraphs that answer: ``python -m eval.check_reading``.

All questions of XQuAD's development half in four directions, each on its gold paragraph, the best span whether
it would be told or withheld. ``python eval --squad xquad DIRECTION`` tells the same beside what it retrieves.
"""

from __future__ import annotations

import argparse
from statistics import fmean

from rag.evaluation.sets import named_squad
from rag.lexicon import lexicon
from rag.metrics import best_match, exact_match, token_f1
from rag.reader import OnnxReader

DIRECTIONS = ("en-en", "en-ar", "ar-en", "ar-ar")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("directions", nargs="*", metavar="DIRECTION", help=f"default: {' '.join(DIRECTIONS)}")
    parser.add_argument("--data", help="root of the data sets (default: SANAD_DATA, ../shared/data)")
    args = parser.parse_args()
    reader = OnnxReader(words=lexicon())
    for direction in args.directions or DIRECTIONS:
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
