"""How messages become the text that a model reads.

Sanad's own layout is ChatML, which Qwen and many others were trained with. A model's own template is
a program that came with a download: it runs only where the settings ask for it, in jinja2's sandbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.errors import ExtraMissing, ModelError
from rag.prompts import Message

_MOST = 1 << 20  # characters of a template's output; more is a template gone wrong


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a prompt; ``control`` says whether ``<|im_start|>`` and the like count as tokens in it."""

    text: str
    control: bool


def chatml(messages: Sequence[Message], *, thinks: bool = False) -> tuple[Piece, ...]:
    """The messages in ChatML, ready for the assistant's words.

    Args:
        thinks: The model would reason aloud first; an empty reasoning block keeps it from doing so.
    """
    pieces = []
    for message in messages:
        pieces += [
            Piece(f"<|im_start|>{message.role}\n", True),
            Piece(message.text, False),
            Piece("<|im_end|>\n", True),
        ]
    pieces.append(Piece("<|im_start|>assistant\n" + ("<think>\n\n</think>\n\n" if thinks else ""), True))
    return tuple(pieces)


def own_template(source: str, messages: Sequence[Message], *, begin: str, end: str) -> tuple[Piece, ...]:
    """The messages through the model's own jinja2 template ``source``; ``begin`` and ``end`` are its tokens.

    Raises:
        ExtraMissing: jinja2 is not installed.
        ModelError: The template fails, tries what the sandbox forbids, or grows without bound.
    """
    try:
        from jinja2 import TemplateError
        from jinja2.sandbox import ImmutableSandboxedEnvironment
    except ImportError as error:
        raise ExtraMissing("jinja2", "llm") from error

    def refuse(message: str) -> None:
        raise TemplateError(message)

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    plain = [{"role": message.role, "content": message.text} for message in messages]
    try:
        text = environment.from_string(source).render(
            messages=plain,
            add_generation_prompt=True,
            enable_thinking=False,
            bos_token=begin,
            eos_token=end,
            raise_exception=refuse,
        )
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        raise ModelError(
            f"The model's own chat template fails ({error}). Set template = \"chatml\" to use Sanad's."
        ) from error
    if len(text) > _MOST:
        raise ModelError('The model\'s own chat template grows without bound. Set template = "chatml".')
    return (Piece(text, True),)
