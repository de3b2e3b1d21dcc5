"""Each format from files that the tests build themselves, hostile ones included."""

from __future__ import annotations

import io
import json
import struct
import time
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import ReadError
from rag.formats.limits import Limits
from rag.formats.markdown import plain
from rag.formats.tables import rows
from rag.formats.text import decode
from rag.formats.web import article
from rag.read import Source, read_bytes

AR = "أعلن الرئيس الروسي اليوم التوصل إلى اتفاق لوقف إطلاق النار في سوريا بين النظام وفصائل المعارضة. وقال إن الاتفاق يدخل حيز التنفيذ منتصف الليل."
EN = "The ministers met in Geneva on Monday and agreed to a truce that both sides are expected to keep for a week."
LIMITS = Limits()


def one(data: bytes, name: str, limits: Limits = LIMITS) -> Source:
    (source,) = read_bytes(data, name, limits=limits)
    return source


# ------------------------------------------------------------------ text and its encodings


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "utf-32-le",
        "utf-32-be",
        "windows-1256",
        "iso8859-6",
    ],
)
def test_arabic_is_read_from_every_usual_encoding(encoding: str) -> None:
    assert decode(AR.encode(encoding), "a.txt").lstrip("\ufeff") == AR


def test_latin_text_is_read_from_its_code_page() -> None:
    text = "Le président a déclaré à Genève que la trêve de la semaine est un succès pour les deux parties."
    assert decode(text.encode("windows-1252"), "a.txt") == text


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.4\n\xe2\xe3",
        b"\x89PNG\r\n\x1a\n\x00",
        b"\x00" * 100,
        bytes(range(256)) * 8,
        b"ok \x00 text",
        b"\xff\xfeA",
    ],
)
def test_what_is_no_text_is_refused_with_advice(data: bytes) -> None:
    with pytest.raises(ReadError, match=r"Leave it out|Convert it|Export it"):
        decode(data, "a.txt")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Президент объявил о прекращении огня в Сирии.", "windows-1251"),
        ("Президент объявил о прекращении огня в Сирии.", "koi8-r"),
        ("Ο πρόεδρος ανακοίνωσε την κατάπαυση του πυρός.", "windows-1253"),
        ("Cumhurbaşkanı ateşkes ilan edildiğini söyledi.", "windows-1254"),
        ("הנשיא הודיע על הפסקת אש בסוריה היום.", "windows-1255"),
        ("Państwo przyjęło dziś uchwałę o środkach.", "windows-1250"),
        ("总统宣布叙利亚停火协议今天开始生效。", "gbk"),
    ],
)
def test_text_in_another_code_page_is_refused_rather_than_garbled(text: str, encoding: str) -> None:
    with pytest.raises(ReadError, match="cannot be told"):
        decode(text.encode(encoding), "a.txt")


def test_a_stray_byte_costs_one_letter_and_not_the_text() -> None:
    text = (
        "“We don’t know,” he said – and the minister’s office would not say when it’s due. " + EN + " "
    ) * 30
    assert decode(text.encode() + b" It\x92s late.", "a.txt") == text + " It\ufffds late."
    assert decode(AR.encode() + b" \xe9", "a.txt") == AR + " \ufffd"
    assert decode((EN + " It’s late.").encode("windows-1252"), "a.txt") == EN + " It’s late."


def test_text_that_was_damaged_before_is_refused() -> None:
    with pytest.raises(ReadError, match="damaged by an earlier conversion"):
        decode(("\ufffd" * 40 + EN).encode(), "a.txt")


def test_markdown_loses_its_marks_and_keeps_its_metadata() -> None:
    title, text, date = plain(
        "---\ntitle: 'Truce agreed'\ndate: 2016-09-09\n---\n# Truce agreed\n\nThe **ministers** met\nin [Geneva](http://x.y).\n\n- one\n- two\n## More\nThe *end*: 2 * 3 * 4.\n"
    )
    assert (title, date) == ("Truce agreed", "2016-09-09")
    assert text == "The ministers met in Geneva.\n\none\n\ntwo\n\nMore\n\nThe end: 2 * 3 * 4."


