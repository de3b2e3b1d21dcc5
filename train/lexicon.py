"""Makes the bilingual lexicon that the package ships, from sets that may be redistributed.

Sources and what each is trusted for: hand-written lists of news words, of common words, and of what words mean
first of all; Tatoeba's sentence pairs and the words of hkiri-ne's names, both through IBM Model 1; CLDR; WordNet, where the
share of a word's senses that a pair has in common tells likely translations from rare ones; names of
the Palestinian name list. A pair that several sources give counts more.

    python -m train.lexicon --data FOLDER

Writes ``rag/weights/lexicon/lexicon.txt``; its format is described in ``rag/lexicon.py``.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import lzma
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from rag.lexical import fold_words, forms, is_stop, terms
from rag.lexicon import FORMAT, LONGEST
from rag.names import skeleton
from train.codeswitch import ibm1
from train.data import data_root, read_jsonl, read_pairs

WORDS = Path(__file__).parent / "news_words.tsv"
WORDINGS = Path(__file__).parent / "wordings.tsv"
ORGANISATIONS = Path(__file__).parent / "organisations.tsv"
COMMON = Path(__file__).parent / "common_words.tsv"
GLOSSES = Path(__file__).parent / "glosses.tsv"
OUT = Path(__file__).parent.parent / "rag" / "weights" / "lexicon" / "lexicon.txt"
NAMED = 12  # words of a name
KEPT = 10  # translations of a word
LEAST = 0.08  # of the best translation's weight
AGREEMENT = 0.15  # added per further source that gives a pair
USUAL = 100  # times that a word occurs in the training sets' passages, from which it is none of the rare ones

Table = dict[str, list[tuple[str, float]]]
Row = tuple[str, ...]
Found = dict[str, tuple[float, str]]  # stems of a translation → weight, the translation
Pairs = dict[tuple[str, str], dict[str, float]]  # (arabic, english) → source → weight


def rows(path: Path) -> Iterator[Row]:
    """The columns of a ``.tsv.xz`` file."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield tuple(line.rstrip("\n").split("\t"))


def news_words(path: Path = WORDS) -> list[Row]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if line and not line.startswith("#")]


def usual_words() -> list[Row]:
    """The words of news and the names of organisations, whose spellings are known on both sides."""
    return news_words() + news_words(ORGANISATIONS)


def add(pairs: Pairs, source: str, arabic: str, english: str, weight: float, longest: int = LONGEST) -> None:
    if arabic and english and max(len(arabic.split()), len(english.split())) <= longest:
        found = pairs[arabic, english]
        found[source] = max(found.get(source, 0.0), weight)


def from_news(pairs: Pairs) -> None:
    for arabic, english, _ in usual_words():
        for i, left in enumerate(arabic.split("|")):
            for j, right in enumerate(english.split("|")):
                for k, one in enumerate(left.split("/")):
                    other = right.split("/")
                    add(
                        pairs,
                        "news",
                        one,
                        other[min(k, len(other) - 1)],
                        1.0 if i + j == 0 else 0.8 if i * j == 0 else 0.6,
                        NAMED,
                    )


def from_common(pairs: Pairs) -> None:
    """Not used for exact renderings: its rows hold several parts of speech."""
    for arabic, english in news_words(COMMON):
        for one in arabic.split("|"):
            for i, other in enumerate(english.split("|")):
                add(pairs, "common", one, other, 0.9 if i == 0 else 0.7)


def from_glosses(pairs: Pairs) -> None:
    """Those that mean one word of content."""
    for english, words in news_words(GLOSSES):
        if len(english.split()) == 1 and not is_stop(fold_words(english)):
            for arabic in words.split():
                add(pairs, "glosses", arabic, english, 0.6)


def from_cldr(pairs: Pairs, root: Path) -> None:
    for arabic, english, kind in rows(root / "lexicon" / "cldr.ar-en.tsv.xz"):
        if "emoji" in kind:
            if len(english.split()) == 1 and len(arabic.split()) == 1:
                add(pairs, "cldr", arabic, english, 0.5)
        else:
            add(pairs, "cldr", arabic, english, 0.8)


