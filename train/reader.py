"""Train the reader: question and passage in, answer span, "no answer" and relevance out.

The trunk is the encoder's (six layers of MiniLM). Of its word embeddings the English ones stay as MiniLM has
them; those of Arabic are trained with ``--words``, and ``--rows`` takes an encoder's, whose training has
drawn them nearer to English. Position 0 stands for "no answer". Progress, and with it the learning rate,
follows the clock: ``--minutes 90`` anneals to zero after 90 minutes on any machine; time for which the process
was stopped (SIGSTOP, a laptop asleep) does not count. ``python -m train.encoder mine`` finds the negatives first.

    python -m train.reader --start ../shared/checkpoints/encoder --minutes 90 --out train/work/reader
    python -m train.reader --resume train/work/reader --minutes 60      # go on, with a new schedule
    python -m torch.distributed.run --nproc-per-node 2 -m train.reader --resume … --bf16   # a core each, one model
    python -m train.reader --average BEFORE AFTER --out train/work/mean  # often better than either
    python -m train.reader --evaluate train/work/reader                 # EM and F1 on XQuAD's half
"""

from __future__ import annotations

import argparse
import json
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import distributed, nn
from transformers import AutoModel

from train.data import data_root, read_jsonl
from train.encoder import ARABIC, ArabicRows, blend
from train.encoder import load as load_encoder
from train.examples import Row, Sampler


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

    def skip(self) -> None:
        """What passed since the last reading does not count."""
        self._last = time.monotonic()


class Together:
    """Processes that train one model: each goes its own way for a minute, then all go on from the mean.

    Local SGD (Stich 2019). They meet by their clocks, which stand while they wait for each other, and count by
    their steps, so that one whose core is slower is not waited for. Started by ``torch.distributed.run``; a process
    alone meets nobody.
    """

    PERIOD = 60.0  # seconds

    def __init__(self) -> None:
        self.rank, self.size = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
        self._met = self._steps = 0
        if self.size > 1:
            cores = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(0, {cores[self.rank % len(cores)]})
            torch.set_num_threads(1)
            distributed.init_process_group("gloo", timeout=timedelta(days=1))

    def start(self) -> None:
        """Waits until all are there."""
        if self.size > 1:
            distributed.barrier()

    def due(self, ran: float) -> bool:
        return self.size > 1 and ran >= (self._met + 1) * self.PERIOD

    @torch.no_grad()
    def meet(self, parameters: list[nn.Parameter], steps: int) -> None:
        """Gives all the mean of their parameters, weighed by those of each one's ``steps`` made since they last met."""
        weight = max(steps - self._steps, 1)
        self._met, self._steps = self._met + 1, steps
        told = torch.cat([p.reshape(-1) for p in parameters] + [torch.ones(1)]) * weight
        distributed.all_reduce(told)
        told /= told[-1].clone()
        at = 0
        for p in parameters:
            p.copy_(told[at : at + p.numel()].view_as(p))
            at += p.numel()


def train(args: argparse.Namespace) -> None:
    together = Together()
    root = data_root(args.data)
    torch.manual_seed(args.seed)  # the same for all: a new head is drawn
    device = torch.device(args.device)
    model, tokenizer = load(Path(args.resume or args.start), words=args.words > 0)
    args.seed += 1000 * together.rank
    if args.rows:
        bring_rows(model, Path(args.rows))
    model.to(device).train()
    if device.type == "cpu" and args.bf16:
        # The backward pass of torch's fused attention takes 28 % of a step there; plain products a third of that.
        model.bert.set_attn_implementation("eager")
    sampler = Sampler(root, tokenizer, args.seed)
    for name, examples in sampler.sets.items():
        print(f"{name}: {len(examples)} questions", flush=True)
    layers = [p for name, p in model.named_parameters() if p.requires_grad and not name.startswith("words.")]
    groups: list[dict[str, Any]] = [{"params": layers, "rate": args.rate, "weight_decay": 0.01}]
    if model.words is not None:
        groups.append({"params": list(model.words.parameters()), "rate": args.words, "weight_decay": 0.0})
    optimiser = torch.optim.AdamW(groups, lr=args.rate, fused=True)
    forward = torch.compile(model, dynamic=True) if args.compile else model
    shared = [p for p in model.parameters() if p.requires_grad]
    together.start()
    clock = Clock()
    budget = args.minutes * 60
    if together.size > 1:
        budget -= budget % Together.PERIOD  # so that all meet equally often

    def progress() -> float:
        return min(1.0, clock.running() / budget)

    seen = steps = tokens = 0
    shown = saved = measured = time.monotonic()
    losses: list[float] = []
    history: list[Any] = []
    for rows in sampler.batches(progress, args.tokens):
        done = progress()
        while together.due(clock.running()):
            together.meet(shared, steps)
            clock.skip()
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
        if together.rank:
            continue  # the first one tells, measures and saves
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
    if together.rank:
        return
    save(model, tokenizer, Path(args.out), {"examples": seen, "history": history})
    model.eval()
    print("XQuAD, every 3rd:", evaluate(model, tokenizer, root, every=3), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", help="root of the data sets (default: SANAD_DATA, ../shared/data)")
    parser.add_argument("--start", help="folder of the encoder to start from")
    parser.add_argument("--resume", help="folder of a reader to go on with (written to --out)")
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
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and (args.words or args.minutes < 2):
        parser.error("processes that train together take no --words, and --minutes of 2 or more")
    train(args)


if __name__ == "__main__":
    main()
