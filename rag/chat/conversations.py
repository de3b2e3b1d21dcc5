"""The conversations of each asker, in one SQLite file of the user's data folder.

An asker is known by a secret in a cookie; only its hash is stored, and every statement is bound to it, so
nobody reads what another asked. What is deleted is overwritten (``secure_delete``).
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from rag.chat.shown import Shown, from_json, to_json
from rag.errors import InputError, RagError
from rag.types import Turn

VERSION = 1
LONGEST_NAME = 80  # characters
_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
  id TEXT PRIMARY KEY, asker TEXT NOT NULL, name TEXT NOT NULL, changed TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS of_asker ON conversations (asker, changed);
CREATE TABLE IF NOT EXISTS turns (
  conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  position INTEGER NOT NULL, shown TEXT NOT NULL, PRIMARY KEY (conversation, position)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation's name and when it last changed (ISO, UTC)."""

    id: str
    name: str
    changed: str


def chat_folder() -> Path:
    """``SANAD_CHAT``, else the user's data folder."""
    named = os.environ.get("SANAD_CHAT")
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(named) if named else Path(home) / "sanad" / "chat"


def asker_of(secret: str) -> str:
    """What is stored of an asker's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def now() -> str:
    """The time, ISO, UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Conversations:
    """All conversations; safe to use from several threads.

    Every method takes the asker first, and raises InputError for a conversation that is not theirs.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._db() as db:
                db.executescript(_SCHEMA)
                db.execute(f"PRAGMA user_version = {VERSION}")
        except (OSError, sqlite3.Error) as error:
            raise RagError(
                f"Conversations cannot be kept in {folder}: {error}. Set SANAD_CHAT to another folder."
            ) from error

    @contextmanager
    def _db(self) -> Iterator[sqlite3.Connection]:
        with self._lock, closing(sqlite3.connect(self.folder / "conversations.db", timeout=10)) as db:
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("PRAGMA secure_delete = ON")
            with db:
                yield db

    def list(self, asker: str) -> tuple[Conversation, ...]:
        """The asker's conversations, the last changed first."""
        with self._db() as db:
            rows = db.execute(
                "SELECT id, name, changed FROM conversations WHERE asker = ? ORDER BY changed DESC, id",
                (asker,),
            ).fetchall()
        return tuple(Conversation(*row) for row in rows)

    def start(self, asker: str, name: str) -> Conversation:
        """A new, empty conversation."""
        made = Conversation(secrets.token_hex(12), _name(name), now())
        with self._db() as db:
            db.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, ?)", (made.id, asker, made.name, made.changed)
            )
        return made

    def get(self, asker: str, id: str) -> Conversation:
        """One conversation."""
        with self._db() as db:
            return _own(db, asker, id)

    def rename(self, asker: str, id: str, name: str) -> Conversation:
        """Gives it another name."""
        with self._db() as db:
            found = replace(_own(db, asker, id), name=_name(name))
            db.execute("UPDATE conversations SET name = ? WHERE id = ?", (found.name, id))
        return found

    def delete(self, asker: str, id: str) -> None:
        """Deletes it with all that was said in it."""
        with self._db() as db:
            _own(db, asker, id)
            db.execute("DELETE FROM conversations WHERE id = ?", (id,))

    def turns(self, asker: str, id: str) -> tuple[Shown, ...]:
        """What was said, the oldest first."""
        with self._db() as db:
            _own(db, asker, id)
            rows = db.execute(
                "SELECT shown FROM turns WHERE conversation = ? ORDER BY position", (id,)
            ).fetchall()
        return tuple(from_json(json.loads(text)) for (text,) in rows)

    def add(self, asker: str, id: str, turn: Shown) -> int:
        """Adds an exchange at the end; its position, from 0."""
        with self._db() as db:
            _own(db, asker, id)
            (position,) = db.execute(
                "SELECT coalesce(max(position), -1) + 1 FROM turns WHERE conversation = ?", (id,)
            ).fetchone()
            db.execute("INSERT INTO turns VALUES (?, ?, ?)", (id, position, _text(turn)))
            db.execute("UPDATE conversations SET changed = ? WHERE id = ?", (now(), id))
        return int(position)

    def drop_last(self, asker: str, id: str) -> Shown | None:
        """Takes the last exchange away, to ask it again; None when there is none."""
        with self._db() as db:
            _own(db, asker, id)
            row = db.execute(
                "SELECT position, shown FROM turns WHERE conversation = ? ORDER BY position DESC LIMIT 1",
                (id,),
            ).fetchone()
            if row is None:
                return None
            db.execute("DELETE FROM turns WHERE conversation = ? AND position = ?", (id, row[0]))
        return from_json(json.loads(row[1]))

    def thumb(self, asker: str, id: str, position: int, thumb: str) -> Shown:
        """Notes a thumb (``up``, ``down``, or ``""`` to take it back) on one exchange, and returns it."""
        if thumb not in ("up", "down", ""):
            raise InputError(f"A thumb is up or down, not {thumb[:20]!r}.")
        with self._db() as db:
            _own(db, asker, id)
            row = db.execute(
                "SELECT shown FROM turns WHERE conversation = ? AND position = ?", (id, position)
            ).fetchone()
            if row is None:
                raise InputError("There is no such answer in this conversation. Load the page again.")
            turn = replace(from_json(json.loads(row[0])), thumb=thumb)
            db.execute(
                "UPDATE turns SET shown = ? WHERE conversation = ? AND position = ?",
                (_text(turn), id, position),
            )
        return turn


def _own(db: sqlite3.Connection, asker: str, id: str) -> Conversation:
    row = db.execute(
        "SELECT id, name, changed FROM conversations WHERE id = ? AND asker = ?", (id, asker)
    ).fetchone()
    if row is None:
        raise InputError("There is no such conversation. Load the page again, or start a new one.")
    return Conversation(*row)


def _name(name: str) -> str:
    from rag.chat.bidi import harmless

    plain = " ".join(harmless(name).split())
    return plain if len(plain) <= LONGEST_NAME else f"{plain[: LONGEST_NAME - 1]}…"


def _text(turn: Shown) -> str:
    return json.dumps(to_json(turn), ensure_ascii=False)


def history(turns: tuple[Shown, ...]) -> tuple[Turn, ...]:
    """The exchanges that a follow-up may refer to: those that were answered."""
    return tuple(Turn(turn.question, turn.text) for turn in turns if turn.state == "done")
