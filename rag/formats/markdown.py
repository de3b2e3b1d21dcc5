"""Markdown to plain text: heading as title, front matter as metadata, links as their words."""

from __future__ import annotations

import re

_FRONT = re.compile(r"\A---\s*\n(.*?)\n---\s*(?:\n|\Z)", re.S)


def plain(text: str) -> tuple[str | None, str, str | None]:
    """Title, text and date of a Markdown file."""
    text = text.replace("\r\n", "\n")
    meta: dict[str, str] = {}
    if front := _FRONT.match(text):
        for line in front[1].splitlines():
            key, _, value = line.partition(":")
            meta[key.strip().lower()] = value.strip().strip("\"'")
        text = text[front.end() :]
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
    paragraphs = [re.sub(r"\s*\n\s*", " ", block).strip() for block in re.split(r"\n\s*\n", text)]
    return title or None, "\n\n".join(filter(None, paragraphs)), meta.get("date")