# ------------------------------------------------------------------ web pages

PAGE = """<!doctype html><html lang="ar"><head><meta charset="{charset}"><title>اتفاق | الموقع</title>
<meta property="article:published_time" content="2016-12-29T10:00:00Z"><script>var x = "never";</script></head>
<body><nav><a href="/">الرئيسية</a> <a href="/s">رياضة</a></nav><article><h1>اتفاق على وقف إطلاق النار</h1>
<p>{text}</p><p>{text2}</p></article><footer>جميع الحقوق محفوظة</footer></body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "windows-1256"])
def test_a_page_gives_its_article_title_and_stated_date(charset: str) -> None:
    page = PAGE.format(charset=charset, text=AR, text2=AR.replace("اليوم", "أمس")).encode(charset)
    title, text, date = article(page, "a.html", LIMITS)
    assert title == "اتفاق على وقف إطلاق النار"
    assert AR in text
    assert "never" not in text
    assert "رياضة" not in text
    assert date == "2016-12-29T10:00:00Z"
    assert one(page, "a.html").articles[0].date == "2016-12-29"


@pytest.mark.parametrize("declared", ["windows-1256", "utf-16", "iso-8859-1"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_page_that_was_converted_is_read_as_what_it_is(declared: str, mark: bytes) -> None:
    page = f'<html><head><meta charset="{declared}"></head><body><article><p>{AR}</p></article></body></html>'
    assert AR in article(mark + page.encode(), "a.html", LIMITS)[1]


def test_latin_1_is_read_as_browsers_do() -> None:
    page = f'<meta charset="iso-8859-1"><p>{EN} They won’t leave.</p>'
    assert "won’t leave" in article(page.encode("windows-1252"), "a.html", LIMITS)[1]


@pytest.mark.parametrize(
    ("text", "title", "date", "body"),
    [
        (
            "---\ntitle: Real\ndate: 2016-12-19\nimage:\n  title: Sea\n  date: 2010-01-01\n---\n\nText.",
            "Real",
            "2016-12-19",
            "Text.",
        ),
        (
            "---\ntitle: >-\n  Bridge over\n  the river\ntags: [a]\n---\nText.",
            "Bridge over the river",
            None,
            "Text.",
        ),
        ("---\n\nFirst paragraph.\n\n---\n\nRest.", None, None, "First paragraph.\n\nRest."),
        ("---\n---\nText.", None, None, "Text."),
        ("---\ntitle: Open", None, None, "title: Open"),
    ],
)
def test_front_matter_gives_the_articles_own_title_and_date(
    text: str, title: str | None, date: str | None, body: str
) -> None:
    found = plain(text)
    assert found[0] == title and found[2] == date
    assert [line for line in found[1].split("\n\n") if line.strip("- ")] == body.split("\n\n")


@pytest.mark.parametrize(
    "text", ["---\n" + "\n" * 200_000 + "x", "a" + " " * 200_000 + "b", "---\ntitle: x\n" * 20_000]
)
def test_no_markdown_takes_long(text: str) -> None:
    started = time.process_time()
    plain(text)
    assert time.process_time() - started < 5  # seconds; it was hours


def test_a_page_is_dated_by_the_first_date_that_is_one() -> None:
    linked = '<script type="application/ld+json">{"datePublished": "2016-12-19"}</script>'
    page = f'<html><body><time itemprop="datePublished">soon</time>{linked}<article><p>{EN}</p></article></body></html>'
    assert article(page.encode(), "a.html", LIMITS)[2] == "2016-12-19"


@pytest.mark.parametrize(
    ("value", "date"),
    [
        (20161219, "2016-12-19"),
        (201612, "2016-12"),
        (1482105600, "2016-12-19"),
        (2016, "2016"),
        ("20161219", "2016-12-19"),
    ],
)
def test_a_date_may_be_a_number(value: object, date: str) -> None:
    record = one(json.dumps([{"text": EN, "date": value}]).encode(), "a.json")
    assert record.articles[0].date == date


def test_what_is_shown_of_a_file_holds_no_controls() -> None:
    for data in (b'[{"\\ud800": "x"}]', b'[{"\\u001b[31mRED": "x"}]'):
        error = one(data, "a.json").error or ""
        assert "its fields" in error
        assert error.encode().decode() == error and "\x1b" not in error
    (source,) = read_bytes(packed({"a\x1b[31m\nb.txt": EN.encode()}), "c.zip")
    assert source.name == "c.zip!a\ufffd[31m\ufffdb.txt"


@pytest.mark.parametrize("name", ["Victory!.txt", "What now?!.txt"])
def test_a_name_may_hold_an_exclamation_mark(name: str) -> None:
    assert one(EN.encode(), name).error is None
    (source,) = read_bytes(packed({name: EN.encode()}), "c.zip")
    assert source.error is None


def test_the_text_of_a_text_box_is_read_once() -> None:
    box = f"<w:p><w:r><w:t>{EN}</w:t></w:r></w:p>"
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    body = f'<w:p><w:r><mc:AlternateContent xmlns:mc="{mc}"><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>'
    assert one(word_file(body), "a.docx").articles[0].text == EN


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>Truce holds | The Daily</title>", "", "Truce holds"),
        ("<title>Truce in Aleppo - the first day</title>", "", "Truce in Aleppo - the first day"),
        ("<title>Truce - Day one - The Daily</title>", "<h1>Truce - Day one</h1>", "Truce - Day one"),
        (
            '<meta property="og:site_name" content="The Daily"><meta property="og:title" content="Truce holds – The Daily">',
            "",
            "Truce holds",
        ),
        ("<title>x</title>", "<header><h1>The Daily</h1></header><h2>Truce holds</h2>", "Truce holds"),
        ("", "", None),
    ],
)
def test_a_page_is_called_as_its_article_is(head: str, body: str, title: str | None) -> None:
    page = f"<html><head>{head}</head><body>{body}<p>{EN}</p></body></html>"
    assert article(page.encode(), "a.html", LIMITS)[0] == title


def test_the_time_above_an_article_dates_it_and_one_inside_does_not() -> None:
    page = "<html><body><article><h1>T</h1>{}<p>{} <time datetime='2011-03-15'>then</time></p></article></body></html>"
    above = "<time datetime='2016-12-29T08:00'>Thursday</time>"
    assert article(page.format(above, EN).encode(), "a.html", LIMITS)[2] == "2016-12-29T08:00"
    assert article(page.format("", EN).encode(), "a.html", LIMITS)[2] is None


def test_a_page_is_not_dated_by_what_it_tells() -> None:
    page = f"<html><body><article><h1>T</h1><p>{EN} It began on 15 March 2011.</p></article></body></html>"
    assert article(page.encode(), "a.html", LIMITS)[2] is None


def test_linked_data_date_a_page_and_broken_ones_do_not_stop_it() -> None:
    head = '<script type="application/ld+json">{broken</script><script type="application/ld+json">{"@graph":[{"datePublished":"2016-12-30"}]}</script>'
    page = f"<html><head>{head}</head><body><p>{EN}</p></body></html>"
    assert article(page.encode(), "a.html", LIMITS)[2] == "2016-12-30"


@pytest.mark.parametrize(
    "page",
    [
        "<html></html>",
        "<script>only</script>",
        '<?xml version="1.0" encoding="utf-8"?><html><body></body></html>',
        "<div>" * 50_000,
    ],
    ids=["empty", "script", "xhtml", "deep"],
)
def test_a_page_without_text_is_refused(page: str) -> None:
    assert one(page.encode(), "a.html").error


def test_entities_that_multiply_are_not_expanded() -> None:
    entities = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 9))
    page = f'<!DOCTYPE html [<!ENTITY a0 "lol">{entities}]><html><body><p>{EN} &a8;</p></body></html>'
    assert len(article(page.encode(), "a.html", LIMITS)[1]) < 2_000


# ------------------------------------------------------------------ tables


def test_records_are_found_by_their_fields() -> None:
    want = [("T", EN, "2016-09-09"), (None, AR, None)]
    records = [{"Headline": "T", "Body": EN, "published": "2016-09-09"}, {"text": AR, "tags": ["x"]}]
    assert rows(json.dumps(records), "a.json", ".json", LIMITS) == want
    assert rows(json.dumps({"articles": records}), "a.json", ".json", LIMITS) == want
    assert rows("\n".join(map(json.dumps, records)), "a.jsonl", ".jsonl", LIMITS) == want
    assert rows(f'title;content;date\nT;"{EN}";2016-09-09\n;"{AR}";\n', "a.csv", ".csv", LIMITS) == want


def test_records_become_numbered_articles() -> None:
    data = json.dumps([{"title": "One title here", "text": EN}, {"text": AR}]).encode()
    source = one(data, "a.json")
    assert [a.source for a in source.articles] == ["a.json!1", "a.json!2"]
    assert source.articles[0].title == "One title here"


def test_a_bad_line_is_named() -> None:
    with pytest.raises(ReadError, match=r"Line 2 of a\.jsonl"):
        rows(f'{{"text": "{EN}"}}\n{{broken\n', "a.jsonl", ".jsonl", LIMITS)
    with pytest.raises(ReadError, match=r"Line 3 of a\.csv has 3 fields"):
        rows("text,date\na,b\na,b,c\n", "a.csv", ".csv", LIMITS)


def test_a_field_longer_than_the_csv_module_allows_is_read() -> None:
    assert len(rows(f"text\n{'a' * 200_000}\n", "a.csv", ".csv", LIMITS)[0][1]) == 200_000


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        ('{"text": ', "a.json", "is not JSON .line 1"),
        ("a,b\n1,2\n", "a.csv", "no text in a field named"),
        ("[1, 2, null]", "a.json", "no text in a field named"),
        ("[]", "a.json", "no text in a field named"),
        ('{"text": ""}', "a.json", "no text in a field named"),
        ('text\n"open\n', "a.csv", "is not CSV"),
        ("1" * 5000, "a.json", "cannot be read as JSON"),
    ],
)
def test_tables_that_cannot_be_read_say_why(data: str, name: str, words: str) -> None:
    with pytest.raises(ReadError, match=words):
        rows(data, name, "." + name.split(".")[1], LIMITS)


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_nesting_without_end_is_a_verdict(name: str) -> None:
    assert "nested too deeply" in (one(b"[" * 200_000, name).error or "")


def test_too_many_records_are_refused() -> None:
    with pytest.raises(ReadError, match="over 3 records"):
        rows(json.dumps([{"text": EN}] * 4), "a.json", ".json", Limits(entries=3))


# ------------------------------------------------------------------ archives, Word files, books


def packed(entries: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def verdicts(data: bytes, limits: Limits = LIMITS) -> dict[str, str | None]:
    return {source.name: source.error for source in read_bytes(data, "a.zip", limits=limits)}


def test_an_entry_refused_for_its_size_does_not_cost_the_others_theirs() -> None:
    data = packed({"bomb.txt": "0" * 3_000_000, "good.txt": EN})
    sources = list(read_bytes(data, "a.zip", limits=Limits(file_bytes=1_000_000, total_bytes=2_000_000)))
    assert [(source.name, source.error is None) for source in sources] == [
        ("a.zip!bomb.txt", False),
        ("a.zip!good.txt", True),
    ]


def test_a_text_too_long_for_an_article_is_refused_wherever_it_stands() -> None:
    limits = Limits(article_characters=100)
    for data, name in (
        (b"word " * 30, "a.txt"),
        (json.dumps({"text": "word " * 30}).encode(), "a.jsonl"),
        (f"text\n{'word ' * 30}\n".encode(), "a.csv"),
    ):
        error = one(data, name, limits).error or ""
        assert "150 characters; at most 100" in error
        assert error.endswith("Split it.")


def test_an_archive_gives_each_entry_as_a_source() -> None:
    data = packed(
        {"b/two.txt": EN, "one.txt": AR, "b/.hidden.txt": "x", "README.md": "x", "photo.jpg": b"\xff"}
    )
    sources = list(read_bytes(data, "a.zip"))
    assert [s.name for s in sources] == ["a.zip!b/two.txt", "a.zip!one.txt"]
    assert [s.articles[0].source for s in sources] == ["a.zip!b/two.txt", "a.zip!one.txt"]
    assert sources[1].articles[0].text == AR


def test_what_an_archive_may_not_hold_is_refused_entry_by_entry() -> None:
    found = verdicts(
        packed(
            {
                "../up.txt": EN,
                "/etc/abs.txt": EN,
                "a/../../up2.txt": EN,
                "C:\\win.txt": EN,
                "..\\back.txt": EN,
                "inner.zip": packed({"x.txt": EN}),
                "bomb.txt": b"a" * 5_000_000,
                "null.txt": b"\0" * 500,
                "good.txt": EN,
            }
        )
    )
    assert found.pop("a.zip!good.txt") is None
    outside = [name for name, error in found.items() if error and "outside" in error]
    assert len(outside) == 5
    assert "archive inside an archive" in (found["a.zip!inner.zip"] or "")
    assert "200 times" in (found["a.zip!bomb.txt"] or "")
    assert "not a text file" in (found["a.zip!null.txt"] or "")
    assert len(found) == 8


def test_an_archive_is_bounded_in_entries_and_in_sum() -> None:
    data = packed({f"{i}.txt": EN for i in range(5)})
    assert "at most 3" in (verdicts(data, Limits(entries=3))["a.zip"] or "")
    found = verdicts(data, Limits(total_bytes=250))
    assert [error is None for error in found.values()] == [True, True, False]
    assert all("larger than 5e-05 MB" in (e or "") for e in verdicts(data, Limits(file_bytes=50)).values())


def test_an_archive_without_articles_says_so() -> None:
    assert "holds no file of a kind that is read" in (verdicts(packed({"photo.jpg": b"\xff"}))["a.zip"] or "")


def test_an_encrypted_entry_is_named() -> None:
    data = bytearray(packed({"a.txt": EN}))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + at] |= 1
    assert "encrypted" in (verdicts(bytes(data))["a.zip!a.txt"] or "")


def test_an_entry_that_lies_about_its_size_is_refused() -> None:
    data = bytearray(packed({"a.txt": EN * 50}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 10)
    assert verdicts(bytes(data))["a.zip!a.txt"]


@pytest.mark.parametrize("cut", [10, 60, -30])
def test_a_cut_archive_is_a_verdict(cut: int) -> None:
    assert "damaged" in (verdicts(packed({"a.txt": EN})[:cut])["a.zip"] or "")


def test_two_entries_of_one_name_are_not_mixed_up() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", EN)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.txt", AR)
    first, second = read_bytes(out.getvalue(), "a.zip")
    assert first.error is None
    assert "twice" in (second.error or "")


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def word_file(body: str, before: str = "") -> bytes:
    return packed(
        {
            "word/document.xml": f'<?xml version="1.0"?>{before}<w:document {W}><w:body>{body}</w:body></w:document>'
        }
    )


def test_a_word_file_gives_title_and_paragraphs_without_what_was_deleted() -> None:
    data = word_file(
        '<w:p><w:pPr><w:pStyle w:val="Title"/></w:pPr><w:r><w:t>اتفاق في أنقرة اليوم</w:t></w:r></w:p>'
        f"<w:p><w:r><w:t>{AR[:40]}</w:t></w:r><w:r><w:t>{AR[40:]}</w:t></w:r></w:p>"
        "<w:p><w:r><w:t>kept</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>"
    )
    article_ = one(data, "a.docx").articles[0]
    assert article_.title == "اتفاق في أنقرة اليوم"
    assert article_.text == f"اتفاق في أنقرة اليوم\n\n{AR}\n\nkept"


BILLION = '<!DOCTYPE d [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'
EXTERNAL = '<!DOCTYPE d [<!ENTITY c SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("before", [BILLION, EXTERNAL])
def test_entities_in_a_word_file_are_refused(before: str) -> None:
    source = one(word_file("<w:p><w:r><w:t>&c;</w:t></w:r></w:p>", before), "a.docx")
    assert "XML that cannot be read" in (source.error or "")


@pytest.mark.parametrize(
    "data",
    [
        b"not a zip",
        packed({"x": "y"}),
        packed({"word/document.xml": "<broken"}),
        packed({"word/document.xml": b"\0" * 99}),
    ],
    ids=["no-zip", "no-document", "broken", "null"],
)
def test_what_is_no_word_file_is_a_verdict(data: bytes) -> None:
    assert one(data, "a.docx").error


def test_a_bomb_in_a_word_file_is_refused() -> None:
    assert "200 times" in (one(packed({"word/document.xml": b" " * 9_000_000}), "a.docx").error or "")


def book(chapter: str, rootfile: str = "OEBPS/content.opf") -> bytes:
    return packed(
        {
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            f'<rootfile full-path="{rootfile}"/></rootfiles></container>',
            "OEBPS/content.opf": '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc='
            '"http://purl.org/dc/elements/1.1/"><dc:date>2017-01-06</dc:date></metadata><manifest>'
            '<item id="n" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
            '<item id="b" href="two.xhtml" media-type="application/xhtml+xml"/>'
            '<item id="a" href="one%20.xhtml" media-type="application/xhtml+xml"/></manifest>'
            '<spine><itemref idref="n"/><itemref idref="a"/><itemref idref="b"/><itemref idref="gone"/></spine></package>',
            "OEBPS/nav.xhtml": "<html><body><p>Contents</p></body></html>",
            "OEBPS/one .xhtml": f"<html><body><h1>First chapter here</h1><p>{AR}</p></body></html>",
            "OEBPS/two.xhtml": chapter,
        }
    )


def test_a_book_gives_its_chapters_in_the_order_of_its_spine() -> None:
    source = one(book(f"<html><body><h1>Second chapter here</h1><p>{EN}</p></body></html>"), "a.epub")
    assert [a.title for a in source.articles] == ["First chapter here", "Second chapter here"]
    assert [a.source for a in source.articles] == ["a.epub!1", "a.epub!2"]
    assert source.articles[1].date == "2017-01-06"
    assert "Contents" not in source.articles[0].text


@pytest.mark.parametrize("rootfile", ["../../etc/passwd", "gone.opf", ""])
def test_a_book_that_points_elsewhere_is_a_verdict(rootfile: str) -> None:
    assert "damaged" in (one(book("<p>x</p>", rootfile), "a.epub").error or "")


# ------------------------------------------------------------------ PDF

CMAP = (
    b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /T def /CMapType 2 def\n"
    b"1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
    b"1 beginbfrange <0000> <FFFF> <0000> endbfrange\nendcmap end end"
)


def pdf(pages: list[list[tuple[int, int, str]]]) -> bytes:
    """A PDF that draws each text at its place; its font's glyphs are numbered by their code points."""
    kids = " ".join(f"{10 + 2 * i} 0 R" for i in range(len(pages)))
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>".encode(),
        3: b"<< /Type /Font /Subtype /Type0 /BaseFont /F /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>",
        4: b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /F /DW 500 /CIDSystemInfo "
        b"<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        5: b"<< /Length %d >>\nstream\n%s\nendstream" % (len(CMAP), CMAP),
    }
    for i, runs in enumerate(pages):
        drawn = "\n".join(
            f"BT /F1 10 Tf 1 0 0 1 {x} {y} Tm <{text.encode('utf-16-be').hex()}> Tj ET" for x, y, text in runs
        ).encode()
        objects[10 + 2 * i] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {11 + 2 * i} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        ).encode()
        objects[11 + 2 * i] = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn)
    out, places = bytearray(b"%PDF-1.4\n"), {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    return bytes(
        out + b"trailer << /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF" % (max(objects) + 1, table)
    )


def test_lines_of_print_become_paragraphs_and_page_numbers_go() -> None:
    lines = [
        "The ministers met in Geneva on Monday and agreed to a",
        "truce that both sides are to keep.",
        "He left.",
    ]
    data = pdf([[(50, 700 - 20 * i, line) for i, line in enumerate(lines)] + [(300, 30, "7")]])
    assert one(data, "a.pdf").articles[0].text == " ".join(lines[:2]) + "\n\nHe left."


def test_arabic_drawn_in_runs_from_the_left_is_put_in_the_order_of_reading() -> None:
    runs = [" ألف مقاتل وقعت على الاتفاق.", "62", "من جهته أعلن الوزير أن مجموعات تمثل "]
    # A page draws the glyphs of each run from left to right, as they are seen.
    drawn = [(50, runs[0][::-1]), (250, runs[1]), (290, runs[2][::-1])]
    data = pdf([[(x, 700, text) for x, text in drawn]])
    text = one(data, "a.pdf").articles[0].text
    assert text == "من جهته أعلن الوزير أن مجموعات تمثل 62 ألف مقاتل وقعت على الاتفاق."


def test_presentation_forms_are_letters_again() -> None:
    shaped = "ﺍﻹﻋﻼﻡ ﻭﺍﻷﻣﻦ ﺧﻼﻝ ﺍﻟﻬﺪﻧﺔ"
    assert one(pdf([[(50, 700, shaped[::-1])]]), "a.pdf").articles[0].text == "الإعلام والأمن خلال الهدنة"


def test_running_heads_are_left_out() -> None:
    body = [
        "The first day went well for all.",
        "The second day was worse for them.",
        "The third day ended it for good.",
    ]
    data = pdf(
        [[(50, 780, "Daily News"), (50, 700, line), (50, 30, f"- {i} -")] for i, line in enumerate(body, 1)]
    )
    text = one(data, "a.pdf").articles[0].text
    assert "Daily News" not in text
    assert all(line in text for line in body)


def test_an_encrypted_pdf_is_named() -> None:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf([[(50, 700, EN)]]))))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    assert "encrypted" in (one(out.getvalue(), "a.pdf").error or "")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.4\n" + b"junk " * 50, "damaged PDF"),
        (b"no pdf at all", "damaged PDF"),
        (pdf([[(50, 700, EN)]])[:300], "damaged PDF|holds no text"),
        (pdf([[]]), "holds no text"),
        (pdf([[(50, 700, EN)]] * 4), "4 pages; at most 3"),
    ],
    ids=["junk", "text", "cut", "pictures", "long"],
)
def test_pdf_files_that_cannot_be_read_say_why(data: bytes, words: str) -> None:
    error = one(data, "a.pdf", Limits(pages=3)).error or ""
    assert any(word in error for word in words.split("|")), error


