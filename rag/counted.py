"""What news count, with the forms that Arabic and English need behind a number. For ``rag.to_english`` and ``rag.to_arabic``.

The lexicon knows words, seldom their plurals: seven killed are «سبعة قتلى» and twelve «12 قتيلا», a broken plural follows no rule, and
"killed" alone is no noun.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from rag.lexical import fold_words

# English singular, its plural where no rule gives it | Arabic singular | Arabic plural as it stands behind a number. Of two lines with
# the same Arabic the first is how it is said in English.
_TABLE = """
dead,dead|قتيل|قتلى
killed,killed|قتيل|قتلى
fatality|قتيل|قتلى
death|قتيل|قتلى
wounded,wounded|جريح|جرحى
injured,injured|جريح|جرحى
hurt,hurt|جريح|جرحى
injury|إصابة|إصابات
casualty|ضحية|ضحايا
victim|ضحية|ضحايا
infected,infected|مصاب|مصابين
missing,missing|مفقود|مفقودين
martyr|شهيد|شهداء
detainee|معتقل|معتقلين
arrested,arrested|معتقل|معتقلين
detained,detained|محتجز|محتجزين
prisoner|سجين|سجناء
captive|أسير|أسرى
captured,captured|أسير|أسرى
kidnapped,kidnapped|مختطف|مختطفين
abducted,abducted|مختطف|مختطفين
hostage|رهينة|رهائن
displaced people,displaced people|نازح|نازحين
displaced,displaced|نازح|نازحين
displaced person,displaced people|نازح|نازحين
refugee|لاجئ|لاجئين
migrant|مهاجر|مهاجرين
returnee|عائد|عائدين
other|آخر|آخرين
person,people|شخص|أشخاص
person,persons|شخص|أشخاص
individual|فرد|أفراد
man,men|رجل|رجال
woman,women|امرأة|نساء
woman,women|سيدة|سيدات
child,children|طفل|أطفال
girl|فتاة|فتيات
boy|فتى|فتيان
youth|شاب|شبان
baby|رضيع|رضع
civilian|مدني|مدنيين
resident|مقيم|مقيمين
inhabitant|نسمة|نسمة
citizen|مواطن|مواطنين
family|عائلة|عائلات
family|أسرة|أسر
household|أسرة|أسر
soldier|جندي|جنود
troop|جندي|جنود
troops,troops|جندي|جنود
serviceman,servicemen|عسكري|عسكريين
officer|ضابط|ضباط
policeman,policemen|شرطي|شرطيين
police officer|شرطي|شرطيين
guard|حارس|حراس
fighter|مقاتل|مقاتلين
militant|مسلح|مسلحين
gunman,gunmen|مسلح|مسلحين
armed man,armed men|مسلح|مسلحين
rebel|متمرد|متمردين
terrorist|إرهابي|إرهابيين
volunteer|متطوع|متطوعين
mercenary|مرتزق|مرتزقة
sniper|قناص|قناصين
suicide bomber|انتحاري|انتحاريين
suspect|مشتبه_به|مشتبه_بهم
protester|متظاهر|متظاهرين
demonstrator|متظاهر|متظاهرين
activist|ناشط|ناشطين
journalist|صحفي|صحفيين
journalist|صحافي|صحافيين
reporter|مراسل|مراسلين
photographer|مصور|مصورين
doctor|طبيب|أطباء
nurse|ممرض|ممرضين
paramedic|مسعف|مسعفين
rescuer|منقذ|منقذين
patient|مريض|مرضى
teacher|معلم|معلمين
student|طالب|طلاب
pupil|تلميذ|تلاميذ
worker|عامل|عمال
employee|موظف|موظفين
engineer|مهندس|مهندسين
farmer|مزارع|مزارعين
driver|سائق|سائقين
passenger|راكب|ركاب
tourist|سائح|سياح
pilgrim|حاج|حجاج
sailor|بحار|بحارة
fisherman,fishermen|صياد|صيادين
expert|خبير|خبراء
observer|مراقب|مراقبين
monitor|مراقب|مراقبين
mediator|وسيط|وسطاء
guarantor|ضامن|ضامنين
delegate|مندوب|مندوبين
member|عضو|أعضاء
minister|وزير|وزراء
president|رئيس|رؤساء
leader|قائد|قادة
commander|قائد|قادة
judge|قاض|قضاة
lawyer|محام|محامين
deputy|نائب|نواب
lawmaker|نائب|نواب
diplomat|دبلوماسي|دبلوماسيين
ambassador|سفير|سفراء
official|مسؤول|مسؤولين
candidate|مرشح|مرشحين
voter|ناخب|ناخبين
player|لاعب|لاعبين
participant|مشارك|مشاركين
country|دولة|دول
state|دولة|دول
government|حكومة|حكومات
province|محافظة|محافظات
city|مدينة|مدن
town|بلدة|بلدات
village|قرية|قرى
neighbourhood|حي|أحياء
neighborhood|حي|أحياء
district|منطقة|مناطق
area|منطقة|مناطق
region|منطقة|مناطق
house|منزل|منازل
home|منزل|منازل
building|مبنى|مبان
apartment|شقة|شقق
flat|شقة|شقق
school|مدرسة|مدارس
university|جامعة|جامعات
hospital|مستشفى|مستشفيات
clinic|عيادة|عيادات
mosque|مسجد|مساجد
mosque|جامع|جوامع
church|كنيسة|كنائس
market|سوق|أسواق
shop|متجر|متاجر
factory|مصنع|مصانع
bakery|مخبز|مخابز
bridge|جسر|جسور
road|طريق|طرق
street|شارع|شوارع
airport|مطار|مطارات
base|قاعدة|قواعد
camp|مخيم|مخيمات
tent|خيمة|خيم
checkpoint|حاجز|حواجز
crossing|معبر|معابر
position|موقع|مواقع
site|موقع|مواقع
target|هدف|أهداف
tunnel|نفق|أنفاق
well|بئر|آبار
vehicle|مركبة|مركبات
vehicle|عربة|عربات
vehicle|آلية|آليات
armoured vehicle|عربة مدرعة|عربات مدرعة
armored vehicle|عربة مدرعة|عربات مدرعة
car|سيارة|سيارات
car bomb|سيارة مفخخة|سيارات مفخخة
ambulance|سيارة_إسعاف|سيارات_إسعاف
bus,buses|حافلة|حافلات
truck|شاحنة|شاحنات
lorry|شاحنة|شاحنات
aid truck|شاحنة_مساعدات|شاحنات_مساعدات
tank|دبابة|دبابات
ship|سفينة|سفن
boat|قارب|قوارب
plane|طائرة|طائرات
aircraft,aircraft|طائرة|طائرات
warplane|طائرة حربية|طائرات حربية
fighter jet|طائرة مقاتلة|طائرات مقاتلة
helicopter|مروحية|مروحيات
drone|طائرة مسيرة|طائرات مسيرة
drone|مسيرة|مسيرات
flight|رحلة|رحلات
train|قطار|قطارات
missile|صاروخ|صواريخ
rocket|صاروخ|صواريخ
shell|قذيفة|قذائف
mortar shell|قذيفة_هاون|قذائف_هاون
mortar round|قذيفة_هاون|قذائف_هاون
barrel bomb|برميل متفجر|براميل متفجرة
bomb|قنبلة|قنابل
explosive device|عبوة ناسفة|عبوات ناسفة
mine|لغم|ألغام
rifle|بندقية|بنادق
weapon|سلاح|أسلحة
air strike|غارة جوية|غارات جوية
airstrike|غارة جوية|غارات جوية
air raid|غارة جوية|غارات جوية
raid|غارة|غارات
strike|ضربة|ضربات
attack|هجوم|هجمات
explosion|انفجار|انفجارات
blast|انفجار|انفجارات
bombing|تفجير|تفجيرات
clash|اشتباك|اشتباكات
battle|معركة|معارك
violation|خرق|خروقات
breach|خرق|خروقات
violation|انتهاك|انتهاكات
accident|حادث|حوادث
incident|حادثة|حوادث
fire|حريق|حرائق
earthquake|زلزال|زلازل
case|حالة|حالات
operation|عملية|عمليات
sortie|طلعة|طلعات
meeting|اجتماع|اجتماعات
session|جلسة|جلسات
round|جولة|جولات
visit|زيارة|زيارات
agreement|اتفاق|اتفاقات
agreement|اتفاقية|اتفاقيات
document|وثيقة|وثائق
resolution|قرار|قرارات
decision|قرار|قرارات
law|قانون|قوانين
article|مادة|مواد
clause|بند|بنود
point|نقطة|نقاط
condition|شرط|شروط
stage|مرحلة|مراحل
phase|مرحلة|مراحل
group|مجموعة|مجموعات
armed group|مجموعة مسلحة|مجموعات مسلحة
faction|فصيل|فصائل
party|حزب|أحزاب
side|طرف|أطراف
delegation|وفد|وفود
team|فريق|فرق
company|شركة|شركات
bank|مصرف|مصارف
organisation|منظمة|منظمات
organization|منظمة|منظمات
committee|لجنة|لجان
seat|مقعد|مقاعد
vote|صوت|أصوات
goal|هدف|أهداف
match,matches|مباراة|مباريات
game|مباراة|مباريات
medal|ميدالية|ميداليات
title|لقب|ألقاب
project|مشروع|مشاريع
job|وظيفة|وظائف
book|كتاب|كتب
copy|نسخة|نسخ
film|فيلم|أفلام
language|لغة|لغات
reason|سبب|أسباب
question|سؤال|أسئلة
answer|جواب|أجوبة
report|تقرير|تقارير
unit|وحدة|وحدات
tree|شجرة|أشجار
animal|حيوان|حيوانات
sheep,sheep|رأس_غنم|رؤوس_غنم
ton|طن|أطنان
tonne|طن|أطنان
kilogram|كيلوغرام|كيلوغرامات
kilogramme|كيلوغرام|كيلوغرامات
gram|غرام|غرامات
litre|لتر|لترات
liter|لتر|لترات
barrel|برميل|براميل
metre|متر|أمتار
meter|متر|أمتار
square metre|متر مربع|أمتار مربعة
square meter|متر مربع|أمتار مربعة
cubic metre|متر مكعب|أمتار مكعبة
cubic meter|متر مكعب|أمتار مكعبة
kilometre|كيلومتر|كيلومترات
kilometer|كيلومتر|كيلومترات
square kilometre|كيلومتر مربع|كيلومترات مربعة
square kilometer|كيلومتر مربع|كيلومترات مربعة
mile|ميل|أميال
centimetre|سنتيمتر|سنتيمترات
centimeter|سنتيمتر|سنتيمترات
hectare|هكتار|هكتارات
dunam|دونم|دونمات
degree|درجة|درجات
degree Celsius,degrees Celsius|درجة مئوية|درجات مئوية
second|ثانية|ثوان
minute|دقيقة|دقائق
hour|ساعة|ساعات
day|يوم|أيام
night|ليلة|ليال
week|أسبوع|أسابيع
month|شهر|أشهر
year|عام|أعوام
year|سنة|سنوات
decade|عقد|عقود
century|قرن|قرون
dollar|دولار|دولارات
us dollar|دولار أمريكي|دولارات أمريكية
euro|يورو|يورو
dinar|دينار|دنانير
dirham|درهم|دراهم
riyal|ريال|ريالات
pound|جنيه|جنيهات
lira|ليرة|ليرات
syrian pound|ليرة سورية|ليرات سورية
turkish lira|ليرة تركية|ليرات تركية
lebanese pound|ليرة لبنانية|ليرات لبنانية
egyptian pound|جنيه مصري|جنيهات مصرية
rouble|روبل|روبلات
ruble|روبل|روبلات
time|مرة|مرات
body|جثة|جثث
boy|ولد|أولاد
survivor|ناج|ناجين
media worker|إعلامي|إعلاميين
member|عنصر|عناصر
student|طالب|طلبة
young man,young men|شاب|شباب
teacher|مدرس|مدرسين
country|بلد|بلدان
channel|قناة|قنوات
project|مشروع|مشروعات
building|مبنى|مباني
month|شهر|شهور
year|سنة|سنين
displaced person,displaced people|مهجر|مهجرين
km,km|كلم|كلم
"""
# What one may be told for another: by their English, one kind a line.
_KINDS = """
dead killed fatality death casualty victim martyr body
wounded injured hurt injury casualty victim infected patient
detainee arrested detained prisoner captive captured
kidnapped abducted hostage missing captive
displaced|displaced people|displaced person|refugee|migrant|returnee
soldier troop troops serviceman officer fighter militant gunman rebel terrorist volunteer mercenary sniper guard member|armed man|policeman|police officer
person individual man woman child girl boy youth baby civilian resident inhabitant citizen family household|young man
protester demonstrator activist participant
journalist reporter photographer|media worker
doctor nurse paramedic rescuer
teacher student pupil
worker employee engineer farmer driver sailor fisherman
expert observer monitor mediator delegate diplomat ambassador official
deputy lawmaker minister member candidate
country state government province member
city town village neighbourhood neighborhood district area region
house home building apartment flat
school university
hospital clinic
vehicle car ambulance bus truck lorry tank|armoured vehicle|armored vehicle|car bomb|aid truck
plane aircraft warplane helicopter drone flight|fighter jet
ship boat
missile rocket shell bomb mine weapon rifle|mortar shell|mortar round|barrel bomb|explosive device
raid strike attack explosion blast bombing airstrike battle clash operation sortie|air strike|air raid
violation breach incident accident case
meeting session round visit
agreement document resolution decision law article clause point condition
group faction party side delegation team company organisation organization committee|armed group
match game
"""
_UNCLEAR = frozenset({"هدف", "مادة", "مسيرة"})  # goal or target, article or material, drone or march
_NAMES = frozenset({"طالبان", "ميلان", "لغمان"})  # the Taliban, Milan, Laghman; no duals
_SAME = frozenset({"يورو", "نسمة", "كلم"})  # in every form
_FEMININE = frozenset({"بئر", "طريق", "سوق"})
_DEFECTIVE = {"قاض": "قاضي", "محام": "محامي", "ناج": "ناجي"}
COUNTS = ("", "واحد", "اثنان", "ثلاثة", "أربعة", "خمسة", "ستة", "سبعة", "ثمانية", "تسعة", "عشرة")
COUNTS_FEMININE = ("", "واحدة", "اثنتان", "ثلاث", "أربع", "خمس", "ست", "سبع", "ثماني", "تسع", "عشر")
_AS_PLACES = ("syrian", "turkish", "lebanese", "egyptian", "us")  # written large


@dataclass(frozen=True, slots=True)
class Counted:
    """A noun that is counted, in both languages.

    Attributes:
        english, arabic: One of it.
        englishes, arabics: Several; the Arabic as it stands behind 3 to 10.
    """

    english: str
    englishes: str
    arabic: str
    arabics: str


def _large(phrase: str) -> str:
    first, _, rest = phrase.partition(" ")
    if first not in _AS_PLACES:
        return phrase
    return f"{first.upper() if first == 'us' else first.capitalize()} {rest}"


@lru_cache(maxsize=1)
def _rows() -> tuple[Counted, ...]:
    from rag.arabic_forms import plural_of

    found = []
    for line in _TABLE.split("\n"):
        if line:
            english, arabic, arabics = line.split("|")
            one, _, several = english.partition(",")
            found.append(Counted(_large(one), _large(several or plural_of(one)), arabic, arabics))
    return tuple(found)


@lru_cache(maxsize=1)
def _english() -> dict[str, Counted]:
    found: dict[str, Counted] = {}
    for row in _rows():
        found.setdefault(row.englishes.lower(), row)
        found.setdefault(row.english.lower(), row)
    return found


@lru_cache(maxsize=1)
def _arabic() -> dict[str, tuple[Counted, bool]]:
    """By the folded form; with whether it is the dual."""
    found: dict[str, tuple[Counted, bool]] = {}
    for row in _rows():
        if row.arabic in _UNCLEAR:
            continue
        plurals = [row.arabics]
        if row.arabics.endswith("ين"):
            plurals.append(row.arabics[:-2] + "ون")
        for form in (*plurals, row.arabic, accusative(row.arabic)):
            found.setdefault(fold_words(form.replace("_", " ")), (row, False))
        for form in duals(row.arabic):
            if form in _NAMES:
                continue
            found.setdefault(fold_words(form), (row, True))
    return found


def of_english(words: list[str]) -> tuple[int, Counted] | None:
    """The noun that the next words name, and how many words that are."""
    for length in range(min(2, len(words)), 0, -1):
        row = _english().get(" ".join(words[:length]).lower())
        if row is not None:
            return length, row
    return None


def of_arabic(words: list[str]) -> tuple[int, Counted, bool] | None:
    """The noun that the next words name in any form, how many words that are, and whether it is a dual."""
    for length in range(min(2, len(words)), 0, -1):
        found = _arabic().get(fold_words(" ".join(words[:length])))
        if found is not None:
            return length, *found
    return None


@lru_cache(maxsize=1)
def _kinds() -> dict[str, frozenset[int]]:
    """The kinds of each English noun of the table."""
    found: dict[str, set[int]] = {}
    for number, line in enumerate(_KINDS.strip().split("\n")):
        first, *more = line.split("|")
        for noun in (*first.split(), *more):
            found.setdefault(noun, set()).add(number)
    return {noun: frozenset(kinds) for noun, kinds in found.items()}


def alike(one: Counted, other: Counted) -> bool:
    """Whether the one may be told where the other is asked for: houses for homes, martyrs for dead."""
    if one.arabic == other.arabic or one.english == other.english:
        return True
    kinds = _kinds()
    return bool(kinds.get(one.english, frozenset()) & kinds.get(other.english, frozenset()))


_WORDS = re.compile(r"[^\W\d_]+")


def noun_in(text: str, most: int | None = None) -> Counted | None:
    """The first noun of the table that begins among the ``most`` first words of a text, with or without article."""
    words = _WORDS.findall(text)
    for at in range(len(words[:most])):
        bare = [word.removeprefix("ال") if len(word) > 4 else word for word in words[at : at + 2]]
        for form in (words[at : at + 2], bare):
            if found := of_english(form):
                return found[1]
            if told := of_arabic(form):
                return told[1]
    return None


def counted_there(text: str, after: str) -> Counted | None:
    """What is counted in a text, or in the first words behind it."""
    return noun_in(text) or noun_in(" ".join(_WORDS.findall(after[:80])[:2]))


def accusative(noun: str) -> str:
    """As it stands behind 11 to 99: «12 جريحا», «25 كيلومترا مربعا», «11 سيارة إسعاف»."""
    return _each(noun, lambda word: word if word.endswith(("ة", "ا", "ى", "اء")) else _stem(word) + "ا")


def duals(noun: str) -> tuple[str, str]:
    """Nominative and genitive: «طائرتان حربيتان», «طائرتين حربيتين»."""
    return _each(noun, lambda word: _double(word, "ان")), _each(noun, lambda word: _double(word, "ين"))


def in_arabic(value: float, written: str, row: Counted) -> str:
    """A number as ``written`` in Arabic ("" for a word up to ten) with what it counts."""
    if value == 2:
        return duals(row.arabic)[0] if row.arabic not in _SAME else f"2 {row.arabic}"
    feminine = row.arabic.split("_")[0].split()[0].endswith(("ة", "اء")) or row.arabic in _FEMININE
    counter = written or (COUNTS_FEMININE if feminine else COUNTS)[int(value)]
    scaled = bool(written) and (value != int(value) or re.search(r"[^\d,.]", written) is not None)
    rest = 0 if scaled else value % 100
    if 3 <= rest <= 10:
        noun = row.arabics
    else:
        noun = accusative(row.arabic) if rest >= 11 and row.arabic not in _SAME else row.arabic
    return f"{counter} {noun}".replace("_", " ")


def _each(noun: str, change: Callable[[str], str]) -> str:
    """A noun with its adjectives changed; what is joined to it by "_" belongs to it and stays."""
    if noun in _SAME:
        return noun
    return " ".join(
        "_".join([change(word.split("_")[0]), *word.split("_")[1:]]) for word in noun.split()
    ).replace("_", " ")


def _stem(word: str) -> str:
    return _DEFECTIVE.get(word, word)


def _double(word: str, ending: str) -> str:
    if word.endswith("ة"):
        return word[:-1] + "ت" + ending
    if word.endswith("ى"):
        return word[:-1] + "ي" + ending
    return _stem(word) + ending
