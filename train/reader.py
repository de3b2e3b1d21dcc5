"""Train the reader: question and passage in, answer span, "no answer" and relevance out.

The trunk is the encoder's (six layers of MiniLM). Of its word embeddings the English ones stay as MiniLM has
them; those of Arabic are trained with ``--words``, and ``--rows`` takes an encoder's, whose training has
drawn them nearer to English. Position 0 stands for "no answer". Progress, and with it the learning rate,
follows the clock: ``--minutes 90`` anneals to zero after 90 minutes on any machine; time for which the process
was stopped (SIGSTOP, a laptop asleep) does not count. ``python -m train.encoder mine`` finds the negatives first.

    python -m train.reader --start ../shared/checkpoints/encoder --minutes 90 --out train/work/reader
    python -m train.reader --resume train/work/reader --minutes 60      # go on, with a new schedule
    python -m train.reader --average BEFORE AFTER --out train/work/mean  # often better than either
    python -m train.reader --evaluate train/work/reader                 # EM and F1 on XQuAD's half

Recipe: most examples are cropped to a window of sentences around the answer, because a short
example teaches nearly as much as a long one at a fraction of the cost; the share of long windows
grows with progress. A third of SQuAD's are put into something like Arabic by rules (``train.arabise``), passage or
question or both, since human questions on Arabic passages are few. A third of all examples have no answer: it is cut
away; or the passage is one that our own retriever finds for the question though it does not hold the answer, or
one of the same article; or a name or number of the question is put for another one.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import AutoModel

from train.arabise import Arabiser
from train.cloze import Cloze
from train.codeswitch import CodeSwitch
from train.data import (
    Example,
    aqad_aligned,
    data_root,
    development_questions,
    drop_near,
    kept_for_calibration,
    plausible_span,
    read_jsonl,
    squad_format,
    trim,
    unspace,
)
from train.encoder import ARABIC, NEIGHBOURS, ArabicRows, blend
from train.encoder import load as load_encoder
from train.project import projected

MAX_TOKENS = 256
WINDOWS = (56, 88, 136, 216)  # tokens of context kept by a crop


class Reader(nn.Module):
    """BERT trunk with three outputs per token: start, end, and (at position 0) relevance."""

    def __init__(self, folder: str | Path, words: bool = False) -> None:
        super().__init__()
        self.bert = AutoModel.from_pretrained(folder, dtype=torch.float32)
        for module in self.bert.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
        table = self.bert.embeddings.word_embeddings
        table.weight.requires_grad = False
        self.words = ArabicRows(table) if words else None
        self.head = nn.Linear(self.bert.config.hidden_size, 3)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, kinds: torch.Tensor) -> torch.Tensor:
        embeds = self.bert.embeddings.word_embeddings(ids)
        if self.words is not None:
            embeds = embeds + self.words(ids)
        hidden = self.bert(inputs_embeds=embeds, attention_mask=mask, token_type_ids=kinds).last_hidden_state
        return self.head(hidden)


@dataclass(frozen=True, slots=True)
class Row:
    """Token ids of one pair with its labels; ``start`` and ``end`` are 0 without an answer."""

    ids: list[int]
    kinds: list[int]
    start: int
    end: int
    relevant: float


_SENTENCE = re.compile(r"(?<=[.!?؟؛\n])\s+")
_NAMED = re.compile(
    r"(?<=[^.?] )[A-Z][a-z]+(?: [A-Z][a-z]+)*|\b\d+\b"
)  # names within a question, and numbers


def spans_of_sentences(text: str) -> list[tuple[int, int]]:
    edges = [0, *(m.end() for m in _SENTENCE.finditer(text)), len(text)]
    return [(a, b) for a, b in pairwise(edges) if b > a]


class Sampler:
    """Draws training rows, each kind of example with its share."""

    def __init__(self, root: Path, tokenizer: Tokenizer, seed: int) -> None:
        self.chance = random.Random(seed)
        self.tokenizer = tokenizer
        self.switch = CodeSwitch(root)
        held_out = development_questions(root)
        rows = aqad_aligned(root)
        kept_out = {
            row["context"]
            for row in read_jsonl(root / "squad" / "squad-v1.1-train.jsonl.xz")
            if kept_for_calibration(row["title"])
        }
        kept_out |= {row["context_ar"] for row in rows if kept_for_calibration(row["title_en"])}
        squad = list(squad_format(root / "squad" / "squad-v1.1-train.jsonl.xz", "squad"))
        aligned = [row for row in rows if not kept_for_calibration(row["title_en"])]
        found = [row for row in projected(root, self.switch) if row["context_ar"] not in kept_out]
        found_en = [Example(r["question_en"], r["context_ar"], r["start"], r["end"], "found") for r in found]
        found_ar = [
            Example(r["question_ar"], r["context_ar"], r["start"], r["end"], "found")
            for r in found
            if r["question_ar"]
        ]
        known = {(r["context_ar"], r["question_en"]) for r in found}
        ar_ar, en_ar, ar_en = [], [], []
        for row in aligned:
            at = row["context_en"].find(row["answer_en"])
            english = Example(row["question_ar"], row["context_en"], at, at + len(row["answer_en"]), "aqad")
            if at >= 0 and (kept := trim(english)):
                ar_en.append(kept)
            at = row["context_ar"].find(row["answer_ar"])
            arabic = Example(row["question_ar"], row["context_ar"], at, at + len(row["answer_ar"]), "aqad")
            sure = (row["context_ar"], row["question_en"]) in known  # its span was found better
            if at >= 0 and not sure and plausible_span(row) and (kept := trim(arabic)):
                ar_ar.append(kept)
                en_ar.append(replace(kept, question=row["question_en"]))
        human = list(squad_format(root / "arcd" / "arcd-train.jsonl.xz", "arcd"))
        human = [replace(e, question=re.sub(r"^- ?|\s+ال$", "", e.question)) for e in human]
        tydi = squad_format(root / "tydiqa" / "tydiqa-goldp-ar-dev.tokenized.jsonl.xz", "tydi")
        human += [unspace(e) for e in tydi]
        noisy = [
            e
            for e in squad_format(root / "aqad" / "aqad-v1.0.jsonl.xz", "aqad")
            if not re.search(r"\d", e.context[e.start : e.end]) and e.end - e.start < 60
        ]
        self.sets = {
            name: drop_near((e for e in examples if e.context not in kept_out), held_out)
            for name, examples in {
                "squad": squad, "ar_en": ar_en, "ar_ar": ar_ar, "en_ar": en_ar,
                "human": human, "noisy": noisy, "found_en": found_en, "found_ar": found_ar,
                "cloze": list(Cloze(root, self.switch).examples(self.chance)),
            }.items()
        }  # fmt: skip
        self.nearby = nearby(root, rows)
        self.arabiser = Arabiser(root, self.chance)
        self.named = sorted({name[0] for e in squad for name in _NAMED.finditer(e.question)})
        # (share, set, what is put into the other language: word by word ~, into Arabic by rules >)
        self.kinds = [
            (0.19, "squad", ""),
            (0.05, "squad", ">question"),
            (0.02, "squad", "~question"),
            (0.14, "squad", ">context"),
            (0.16, "squad", ">question >context"),
            (0.07, "ar_en", ""),
            (0.07, "found_en", ""),
            (0.01, "found_en", "~question"),
            (0.08, "found_ar", ""),
            (0.03, "en_ar", ""),
            (0.03, "ar_ar", ""),
            (0.06, "human", ""),
            (0.02, "human", "~question"),
            (0.02, "noisy", ""),
            (0.07, "cloze", ""),
        ]
        self.decks: dict[tuple[str, str], list[Example]] = {}

    def _next(self, kind: tuple[str, str]) -> Example:
        deck = self.decks.get(kind)
        if not deck:
            deck = self.decks[kind] = list(self.sets[kind[0]])
            self.chance.shuffle(deck)
        return deck.pop()

    def draw(self, progress: float) -> Row | None:
        """One row; None when its span did not survive tokenisation."""
        shares = [kind[0] for kind in self.kinds]
        _, name, put = self.chance.choices(self.kinds, shares)[0]
        example = self._next((name, put))
        fate = self.chance.random()
        if fate < 0.16:
            example = Example(example.question, self._other(example, name), -1, -1, name)
        near = self.nearby.get(example.context, ())
        weights = [1 - progress, 1 - 0.6 * progress, 1.0, 0.35 + progress]
        limit = self.chance.choices(WINDOWS, weights)[0]
        example = self._crop(example, limit, without=0.16 <= fate < 0.29)
        if 0.29 <= fate < 0.36:
            example = self._twisted(example, near)
        if ">context" in put:
            made = self.arabiser.context(example)
            if made is None:
                return None
            example = made
        if ">question" in put:
            example = replace(example, question=self.arabiser.text(example.question))
        elif "~question" in put:
            example = replace(example, question=self.switch.text(example.question, 0.9, self.chance))
        return encode(self.tokenizer, example)

    def _twisted(self, example: Example, near: Sequence[str]) -> Example:
        """The question with a name or number of the passage put for another, so that nothing answers it.

        The other is one of a passage nearby, or of any question.
        """
        found = [m for m in _NAMED.finditer(example.question) if m[0] in example.context]
        if not found:
            return example
        out = self.chance.choice(found)
        others = [self.chance.choice(self.named) for _ in range(20)]
        if near:
            told = [m[0] for m in _NAMED.finditer(self.chance.choice(near))]
            others[:0] = self.chance.sample(told, min(len(told), 5))
        for other in others:
            if other in example.context or other[0].isdigit() != out[0][0].isdigit():
                continue
            if other[0].isdigit() and len(other) != len(out[0]):
                continue
            question = example.question[: out.start()] + other + example.question[out.end() :]
            return Example(question, example.context, -1, -1, example.source)
        return example

    def _other(self, example: Example, name: str) -> str:
        """A passage without the answer: a confusable one where such are known, else any of the set."""
        answer = example.context[example.start : example.end].lower()
        near = self.nearby.get(example.context, ())
        for _ in range(4):
            other = self.chance.choice(near) if near else self.chance.choice(self.sets[name]).context
            if other != example.context and answer not in other.lower():
                return other
        return self.chance.choice(self.sets[name]).context

    def _crop(self, example: Example, tokens: int, without: bool) -> Example:
        """A window of sentences: around the answer, or (``without``) with its sentence removed."""
        text = example.context
        sentences = spans_of_sentences(text)
        budget = tokens * 4.2  # characters; Arabic and English pieces average near this
        at = next((i for i, (a, b) in enumerate(sentences) if a <= example.start < b), None)
        if at is None:
            at = self.chance.randrange(len(sentences))
        elif without and len(sentences) > 1:
            a, b = sentences[at]
            if example.end > b:  # the span crosses sentences: leave it
                return example
            text = text[:a] + text[b:]
            sentences = spans_of_sentences(text)
            example = Example(example.question, text, -1, -1, example.source)
            at = min(at, len(sentences) - 1)
        first = last = at
        while True:
            sides = []
            if first > 0 and sentences[last][1] - sentences[first - 1][0] <= budget:
                sides.append(-1)
            if last + 1 < len(sentences) and sentences[last + 1][1] - sentences[first][0] <= budget:
                sides.append(1)
            if not sides:
                break
            if self.chance.choice(sides) < 0:
                first -= 1
            else:
                last += 1
        while example.end > sentences[last][1] and last + 1 < len(sentences):
            last += 1
        start, stop = sentences[first][0], sentences[last][1]
        if example.start < 0:
            return replace(example, context=text[start:stop])
        return Example(
            example.question, text[start:stop], example.start - start, example.end - start, example.source
        )

    def batches(self, progress: Any, tokens: int) -> Iterator[list[Row]]:
        """Endless batches of about ``tokens`` padded tokens, rows of like length together."""
        while True:
            rows = [row for _ in range(512) if (row := self.draw(progress())) is not None]
            rows.sort(key=lambda row: len(row.ids))
            groups: list[list[Row]] = [[]]
            for row in rows:
                if (len(groups[-1]) + 1) * len(row.ids) > tokens and groups[-1]:
                    groups.append([])
                groups[-1].append(row)
            self.chance.shuffle(groups)
            yield from groups


def nearby(root: Path, aligned: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Confusable passages by passage: of the same SQuAD article, or mined (``train.encoder mine``)."""
    if not NEIGHBOURS.exists():
        raise SystemExit(f"{NEIGHBOURS} is missing. Run: python -m train.encoder mine")
    articles: dict[str, list[str]] = defaultdict(list)
    for row in read_jsonl(root / "squad" / "squad-v1.1-train.jsonl.xz"):
        articles[row["title"]].append(row["context"])
    found = {text: texts for texts in articles.values() if len(texts) > 1 for text in texts}
    pairs = {row["context_en"]: row["context_ar"] for row in reversed(aligned)}
    english = list(dict.fromkeys(row["context_en"] for row in aligned))
    number = {text: i for i, text in enumerate(english)}
    mined = {int(own): others for own, others in json.loads(NEIGHBOURS.read_text()).items()}
    for row in aligned:
        others = [english[i] for i in mined.get(number[row["context_en"]], ())]
        if others:
            found[row["context_ar"]] = [pairs[text] for text in others]
            found[row["context_en"]] = found.get(row["context_en"], []) + others
    return found


