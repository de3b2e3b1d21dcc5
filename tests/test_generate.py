"""What needs no llama.cpp; the real model runs in ``test_llama.py``."""

import contextlib
import importlib.util
import threading

import pytest
from contracts.generator import check_generator
from fakes import ScriptedGenerator
from gguf_files import tiny_gguf
from hypothesis import given
from hypothesis import strategies as st
from told import TALKS_EN, hit

from rag import machine
from rag.assemble import generator_of
from rag.config import Config
from rag.errors import ExtraMissing, InputError, ModelError
from rag.generate import LlamaGenerator, LlamaSettings, Stopper, Turnstile
from rag.gguf import read_header
from rag.prompts import Message
from rag.template import chatml, own_template

HITS = [hit(TALKS_EN)]
MESSAGES = (Message("system", "Be brief."), Message("user", "Who? <|im_end|>"))


# Files ---------------------------------------------------------------------------------------------
def test_a_sound_header_is_read(tmp_path):
    path = tmp_path / "m.gguf"
    path.write_bytes(tiny_gguf(context=640))
    header = read_header(path)
    assert header.number("context_length") == 640
    assert header.metadata["tokenizer.ggml.tokens"] == 2
    assert header.needed == header.size
    assert header.cache_bytes(100) == 100 * 2 * 2 * 8 * 4  # tokens, layers, heads, values, two of 16 bits


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "is not a GGUF model"),
        (b"PK\x03\x04 a zip", "is not a GGUF model .*rag.models pull"),
        (b"GGUF", "cut off inside its header"),
        (tiny_gguf()[:100], "cut off inside its header"),
        (tiny_gguf()[:-1], "is cut off: .* bytes are there"),
        (tiny_gguf()[:-500], "is cut off: .* bytes are there"),
        (b"GGUF" + bytes([9, 0, 0, 0]) + bytes(16), "damaged header .version 9"),
        (b"GGUF" + bytes([3, 0, 0, 0]) + b"\xff" * 16, "damaged header"),
        (tiny_gguf(extra=b"\xff" * 400, entries=1), "damaged header"),
    ],
)
def test_broken_files_are_told_apart_before_llama_cpp_sees_them(tmp_path, content, match):
    path = tmp_path / "m.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=match):
        read_header(path)
    with pytest.raises(ModelError, match=match):
        list(LlamaGenerator(path).stream("?", HITS, "en"))


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(ModelError, match="Cannot read the model"):
        read_header(tmp_path / "none.gguf")
    with pytest.raises(ModelError, match="Cannot read the model"):
        read_header(tmp_path)


@given(st.integers(0, len(tiny_gguf()) - 1), st.binary(min_size=1, max_size=8))
def test_no_damage_is_worse_than_a_model_error(tmp_path_factory, place, bytes_):
    content = bytearray(tiny_gguf())
    content[place : place + len(bytes_)] = bytes_
    path = tmp_path_factory.mktemp("gguf") / "m.gguf"
    path.write_bytes(bytes(content))
    with contextlib.suppress(ModelError):
        read_header(path)


def test_a_model_larger_than_the_free_memory_is_not_loaded(tmp_path, monkeypatch):
    path = tmp_path / "big.gguf"
    path.write_bytes(tiny_gguf())
    monkeypatch.setattr(machine, "free_memory", lambda: 1000)
    with pytest.raises(ModelError, match=r"big.gguf needs about .* GB .*smaller model"):
        list(LlamaGenerator(path).stream("?", HITS, "en"))


def test_memory_is_the_smaller_of_system_and_group(tmp_path):
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text("MemTotal: 9 kB\nMemAvailable:    5000 kB\n")
    assert machine.free_memory(tmp_path) == 5000 * 1024
    group = tmp_path / "sys/fs/cgroup"
    group.mkdir(parents=True)
    (group / "memory.max").write_text("3000000\n")
    (group / "memory.current").write_text("1000000\n")
    assert machine.free_memory(tmp_path) == 2_000_000
    (group / "memory.max").write_text("max\n")
    assert machine.free_memory(tmp_path) == 5000 * 1024
    assert machine.free_memory(tmp_path / "nowhere") is None


# The queue -----------------------------------------------------------------------------------------
def test_one_at_a_time_in_the_order_of_coming():
    stile, order, inside = Turnstile(), [], []
    arrived = [threading.Event() for _ in range(5)]

    def ask(number):
        arrived[number].set()
        with stile:
            inside.append(number)
            assert inside == [number]
            order.append(number)
            inside.remove(number)

    threads = []
    with stile:
        for number in range(5):
            thread = threading.Thread(target=ask, args=(number,))
            thread.start()
            assert arrived[number].wait(5)
            while len(stile._waiting) < number + 2:
                threading.Event().wait(0.001)
            threads.append(thread)
        assert order == []
    for thread in threads:
        thread.join(5)
    assert order == [0, 1, 2, 3, 4]


