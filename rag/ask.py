"""``python -m rag.ask "…"``: one question, its answer, and the sentences it rests on.

Exit status: 0 answered, 3 abstained, 2 usage or input, 1 failure; for many questions (``-``) 0, or 2 where one
could not be asked. Heavy modules are imported after the arguments are read.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from rag.cli import left_by_reader
from rag.errors import InputError, RagError

if TYPE_CHECKING:
    from rag.answer import Pipeline
    from rag.build import Progress
    from rag.config import Config
    from rag.types import Answer, Article, Citation, Hit, Language, Period

SCHEMA = "sanad.answer/1"
ANSWERED, FAILED, USAGE, ABSTAINED = 0, 1, 2, 3


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m rag.ask",
        description="Answer a question, in English or Arabic, from the indexed articles.",
        epilog="Exit status: 0 answered (with - also abstained), 3 abstained, 2 usage or input, 1 failure.",
    )
    made.add_argument(
        "question", nargs="*", help="the question; - reads one question a line from standard input"
    )
    made.add_argument("--json", action="store_true", help=f"print one JSON object ({SCHEMA}; docs/json.md)")
    made.add_argument("--stream", action="store_true", help="print the answer as it is written")
    made.add_argument("--explain", action="store_true", help="print each leg's hits and scores, and why")
    made.add_argument("--gloss", action="store_true", help="print Arabic quotes word by word in English, too")
    made.add_argument("--passages", type=int, metavar="N", help="passages to read (10)")
    made.add_argument("--index", metavar="DIR", help="the index (RAG_INDEX, else ./index, else the user's)")
    made.add_argument("--articles", metavar="PATH", help="ask over this file or folder instead")
    made.add_argument(
        "--article", metavar="ID", help="print one article (id, source, or the start of an id or file name)"
    )
    made.add_argument(
        "--generator", choices=("auto", "reader", "llama", "openai"), help="who writes the answer"
    )
    made.add_argument("--gguf", metavar="FILE", help="a GGUF model for llama.cpp")
    made.add_argument("--embedder", metavar="NAME", help="a sentence-transformers id or folder")
    made.add_argument("--config", metavar="FILE", help="settings (RAG_CONFIG, else ./sanad.toml)")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    args = parser().parse_args(argv)
    try:
        return run(args, sys.stdin, sys.stdout, sys.stderr)
    except RagError as error:
        return error.reported()
    except BrokenPipeError:
        return left_by_reader()
    except KeyboardInterrupt:
        return 130


def run(args: argparse.Namespace, stdin: TextIO, out: TextIO, err: TextIO) -> int:
    question = " ".join(args.question)
    if question == "-" and isinstance(stdin, io.TextIOWrapper):
        stdin.reconfigure(errors="replace")  # one bad byte is no reason to lose the questions after it
    if not question.strip() and args.article is None:
        raise InputError('Ask something, for example: python -m rag.ask "who are the guarantors?"')
    if args.passages is not None and not 1 <= args.passages <= 50:
        raise InputError(f"--passages {args.passages}: must be between 1 and 50.")
    if args.article is None and question != "-":
        from rag.answer import checked

        checked(question)
    pipeline = open_pipeline(args, err)
    try:
        if args.article is not None:
            print_article(pipeline.article(args.article), out)
            return ANSWERED
        if question == "-":
            return many(pipeline, stdin, out, err, args)
        return one(pipeline, question, out, args)
    finally:
        pipeline.close()


def open_pipeline(args: argparse.Namespace, err: TextIO) -> Pipeline:
    from rag.assemble import assemble, assemble_over

    config = settings(args)
    if args.articles:
        return assemble_over([Path(args.articles)], config, progress=reporter(err))
    return assemble(config, progress=reporter(err))


def settings(args: argparse.Namespace) -> Config:
    from rag.config import load_config

    named = ("index", "generator", "gguf", "embedder")
    values = {name: getattr(args, name, None) for name in named}
    if args.passages and args.passages > 10:
        values["passages"] = args.passages
    return load_config(args.config, **values)


def reporter(err: TextIO) -> Callable[[Progress], None]:
    """Shows a build's progress: one line that is rewritten on a terminal, one line a phase elsewhere."""
    shown: set[str] = set()

    def tell(progress: Progress) -> None:
        if err.isatty():
            end = "\n" if progress.done >= progress.total and progress.phase == "writing" else "\r"
            print(f"\x1b[2K{progress.phase} {progress.done}/{progress.total}", end=end, file=err, flush=True)
        elif progress.phase not in shown:
            shown.add(progress.phase)
            print(f"building the index: {progress.phase} …", file=err, flush=True)

    return tell


