"""Markdown to plain text: heading as title, front matter as metadata, links as their words."""

from __future__ import annotations

import re

_KEY = re.compile(r"([\w-]+)[ \t]*:(?:[ \t]+|$)")
_BLOCK = re.compile(r"[|>][-+0-9]*$")


def plain(text: str) -> tuple[str | None, str, str | None]:
    """Title, text and date of a Markdown file."""
    text = text.replace("\r\n", "\n")
    meta, text = _front(text)
    title = meta.get("title")
    heading = re.match(r"\s*# +(.+)\n", text + "\n")
    if heading:
        title = title or heading[1].rstrip(" #")
        text = text[heading.end() :]
    # Each pattern is bounded, or begins where it can only succeed, so that no text takes long.
    closed = text.rfind("-->") + 3
    text = re.sub(r"<!--.*?-->", "", text[:closed], flags=re.S) + text[closed:] if closed > 2 else text
    text = re.sub(r"!?\[([^\[\]]*)\]\([^()\s]*(?: [^()]*)?\)", r"\1", text)
    # Headings and items of lists are paragraphs of their own.
    text = re.sub(r"^ {0,3}#{1,6} +(.+)$", lambda m: f"\n\n{m[1].rstrip(' #')}\n\n", text, flags=re.M)
    text = re.sub(r"^ *(?:[-*+]|\d{1,3}[.)]) +", "\n\n", text, flags=re.M)
    text = re.sub(r"^ {0,3}> ?", "", text, flags=re.M)
    text = re.sub(r"^ {0,3}(?:[-*_] *){3,}$", "\n\n", text, flags=re.M)
    text = re.sub(r"(\*\*|__|`)(.{1,1000}?)\1", r"\2", text)
    text = re.sub(r"(?<![\w*])([*_])(?=\S)([^*_\n]{1,300})(?<=\S)\1(?![\w*])", r"\2", text)
    # Lines of one paragraph belong together.
    paragraphs = [" ".join(map(str.strip, block)).strip() for block in _blocks(text.split("\n"))]
    return title or None, "\n\n".join(filter(None, paragraphs)), meta.get("date")


def _front(text: str) -> tuple[dict[str, str], str]:
    """The keys of the front matter, and the text after it; a rule that opens a text is none.

    Keys of its first level count, with the lines of their blocks; ``title: >-`` and the like.
    """
    lines = text.split("\n")
    end = next((i for i, line in enumerate(lines) if i and line.rstrip() == "---"), 0)
    if lines[0].rstrip() != "---" or not end or not (end == 1 or _KEY.match(lines[1])):
        return {}, text
    meta: dict[str, str] = {}
    block = ""
    for line in lines[1:end]:
        if line[:1] in (" ", "\t"):
            if block:
                meta[block] = f"{meta[block]} {line.strip()}".strip()
        elif key := _KEY.match(line):
            value = line[key.end() :].strip()
            block = key[1].lower() if _BLOCK.match(value) else ""
            meta[key[1].lower()] = "" if block else value.strip("\"'")
    return meta, "\n".join(lines[end + 1 :])


def _blocks(lines: list[str]) -> list[list[str]]:
    """Runs of lines with something on them."""
    found: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return found