def frequencies(root: Path) -> Counter[str]:
    """How often stems occur in the training sets' passages, of both languages."""
    found: Counter[str] = Counter()
    for name in ("squad/squad-v1.1-train", "aqad/aqad-v1.0", "arcd/arcd-train"):
        for text in {row["context"] for row in read_jsonl(root / f"{name}.jsonl.xz")}:
            found.update(terms(text))
    return found


def from_wordnet(pairs: Pairs, root: Path) -> None:
    """Weight: the share of either word's senses that the other also has, in the mean; less for rare words.

    A word of few senses shares them all, and is seldom what one would write.
    """
    seen = frequencies(root)

    def usual(phrase: str) -> float:
        count = min((seen[one] for one in terms(phrase)), default=0)
        return 0.3 + 0.7 * min(1.0, math.log1p(count) / math.log1p(USUAL))

    senses: dict[str, set[str]] = defaultdict(set)
    shared: dict[tuple[str, str], set[str]] = defaultdict(set)
    good: set[tuple[str, str]] = set()
    for arabic, english, _, source, sense in rows(root / "lexicon" / "wordnet.ar-en.tsv.xz"):
        senses["a" + arabic].add(sense)
        senses["e" + english].add(sense)
        shared[arabic, english].add(sense)
        if source != "awn":
            good.add((arabic, english))
    for (arabic, english), both in shared.items():
        share = len(both) / len(senses["a" + arabic]) + len(both) / len(senses["e" + english])
        weight = 0.25 * share + (0.2 if (arabic, english) in good else 0.0)
        several = " " in arabic or " " in english  # mostly explanations, not what one would write
        weight *= usual(arabic) * usual(english)
        add(pairs, "wordnet", arabic, english, weight * (0.5 if several else 1.0))


def aligned(sentences: Iterable[tuple[str, str]], least: int) -> Iterator[tuple[str, str, float]]:
    """Word pairs with the mean of both directions' IBM Model 1 probabilities.

    Stems are aligned; each is shown as the form of it that is most frequent. ``least`` is how often
    the rarer stem must occur.
    """
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    pairs = []
    for arabic, english in sentences:
        sides = []
        for text in (arabic, english):
            found = []
            for word in fold_words(text).split():
                stems = terms(word)
                if len(stems) == 1 and not stems[0].isdigit():
                    forms[stems[0]][word] += 1
                    found.append(stems[0])
            sides.append(found)
        if all(0 < len(side) <= 25 for side in sides):
            pairs.append((sides[0], sides[1]))
    en_ar, ar_en = ibm1(pairs)
    seen = {stem: sum(count.values()) for stem, count in forms.items()}
    scores: dict[tuple[str, str], float] = defaultdict(float)
    for stem, translations in en_ar.items():
        for other, p in translations:
            scores[other, stem] += p / 2
    for stem, translations in ar_en.items():
        for other, p in translations:
            scores[stem, other] += p / 2
    for (arabic, english), score in scores.items():
        if min(seen[arabic], seen[english]) >= least and score >= 0.1:
            yield forms[arabic].most_common(1)[0][0], forms[english].most_common(1)[0][0], score


def from_names(pairs: Pairs, root: Path) -> None:
    """hkiri-ne: whole names of places and organisations, and words of all names by alignment."""
    sentences = []
    for arabic, english, kind in rows(root / "lexicon" / "hkiri-ne.ar-en.tsv.xz"):
        sentences.append((arabic, english))
        if kind != "PERS" and len(english.split()) == len(arabic.split()) <= 2:
            add(pairs, "hkiri", arabic, english, 0.5)
    for arabic, english, score in aligned(sentences, least=3):
        add(pairs, "hkiri", arabic, english, 0.7 * score)


def from_sentences(pairs: Pairs, root: Path) -> None:
    for arabic, english, score in aligned(read_pairs(root / "parallel" / "tatoeba.ar-en.tsv.xz"), least=3):
        add(pairs, "tatoeba", arabic, english, score)


