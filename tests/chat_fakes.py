"""A small collection and a pipeline that answers from a script, for the tests of the chat and the API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rag.errors import InputError
from rag.read import read_text
from rag.types import Answer, Article, Citation, Filter, Hit, Language, Passage, Sentence, Span, Turn

ARABIC = "عقد الوزير شويغو اجتماعا في موسكو يوم 12 مايو.\n\nحضر الاجتماع 1,200 ضابط."
ENGLISH = "The minister met NATO envoys in Cairo.\n\nThey agreed on 14 points about water."


def article(source: str, text: str, date: str | None = None) -> Article:
    return read_text(text, source, date=date)


def hit_on(found: Article) -> Hit:
    span = Span(0, len(found.text))
    return Hit(Passage(1, found.id, 0, span, found.text, (span,)), found, 0.5)


def citation_of(found: Article, marker: int, quote: str, mark: str) -> Citation:
    start = found.text.index(quote)
    at = found.text.index(mark, start)
    return Citation(
        marker, found.id, found.source, found.title, found.date, start, start + len(quote), quote, 0.9,
        (Span(at, at + len(mark)),),
    )  # fmt: skip


def answer_of(question: str, found: Article, quote: str, mark: str, language: Language = "en") -> Answer:
    said = Sentence(f"{mark} [1].", (1,))
    cited = citation_of(found, 1, quote, mark)
    return Answer(
        question,
        question,
        language,
        said.text,
        (said,),
        (cited,),
        (hit_on(found),),
        False,
        "reader",
        {"total": 0.25},
    )


def abstained(question: str, hits: tuple[Hit, ...] = ()) -> Answer:
    text = "The articles do not say."
    return Answer(question, question, "en", text, (Sentence(text),), (), hits, True, "reader", {"total": 0.1})


@dataclass
class ScriptedPipeline:
    """Answers a question by its script, else abstains; keeps what it was asked and told."""

    shelf: dict[str, Article]
    script: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, tuple[Turn, ...], Filter]] = field(default_factory=list)
    closed_early: int = 0
    fails_with: Exception | None = None

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        where: Filter = Filter(),
        passages: int | None = None,
    ) -> Iterator[str | Answer]:
        if not question.strip():
            raise InputError("The question is empty. Ask something.")
        self.asked.append((question, tuple(history), where))
        if self.fails_with is not None:
            raise self.fails_with
        answer = self.script.get(question) or abstained(question, tuple(map(hit_on, self.shelf.values())))
        try:
            for i in range(0, len(answer.text), 4):
                yield answer.text[i : i + 4]
            yield replace(answer, question=question)
        except GeneratorExit:
            self.closed_early += 1
            raise

    def ask(self, question: str, **more: object) -> Answer:
        return next(p for p in self.stream(question, **more) if isinstance(p, Answer))  # type: ignore[arg-type]

    def search(self, question: str, *, where: Filter = Filter(), k: int = 10) -> tuple[Hit, ...]:
        return tuple(hit_on(found) for found in self.articles(where))[:k]

    def articles(self, where: Filter = Filter()) -> tuple[Article, ...]:
        return tuple(
            found
            for _, found in sorted(self.shelf.items())
            if (not where.sources or found.source in where.sources)
            and (not where.article_ids or found.id in where.article_ids)
            and (where.language is None or found.language == where.language)
        )

    def article(self, key: str) -> Article:
        for found in self.shelf.values():
            if key in (found.id, found.source):
                return found
        raise InputError(f"There is no article {key!r}.")

    def add(self, paths: Sequence[Path]) -> object:
        from rag.build import BuildReport

        files = [
            f for path in paths for f in (sorted(path.rglob("*")) if path.is_dir() else [path]) if f.is_file()
        ]
        good = [f for f in files if f.suffix == ".txt"]
        for file in good:
            self.shelf[file.name] = article(file.name, file.read_text(encoding="utf-8"))
        failed = tuple((f.name, "not a kind of file that is read") for f in files if f not in good)
        names = tuple(f.name for f in good)
        return BuildReport(names, (), (), (), failed, len(self.shelf), len(self.shelf), 2, 0.1)

    def remove(self, sources: Sequence[str]) -> object:
        from rag.build import BuildReport

        gone = tuple(s for s in sources if self.shelf.pop(s, None) is not None)
        return BuildReport((), (), (), gone, (), len(self.shelf), len(self.shelf), 3, 0.1)

    def close(self) -> None:
        return None


def two_articles() -> ScriptedPipeline:
    arabic, english = article("shoigu.txt", ARABIC, "2020-05-12"), article("water.txt", ENGLISH)
    script = {
        "Who met?": answer_of("Who met?", english, "The minister met NATO envoys in Cairo.", "NATO envoys"),
        "كم ضابطا؟": answer_of("كم ضابطا؟", arabic, "حضر الاجتماع 1,200 ضابط.", "1,200 ضابط", "ar"),
    }
    return ScriptedPipeline({a.source: a for a in (arabic, english)}, script)
