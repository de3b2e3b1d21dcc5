"""``python eval``, ``python -m rag.evaluation`` and ``sanad eval``: the evaluation's one entry.

Exit status 0, 1 when the gate fails or the index cannot be used, 2 for input that cannot be used.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import InputError, RagError

if TYPE_CHECKING:
    from rag.config import Config
    from rag.evaluation.questions import Question
    from rag.evaluation.runner import Asked

    Over = Callable[[Sequence[Path], Config], Asked]

ROOT = Path("eval")
QUESTIONS = ROOT / "questions.jsonl"
BASELINE = ROOT / "baseline.json"
TITLE = "Sanad: answers to questions with known answers"
GATED = 120  # questions that the gate asks, so that it ends within three minutes
ARTICLES = (Path("seeds"), ROOT / "articles")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="sanad eval", description="How good the answers are, and whether a change made them better."
    )
    own = made.add_argument_group("the project's own questions").add_argument
    own("--set", choices=("all", "seeds", "articles"), default="all", help="which questions and articles")
    own("--half", choices=("dev", "test"), help="only this half")
    own("--ask", metavar="FILE", type=Path, default=QUESTIONS, help=f"the questions (default {QUESTIONS})")
    own(
        "--articles",
        metavar="PATH",
        type=Path,
        action="append",
        help="what they are about (default: by --set)",
    )
    own("--gate", action="store_true", help=f"fail when a figure fell below the baseline ({GATED} questions)")
    own("--baseline", metavar="FILE", type=Path, default=BASELINE, help=f"default {BASELINE}")
    own("--write-baseline", action="store_true", help="make this run the baseline")
    public = made.add_argument_group("public sets").add_argument
    public(
        "--squad", nargs="+", metavar="SET", help="a SQuAD-format file, or a name: xquad-ar, xquad en-ar, …"
    )
    public("--questions", metavar="FILE", help="a parallel file whose questions are asked instead")
    public("--beir", metavar="FOLDER", type=Path, help="a BEIR folder (retrieval only)")
    public(
        "--distractors",
        metavar="PATH",
        help="add articles: .jsonl(.xz), a folder, or saudinewsnet, antcorpus",
    )
    public("--distractor-limit", metavar="N", type=_count, help="at most so many of them")
    public("--data", metavar="FOLDER", help="where the named sets lie (default: SANAD_DATA)")
    made.add_argument(
        "--html", metavar="FILE", type=Path, help="write a page with every question and its passages"
    )
    made.add_argument(
        "--compare", nargs=2, metavar=("BEFORE", "AFTER"), type=Path, help="compare two runs of --json"
    )
    made.add_argument("--limit", metavar="N", type=_count, help="ask at most so many questions")
    made.add_argument(
        "--json", metavar="FILE", help="write the run as JSON; - for only that on standard output"
    )
    made.add_argument("--config", metavar="FILE", help="settings (default: sanad.toml, if there)")
    made.add_argument("--generator", help="reader, llama or openai instead of the settings' one")
    return made


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def main(argv: Sequence[str] | None = None, over: Over | None = None) -> int:
    """Runs the evaluation that ``argv`` asks for.

    Args:
        over: Makes the pipeline over files; ``rag.assemble.assemble_over`` when left out.

    Returns:
        The exit status.
    """
    options = parser().parse_args(argv)
    try:
        if options.compare:
            return _compare(options)
        if (options.squad or options.beir) and (options.gate or options.write_baseline):
            raise InputError(
                "--gate and --write-baseline are for the own questions; leave out the public set."
            )
        if options.squad and options.beir:
            raise InputError("Give either --squad or --beir.")
        for target in (options.json, options.html):
            if target and str(target) != "-":
                _ready(Path(target))
        make = over or _assembled
        return _public(options, make) if options.squad or options.beir else _own(options, make)
    except RagError as error:
        return error.reported()


def _assembled(paths: Sequence[Path], config: Config) -> Asked:
    from rag.assemble import assemble_over

    return assemble_over(paths, config)


def _compare(options: argparse.Namespace) -> int:
    from rag.evaluation.runs import compare, load

    before, after = options.compare
    print(compare(load(before), load(after)))
    return 0


def _config(options: argparse.Namespace) -> Config:
    from rag.config import load_config

    return load_config(options.config, generator=options.generator)


def _about(config: Config) -> dict[str, Any]:
    return {"generator": config.generator, "embedder": config.embedder, "passages": config.passages}


# ------------------------------------------------------------------ own questions


def _own(options: argparse.Namespace, over: Over) -> int:
    from rag.evaluation import figures, page, report, runner, runs
    from rag.evaluation.questions import read_questions

    if options.limit is None and (options.gate or options.write_baseline):
        options.limit = GATED
    questions = chosen(read_questions(options.ask), options)
    part = {"set": options.set, "half": options.half, "limit": options.limit}
    baseline = _baseline(options.baseline, part) if options.gate else None
    config = _config(options)
    with closing(over(_articles(options), config)) as pipeline:
        outcomes = runner.run(pipeline, questions)
    run = runs.run_of(outcomes, {**part, **_about(config)})
    rows, told = figures.table(outcomes), figures.confidence(outcomes)
    if options.html:
        _write(options.html, page.page(outcomes, rows, told, TITLE))
    if options.write_baseline:
        _write(options.baseline, json.dumps(runs.baseline_of(run), ensure_ascii=False, indent=1) + "\n")
    if options.json == "-":
        print(json.dumps(run, ensure_ascii=False))
    else:
        if options.json:
            runs.save(run, Path(options.json))
        print(report.report(rows, told))
    return _gated(runs.fallen(run, baseline), options.json == "-") if baseline is not None else 0


def chosen(questions: list[Question], options: argparse.Namespace) -> list[Question]:
    """The questions of the set and half asked for, at most ``--limit``, drawn alike each time.

    Raises:
        InputError: None is left.
    """
    kept = [
        question
        for question in questions
        if options.half in (None, question.split)
        and (options.set == "all" or question.id.startswith("seed-") == (options.set == "seeds"))
    ]
    if options.limit is not None:
        order = sorted(kept, key=lambda question: hashlib.sha256(question.id.encode()).digest())
        drawn = {question.id for question in order[: options.limit]}
        kept = [question for question in kept if question.id in drawn]
    waiting = [question for question in kept if question.answerable and not question.gold]
    if waiting:
        print(f"{len(waiting)} questions wait for their gold quotes and are left out.", file=sys.stderr)
        kept = [question for question in kept if question not in waiting]
    if not kept:
        raise InputError(
            f"No question in {options.ask} is of set {options.set}, half {options.half or 'any'}."
        )
    return kept


def _articles(options: argparse.Namespace) -> list[Path]:
    parts = {"all": ARTICLES, "seeds": ARTICLES[:1], "articles": ARTICLES[1:]}
    wanted = options.articles or list(parts[options.set])
    for path in wanted:
        if not path.exists():
            raise InputError(
                f"There are no articles in {path}. Go to the project's folder, or use --articles."
            )
    return list(wanted)


def _baseline(path: Path, part: dict[str, Any]) -> dict[str, Any]:
    """The baseline, if it was made with the same part of the questions."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["schema"] != 1 or not found["rows"]:
            raise ValueError("it is of another version or empty")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"Cannot use the baseline {path}: {error}. Make one with --write-baseline."
        ) from error
    made = {name: found.get("about", {}).get(name) for name in part}
    if made != part:
        raise InputError(f"The baseline {path} is of {made}, not of {part}. Ask the same, or write it anew.")
    return dict(found)