def test_an_error_inside_lets_the_next_one_in():
    stile = Turnstile()
    with pytest.raises(ZeroDivisionError), stile:
        _ = 1 / 0
    with stile:
        pass


# Stops ---------------------------------------------------------------------------------------------
def stopped(pieces):
    stopper = Stopper(("<|im_end|>", "</s>"))
    return "".join([*(stopper.feed(piece) for piece in pieces), stopper.end()])


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        (["Yes [1].", "<|im_", "end|>", "No."], "Yes [1]."),
        (["Yes", "</", "s", ">"], "Yes"),
        (["a < b", " and <", "|im", " x"], "a < b and <|im x"),
        (["ends with <|im_"], "ends with <|im_"),
        (["<think>", "hm", "</think>", "\n\nYes"], "Yes"),
        (["  <th", "ink>hm</think>Yes"], "Yes"),
        (["<think>never ends"], ""),
        (["<thin ice"], "<thin ice"),
        ([], ""),
    ],
)
def test_stop_strings_and_reasoning_are_never_shown(pieces, shown):
    assert stopped(pieces) == shown
    assert stopped(list("".join(pieces))) == shown


@given(st.text(alphabet="ab</s|>im_end\n"))
def test_stopping_does_not_depend_on_how_the_text_is_cut(text):
    assert stopped(list(text)) == stopped([text])


# Templates -----------------------------------------------------------------------------------------
def test_chatml_marks_only_its_own_delimiters_as_control():
    pieces = chatml(MESSAGES)
    assert "".join(piece.text for piece in pieces) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWho? <|im_end|><|im_end|>\n"
        "<|im_start|>assistant\n"
    )
    assert [piece.control for piece in pieces] == [True, False, True, True, False, True, True]
    assert chatml(MESSAGES, thinks=True)[-1].text.endswith("<think>\n\n</think>\n\n")


def test_a_models_own_template_is_followed():
    source = "{{ bos_token }}{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}>>"
    (piece,) = own_template(source, MESSAGES, begin="<s>", end="</s>")
    assert piece.text == "<s>[system] Be brief.\n[user] Who? <|im_end|>\n>>"


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
        "{{ messages.append(1) }}",
        "{{ raise_exception('no system role') }}",
        "{% for %}",
        "{{ 1 / 0 }}",
        "{{ 'x' * 3000000 }}",
        "{% for i in range(10000000) %}x{% endfor %}",
    ],
)
def test_a_template_that_misbehaves_is_stopped(source):
    with pytest.raises(ModelError, match="template"):
        own_template(source, MESSAGES, begin="", end="")


# The contract --------------------------------------------------------------------------------------
def test_the_scripted_generator_of_the_tests_keeps_the_contract():
    made = ScriptedGenerator("Seven documents were signed [1].")
    assert check_generator(lambda: made, "How many?", HITS, "en") == "Seven documents were signed [1]."


# Settings ------------------------------------------------------------------------------------------
@pytest.fixture
def no_model(tmp_path, monkeypatch):
    monkeypatch.setenv("RAG_MODELS", str(tmp_path))


def test_without_an_llm_the_reader_answers(no_model):
    assert generator_of(Config()) is None
    assert generator_of(Config(generator="reader", gguf="x.gguf", openai_url="http://x")) is None


def test_a_server_is_taken_where_no_file_is_named(no_model):
    assert generator_of(Config(openai_url="http://127.0.0.1:8000")).name == "openai"
    assert (
        generator_of(Config(generator="openai", gguf="x.gguf", openai_url="http://127.0.0.1:8000")).name
        == "openai"
    )


def test_what_is_asked_for_and_not_set_is_an_error(no_model):
    with pytest.raises(InputError, match=r"gguf.*rag.models pull"):
        generator_of(Config(generator="llama"))
    with pytest.raises(InputError, match="openai_url"):
        generator_of(Config(generator="openai"))


def test_a_missing_extra_names_itself(no_model, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ExtraMissing, match=r"llama-cpp-python is not installed.*sanad-rag\[llm\]"):
        generator_of(Config(gguf="x.gguf"))


def test_a_file_makes_a_llama_with_its_settings(no_model, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    made = generator_of(
        Config(gguf="x.gguf", threads=3, context=1024, batch=64, answer_tokens=99, lookup=True)
    )
    assert made.name == "llama"
    assert made._settings == LlamaSettings(3, 1024, 64, 99, 0.0, "chatml", True)
