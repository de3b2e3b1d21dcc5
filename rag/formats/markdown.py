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
    heading = re.match(r"\s*#\s+(.+?)\s*#*\n", text + "\n")
    if heading:
        title = title or heading[1]
        text = text[heading.end() :]
    text = re.sub(r"<!--.*?-->", "", text, flags=re.S)
    text = re.sub(r"!\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"^\s{0,3}(?:#{1,6}\s+|>\s?|[-*+]\s+)", "", text, flags=re.M)
    text = re.sub(r"(\*\*|__|`)(.+?)\1", r"\2", text)
    # Lines of one paragraph belong together.
    paragraphs = [re.sub(r"\s*\n\s*", " ", block).strip() for block in re.split(r"\n\s*\n", text)]
    return title or None, "\n\n".join(filter(None, paragraphs)), meta.get("date")
