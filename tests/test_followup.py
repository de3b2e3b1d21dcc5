import pytest
from told import script

from rag.errors import ModelError
from rag.followup import standalone
from rag.types import Turn

check_followups = script("check_followups")

WHO = Turn("Who is Ahmed Ramadan?", "Ahmed Ramadan heads the media office. [1]")
GENEVA = Turn("What did Lavrov say in Moscow?", "Lavrov spoke of preparations. [1]")


@pytest.mark.parametrize(
    ("history", "question", "expected"),
    [
        ([WHO], "What did he say?", "What did Ahmed Ramadan say?"),
        ([WHO], "and what is his position?", "What is Ahmed Ramadan’s position?"),
        ([GENEVA], "and in Geneva?", "What did Lavrov say in Geneva?"),
        ([Turn("Is Turkey a guarantor?", "Yes. [1]")], "What about Iran?", "Is Iran a guarantor?"),
        ([Turn("Where will the talks be held?", "In Astana. [1]")], "When?", "When will the talks be held?"),
        ([Turn("متى تبدأ الهدنة؟", "الخميس. [1]")], "ولماذا؟", "لماذا تبدأ الهدنة؟"),
        (
            [Turn("من هو أحمد رمضان؟", "رئيس الدائرة. [1]")],
            "ماذا قال عن الاتفاق؟",
            "ماذا قال أحمد رمضان عن الاتفاق؟",
        ),
        ([Turn("من هو أحمد رمضان؟", "رئيس الدائرة. [1]")], "وما موقفه؟", "ما موقف أحمد رمضان؟"),
        ([Turn("هل تركيا ضامنة؟", "نعم. [1]")], "وإيران؟", "هل إيران ضامنة؟"),
    ],
)
def test_what_is_missing_comes_from_the_conversation(history, question, expected):
    assert standalone(question, history) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Who are the guarantors?",
        "How many fighters signed?",
        "Did Putin say that he would withdraw?",
        "Is it true that Egypt was invited?",
        "Are there observers in Aleppo?",
        "من هي الدول الضامنة؟",
        "ما هو القرار 2254؟",
        "هل أعلن بوتين أنه سيخفض القوات؟",
        "وزارة الخارجية التركية",
        "وقع الاتفاق في موسكو؟",
    ],
)
def test_a_question_that_stands_alone_is_left_alone(question):
    assert standalone(question, [WHO, GENEVA]) == question


def test_without_a_conversation_nothing_changes():
    assert standalone("and in Geneva?", []) == "and in Geneva?"


def test_a_third_turn_builds_on_the_resolved_second():
    history = [Turn("Is Turkey a guarantor?", "Yes. [1]"), Turn("What about Iran?", "Yes. [1]")]
    assert standalone("And Egypt?", history) == "Is Egypt a guarantor?"


def test_a_model_may_rewrite_only_what_needs_it():
    asked = []

    def rewriter(question, history, language):
        asked.append((question, language))
        return "What did Ahmed Ramadan tell the agency?"

    assert (
        standalone("What did he tell the agency?", [WHO], rewriter)
        == "What did Ahmed Ramadan tell the agency?"
    )
    assert standalone("Who are the guarantors?", [WHO], rewriter) == "Who are the guarantors?"
    assert asked == [("What did he tell the agency?", "en")]


@pytest.mark.parametrize(
    "written",
    [
        "",
        "Sure! Here is the question:\nWhat did he tell the agency?",
        "What did President Barack Obama tell Congress about Venezuela yesterday?",
        "ماذا قال أحمد رمضان للوكالة؟",
        "What did Ahmed Ramadan tell the agency in 2019?",
        "x" * 5000,
    ],
)
def test_a_models_unsound_rewriting_is_not_taken(written):
    question = "What did he tell the agency?"
    assert standalone(question, [WHO], lambda *_: written) == standalone(question, [WHO])


def test_the_conversations_of_the_evaluation():
    rows = check_followups.read_conversations()
    assert len(rows) >= 40
    assert {row["split"] for row in rows} == {"dev", "test"}
    for language in ("en", "ar"):
        own = [row for row in rows if row["language"] == language]
        right = sum(check_followups.is_right(row, check_followups.asked(row)) for row in own)
        assert right / len(own) >= 0.85, language


def test_a_model_that_fails_leaves_the_rules():
    def rewriter(*_):
        raise ModelError("down")

    question = "What did he tell the agency?"
    assert standalone(question, [WHO], rewriter) == standalone(question, [WHO])
