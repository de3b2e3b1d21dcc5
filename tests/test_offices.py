"""Questions for the holders of offices, made from news."""

from __future__ import annotations

import json
import lzma
import random
from pathlib import Path

import pytest

from train.cloze import Cloze
from train.codeswitch import CodeSwitch
from train.offices import Offices

FIRST = ("سالم", "ليلى", "هادي")
NEWS = (
    "قال وزير النقل سالم الكردي اليوم إن الجسر سيفتح في الربيع. وحضر الحفل رئيس بلدية سمرين هادي مروان.",
    "التقى وزير الداخلية السيد هادي بن عمار بالصحافيين يوم الاثنين.",
    "شاركت في المعرض كل من تونس والجزائر ومصر خلال الأسبوع الماضي.",
    "لم يحضر وزير النقل الاجتماع. رئيس الحكومة على الطاولة.",
)


class Unchanged(CodeSwitch):
    """Leaves every word as it is."""

    def __init__(self) -> None:
        pass

    def text(self, text: str, rate: float, chance: random.Random) -> str:
        return text


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    names = "".join(f"{first} اسم{n}\t{first} Name{n}\tPERS\n" for first in FIRST for n in range(5))
    names += "".join(f"على اسم{n}\tAla Name{n}\tPERS\n" for n in range(9))
    states = (
        "تونس\tTunisia\tcldr-territories\nالجزائر\tAlgeria\tcldr-territories\nمصر\tEgypt\tcldr-territories\n"
    )
    files = {"lexicon/hkiri-ne.ar-en.tsv.xz": names, "lexicon/cldr.ar-en.tsv.xz": states}
    files["news/antcorpus.ar.jsonl.xz"] = "".join(json.dumps({"content": text}) + "\n" for text in NEWS)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        with lzma.open(path, "wt", encoding="utf-8") as file:
            file.write(text)
    return folder


def test_an_office_is_followed_by_its_holder(root: Path) -> None:
    offices = Offices(root, Unchanged())
    found = [[(" ".join(h.office), text[h.start : h.end]) for h in offices.holders(text)] for text in NEWS]
    assert found[0] == [("وزير النقل", "سالم الكردي")]  # of the mayor it is not plain where the office ends
    assert found[1] == [("وزير الداخلية", "هادي بن عمار")]
    assert found[2] == found[3] == []


def test_a_question_asks_for_the_holder_or_for_an_office_that_is_not_there(root: Path) -> None:
    offices = Offices(root, Unchanged())
    seen = set()
    for seed in range(20):
        for example in offices.examples(random.Random(seed), missing=0.5):
            answer = example.context[example.start : example.end] if example.start >= 0 else ""
            assert example.context in NEWS
            assert (
                "وزير النقل" in example.question
                or "النقل وزير" in example.question
                or answer != "سالم الكردي"
            )
            if not answer:
                office = example.question
                assert not any(h in office and h in example.context for h in ("وزير النقل", "وزير الداخلية"))
            seen.add(bool(answer))
    assert seen == {True, False}


def test_a_list_of_states_is_asked_for_as_a_whole(root: Path) -> None:
    lists = [e for e in Cloze(root, Unchanged()).examples(random.Random(1)) if e.source == "list"]
    (example,) = lists
    assert example.context[example.start : example.end] == "تونس والجزائر ومصر"
    assert example.question.startswith(
        ("ما هي الدول", "من هي الدول", "أي دول", "من هم", "which", "what", "who")
    )
