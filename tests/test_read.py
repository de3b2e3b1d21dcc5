"""What reading makes of the five seeds and of files that mean harm."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import InputError
from rag.formats.limits import Limits
from rag.read import Source, read_bytes, read_paths, read_text
from rag.types import Article, PartKind

SEEDS = Path(__file__).parent.parent / "seeds"
LONG = "The ministers met in Geneva on Monday and agreed to a truce that both sides are expected to keep. "
LONG_AR = "اجتمع الوزراء في جنيف يوم الاثنين واتفقوا على هدنة يتوقع أن يلتزم بها الطرفان طوال الأسابيع المقبلة كما قالوا. "


def seed(number: str) -> Article:
    (file,) = SEEDS.glob(f"{number}_*.txt")
    (source,) = read_paths([file])
    (article,) = source.articles
    return article


def of_kind(article: Article, kind: PartKind) -> list[str]:
    return [article.text[p.span.start : p.span.end] for p in article.parts if p.kind is kind]


def kinds(*lines: str) -> list[str]:
    return [part.kind.value for part in read_text("\n".join(lines), "a.txt").parts]


def test_the_seeds_are_five_arabic_articles_without_dates() -> None:
    sources = list(read_paths([SEEDS]))
    assert [source.name[:3] for source in sources] == ["000", "001", "002", "003", "004"]
    assert [source.error for source in sources] == [None] * 5
    assert [(a.language, a.date) for s in sources for a in s.articles] == [("ar", None)] * 5


@pytest.mark.parametrize("number", ["000", "001", "002"])
def test_an_article_without_a_title_gets_none(number: str) -> None:
    article = seed(number)
    assert article.title == ""
    assert not of_kind(article, PartKind.TITLE) + of_kind(article, PartKind.BOILERPLATE)


def test_repeated_paragraphs_are_repeats() -> None:
    found = [part.kind for part in seed("002").parts]
    assert found == [PartKind.BODY] * 12 + [PartKind.REPEAT] * 11


def test_first_line_is_the_title_and_the_tail_is_set_apart() -> None:
    article = seed("003")
    assert article.title.startswith("لافروف وكيري: التوصل إلى اتفاق")
    assert of_kind(article, PartKind.TITLE) == [article.title]
    apart = of_kind(article, PartKind.BOILERPLATE)
    assert apart[0] == "جنيف-سانا"
    assert apart[1].startswith("تابعوا آخر الأخبار")
    assert any("0940777186" in line for line in apart)
    assert apart[-1].endswith("واشنطن …")
    assert len(apart) == 10
    assert of_kind(article, PartKind.BODY)[-1].startswith("وكان لافروف وكيري بدأا")


def test_label_and_caption_come_before_the_title() -> None:
    article = seed("004")
    assert of_kind(article, PartKind.BOILERPLATE) == ["أخبار عاجلة", "الرئيس الروسي فلاديمير بوتين"]
    assert article.title.startswith("بوتين يبحث مع مجلس الأمن الروسي")
    assert article.parts[2].kind is PartKind.TITLE


def test_parts_are_the_paragraphs_in_order() -> None:
    for number in ("000", "001", "002", "003", "004"):
        article = seed(number)
        assert "\n\n".join(article.text[p.span.start : p.span.end] for p in article.parts) == article.text


@given(st.lists(st.text(max_size=150), max_size=6).map("\n".join), st.one_of(st.none(), st.text(max_size=40)))
def test_parts_cover_any_text_and_a_given_title_is_its_title(raw: str, title: str | None) -> None:
    article = read_text(raw, "a.txt", title=title)
    assert "\n\n".join(article.text[p.span.start : p.span.end] for p in article.parts) == article.text
    assert len(of_kind(article, PartKind.TITLE)) <= 1
    assert [article.title] * bool(article.title) == of_kind(article, PartKind.TITLE)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Truce agreed in Geneva after talks", "By John Smith", LONG * 2], ["title", "boilerplate", "body"]),
        (
            ["Truce agreed in Geneva after talks", "What comes next for both", LONG * 2],
            ["title", "boilerplate", "body"],
        ),
        (["Who guarantees the new truce in Syria?", LONG * 2], ["title", "body"]),
        ([LONG, "A short second paragraph.", LONG_AR], ["body", "body", "body"]),
        (["Short notice.", "Another short one."], ["body", "body"]),
        (
            ["Truce agreed in Geneva after talks", "Geneva, 9 September 2016 (Reuters)", LONG * 2],
            ["title", "boilerplate", "body"],
        ),
    ],
)
def test_heads(lines: Sequence[str], expected: list[str]) -> None:
    assert kinds(*lines) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["عمر إبراهيم – عين اليوم", LONG_AR * 2], ["boilerplate", "body"]),
        (["عبدالعزيز الشيخ ـ جدة", LONG_AR * 2], ["boilerplate", "body"]),
        (["محطات في حياة لاعب", "عمر إبراهيم – عين اليوم", LONG_AR * 2], ["title", "boilerplate", "body"]),
        (["الشعر وراحة البال", LONG_AR[:90], LONG_AR * 2], ["title", "body", "body"]),
        (
            [LONG_AR, LONG, "// انتهى //", "17:15 ت م"],
            ["body", "body", "boilerplate", "boilerplate"],
        ),
    ],
    ids=["byline", "byline-tatweel", "short-title", "lead-without-stop", "close"],
)
def test_how_agencies_open_and_close_a_report(lines: Sequence[str], expected: list[str]) -> None:
    assert kinds(*lines) == expected


def test_a_paragraph_repeated_but_for_a_word_is_a_repeat_unless_its_numbers_differ() -> None:
    long = "Rescuers found 12 survivors under the rubble of the school on Monday evening, the governor of the province told reporters who had come to the site with the first lorries of food, tents and medicine from the capital."
    assert kinds(LONG, long, LONG_AR, long.replace("told", "assured"))[-1] == "repeat"
    assert kinds(LONG, long, LONG_AR, long.replace("12", "13"))[-1] == "body"
    assert kinds(LONG, long, LONG_AR, long + " " + LONG)[-1] == "body"


@pytest.mark.parametrize(
    "line",
    [
        "شارك الوزير في اجتماع جنيف أمس.",
        "انضموا إلى الاتفاق يوم الخميس.",
        "حملوا الحكومة مسؤولية ما جرى.",
        "تابعوا المفاوضات عن قرب.",
        "Join talks resumed on Monday.",
    ],
)
def test_a_plain_sentence_that_begins_like_a_call_to_subscribe_is_body(line: str) -> None:
    assert kinds(LONG, LONG_AR, line) == ["body"] * 3


@pytest.mark.parametrize(
    "line",
    [
        "Follow us on Twitter",
        "Subscribe to our newsletter",
        "© 2016 The Agency",
        "جميع الحقوق محفوظة",
        "www.example.com/news",
        "desk@example.com",
        "اقرأ أيضاً: قصة أخرى عن الهدنة",
        "Read more: another story",
    ],
)
def test_calls_links_and_rights_are_set_apart_and_what_follows_is_not(line: str) -> None:
    after = "A sentence of the report that stands below it."
    assert kinds(LONG, LONG_AR, line, after) == ["body", "body", "boilerplate", "body"]


def test_the_report_goes_on_after_a_teaser_in_its_middle() -> None:
    found = kinds(LONG, LONG_AR, "See also", "Another story of the day", LONG * 2, "He left.")
    assert found == ["body", "body", "boilerplate", "boilerplate", "body", "body"]


def test_a_title_from_metadata_is_not_doubled() -> None:
    article = read_text(f"Truce agreed\n{LONG}", "a.txt", title="  Truce   agreed ")
    assert article.title == "Truce agreed"
    assert [p.kind.value for p in article.parts] == ["title", "body"]


def test_only_metadata_and_datelines_date_an_article() -> None:
    assert read_text(LONG, "a.txt", date="2016-09-09T10:00:00Z").date == "2016-09-09"
    assert read_text(f"Geneva, 9 September 2016 (Reuters) - {LONG}", "a.txt").date == "2016-09-09"
    assert read_text(f"{LONG}\nThe war began on 15 March 2011 in Daraa.", "a.txt").date is None
    assert read_text(f"Geneva, 9 September 2016\n{LONG}", "a.txt", date="unknown").date == "2016-09-09"


def test_an_article_keeps_its_id_and_another_text_has_another() -> None:
    assert read_text(LONG, "a.txt").id == read_text(LONG, "a.txt").id
    assert (
        len({read_text(LONG, "a.txt").id, read_text(LONG, "b.txt").id, read_text(LONG_AR, "a.txt").id}) == 3
    )


# ------------------------------------------------------------------ files and folders


def verdicts(sources: list[Source]) -> dict[str, str]:
    return {source.name: source.error or "" for source in sources}


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no file or folder .*nowhere"):
        list(read_paths([tmp_path / "nowhere"]))


def test_each_file_gets_its_verdict_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(LONG, encoding="utf-8")
    (tmp_path / "empty.txt").write_bytes(b" \n")
    (tmp_path / "binary.txt").write_bytes(b"\x00\x01\x02" * 50)
    (tmp_path / "image.txt").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe\xfa")
    (tmp_path / "big.txt").write_bytes(b"a" * 3000)
    (tmp_path / "broken.txt").symlink_to(tmp_path / "gone.txt")
    (tmp_path / "README.md").write_text("about", encoding="utf-8")
    (tmp_path / ".hidden.txt").write_text("hidden", encoding="utf-8")
    (tmp_path / "picture.jpg").write_bytes(b"\xff\xd8")
    found = verdicts(list(read_paths([tmp_path], limits=Limits(file_bytes=2000))))
    assert set(found) == {"good.txt", "empty.txt", "binary.txt", "image.txt", "big.txt", "broken.txt"}
    assert found["good.txt"] == ""
    assert "is empty" in found["empty.txt"]
    assert "not a text file" in found["binary.txt"]
    assert "not a text file" in found["image.txt"]
    assert "Split it" in found["big.txt"]
    assert "cannot be read" in found["broken.txt"]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (source,) = read_paths([tmp_path])
    assert "no regular file" in (source.error or "")


def test_loops_of_links_end_and_a_file_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text(LONG, encoding="utf-8")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    assert [s.name for s in read_paths([tmp_path, tmp_path / "sub"])] == ["sub/a.txt"]


def test_two_files_of_one_name_are_not_mixed_up(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text(folder + LONG, encoding="utf-8")
    first, second = read_paths([tmp_path / "one", tmp_path / "two"])
    assert first.error is None
    assert "Two files are called a.txt" in (second.error or "")


def test_names_that_are_no_text_are_marked(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/bad\xff\x1b[31m.txt", "wb") as file:
        file.write(LONG.encode())
    (source,) = read_paths([tmp_path])
    assert source.name == "bad\ufffd\ufffd[31m.txt"
    assert source.articles[0].source == source.name


def test_a_file_named_alone_may_be_of_any_kind_but_must_be_known(tmp_path: Path) -> None:
    (tmp_path / "a.xyz").write_text(LONG, encoding="utf-8")
    (source,) = read_paths([tmp_path / "a.xyz"])
    assert "kind that is not read" in (source.error or "")


def test_escape_codes_do_not_reach_the_article() -> None:
    (source,) = read_bytes(b"\x1b[31mRed news of the day\x1b[0m\n" + LONG.encode(), "a.txt")
    assert source.articles[0].text.startswith("Red news of the day\n\n")