def encode(tokenizer: Tokenizer, example: Example) -> Row | None:
    """Token ids and the answer's first and last token; None when it was truncated away."""
    encoding = tokenizer.encode(example.question, example.context)
    ids, kinds = encoding.ids[:MAX_TOKENS], encoding.type_ids[:MAX_TOKENS]
    if example.start < 0:
        return Row(ids, kinds, 0, 0, 0.0)
    start = end = 0
    for i, (kind, (a, b)) in enumerate(zip(encoding.type_ids, encoding.offsets, strict=True)):
        if kind == 1 and b > a:
            if not start and b > example.start:
                start = i
            if a < example.end:
                end = i
    if not start or end < start or end >= len(ids):
        return None
    return Row(ids, kinds, start, end, 1.0)


def pad(rows: list[Row], device: torch.device) -> dict[str, torch.Tensor]:
    width = max(len(row.ids) for row in rows)
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    kinds, mask = torch.zeros_like(ids), torch.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, : len(row.ids)] = torch.tensor(row.ids)
        kinds[i, : len(row.ids)] = torch.tensor(row.kinds)
        mask[i, : len(row.ids)] = 1
    labels = torch.tensor([[row.start, row.end] for row in rows])
    relevant = torch.tensor([row.relevant for row in rows])
    batch = {"ids": ids, "kinds": kinds, "mask": mask, "labels": labels, "relevant": relevant}
    return {name: value.to(device) for name, value in batch.items()}


