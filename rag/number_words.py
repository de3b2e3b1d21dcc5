"""Words of numbers, of both languages and folded, for ``rag.numbers``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rag.clean import fold

_EN_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_EN_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_EN_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth"
).split()
_SCALES_EN = {
    "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "bn": 10**9, "mn": 10**6, "tn": 10**12,
}  # fmt: skip

# Folded: ta marbuta is ha, hamza is gone from alef.
_AR_ONES = {
    1: "واحد واحده احدي احد", 2: "اثنان اثنين اثنتان اثنتين اثنا اثني اثنتا اثنتي", 3: "ثلاث ثلاثه",
    4: "اربع اربعه", 5: "خمس خمسه", 6: "ست سته", 7: "سبع سبعه", 8: "ثمان ثماني ثمانيه", 9: "تسع تسعه",
    10: "عشر عشره",
}  # fmt: skip
_AR_TENS = {
    20: "عشرون عشرين", 30: "ثلاثون ثلاثين", 40: "اربعون اربعين", 50: "خمسون خمسين", 60: "ستون ستين",
    70: "سبعون سبعين", 80: "ثمانون ثمانين", 90: "تسعون تسعين",
}  # fmt: skip
_AR_HUNDREDS = {100: "مئه مايه ميه", 200: "مئتان مئتين مايتان مايتين ميتان ميتين مئتي مئتا مايتي مايتا"}
_AR_SCALES = {
    1000: "الف الاف الفا", 2000: "الفان الفين الفي", 10**6: "مليون ملايين مليونا", 2 * 10**6: "مليونان مليونين مليوني",
    10**9: "مليار مليارات مليارا بليون بلايين", 2 * 10**9: "ملياران مليارين ملياري", 10**12: "تريليون تريليونات",
    2 * 10**12: "تريليونان تريليونين تريليوني",
}  # fmt: skip
_AR_ORDINALS = (
    "اول اولي", "ثاني ثانيه", "ثالث ثالثه", "رابع رابعه", "خامس خامسه", "سادس سادسه", "سابع سابعه",
    "ثامن ثامنه", "تاسع تاسعه", "عاشر عاشره", "حادي حاديه",
)  # fmt: skip
_AR_HUNDRED_STEMS = {
    3: "ثلاث", 4: "اربع", 5: "خمس", 6: "ست", 7: "سبع", 8: "ثمان ثماني", 9: "تسع",
}  # fmt: skip
_UNITS = {
    "year": "year years سنه سنوات سنين عام اعوام عاما",
    "month": "month months شهر اشهر شهور شهرا",
    "week": "week weeks اسبوع اسابيع اسبوعا",
    "day": "day days يوم ايام يوما",
    "hour": "hour hours ساعه ساعات",
    "minute": "minute minutes دقيقه دقايق",
    "second": "seconds ثانيه ثوان ثواني",
}
_DUAL_UNITS = {
    "year": "سنتين سنتان عامين عامان", "month": "شهرين شهران", "week": "اسبوعين اسبوعان", "day": "يومين يومان",
    "hour": "ساعتين ساعتان", "minute": "دقيقتين دقيقتان", "second": "ثانيتين ثانيتان",
}  # fmt: skip
# Other counted nouns whose dual is no plural, adjective or name of the same form.
_DUALS = frozenset(
    """دولتين دولتان بلدين رجلين رجلان امراتين امراتان طفلين طفلان شخصين شخصان جنديين جنديان قتيلين
    قتيلان جريحين جريحان مرتين مرتان اتفاقين اتفاقان وثيقتين وثيقتان مدينتين مدينتان قريتين قريتان منطقتين
    منطقتان تنظيمين تنظيمان قاعدتين قاعدتان مكالمتين مكالمتان طايرتين طايرتان صاروخين صاروخان هدفين هدفان
    نقطتين نقطتان درجتين درجتان كيلومترين مترين طنين سيارتين سيارتان مدرستين مدرستان مسجدين مسجدان
    جانبين جانبان طرفين طرفان فريقين فريقان حزبين حزبان مرحلتين مرحلتان خطوتين خطوتان جولتين جولتان دورتين
    دورتان شركتين شركتان تقريرين سببين شرطين حكومتين حكومتان رييسين رييسان وزيرين وزيران لغمين انفجارين
    انفجاران هجومين هجومان غارتين غارتان دولارين""".split()
)


@dataclass(frozen=True, slots=True)
class NumberWord:
    """What a folded word means as a number: ``kind`` is one, ten, hundred, scale, ordinal, dual,
    or part: a half or quarter (``value`` is what a scale is divided by)."""

    kind: str
    value: int
    unit: str = ""


def _vocabulary() -> Iterator[tuple[str, NumberWord]]:
    for i, word in enumerate(_EN_SMALL):
        yield word, NumberWord("one", i)
    for i, word in enumerate(_EN_TENS, 2):
        yield word, NumberWord("ten", 10 * i)
        yield word.removesuffix("y") + "ieth", NumberWord("ordinal", 10 * i)
    for i, word in enumerate(_EN_ORDINALS, 1):
        yield word, NumberWord("ordinal", i)
    for word, value in _SCALES_EN.items():
        yield word, NumberWord("hundred" if value == 100 else "scale", value)
    for word in ("half", "نصف", "quarter", "ربع"):
        yield word, NumberWord("part", 2 if word in ("half", "نصف") else 4)
    tables = ((_AR_ONES, "one"), (_AR_TENS, "ten"), (_AR_HUNDREDS, "hundred"), (_AR_SCALES, "scale"))
    for table, kind in tables:
        for value, words in table.items():
            for word in words.split():
                yield fold(word), NumberWord(kind, value)
    for value, stems in _AR_HUNDRED_STEMS.items():
        for stem in stems.split():
            for hundred in _AR_HUNDREDS[100].split():
                yield fold(stem + hundred), NumberWord("hundred", 100 * value)
    for i, words in enumerate(_AR_ORDINALS, 1):
        for word in words.split():
            yield word, NumberWord("ordinal", i if i < 11 else 1)
    for unit, words in _DUAL_UNITS.items():
        for word in words.split():
            yield word, NumberWord("dual", 2, unit)
    for word in _DUALS:
        yield word, NumberWord("dual", 2)


@lru_cache(maxsize=1)
def number_words() -> dict[str, NumberWord]:
    """What each folded word means as a number."""
    return dict(_vocabulary())


@lru_cache(maxsize=1)
def unit_words() -> dict[str, str]:
    """The unit of time that each folded word names."""
    return {word: unit for unit, words in _UNITS.items() for word in words.split()}
