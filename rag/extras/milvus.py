"""The vectors of an index on a Milvus server or cluster, or in a file of Milvus Lite.

One collection holds a row per passage: its id, its vector, and what ``Filter`` asks about its article, so
that filters work on the server. Row 0 is none of them: it says what the collection holds (``Holding``).
Not here: which rows belong there, and in which order they are written; see ``rag.served``.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rag.errors import ExtraMissing, IndexError_, RagError
from rag.types import Filter, Holding, VectorRow
from rag.vectors import PRECISION, ranked

if TYPE_CHECKING:
    from rag.protocols import Vectors
    from rag.vectors import Ids

_MOST = 16_384  # rows that Milvus gives for one request
_ASKED = 64  # questions of one request
_WRITTEN = 1000  # rows of one request
_STATE = 0  # id of the row that holds no passage
_LENGTHS = {  # bytes of each text field
    "owner": 4096,
    "source": 4096,
    "article_id": 64,
    "language": 8,
    "date": 10,
    "last_day": 10,
}
_FIELDS = ["id", "vector", "owner", "source", "article_id", "language", "date"]


class MilvusStore:
    """A ``VectorServer``; connects when first used. Usable by any number of threads."""

    def __init__(self, uri: str, collection: str = "sanad") -> None:
        """``uri`` is ``http://host:19530``, or the path of a file for Milvus Lite (ends in ``.db``)."""
        self.name = f"{collection} in Milvus at {uri}"
        self._uri = uri
        self._collection = collection
        self._lock = threading.Lock()
        self._connection: Any = None

    def close(self) -> None:
        """Ends the connection; the next use makes another."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def __len__(self) -> int:
        with self._asking() as client:
            if not client.has_collection(self._collection):
                return 0
            found = client.query(
                self._collection, filter="id > 0", output_fields=["count(*)"], consistency_level="Strong"
            )
            return int(found[0]["count(*)"])

    def search(
        self, vectors: Vectors, k: int, only: Ids | None = None, where: Filter = Filter()
    ) -> tuple[Ids, Vectors]:
        import numpy as np

        questions = np.ascontiguousarray(vectors, dtype=np.float32)
        test = expression(where)
        if only is not None:
            test = " and ".join(filter(None, [test, f"id in {[int(id_) for id_ in only]}"]))

        def raw(wanted: int) -> tuple[Ids, Vectors]:
            return self._raw(questions, min(wanted + 1, _MOST), test)  # one more, for row 0

        return ranked(raw, len(questions), k, _MOST - 1)

    def _raw(self, questions: Vectors, limit: int, test: str) -> tuple[Ids, Vectors]:
        """Ids and rounded scores as Milvus orders them, padded."""
        import numpy as np

        ids = np.full((len(questions), limit), -1, dtype=np.int64)
        scores = np.full(ids.shape, -np.inf, dtype=np.float32)
        with self._asking() as client:
            for at in range(0, len(questions), _ASKED):
                some = [row.tolist() for row in questions[at : at + _ASKED]]
                found = client.search(self._collection, data=some, limit=limit, filter=test)
                for row, hits in enumerate(found, at):
                    kept = [hit for hit in hits if hit["id"] != _STATE]
                    ids[row, : len(kept)] = [hit["id"] for hit in kept]
                    scores[row, : len(kept)] = [hit["distance"] for hit in kept]
        return ids, np.round(scores, PRECISION)

    def holding(self) -> Holding | None:
        with self._asking() as client:
            if not client.has_collection(self._collection):
                return None
            found = client.query(
                self._collection,
                filter=f"id == {_STATE}",
                output_fields=["source"],
                consistency_level="Strong",
            )
        if not found:
            return None
        try:
            return Holding(**json.loads(found[0]["source"]))
        except (ValueError, TypeError) as error:
            raise IndexError_(f"The collection {self.name} is not one of Sanad's. Name another.") from error

    def declare(self, holding: Holding, dimension: int) -> None:
        state = [1.0] + [0.0] * (dimension - 1)
        blank = dict.fromkeys(_LENGTHS, "")
        row = {**blank, "id": _STATE, "vector": state, "source": json.dumps(asdict(holding))}
        with self._asking() as client:
            self._ready(client, dimension)
            client.upsert(self._collection, [row])

    def put(self, rows: Sequence[VectorRow]) -> None:
        with self._asking() as client:
            for at in range(0, len(rows), _WRITTEN):
                client.upsert(self._collection, [_entity(row) for row in rows[at : at + _WRITTEN]])

    def remove(self, ids: Sequence[int]) -> None:
        with self._asking() as client:
            for at in range(0, len(ids), _WRITTEN):
                client.delete(self._collection, ids=[int(id_) for id_ in ids[at : at + _WRITTEN]])

    def rows(self, above: int, to: int) -> dict[int, VectorRow]:
        import numpy as np

        with self._asking() as client:
            found = client.query(
                self._collection,
                filter=f"id > {above} and id <= {to}",
                output_fields=_FIELDS,
                limit=_MOST,
                consistency_level="Strong",
            )
        return {
            int(row["id"]): VectorRow(
                int(row["id"]), np.asarray(row["vector"], np.float32), row["owner"], row["source"],
                row["article_id"], row["language"], row["date"] or None,
            )
            for row in found
        }  # fmt: skip

    def last(self) -> int:
        highest = _STATE
        with self._asking() as client:
            while client.has_collection(self._collection):
                found = client.query(
                    self._collection,
                    filter=f"id > {highest}",
                    output_fields=["id"],
                    limit=_MOST,
                    consistency_level="Strong",
                )
                if not found:
                    break
                highest = max(int(row["id"]) for row in found)
        return highest

    def _ready(self, client: Any, dimension: int) -> None:
        """Makes the collection where there is none.

        Raises:
            IndexError_: There is one for vectors of another length.
        """
        from pymilvus import DataType

        if client.has_collection(self._collection):
            fields = {
                field["name"]: field for field in client.describe_collection(self._collection)["fields"]
            }
            held = int(fields.get("vector", {}).get("params", {}).get("dim", 0))
            if held != dimension:
                raise IndexError_(
                    f"The collection {self.name} holds vectors of {held} numbers, not {dimension}. "
                    "Name another with milvus_collection, or drop it."
                )
            return
        schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        # Milvus Lite has no float16; what SQLite holds is exact in both.
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
        for name, length in _LENGTHS.items():
            schema.add_field(name, DataType.VARCHAR, max_length=length)
        index = client.prepare_index_params()
        index.add_index("vector", index_type="AUTOINDEX", metric_type="IP")
        client.create_collection(self._collection, schema=schema, index_params=index)

    @contextmanager
    def _asking(self) -> Iterator[Any]:
        """The client; whatever goes wrong with the server becomes one sentence."""
        with self._lock:
            if self._connection is None:
                self._connection = self._connect()
            client = self._connection
        try:
            yield client
        except RagError:
            raise
        except Exception as error:  # pymilvus, gRPC and Milvus Lite share no base class
            raise self._failed(error) from error

    def _connect(self) -> Any:
        try:
            from pymilvus import MilvusClient
        except ImportError as error:
            raise ExtraMissing("pymilvus", "milvus") from error
        # They log every refusal with a traceback before raising it.
        for name in ("pymilvus", "grpc._server"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            client = MilvusClient(self._uri)
            if client.has_collection(self._collection):
                client.load_collection(self._collection)
        except Exception as error:  # as above
            raise self._failed(error) from error
        return client

    def _failed(self, error: Exception) -> IndexError_:
        said = " ".join(str(getattr(error, "message", "") or error).split())[:300]
        return IndexError_(
            f"The collection {self.name} cannot be used: {said}. Check that the server runs, then run the "
            "same command again; what was written is not lost."
        )


def _entity(row: VectorRow) -> dict[str, Any]:
    date = row.date or ""
    return {
        "id": row.id, "vector": row.vector.tolist(), "owner": row.owner, "source": row.source,
        "article_id": row.article_id, "language": row.language, "date": date, "last_day": _padded(date),
    }  # fmt: skip


def _padded(date: str) -> str:
    """The last day that a date without day or month may mean."""
    return date + "-99-99"[len(date) - 4 :] if date else ""


def expression(where: Filter) -> str:
    """Milvus's expression for a filter; ``""`` when nothing is asked. As ``rag.store.condition``."""
    tests: list[str] = []
    if where.sources:
        names = _texts(where.sources)
        tests.append(f"(source in {names} or owner in {names})")
    if where.article_ids:
        tests.append(f"article_id in {_texts(where.article_ids)}")
    if where.language:
        tests.append(f"language == {_text(where.language)}")
    if where.since:
        tests.append(f"last_day >= {_text(where.since)}")
    if where.until:
        tests.append(f'date != "" and date <= {_text(_padded(where.until))}')
    return " and ".join(tests)


def _texts(values: Sequence[str]) -> str:
    return "[" + ", ".join(map(_text, values)) + "]"


def _text(value: str) -> str:
    """A string literal: JSON's quoting is also Milvus's."""
    return json.dumps(value, ensure_ascii=False)
