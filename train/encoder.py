"""Train the encoder further: question→passage contrast in four directions, with mined negatives.

    python -m train.encoder mine                                   # neighbours, by the hybrid retriever
    python -m train.encoder train --start ../shared/checkpoints/encoder --minutes 60
    python -m train.encoder train --resume train/work/encoder --minutes 30    # go on, a new schedule

Every batch holds one kind of pairs (``train.pairs``); the other passages of the batch are a question's negatives (van
den Oord et al. 2018). The kinds: SQuAD and AQAD's aligned questions in the four directions, SQuAD put
into something like Arabic on either side or both (``train.arabise``), Arabic sets, news (its title or a sentence taken
out of it finds the article, also word by word in English), and translations, whose Arabic is drawn to the
vector that the encoder had for the English. The English word embeddings stay frozen, since the reader has the same;
those of Arabic are trained with ``--words``. Progress, and with it the learning rate, follows the clock.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import AutoModel

from rag.embed import tokens_of_sentences
from train.data import data_root, read_jsonl
from train.mine import mine
from train.pairs import TRANSLATIONS, Sampler

TEMPERATURE = 0.05
SENTENCES = 8  # of a passage, at most, that are compared with a question
ARABIC = 30_522  # the first row of Arabic in the table of word embeddings; those before are MiniLM's


def load(folder: Path) -> tuple[Any, Tokenizer]:
    model = AutoModel.from_pretrained(folder, dtype=torch.float32)
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    model.embeddings.word_embeddings.weight.requires_grad = False
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    return model, tokenizer


class ArabicRows(nn.Module):
    """What training adds to the rows of Arabic in a table of word embeddings that is frozen otherwise."""

    def __init__(self, table: nn.Embedding) -> None:
        super().__init__()
        count, width = table.weight.shape
        # Row 0 stands for every other row of the table, and stays zero.
        self.added = nn.Embedding(count - ARABIC + 1, width, padding_idx=0)
        nn.init.zeros_(self.added.weight)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.added((ids - (ARABIC - 1)).clamp(min=0))

    @torch.no_grad()
    def settle(self, table: nn.Embedding) -> None:
        """Moves what was added into the table."""
        table.weight[ARABIC:] += self.added.weight[1:]
        self.added.weight.zero_()


class Pooled(nn.Module):
    """Means of the trunk's vectors, of the whole text and of each of its sentences, unit length."""

    def __init__(self, trunk: Any, words: bool = False) -> None:
        super().__init__()
        self.trunk = trunk
        self.words = ArabicRows(trunk.embeddings.word_embeddings) if words else None

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
        """``shares`` says what each token counts in each mean: shape (texts, means, tokens)."""
        embeds = self.trunk.embeddings.word_embeddings(ids)
        if self.words is not None:
            embeds = embeds + self.words(ids)
        hidden = self.trunk(inputs_embeds=embeds, attention_mask=mask).last_hidden_state
        return nn.functional.normalize((shares.to(hidden.dtype) @ hidden).float(), dim=-1)


