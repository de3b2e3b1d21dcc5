"""Files to articles: what is title, body, repeat and boilerplate. Formats are in ``rag.formats``."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.clean import clean, fold, language_of, printable
from rag.dates import dateline_date, iso_date
from rag.errors import InputError
from rag.formats import SUFFIXES, Record, records
from rag.formats.limits import Limits
from rag.types import Article, Part, PartKind, Span


@dataclass(frozen=True, slots=True)
class Source:
    """One file, or one entry of an archive: its articles, or why it has none.

    Attributes:
        name: As ``Article.source``, without a record's number.
        content_hash: SHA-256 of its bytes, hexadecimal; ``""`` when it could not be read.
        error: The verdict on a file that could not be read; None otherwise.
    """

    name: str
    content_hash: str
    articles: tuple[Article, ...]
    error: str | None = None


def read_paths(paths: Sequence[Path], *, limits: Limits = Limits()) -> Iterator[Source]:
    """Every readable file under ``paths``, folders in order of their names.

    A file that cannot be read is a ``Source`` with ``error``; nothing is skipped in silence but
    hidden files, README files and files of unknown kinds found inside folders, and a file that was
    reached before by another path or link.

    Raises:
        InputError: A path does not exist.
    """
    for path in paths:
        if not path.exists():
            raise InputError(f"There is no file or folder {path}. Name one that exists.")
    files: set[Path] = set()
    names: set[str] = set()
    for path in paths:
        root = path if path.is_dir() else path.parent
        for file, fault in _walk(path):
            name = _name(file.name if file == root else file.relative_to(root).as_posix())
            if fault:
                yield Source(
                    name, "", (), f"{name} cannot be read: {fault}. Check that it exists and may be read."
                )
                continue
            real = file.resolve()
            if real in files:
                continue
            files.add(real)
            if name in names:
                yield Source(
                    name,
                    "",
                    (),
                    f"Two files are called {name}; {file} was left out. Name the folder above both.",
                )
                continue
            names.add(name)
            yield from _read_file(file, name, limits)


def _name(name: str) -> str:
    """A file's name fit to be stored and shown: bytes that are no UTF-8 and controls are marked."""
    return printable(os.fsencode(name).decode("utf-8", "replace"))