def one(pipeline: Pipeline, question: str, out: TextIO, args: argparse.Namespace) -> int:
    from rag.types import Answer

    colour = out.isatty() and "NO_COLOR" not in os.environ
    answer: Answer | None = None
    for piece in pipeline.stream(question, passages=args.passages):
        if isinstance(piece, Answer):
            answer = piece
        elif args.stream and not args.json:
            print(plain(piece), end="", file=out, flush=True)
    assert answer is not None
    if args.json:
        print(json.dumps(as_json(answer), ensure_ascii=False, indent=2), file=out)
    else:
        if args.stream:
            print(file=out)
        else:
            print(plain(answer.text), file=out)
        for line in sources(answer, colour, args.gloss):
            print(line, file=out)
        if args.explain:
            for line in explained(answer):
                print(line, file=out)
    return ABSTAINED if answer.abstained else ANSWERED


def many(pipeline: Pipeline, stdin: TextIO, out: TextIO, err: TextIO, args: argparse.Namespace) -> int:
    """One line of answer for each line of question; a bad question is reported by its number."""
    status = ANSWERED
    asked = 0
    for number, line in enumerate(stdin, 1):
        if not line.strip():
            continue
        asked += 1
        try:
            answer = pipeline.ask(line.strip(), passages=args.passages)
        except InputError as error:
            print(f"line {number}: {error}", file=err)
            print(
                json.dumps({"schema": SCHEMA, "error": str(error)}) if args.json else f"error: {error}",
                file=out,
                flush=True,
            )
            status = USAGE
            continue
        text = json.dumps(as_json(answer), ensure_ascii=False) if args.json else one_line(answer)
        print(text, file=out, flush=True)
    if not asked:
        raise InputError("Standard input held no question. Write one a line.")
    return status


def one_line(answer: Answer) -> str:
    named = " ".join(f"[{c.marker}] {c.source}" for c in answer.citations)
    return " ".join(f"{plain(answer.text)} {named}".split())


# ------------------------------------------------------------------ showing

_DROPPED = {code: None for code in [*range(0x20), *range(0x7F, 0xA0), 0x061C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF] if code not in (0x0A,)}  # fmt: skip


def plain(text: str) -> str:
    """Without control characters, escape codes and direction marks: fit for terminals and pipes."""
    return text.translate(_DROPPED)


def sources(answer: Answer, colour: bool, gloss: bool = False) -> Iterator[str]:
    """Which days were searched, and the numbered sources; for an abstention the nearest passages.

    One direction a line.

    Args:
        gloss: Below an Arabic quote its words in English, for who asked in English.
    """
    if answer.period is not None:
        from rag.timely import told

        yield plain(told(answer.period, answer.language))
    if answer.citations:
        yield ""
        for citation in answer.citations:
            yield plain(heading(citation))
            yield f"    {marked(citation, colour)}"
            if citation.rendering:
                yield plain(f"    = {citation.rendering}")
            if gloss:
                yield from glossed(citation.quote, answer.question)
            if citation.also_in:
                yield plain(f"    also in: {', '.join(citation.also_in)}")
    elif answer.abstained and answer.hits:
        yield ""
        yield "أقرب المقاطع:" if answer.language == "ar" else "Nearest passages:"
        for hit in answer.hits[:3]:
            yield plain(f"  {label(hit.article)}")
            yield plain(f"    {' '.join(hit.passage.text.split())[:200]}…")


