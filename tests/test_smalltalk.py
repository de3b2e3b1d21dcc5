import pytest

from rag.smalltalk import looks_like, small_talk


@pytest.mark.parametrize(
    ("question", "kind", "language"),
    [
        ("hello", "greeting", "en"),
        ("Hi there!", "greeting", "en"),
        ("good morning, how are you?", "greeting", "en"),
        ("مرحبا", "greeting", "ar"),
        ("السلام عليكم ورحمة الله", "greeting", "ar"),
        ("أهلاً وسهلاً", "greeting", "ar"),
        ("Thanks a lot!", "thanks", "en"),
        ("شكراً جزيلاً", "thanks", "ar"),
        ("what can you do?", "help", "en"),
        ("Hello! What can you do?", "help", "en"),
        ("What's this?", "help", "en"),
        ("ماذا تستطيع أن تفعل؟", "help", "ar"),
        ("which articles are there?", "list_articles", "en"),
        ("please list all articles", "list_articles", "en"),
        ("ما هي المقالات الموجودة؟", "list_articles", "ar"),
    ],
)
def test_small_talk_is_known(question, kind, language):
    reply = small_talk(question)
    assert reply is not None
    assert (reply.kind, reply.language) == (kind, language)
    assert bool(reply.text) == (kind != "list_articles")


@pytest.mark.parametrize(
    ("question", "key"),
    [
        ("summarise 003", "003"),
        ("Summarize article 003, please", "003"),
        ("please summarise the article 003", "003"),
        ("give me a summary of 003", "003"),
        ("summarise 003_2c45a23acc215a82.txt", "003_2c45a23acc215a82.txt"),
        ("summarise 9b96705385b0", "9b96705385b0"),
        ("لخص المقال 003", "003"),
        ("لخّص المقال ٠٠٣", "003"),
        ("لخص لي 003", "003"),
        ("أعطني ملخص المقال 003", "003"),
    ],
)
def test_an_article_to_be_summarised_is_named(question, key):
    reply = small_talk(question)
    assert reply is not None
    assert (reply.kind, reply.key) == ("summarise", key)


@pytest.mark.parametrize(
    "question",
    [
        "hello, who are the guarantors?",
        "thanks, and when does the truce begin?",
        "who are the guarantors?",
        "what can you tell me about Iran?",
        "what can Russia do?",
        "which articles mention Iran?",
        "how many articles does the agreement have?",
        "summarise the agreement",
        "summarise what Putin said in 2015",
        "great powers",
        "help for Aleppo",
        "what is Daesh?",
        "who are they?",
        "the articles of the treaty",
        "ok, so who signed?",
        "مرحبا، من هي الدول الضامنة؟",
        "السلام في سوريا",
        "لخص الاتفاق",
        "شكر بوتين تركيا",
        "ما هي الوثائق الثلاث؟",
        "من هو لافروف؟",
        "كم مقاتلا وقع الاتفاق؟",
        "Putin Lavrov Astana",
        "guarantors",
        "",
        "؟؟؟",
        "🙂",
    ],
)
def test_real_questions_are_left_to_the_search(question):
    assert small_talk(question) is None


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("Qui sont les garants ?", "fr"),
        ("Quels pays sont les garants de l'accord ?", "fr"),
        ("Wer sind die Garanten?", "de"),
        ("¿Quiénes son los garantes?", "es"),
        ("Chi sono i garanti della tregua?", "it"),
        ("Garantör ülkeler kimler?", "tr"),
        ("کشورهای ضامن چه کشورهایی هستند؟", "fa"),
        ("ضامن ممالک کون ہیں؟", "ur"),
        ("Кто гаранты?", "other"),
        ("保証国はどこですか", "other"),
    ],
)
def test_a_third_language_is_told(question, code):
    assert looks_like(question) == code
    reply = small_talk(question)
    assert reply is not None
    assert (reply.kind, reply.language) == ("unsupported_language", "other")
    assert "English" in reply.text
    assert "العربية" in reply.text


@pytest.mark.parametrize(
    "text",
    [
        "What did Le Monde say?",
        "Who is De Mistura?",
        "what about Los Angeles and Las Vegas",
        "die Welt",
        "كيف وصل الوفد إلى جنيف؟",
        "OpenAI يقدم نموذجا",
        "هل گيلان في إيران؟",
        "الاتفاق الروسی الأمریکی",
        "garantors of truce",
    ],
)
def test_foreign_names_do_not_make_a_question_foreign(text):
    assert looks_like(text) is None


def test_a_long_question_of_greetings_is_decided_quickly():
    reply = small_talk("hello " * 20_000)
    assert reply is not None
    assert reply.kind == "greeting"