def best(pairs: Pairs, own: int) -> tuple[Table, Table]:
    """Translations by the stems of the words on side ``own`` (0 Arabic, 1 English), and by its forms.

    Only forms of single words that share their stem with another form are kept.
    """
    table: dict[str, Found] = defaultdict(dict)
    by_form: dict[str, dict[str, Found]] = defaultdict(lambda: defaultdict(dict))
    for pair, sources in pairs.items():
        weight = max(sources.values()) + AGREEMENT * (len(sources) - 1)
        key, other = " ".join(terms(pair[own])), " ".join(terms(pair[1 - own]))
        if not key or not other:
            continue
        into = [table[key]]
        word = fold_words(pair[own])
        if " " not in word and " " not in key:
            into.append(by_form[key][forms(word)[0]])
        for found in into:
            kept = found.get(other)
            if kept is None or weight > kept[0]:
                found[other] = (weight, pair[1 - own])
    several = {form: found for all_ in by_form.values() if len(all_) > 1 for form, found in all_.items()}
    return likeliest(table), likeliest(several)


def likeliest(table: dict[str, Found]) -> Table:
    """The best translations of each key, best first."""
    out = {}
    for key, found in table.items():
        ranked = sorted(((w, word) for w, word in found.values()), key=lambda item: (-item[0], item[1]))
        top = ranked[0][0]
        out[key] = [(word, min(w, 1.0)) for w, word in ranked[:KEPT] if w >= LEAST * top and w >= 0.05]
    return {key: found for key, found in out.items() if found}