def _gated(fallen: list[str], quiet: bool) -> int:
    out = sys.stderr if quiet else sys.stdout
    for line in fallen:
        print(f"Fallen: {line}", file=out)
    print(f"{len(fallen) or 'No'} headline figures fell by more than their interval.", file=out)
    return 1 if fallen else 0


def _ready(path: Path) -> None:
    """Fails before the questions are asked, not after, where a report could not be written."""
    from rag.evaluation.runs import writing

    with writing(path):
        path.open("a", encoding="utf-8").close()


def _write(path: Path, text: str) -> None:
    from rag.evaluation.runs import writing

    with writing(path):
        path.write_text(text, encoding="utf-8")


# ------------------------------------------------------------------ public sets


def _public(options: argparse.Namespace, over: Over) -> int:
    from rag.evaluation import public, publicpage, report, sets

    if options.beir:
        found = sets.beir(options.beir)
    else:
        found = sets.named_squad(options.squad, options.questions, options.data)
    extra: list[sets.Paragraph] = []
    if options.distractors:
        path = sets.named_distractors(options.distractors, options.data)
        extra = list(sets.distractors(path, options.distractor_limit))
    config = _config(options)
    with ExitStack() as stack:
        run = public.run(
            found,
            lambda paths: stack.enter_context(closing(over(paths, config))),
            extra=extra,
            limit=options.limit,
        )
    run["about"] = {"distractors": len(extra), **_about(config)}
    if options.html:
        _write(options.html, publicpage.page(found, run))
    if options.json == "-":
        print(json.dumps(run, ensure_ascii=False))
        return 0
    if options.json:
        _write(Path(options.json), json.dumps(run, ensure_ascii=False, indent=1) + "\n")
    parts = ("set", *public.PARTS, "confidence", "counts", "seconds")
    shown = {name: run[name] for name in parts if name in run}
    print("\n".join(report.lines_of(shown)))
    return 0