def pad(
    tokenizer: Tokenizer, texts: Sequence[str], device: torch.device, most: int = 0
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ids, mask and shares (see ``Pooled``) of ``1 + most`` means: the text's and those of its first sentences."""
    encodings = tokenizer.encode_batch(list(texts))
    width = max(len(encoding.ids) for encoding in encodings)
    ids = torch.zeros(len(encodings), width, dtype=torch.long)
    mask = torch.zeros_like(ids)
    shares = torch.zeros(len(encodings), 1 + most, width)
    for i, encoding in enumerate(encodings):
        length = len(encoding.ids)
        ids[i, :length] = torch.tensor(encoding.ids)
        mask[i, :length] = 1
        shares[i, 0, :length] = 1 / length
        if most:
            for n, tokens in enumerate(tokens_of_sentences(texts[i], encoding.offsets)[:most], 1):
                shares[i, n, tokens.start : tokens.stop] = 1 / len(tokens)
    return ids.to(device), mask.to(device), shares.to(device)


def embed(
    forward: Callable[..., torch.Tensor],
    tokenizer: Tokenizer,
    texts: Sequence[str],
    device: torch.device,
    parts: int,
    most: int = 0,
) -> torch.Tensor:
    """Vectors in the order of ``texts``, shape (texts, 1 + most, dimension), as ``pad`` has the means.

    Run in ``parts`` groups of like length, to pad less.
    """
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    step = -(-len(order) // parts)
    vectors = [
        forward(*pad(tokenizer, [texts[i] for i in order[at : at + step]], device, most))
        for at in range(0, len(order), step)
    ]
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(vectors)[back.to(device)]


def nearest_sentence(questions: torch.Tensor, passages: torch.Tensor) -> torch.Tensor:
    """The cosine of each question with the nearest sentence of each passage, or with one that has none."""
    scores = torch.einsum("qd,pkd->qpk", questions, passages)
    there = passages.abs().sum(-1) > 0
    there[:, 0] = ~there[:, 1:].any(1)
    return scores.masked_fill(~there[None], -1.0).amax(-1)


def loss_of(questions: torch.Tensor, passages: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """Cross-entropy both ways, of whole passages and of their nearest sentences.

    Other pairs of the same passage are left out.
    """
    whole = contrast(questions @ passages[:, 0].T, ids)
    return (whole + contrast(nearest_sentence(questions, passages), ids)) / 2


def contrast(cosines: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    scores = cosines / TEMPERATURE
    same = (ids[:, None] == ids[None, :]) & ~torch.eye(len(ids), dtype=torch.bool, device=ids.device)
    scores = scores.masked_fill(same, -1e4)
    gold = torch.arange(len(ids), device=ids.device)
    across = nn.functional.cross_entropy(scores, gold)
    return (2 * across + nn.functional.cross_entropy(scores.T, gold)) / 3


def loss_of_translations(arabic: torch.Tensor, english: torch.Tensor) -> torch.Tensor:
    """Distance to the English vectors, which stay as they are, and telling them apart."""
    scores = arabic @ english.T / TEMPERATURE
    alike = (english @ english.T > 0.9) & ~torch.eye(len(english), dtype=torch.bool, device=english.device)
    gold = torch.arange(len(english), device=english.device)
    apart = nn.functional.cross_entropy(scores.masked_fill(alike, -1e4), gold)
    return 3 * (1 - (arabic * english).sum(1)).mean() + apart


@torch.no_grad()
def measure(model: Pooled, tokenizer: Tokenizer, root: Path) -> dict[str, tuple[float, ...]]:
    """``{direction: (R@1, R@10, R@1, R@10)}`` in per cent over XQuAD's development passages of one language, fp32.

    First by whole passages, then by the mean of these cosines and those of the nearest sentences.
    """
    device = next(model.parameters()).device
    vectors: dict[str, torch.Tensor] = {}
    gold = torch.empty(0)
    for language in ("en", "ar"):
        rows = list(read_jsonl(root / "xquad" / f"xquad-dev.{language}.jsonl.xz"))
        texts = [row["context"] for row in rows]
        vectors[f"p_{language}"] = embed(model, tokenizer, texts, device, 12, SENTENCES)
        asked = [qa["question"] for row in rows for qa in row["qas"]]
        vectors[f"q_{language}"] = embed(model, tokenizer, asked, device, 12)[:, 0]
        gold = torch.tensor([i for i, row in enumerate(rows) for _ in row["qas"]], device=device)
    result = {}
    for asked_in in ("en", "ar"):
        for read in ("en", "ar"):
            questions, passages = vectors[f"q_{asked_in}"], vectors[f"p_{read}"]
            whole = questions @ passages[:, 0].T
            told: list[float] = []
            for scores in (whole, (whole + nearest_sentence(questions, passages)) / 2):
                rank = (scores > scores.gather(1, gold[:, None])).sum(1)
                told += [round(100 * float((rank < depth).float().mean()), 1) for depth in (1, 10)]
            result[f"{asked_in}->{read}"] = tuple(told)
    return result


def save(model: Pooled, tokenizer: Tokenizer, folder: Path, state: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if model.words is not None:
        model.words.settle(model.trunk.embeddings.word_embeddings)
    model.trunk.save_pretrained(folder)
    tokenizer.no_truncation()
    tokenizer.save(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(256)
    (folder / "state.json").write_text(json.dumps(state), encoding="utf-8")


def train(args: argparse.Namespace) -> None:
    root = data_root(args.data)
    torch.manual_seed(args.seed)
    device = torch.device(args.device)
    trunk, tokenizer = load(Path(args.resume or args.start))
    teacher = Pooled(copy.deepcopy(trunk)).to(device).eval().requires_grad_(False)
    model = Pooled(trunk, words=args.words > 0).to(device).train()
    sampler = Sampler(root, args.seed, args.translations)
    for _, name, deck, _ in sampler.kinds:
        if deck is not None:
            print(f"{name}: {len(deck.pairs)} pairs", flush=True)
    print("before", measure(model, tokenizer, root), flush=True)
    layers = [p for p in model.trunk.parameters() if p.requires_grad]
    groups: list[dict[str, Any]] = [{"params": layers, "rate": args.rate, "weight_decay": 0.01}]
    if model.words is not None:
        groups.append({"params": list(model.words.parameters()), "rate": args.words, "weight_decay": 0.0})
    optimiser = torch.optim.AdamW(groups, lr=args.rate, fused=True)
    forward = torch.compile(model, dynamic=True) if args.compile else model
    aim = torch.compile(teacher, dynamic=True) if args.compile else teacher
    started = time.monotonic()
    state: dict[str, Any] = {"pairs": 0, "history": []}
    if args.resume and (Path(args.resume) / "state.json").exists():
        state = json.loads((Path(args.resume) / "state.json").read_text(encoding="utf-8"))
    losses: dict[str, list[float]] = defaultdict(list)
    shown = saved = measured = started
    for steps, (kind, questions, passages, ids) in enumerate(draws(sampler, args.batch), 1):
        done = (time.monotonic() - started) / (args.minutes * 60)
        if done >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = group["rate"] * min(1.0, steps / 30) * (1 - done)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=args.bf16):
            if kind == TRANSLATIONS:
                with torch.no_grad():
                    english = embed(aim, tokenizer, passages, device, 3)[:, 0]
                arabic = embed(forward, tokenizer, questions, device, 3)[:, 0]
                loss = loss_of_translations(arabic, english)
            else:
                asked = embed(forward, tokenizer, questions, device, 1)[:, 0]
                read = embed(forward, tokenizer, passages, device, 3, SENTENCES)
                loss = loss_of(asked, read, torch.tensor(ids, device=device))
        loss.backward()
        for group in optimiser.param_groups:
            nn.utils.clip_grad_norm_(group["params"], 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        losses[kind].append(float(loss.detach()))
        state["pairs"] += len(ids)
        now = time.monotonic()
        if now - shown > 60:
            recent = {name: round(float(np.mean(values[-20:])), 3) for name, values in losses.items()}
            print(f"{done:6.1%} step {steps} pairs {state['pairs']} {recent}", flush=True)
            shown = now
        if now - measured > args.measure * 60:
            model.eval()
            scores = measure(model, tokenizer, root)
            model.train()
            state["history"].append({"pairs": state["pairs"], "dense": scores})
            print("XQuAD, dense alone:", scores, flush=True)
            measured = time.monotonic()
        if now - saved > 240:
            save(model, tokenizer, Path(args.out), state)
            saved = now
    state["history"].append({"pairs": state["pairs"], "dense": measure(model, tokenizer, root)})
    save(model, tokenizer, Path(args.out), state)
    print("at the end", state["history"][-1], flush=True)


def blend(first: nn.Module, second: nn.Module, share: float) -> None:
    """Moves the weights of ``first`` by ``share`` of the way to those of ``second``."""
    end = second.state_dict()
    mixed = {
        name: torch.lerp(value, end[name], share) if value.is_floating_point() else value
        for name, value in first.state_dict().items()
    }
    first.load_state_dict(mixed)


def average(first: Path, second: Path, share: float, out: Path) -> None:
    """An encoder between two, ``share`` of the way from the first to the second."""
    (trunk, tokenizer), (other, _) = load(first), load(second)
    blend(trunk, other, share)
    states = [json.loads((folder / "state.json").read_text(encoding="utf-8")) for folder in (first, second)]
    pairs = sum(state["pairs"] for state in states)
    save(Pooled(trunk), tokenizer, out, {"pairs": pairs, "share": share, "history": []})


def draws(sampler: Sampler, size: int) -> Iterator[tuple[str, list[str], list[str], list[int]]]:
    while True:
        yield sampler.draw(size)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=("mine", "train", "measure", "average"))
    parser.add_argument("folders", nargs="*", type=Path, help="average: the two encoders")
    parser.add_argument("--share", type=float, default=0.5, help="average: of the second")
    parser.add_argument("--data", help="root of the data sets (default: SANAD_DATA, ../shared/data)")
    parser.add_argument("--start", help="folder of the encoder to start from")
    parser.add_argument("--resume", help="folder of an encoder to go on with (written to --out)")
    parser.add_argument("--out", default="train/work/encoder")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--measure", type=float, default=12.0, help="minutes between measurements")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--words", type=float, default=0.0, help="rate of Arabic word embeddings; 0: frozen")
    parser.add_argument("--translations", type=float, default=0.4, help="share, beside 0.6 of questions")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--bf16", action="store_true", help="autocast; pays on GPUs and on AMX")
    parser.add_argument("--compile", action="store_true", help="torch.compile; 1.3 times faster on AVX2")
    parser.add_argument("--seed", type=int, default=11)
    args = parser.parse_args()
    if args.what == "mine":
        mine(data_root(args.data), args.seed)
        return
    if args.what == "average":
        if len(args.folders) != 2:
            parser.error("name the two encoders to average")
        average(*args.folders, args.share, Path(args.out))
        return
    if not (args.start or args.resume):
        parser.error("name --start or --resume")
    if args.what == "measure":
        trunk, tokenizer = load(Path(args.resume or args.start))
        print(measure(Pooled(trunk).to(args.device).eval(), tokenizer, data_root(args.data)))
        return
    train(args)


if __name__ == "__main__":
    main()
