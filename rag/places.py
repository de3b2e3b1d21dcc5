"""Countries and cities of the news in both languages: what a follow-up or a check must know as a place.

A closed list of common knowledge, written by hand; names outside it are found by their writing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from rag.clean import fold

# English name; its people and adjective; Arabic name; Arabic adjective (masculine). Variants after a slash.
_COUNTRIES = """
Russia; Russian; روسيا; روسي | Turkey/Türkiye; Turkish; تركيا; تركي | Iran; Iranian; إيران; إيراني
Syria; Syrian; سوريا/سورية; سوري | Iraq; Iraqi; العراق; عراقي | Egypt; Egyptian; مصر; مصري
Jordan; Jordanian; الأردن; أردني | Lebanon; Lebanese; لبنان; لبناني | Israel; Israeli; إسرائيل; إسرائيلي
Palestine; Palestinian; فلسطين; فلسطيني | Yemen; Yemeni; اليمن; يمني | Oman; Omani; عمان; عماني
Saudi Arabia; Saudi; السعودية; سعودي | Qatar; Qatari; قطر; قطري | Kuwait; Kuwaiti; الكويت; كويتي
Bahrain; Bahraini; البحرين; بحريني | Emirates/UAE; Emirati; الإمارات; إماراتي | Libya; Libyan; ليبيا; ليبي
Tunisia; Tunisian; تونس; تونسي | Algeria; Algerian; الجزائر; جزائري | Morocco; Moroccan; المغرب; مغربي
Sudan; Sudanese; السودان; سوداني | Somalia; Somali; الصومال; صومالي | Ethiopia; Ethiopian; إثيوبيا; إثيوبي
Afghanistan; Afghan; أفغانستان; أفغاني | Pakistan; Pakistani; باكستان; باكستاني | India; Indian; الهند; هندي
China; Chinese; الصين; صيني | Japan; Japanese; اليابان; ياباني | Korea; Korean; كوريا; كوري
Kazakhstan; Kazakh/Kazakhstani; كازاخستان; كازاخي/كازاخستاني | Ukraine; Ukrainian; أوكرانيا; أوكراني
Germany; German; ألمانيا; ألماني | France; French; فرنسا; فرنسي | Italy; Italian; إيطاليا; إيطالي
Spain; Spanish; إسبانيا; إسباني | Britain/UK; British; بريطانيا; بريطاني | Greece; Greek; اليونان; يوناني
Switzerland; Swiss; سويسرا; سويسري | Austria; Austrian; النمسا; نمساوي | Poland; Polish; بولندا; بولندي
Netherlands/Holland; Dutch; هولندا; هولندي | Belgium; Belgian; بلجيكا; بلجيكي | Sweden; Swedish; السويد; سويدي
Norway; Norwegian; النرويج; نرويجي | Canada; Canadian; كندا; كندي | Brazil; Brazilian; البرازيل; برازيلي
America/USA/US/United States; American; أمريكا/أميركا/الولايات المتحدة; أمريكي/أميركي
Mexico; Mexican; المكسيك; مكسيكي | Cuba; Cuban; كوبا; كوبي | Cyprus; Cypriot; قبرص; قبرصي
"""
_CITIES = """
Moscow; موسكو | Ankara; أنقرة | Tehran; طهران | Damascus; دمشق | Baghdad; بغداد | Cairo; القاهرة
Amman; عمان | Beirut; بيروت | Jerusalem; القدس | Gaza; غزة | Sanaa; صنعاء | Riyadh; الرياض | Doha; الدوحة
Dubai; دبي | Abu Dhabi; أبوظبي | Tripoli; طرابلس | Tunis; تونس | Algiers; الجزائر | Rabat; الرباط
Khartoum; الخرطوم | Kabul; كابول | Islamabad; إسلام آباد | Delhi; دلهي | Beijing; بكين | Tokyo; طوكيو
Astana; أستانا/أستانة/استانة/الأستانة | Kiev/Kyiv; كييف | Berlin; برلين | Paris; باريس
Rome; روما | Madrid; مدريد
London; لندن | Athens; أثينا | Geneva; جنيف | Vienna; فيينا | Brussels; بروكسل | Washington; واشنطن
New York; نيويورك | Istanbul; إسطنبول/اسطنبول | Aleppo; حلب | Homs; حمص | Hama; حماة | Idlib; إدلب
Tartus/Tartous; طرطوس | Hmeimim/Khmeimim; حميميم | Latakia; اللاذقية | Raqqa; الرقة
Mosul; الموصل | Sochi; سوتشي
"""


@dataclass(frozen=True, slots=True)
class Place:
    """One place under all its names, folded and in lower case."""

    names: frozenset[str]
    adjectives: frozenset[str]
    city: bool


@cache
def places() -> tuple[Place, ...]:
    """All places of the list."""
    found = []
    for row in _CITIES.replace("\n", "|").split("|"):
        if row.strip():
            found.append(Place(_forms(row.replace(";", "/")), frozenset(), True))
    for row in _COUNTRIES.replace("\n", "|").split("|"):
        if row.strip():
            english, people, arabic, adjective = row.split(";")
            found.append(Place(_forms(f"{english}/{arabic}"), _forms(f"{people}/{adjective}"), False))
    return tuple(found)


@cache
def by_name() -> dict[str, Place]:
    """Each folded name or adjective, with and without the Arabic article, and its place."""
    found: dict[str, Place] = {}
    for place in places():
        for form in place.names | place.adjectives:
            for variant in (form, form.removeprefix("ال")):
                found.setdefault(variant, place)
        for form in place.adjectives:
            if "\u0600" <= form[0] <= "\u06ff":
                for ending in ("ه", "ين", "ون", "ان", "تين", "تان"):
                    found.setdefault(form + ending, place)
            else:
                found.setdefault(form + "s", place)
    return found


def _forms(names: str) -> frozenset[str]:
    return frozenset(fold(name.strip()).lower() for name in names.split("/"))


@cache
def place_of(word: str) -> Place | None:
    """The place that ``word`` names or belongs to, particles and article aside; None for other words."""
    plain = fold(word).lower()
    for form in _unbound(plain):
        if form in by_name():
            return by_name()[form]
    return None


@cache
def names_place(word: str) -> bool:
    """Whether ``word`` is the name of a place, not what belongs to one: Russia, وتركيا, but not Russian."""
    place = place_of(word)
    forms = _unbound(fold(word).lower())
    return place is not None and any({form, f"ال{form}"} & place.names for form in forms)


def _unbound(plain: str) -> tuple[str, ...]:
    if not "\u0600" <= plain[:1] <= "\u06ff":
        return (plain,)
    bare = plain[1:] if plain[:1] in "وفبلك" and len(plain) > 4 else plain
    return (plain, plain.removeprefix("ال"), bare, bare.removeprefix("ال"), bare.removeprefix("لل"))