def glossed(quote: str, question: str) -> Iterator[str]:
    from rag.gloss import word_by_word
    from rag.lexicon import lexicon

    if english := word_by_word(quote, question, lexicon()):
        yield plain(f"    word by word: {english}")


def label(article: Article) -> str:
    return " · ".join(part for part in (article.title, article.source, article.date) if part)


def heading(citation: Citation) -> str:
    parts = (citation.title, citation.source, citation.date)
    return f"[{citation.marker}] " + " · ".join(part for part in parts if part)


def marked(citation: Citation, colour: bool) -> str:
    """The quote, its answering words in bold green on a terminal."""
    out: list[str] = []
    at = citation.start
    for start, end in citation.marks if colour else ():
        out.append(plain(citation.quote[at - citation.start : start - citation.start]))
        out.append(f"\x1b[1;32m{plain(citation.quote[start - citation.start : end - citation.start])}\x1b[0m")
        at = end
    out.append(plain(citation.quote[at - citation.start :]))
    return " ".join("".join(out).split("\n"))


def explained(answer: Answer) -> Iterator[str]:
    """Each hit with what each leg and the reader said of it."""
    yield ""
    yield f"searched: {plain(answer.searched)}"
    sure = "" if answer.confidence is None else f", confidence {answer.confidence:.2f}"
    yield f"language {answer.language}, answered by {answer.generator}, abstained {answer.abstained}{sure}"
    for i, hit in enumerate(answer.hits, 1):
        legs = "  ".join(f"{name} #{leg.rank} {leg.score:.3f}" for name, leg in hit.legs.items())
        read = "" if hit.relevance is None else f"  answers {hit.relevance:.2f}"
        yield plain(
            f"{i:2} fused {hit.score:.3f}{read}  {legs}  {hit.article.source}:{hit.passage.span.start}"
        )
    if answer.abstained and answer.hits:
        yield "withheld: how surely the passages answer does not reach the threshold of their direction"
    yield "  ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in answer.timings.items())


def print_article(article: Article, out: TextIO) -> None:
    print(plain(f"{article.id} · {label(article)}"), file=out)
    print(file=out)
    print(plain(article.text), file=out)


def as_json(answer: Answer) -> dict[str, Any]:
    """The documented schema: docs/json.md."""
    return {
        "schema": SCHEMA,
        "question": answer.question,
        "searched": answer.searched,
        "language": answer.language,
        "answer": answer.text,
        "abstained": answer.abstained,
        "confidence": answer.confidence,
        "generator": answer.generator,
        "sentences": [
            {"text": s.text, "markers": list(s.markers), "verified": s.verified, "reason": s.reason}
            for s in answer.sentences
        ],
        "citations": [
            {
                "marker": c.marker,
                "article_id": c.article_id,
                "source": c.source,
                "title": c.title,
                "date": c.date,
                "start": c.start,
                "end": c.end,
                "quote": c.quote,
                "score": c.score,
                "marks": [list(mark) for mark in c.marks],
                "rendering": c.rendering,
                "also_in": list(c.also_in),
            }
            for c in answer.citations
        ],
        "hits": [hit_json(hit) for hit in answer.hits],
        "period": period_json(answer.period, answer.language) if answer.period else None,
        "timings": dict(answer.timings),
    }


def period_json(period: Period, language: Language) -> dict[str, Any]:
    from rag.timely import told

    return {**asdict(period), "told": told(period, language)}


def hit_json(hit: Hit) -> dict[str, Any]:
    passage = hit.passage
    return {
        "passage_id": passage.id,
        "article_id": passage.article_id,
        "source": hit.article.source,
        "start": passage.span.start,
        "end": passage.span.end,
        "text": passage.text,
        "score": round(hit.score, 5),
        "relevance": hit.relevance,
        "legs": {name: {"rank": leg.rank, "score": round(leg.score, 5)} for name, leg in hit.legs.items()},
        "also_in": list(hit.also_in),
    }


if __name__ == "__main__":
    sys.exit(main())
