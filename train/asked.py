"""Questions on passages of news and encyclopaedias, in English and in Arabic, with the words that answer or none.

A large language model wrote them for this project, three that a passage answers and one that it does not, mostly not in
the passage's words. Some passages have more, lest a question's kind tell whether it is answered: why and who without an answer, how many
with one, short ones about lists, and yes or no, whose answer is the clause that settles it. ``asked.tsv`` has them without
the passages, which are AntCorpus's and AQAD's, in Arabic, and SQuAD's:

    set  number  passage's start and end in the article  English question  Arabic question  answer's start and end, or -

All places are characters of the article's text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from train.data import Example, kept_for_calibration, read_jsonl

ASKED = Path(__file__).parent / "asked.tsv"
_SETS = {
    "antcorpus": ("news/antcorpus.ar", "content"),
    "aqad": ("aqad/aqad-v1.0", "context"),
    "squad": ("squad/squad-v1.1-train", "context"),
}


def articles(root: Path) -> dict[tuple[str, int], tuple[str, str]]:
    """By set and number the text, and the article's title as ``kept_for_calibration`` knows it."""
    return {
        (name, number): (row[field], row["title"] if name == "squad" else f"{name} {number}")
        for name, (path, field) in _SETS.items()
        for number, row in enumerate(read_jsonl(root / f"{path}.jsonl.xz"))
    }


def examples(root: Path, kept: bool = False, path: Path = ASKED) -> Iterator[tuple[Example, Example]]:
    """Each question in English and in Arabic on its passage; ``source`` is the article's title.

    Args:
        kept: Only those of articles kept out of training; otherwise only those of the others.
    """
    texts = articles(root)
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, number, place, english, arabic, answer = line.split("\t")
        text, title = texts[name, int(number)]
        if kept_for_calibration(title) != kept:
            continue
        start, end = map(int, place.split("-"))
        first, last = (-1, -1) if answer == "-" else (int(at) - start for at in answer.split("-"))
        yield (
            Example(english, text[start:end], first, last, title),
            Example(arabic, text[start:end], first, last, title),
        )


def found_in(article: str, passage: str) -> tuple[int, int] | None:
    """Where a passage stands in its article, whatever the white space."""
    match = re.search(r"\s+".join(map(re.escape, passage.split())), article)
    return (match.start(), match.end()) if match else None


def span_of(passage: str, answer: str, question: str) -> tuple[int, int] | None:
    """Where the answer stands in its passage: of several places that with most words of the (Arabic) question around it."""
    from rag.lexical import terms

    wanted = set(terms(question))
    pattern = r"\s+".join(map(re.escape, answer.split()))
    places = [(m.start(), m.end()) for m in re.finditer(pattern, passage)]
    # Whole words, but for a particle in front.
    places = [
        (start, end)
        for start, end in places
        if not passage[end : end + 1].isalnum()
        and re.fullmatch(
            r"\W*(?:[وفبكل]|ال|[وفبك]ال|لل|ول|وب)?\u0640?\W*", re.split(r"\s", passage[:start])[-1]
        )
    ]
    if not places or not answer.strip():
        return None
    return max(
        places,
        key=lambda place: len(wanted & set(terms(passage[max(0, place[0] - 120) : place[1] + 120]))),
    )