def _walk(top: Path) -> Iterator[tuple[Path, str | None]]:
    """Files at or below ``top`` with the reason, if one or its folder cannot be reached.

    Loops of links end.
    """
    seen: set[tuple[int, int]] = set()
    waiting = [top]
    while waiting:
        path = waiting.pop()
        try:
            status = path.stat()
            if not stat.S_ISDIR(status.st_mode):
                if path == top or path.suffix.lower() in SUFFIXES:
                    yield path, None if stat.S_ISREG(status.st_mode) else "it is no regular file"
                continue
            if (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                waiting += sorted(filter(_wanted, path.iterdir()), reverse=True)
        except OSError as error:
            # A broken link to a file of no known kind is not worth a word.
            if error.errno not in (errno.ENOENT, errno.ELOOP) or path.suffix.lower() in SUFFIXES:
                yield path, error.strerror or str(error)


def _wanted(entry: Path) -> bool:
    return not entry.name.startswith(".") and entry.stem.upper() != "README"


def _read_file(file: Path, name: str, limits: Limits) -> Iterator[Source]:
    try:
        with file.open("rb") as opened:
            data = opened.read(limits.file_bytes + 1)
    except OSError as error:
        yield Source(
            name, "", (), f"{name} cannot be read: {error.strerror}. Check that it exists and may be read."
        )
        return
    if len(data) > limits.file_bytes:
        most = f"{limits.file_bytes / 1e6:g} MB"
        yield Source(
            name, "", (), f"{name} is larger than {most}, the most that is read of a file. Split it."
        )
        return
    yield from read_bytes(data, name, limits=limits)


def read_bytes(data: bytes, name: str, *, limits: Limits = Limits()) -> Iterator[Source]:
    """The sources in one file's bytes; an archive yields one for each entry."""
    for entry in records(data, name, limits):
        digest = hashlib.sha256(entry.data).hexdigest()
        if entry.error is not None:
            yield Source(entry.name, digest, (), entry.error)
            continue
        longest = max((len(record.text) for record in entry.records), default=0)
        if longest > limits.article_characters:
            too_long = (
                f"{entry.name} holds a text of {longest:,} characters; at most "
                f"{limits.article_characters:,} are read as one article. Split it."
            )
            yield Source(entry.name, digest, (), too_long)
            continue
        articles = tuple(_articles(entry.records, entry.name, digest))
        error = None if articles else f"{entry.name} holds no text. Leave it out, or check what was exported."
        yield Source(entry.name, digest, articles, error)


def _articles(found: Sequence[Record], name: str, digest: str) -> Iterator[Article]:
    for number, record in enumerate(found, 1):
        source = name if len(found) == 1 and not record.numbered else f"{name}!{number}"
        article = read_text(record.text, source, date=record.date, title=record.title, content_hash=digest)
        if article.text:
            yield article


def read_text(
    raw: str, source: str, *, date: str | None = None, title: str | None = None, content_hash: str = ""
) -> Article:
    """One article from its raw text; ``title`` and ``date`` are what metadata say, if any."""
    lines = [line for line in re.split(r"\n+", clean(raw)) if line]
    stated = clean(title or "").replace("\n", " ")
    if stated and (not lines or fold(lines[0]) != fold(stated)):
        lines.insert(0, stated)
    kinds = _kinds(lines, titled=bool(stated))
    text = "\n\n".join(lines)
    parts, at = [], 0
    for line, kind in zip(lines, kinds, strict=True):
        parts.append(Part(kind, Span(at, at + len(line))))
        at += len(line) + 2
    titles = [line for line, kind in zip(lines, kinds, strict=True) if kind is PartKind.TITLE]
    stated_date = iso_date(date) or dateline_date(lines[:4])
    identity = hashlib.sha256(f"{source}\0{text}".encode()).hexdigest()[:12]
    return Article(
        id=identity,
        source=source,
        title=titles[0] if titles else "",
        text=text,
        language=language_of(text),
        date=stated_date,
        parts=tuple(parts),
        content_hash=content_hash or hashlib.sha256(raw.encode("utf-8", "replace")).hexdigest(),
    )


# ------------------------------------------------------------------ kinds of paragraphs

_LABEL = re.compile(
    r"^(?:اخبار عاجله|عاجل|خبر عاجل|اخر الاخبار|breaking(?: news)?|latest news|urgent|update|exclusive)\W*$"
)
_AGENCY = r"(?:سانا|وكالات|رويترز|ا ?\.?ف ?\.?ب|sana|ap|afp|reuters|agencies)"
_DATELINE = re.compile(rf"^[^\W\d][\w .]{{1,29}}\s*[-/(]\s*{_AGENCY}\W*$")
_BYLINE = re.compile(
    r"^(?:by(?=\s)|بقلم\b|(?:كتبت?|تحرير|اعداد|المصدر|تصوير|source|photo|editing by)\s*:)(?:\W+\w+){1,6}\W*$"
)
# Many of these verbs also begin plain sentences (شارك الوزير …), so a channel must be named too.
_FOLLOW = re.compile(
    r"^(?:تابعونا|تابعوا|للاشتراك|اشتركوا?|انضموا?|حملوا|عبر ارسال|شاركوا?|شاركها|لمتابعه|"
    r"follow|subscribe|sign up|join|download|share this|click here)\b"
)
_CHANNEL = re.compile(
    r"تطبيق|قنا[هت]|صفح[هت]|موقع|رابط|اشتراك|تيلي?غرام|تلغرام|واتس|فيس ?بوك|تويتر|يوتيوب|النشره|البريد|"
    r"telegram|whatsapp|facebook|twitter|instagram|youtube|newsletter|our app|our channel|our page|link|\bhere\b|this (?:article|story)"
)
_RIGHTS = re.compile(
    r"(?:^(?:copyright|©|\(c\))\W*(?:\(c\)|©|\d{4}))|^\W*(?:all rights reserved|جميع الحقوق محفوظه)"
)
_MORE = re.compile(
    r"^\W*(?:انظر ايضا|اقرا ايضا|اقرا المزيد|للمزيد|مواضيع ذات صله|اخبار ذات صله|مقالات ذات صله|"
    r"read more|read also|see also|related(?: articles| stories| news)?)(?P<rest>\W.*)?$"
)
_ADDRESS = re.compile(r"^(?:https?://|www\.)\S+$|^[\w.+-]+@[\w-]+\.\w+$|^@\w+$")
# How agencies close a report: "// انتهى //", "14:12 ت م", "(Ends)".
_CLOSE = re.compile(r"^\W*(?:انتهي|يتبع|ends|more to follow|\d{1,2}:\d{2} ?(?:ت ?م|جمت|غرينتش|gmt))\W*$")
# A writer or an agency and a place: "عمر إبراهيم – عين اليوم", "أبها - واس:".
_SIGNED = re.compile(r"^[^\W\d]+(?: [^\W\d]+){0,3} ?[-ـ] ?[^\W\d]+(?: [^\W\d]+){0,2} ?:?$")
_STOP = re.compile(r"\.[\"')\]]*$")


def _kinds(lines: Sequence[str], titled: bool) -> list[PartKind]:
    """The kind of each paragraph, by its form and its neighbours."""
    folded = [fold(line) for line in lines]
    kinds = [
        PartKind.BOILERPLATE if _apart(line, shown, i < 6) else PartKind.BODY
        for i, (line, shown) in enumerate(zip(folded, lines, strict=True))
    ]
    _tail(folded, kinds)
    if titled:
        kinds[0] = PartKind.TITLE
    else:
        _head(folded, kinds)
    _repeats(folded, kinds)
    return kinds


def _apart(line: str, shown: str, early: bool) -> bool:
    """Whether a folded line is by itself no part of the report; ``early``: near the top."""
    if len(line) > 300:
        return False
    more = _MORE.match(line)
    if any(form.match(line) for form in (_LABEL, _ADDRESS, _CLOSE)) or _RIGHTS.search(line):
        return True
    if more and len(line) < 160:
        return True
    if early and (_DATELINE.match(line) or _BYLINE.match(line) or _signed(shown) or _dated(shown)):
        return True
    return bool(_FOLLOW.match(line) and _CHANNEL.search(line))


def _signed(shown: str) -> bool:
    """Whether a short line names a writer or an agency beside a place; a hyphen inside a word does not."""
    spaced = re.sub(r"[–—]", "-", shown)
    return len(spaced.split()) <= 7 and bool(re.search(r" [-ـ] ", spaced) and _SIGNED.match(spaced))


def _dated(shown: str) -> bool:
    return len(shown) <= 60 and dateline_date([shown]) is not None


def _tail(folded: Sequence[str], kinds: list[PartKind]) -> None:
    """Sets apart what a bare "see also" introduces, and short lines between lines set apart."""
    introduced = False
    for i, line in enumerate(folded):
        if i * 3 < len(folded):
            continue
        if more := _MORE.match(line):
            introduced = not re.search(r"\w", more["rest"] or "")
        elif introduced:
            # A teaser is short or trails off; a whole paragraph belongs to the report again.
            introduced = len(line) < 120 or not _STOP.search(line)
            if introduced:
                kinds[i] = PartKind.BOILERPLATE
    for i in range(1, len(folded) - 1):
        around = kinds[i - 1] is kinds[i + 1] is PartKind.BOILERPLATE
        if around and i * 3 > len(folded) and len(folded[i]) < 120 and not _STOP.search(folded[i]):
            kinds[i] = PartKind.BOILERPLATE


def _head(folded: Sequence[str], kinds: list[PartKind]) -> None:
    """Finds the title: among the first lines, short and without a full stop, before long ones.

    Such lines before it are captions; after it, one of a few words is a name or a place.
    """
    body = [i for i, kind in enumerate(kinds) if kind is PartKind.BODY]
    heads: list[int] = []
    for i in body[:4]:
        if i > 5 or len(folded[i]) > 200 or _STOP.search(folded[i]) or folded[i].endswith("..."):
            break
        heads.append(i)
    if not heads or not any(len(folded[i]) > 100 for i in body[len(heads) :]):
        return
    words = [len(line.split()) for line in folded]
    if heads[0] == 0 and words[0] >= 3:
        best = 0
    else:
        # A caption is a name with its office, as a rule in four words or fewer.
        best = next((i for i in heads if words[i] > 4), max(heads, key=lambda i: words[i]))
    if words[best] < 3:
        return
    for i in heads:
        if i == best:
            kinds[i] = PartKind.TITLE
        elif i < best or words[i] <= 5:
            kinds[i] = PartKind.BOILERPLATE


def _repeats(folded: Sequence[str], kinds: list[PartKind]) -> None:
    """A paragraph that says again, but for marks, spelling and a word or two, what an earlier one says."""
    seen: set[str] = set()
    runs: dict[tuple[str, ...], int] = {}
    for i, line in enumerate(folded):
        words = re.findall(r"\w+", line)
        key = " ".join(words)
        if kinds[i] is PartKind.BODY and (key in seen or _nearly(words, folded, runs)):
            kinds[i] = PartKind.REPEAT
        # Short lines may recur with reason: "He agreed."
        if kinds[i] in (PartKind.BODY, PartKind.TITLE) and len(key) > 40:
            seen.add(key)
            for run in zip(words, words[1:], words[2:], strict=False):
                runs.setdefault(run, i)


def _nearly(words: Sequence[str], folded: Sequence[str], runs: Mapping[tuple[str, ...], int]) -> bool:
    """Whether nine in ten runs of three words stand in one earlier paragraph of like length and numbers."""
    own = list(zip(words, words[1:], words[2:], strict=False))
    if len(own) < 10:
        return False
    common = Counter(runs[run] for run in own if run in runs).most_common(1)
    if not common or common[0][1] < 0.9 * len(own):
        return False
    earlier = re.findall(r"\w+", folded[common[0][0]])
    numbers = [sorted(filter(str.isdigit, some)) for some in (words, earlier)]
    return len(words) / 1.2 <= len(earlier) <= 1.2 * len(words) and numbers[0] == numbers[1]