class Phrases:
    """Exact renderings by folded phrase, in the order of trust in which they were put."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, str]] = defaultdict(dict)

    def put(self, arabic: str, english: str, kind: str) -> None:
        a, e = fold_words(arabic), fold_words(english)
        if a and e:
            self.found["A" + a].setdefault(english, kind)
            self.found["E" + e].setdefault(arabic, kind)

    def put_news(self, listed: list[Row]) -> None:
        """Every spelling leads to the usual spelling of the other side, in the same number.

        Usual spellings are entered before the others, so that an entry of its own wins over being
        another entry's second name.
        """
        for usual_only in (True, False):
            for arabic, english, kind in listed:
                left = [cell.split("/") for cell in arabic.split("|")]
                right = [cell.split("/") for cell in english.split("|")]
                for own, other, mark in ((left, right, "A"), (right, left, "E")):
                    for written in own[:1] if usual_only else own[1:]:
                        self._forms(mark, written, other[0], kind)

    def _forms(self, mark: str, forms: list[str], other: list[str], kind: str) -> None:
        for number, form in enumerate(forms):
            several = number > 0 or form in PLURALS
            usual = other[min(number, len(other) - 1)]
            self.found[mark + fold_words(form)].setdefault(usual, kind + "+" * several)

    def lines(self) -> dict[str, str]:
        """Values by key; the first three renderings of each."""
        return {
            key: "|".join(f"{kind}:{text}" for text, kind in list(found.items())[:3])
            for key, found in self.found.items()
        }


PLURALS = frozenset("محادثات مفاوضات مباحثات قوات".split())
SIDES = frozenset("شمال جنوب شرق غرب وسط".split())  # composed better than these pairs are
CLDR_KINDS = {"territories": "place", "city": "place", "languages": "lang", "currency": "n", "emoji": "n"}


def phrases(root: Path, english: Table) -> Phrases:
    out = Phrases()
    out.put_news(news_words())
    out.put_news(news_words(ORGANISATIONS) + news_words(WORDINGS))
    for ar, en, kind in rows(root / "lexicon" / "cldr.ar-en.tsv.xz"):
        name = kind.split(":")[0].removeprefix("cldr-")
        if name in CLDR_KINDS and (name != "emoji" or len(en.split()) == len(ar.split()) == 1):
            out.put(ar, en, CLDR_KINDS[name])
    for ar, en, kind in rows(root / "lexicon" / "hkiri-ne.ar-en.tsv.xz"):
        if (
            kind != "PERS"
            and 2 <= len(en.split()) <= 5
            and ar.split()[0] not in SIDES
            and supported(ar, en, english)
        ):
            out.put(ar, en[:1].upper() + en[1:], "place" if kind == "LOC" else "org")
    for ar, en in name_words(root):
        out.put(ar, en, "name")
    return out


def supported(arabic: str, english: str, table: Table) -> bool:
    """Whether each word of either side has its counterpart on the other, by meaning or by sound."""
    left = {one for word in arabic.split() for one in terms(word)}
    bones = {skeleton(word) for word in arabic.split()}
    right = [word for word in english.split() if terms(word)]
    hits = 0
    for word in right:
        found = {one for other, _ in table.get(" ".join(terms(word)), ()) for one in terms(other)}
        hits += bool(found & left) or (skeleton(word) in bones and bool(skeleton(word)))
    return hits == len(right) == len(left)


def name_words(root: Path) -> Iterator[tuple[str, str]]:
    """Single words of names, the most frequent spelling of each in the other script first."""
    counts: Counter[tuple[str, str]] = Counter()
    for ar, en, kind in rows(root / "lexicon" / "hkiri-ne.ar-en.tsv.xz"):
        left, right = ar.split(), en.split()
        if kind != "ORG" and len(left) == len(right):
            for a, e in zip(left, right, strict=True):
                if len(e) > 2 and e[0].isupper() and skeleton(a) == skeleton(e) != "":
                    counts[a, e.capitalize() if e.isupper() else e] += 1
    for ar, en in read_pairs(root / "lexicon" / "palestinian-name-tokens.ar-en.tsv.xz"):
        if " " not in en:
            counts[ar, "-".join(part.capitalize() for part in en.split("-")).replace("Al-", "al-")] += 1
    for pair, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield pair


def write(path: Path, lines: dict[str, str]) -> str:
    """Write the sorted lines under a header with their hash; returns the hash.

    Exact renderings are not in it: no vector depends on them, so that an index need not be made again for them.
    """
    made_of = sorted(f"{key}\t{value}\n".encode() for key, value in lines.items())
    body = b"".join(made_of)
    digest = hashlib.sha256(b"".join(line for line in made_of if line[:1] not in b"AE")).hexdigest()[:16]
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_suffix(".new")
    made.write_bytes(f"#sanad-lexicon {FORMAT} {digest}\n".encode() + body)
    made.replace(path)  # not in place: a process that has the file mapped keeps the old one
    return digest


def weighted(mark: str, table: Table) -> dict[str, str]:
    return {
        mark + key: "|".join(f"{word}:{max(1, round(100 * weight))}" for word, weight in found)
        for key, found in table.items()
    }


def beginnings(pairs: Pairs) -> dict[str, str]:
    """How many words the longest phrase has that begins with a stem, where that is more than ``LONGEST``."""
    found: dict[str, int] = {}
    for phrase in itertools.chain.from_iterable(pairs):
        length = len(phrase.split())
        if length > LONGEST and (stems := terms(phrase)):
            found[stems[0]] = max(found.get(stems[0], 0), length)
    return {"l" + stem: str(length) for stem, length in found.items()}


def meanings() -> dict[str, str]:
    return {"g" + arabic: english for english, words in news_words(GLOSSES) for arabic in words.split()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="folder of the data sets (else SANAD_DATA)")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    root = data_root(options.data)
    pairs: Pairs = defaultdict(dict)
    from_news(pairs)
    from_common(pairs)
    from_glosses(pairs)
    from_cldr(pairs, root)
    from_wordnet(pairs, root)
    from_sentences(pairs, root)
    from_names(pairs, root)
    (arabic, arabic_forms), (english, english_forms) = best(pairs, 0), best(pairs, 1)
    lines = {
        **weighted("a", arabic),
        **weighted("e", english),
        **weighted("b", arabic_forms),
        **weighted("f", english_forms),
        **phrases(root, english).lines(),
        **beginnings(pairs),
        **meanings(),
    }
    digest = write(options.out, lines)
    size = options.out.stat().st_size / 1e6
    print(
        f"{options.out}: {len(arabic):,} Arabic and {len(english):,} English entries, {size:.1f} MB, {digest}"
    )


if __name__ == "__main__":
    main()