def loss_of(logits: torch.Tensor, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Cross-entropy of start and end over position 0 and the passage, plus relevance."""
    allowed = batch["kinds"].bool().clone()
    allowed[:, 0] = True
    spans = logits[..., :2].masked_fill(~allowed[..., None], -1e4)
    start = nn.functional.cross_entropy(spans[..., 0], batch["labels"][:, 0])
    end = nn.functional.cross_entropy(spans[..., 1], batch["labels"][:, 1])
    relevance = nn.functional.binary_cross_entropy_with_logits(logits[:, 0, 2], batch["relevant"])
    return (start + end) / 2 + 0.3 * relevance


# ---------------------------------------------------------------- measuring


@torch.no_grad()
def evaluate(model: Reader, tokenizer: Tokenizer, root: Path, every: int) -> dict[str, tuple[float, float]]:
    """``{direction: (F1, EM)}`` in per cent on XQuAD's development half, gold passage whole."""
    from rag.metrics import best_match, exact_match, token_f1
    from rag.reader import best_spans

    sides = {}
    for language in ("en", "ar"):
        rows = read_jsonl(root / "xquad" / f"xquad-dev.{language}.jsonl.xz")
        sides[language] = {qa["id"]: (qa, row["context"]) for row in rows for qa in row["qas"]}
    device = next(model.parameters()).device
    result = {}
    for asked in ("en", "ar"):
        for read in ("en", "ar"):
            scores = []
            for key in list(sides[read])[::every]:
                qa, context = sides[read][key]
                question = sides[asked][key][0]["question"]
                encoding = tokenizer.encode(question, context)
                ids = torch.tensor([encoding.ids[:512]], device=device)
                kinds = torch.tensor([encoding.type_ids[:512]], device=device)
                logits = model(ids, torch.ones_like(ids), kinds)[0].float().cpu().numpy()
                first = encoding.type_ids.index(1)
                [(a, b, _)] = best_spans(logits[first:-1, 0], logits[first:-1, 1], longest=30, count=1)
                offsets = encoding.offsets
                text = context[offsets[first + a][0] : offsets[first + b][1]]
                golds = [answer["text"] for answer in qa["answers"]]
                scores.append((best_match(token_f1, text, golds), best_match(exact_match, text, golds)))
            f1, em = np.mean(scores, axis=0) * 100
            result[f"{asked}->{read}"] = (round(float(f1), 1), round(float(em), 1))
    return result


# ---------------------------------------------------------------- running


def save(model: Reader, tokenizer: Tokenizer, folder: Path, state: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if model.words is not None:
        model.words.settle(model.bert.embeddings.word_embeddings)
    model.bert.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.save(model.head.state_dict(), folder / "head.pt")
    (folder / "state.json").write_text(json.dumps(state), encoding="utf-8")


def load(folder: Path, words: bool = False) -> tuple[Reader, Tokenizer]:
    model = Reader(folder, words)
    if (folder / "head.pt").exists():
        model.head.load_state_dict(torch.load(folder / "head.pt", weights_only=True))
    return model, Tokenizer.from_file(str(folder / "tokenizer.json"))


def average(first: Path, second: Path, share: float, out: Path) -> None:
    """A reader between two of one training, ``share`` of the way from the first to the second.

    The mean of weights along one course lies lower than either end (Wortsman et al. 2022, model soups).
    """
    model, tokenizer = load(first)
    other, _ = load(second)
    blend(model, other, share)
    states = [json.loads((folder / "state.json").read_text(encoding="utf-8")) for folder in (first, second)]
    save(model, tokenizer, out, {"examples": sum(state["examples"] for state in states), "share": share})


def bring_rows(model: Reader, encoder: Path) -> None:
    """Gives the reader an encoder's rows of Arabic (``train.encoder train --words`` has trained them)."""
    trunk, _ = load_encoder(encoder)
    with torch.no_grad():
        rows = trunk.embeddings.word_embeddings.weight[ARABIC:]
        model.bert.embeddings.word_embeddings.weight[ARABIC:] = rows


class Clock:
    """Seconds for which the process ran; a gap between two readings counts for at most a minute."""

    def __init__(self) -> None:
        self._ran, self._last = 0.0, time.monotonic()

    def running(self) -> float:
        now = time.monotonic()
        self._ran += min(now - self._last, 60.0)
        self._last = now
        return self._ran


def train(args: argparse.Namespace) -> None:
    root = data_root(args.data)
    torch.manual_seed(args.seed)
    device = torch.device(args.device)
    model, tokenizer = load(Path(args.resume or args.start), words=args.words > 0)
    if args.rows:
        bring_rows(model, Path(args.rows))
    model.to(device).train()
    sampler = Sampler(root, tokenizer, args.seed)
    for name, examples in sampler.sets.items():
        print(f"{name}: {len(examples)} questions", flush=True)
    layers = [p for name, p in model.named_parameters() if p.requires_grad and not name.startswith("words.")]
    groups: list[dict[str, Any]] = [{"params": layers, "rate": args.rate, "weight_decay": 0.01}]
    if model.words is not None:
        groups.append({"params": list(model.words.parameters()), "rate": args.words, "weight_decay": 0.0})
    optimiser = torch.optim.AdamW(groups, lr=args.rate, fused=True)
    forward = torch.compile(model, dynamic=True) if args.compile else model
    clock = Clock()
    budget = args.minutes * 60

    def progress() -> float:
        return min(1.0, clock.running() / budget)

    seen = steps = tokens = 0
    shown = saved = measured = time.monotonic()
    losses: list[float] = []
    history: list[Any] = []
    for rows in sampler.batches(progress, args.tokens):
        done = progress()
        if done >= 1.0:
            break
        share = min(1.0, (steps + 1) / 60) * (1 - done)
        for group in optimiser.param_groups:
            group["lr"] = group["rate"] * share
        batch = pad(rows, device)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=args.bf16):
            logits = forward(batch["ids"], batch["mask"], batch["kinds"])
        loss = loss_of(logits.float(), batch)
        loss.backward()
        for group in optimiser.param_groups:
            nn.utils.clip_grad_norm_(group["params"], 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        losses.append(float(loss.detach()))
        seen, steps, tokens = seen + len(rows), steps + 1, tokens + batch["ids"].numel()
        now = time.monotonic()
        if now - shown > 30:
            speed = tokens / clock.running()
            print(
                f"{done:6.1%} step {steps} examples {seen} loss {np.mean(losses[-100:]):.3f} "
                f"rate {args.rate * share:.1e} {speed:.0f} tokens/s",
                flush=True,
            )
            shown = now
        if now - measured > args.measure * 60:
            model.eval()
            scores = evaluate(model, tokenizer, root, every=12)
            model.train()
            history.append({"examples": seen, "f1_em": scores})
            print("XQuAD, every 12th:", scores, flush=True)
            measured = time.monotonic()
        if now - saved > 240:
            save(model, tokenizer, Path(args.out), {"examples": seen, "history": history})
            saved = now
    save(model, tokenizer, Path(args.out), {"examples": seen, "history": history})
    model.eval()
    print("XQuAD, every 3rd:", evaluate(model, tokenizer, root, every=3), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", help="root of the data sets (default: SANAD_DATA, ../shared/data)")
    parser.add_argument("--start", help="folder of the encoder to start from")
    parser.add_argument("--resume", help="folder of a reader to go on with")
    parser.add_argument("--rows", help="folder of an encoder that gives its Arabic word embeddings")
    parser.add_argument("--evaluate", help="folder of a reader to measure, and nothing else")
    parser.add_argument("--average", nargs=2, type=Path, metavar="FOLDER", help="two readers to average")
    parser.add_argument("--share", type=float, default=0.6, help="of the second in the average")
    parser.add_argument("--out", default="train/work/reader")
    parser.add_argument("--minutes", type=float, default=90.0)
    parser.add_argument("--measure", type=float, default=20.0, help="minutes between measurements")
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--words", type=float, default=0.0, help="rate of Arabic word embeddings; 0: frozen")
    parser.add_argument("--tokens", type=int, default=2600, help="padded tokens a batch")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--bf16", action="store_true", help="autocast; pays on GPUs and on AMX")
    parser.add_argument("--compile", action="store_true", help="torch.compile; 1.3 times faster on AVX2")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    if args.evaluate:
        model, tokenizer = load(Path(args.evaluate))
        model.to(args.device).eval()
        print(evaluate(model, tokenizer, data_root(args.data), every=1))
        return
    if args.average:
        average(*args.average, args.share, Path(args.out))
        return
    if not (args.start or args.resume):
        parser.error("name --start or --resume")
    if args.resume and not args.out:
        args.out = args.resume
    train(args)


if __name__ == "__main__":
    main()