# ------------------------------------------------------------------ anything at all

WHOLE = {
    ".txt": AR.encode(),
    ".md": b"# T\n\n" + EN.encode(),
    ".html": PAGE.format(charset="utf-8", text=AR, text2=EN).encode(),
    ".json": json.dumps([{"text": EN}]).encode(),
    ".jsonl": json.dumps({"text": EN}).encode(),
    ".csv": f"text\n{EN}\n".encode(),
    ".pdf": pdf([[(50, 700, EN)]]),
    ".docx": word_file(f"<w:p><w:r><w:t>{EN}</w:t></w:r></w:p>"),
    ".epub": book(f"<p>{EN}</p>"),
    ".zip": packed({"a.txt": EN, "b.json": json.dumps({"text": AR})}),
}


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(sorted(WHOLE)),
    st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=4)), max_size=6),
)
def test_a_damaged_file_gives_articles_or_a_verdict(suffix: str, damage: list[tuple[int, bytes]]) -> None:
    data = bytearray(WHOLE[suffix])
    for at, junk in damage:
        at %= len(data)
        data[at : at + len(junk)] = junk
    for source in read_bytes(bytes(data), "a" + suffix):
        assert bool(source.articles) != bool(source.error)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.binary(max_size=300))
def test_any_bytes_give_articles_or_a_verdict(suffix: str, data: bytes) -> None:
    sources = list(read_bytes(data, "a" + suffix))
    assert sources
    assert all(bool(source.articles) != bool(source.error) for source in sources)
