"""Train the encoder further: question→passage contrast in four directions, with mined negatives.

    python -m train.encoder mine                                   # neighbours, by the hybrid retriever
    python -m train.encoder train --start ../shared/checkpoints/encoder --minutes 60
    python -m train.encoder train --resume train/work/encoder --minutes 30    # go on, a new schedule

Every batch holds one kind of pairs (``train.pairs``); the other passages of the batch are a question's negatives (van
den Oord et al. 2018), by the vectors of whole texts and by those of their words, each word of a question beside the
nearest of a passage (late interaction, Khattab and Zaharia 2020). The kinds: SQuAD and AQAD's aligned questions in the
four directions, SQuAD put into something like Arabic on either side or both (``train.arabise``), Arabic sets, questions
written for this project (``train.asked``), news (its
title or a sentence taken out of it finds the article); all Arabic in them is read word by word in English, as
``rag.embed`` reads it. Then, with ``--translations``, Arabic as it is, drawn to the vector that the encoder had for its
English. The English word embeddings stay frozen, since the reader has the same; those of Arabic are trained with
``--words``. Progress, and with it the learning rate, follows the clock.
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

from rag.embed import as_passage, as_question, tokens_of_words
from train.data import data_root, read_jsonl
from train.mine import mine
from train.pairs import TRANSLATIONS, Sampler

TEMPERATURE = 0.05
BY_WORDS = 0.03  # temperature of the words' scores, which lie nearer to each other
WIDTH = 64  # of a word's vector
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
    """Means of the trunk's vectors, of the whole text and of each of its words; all of unit length.

    Attributes:
        centre: What is taken off a word's mean before it is projected: the mean of many texts.
        project: To the ``WIDTH`` components of a word's vector.
        weigh: How much a word of a question counts beside the others.
    """

    def __init__(self, trunk: Any, words: bool = False) -> None:
        super().__init__()
        self.trunk = trunk
        self.words = ArabicRows(trunk.embeddings.word_embeddings) if words else None
        width = trunk.config.hidden_size
        self.centre = nn.Parameter(torch.zeros(width), requires_grad=False)
        self.project = nn.Linear(width, WIDTH, bias=False)
        self.weigh = nn.Linear(width, 1)

    def forward(
        self, ids: torch.Tensor, mask: torch.Tensor, shares: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Vectors of the texts, (texts, d), of their words, (texts, words, ``WIDTH``), and the words' weights.

        ``shares`` says what each token counts in each mean: shape (texts, 1 + words, tokens).
        """
        embeds = self.trunk.embeddings.word_embeddings(ids)
        if self.words is not None:
            embeds = embeds + self.words(ids)
        hidden = self.trunk(inputs_embeds=embeds, attention_mask=mask).last_hidden_state
        means = (shares.to(hidden.dtype) @ hidden).float()
        there = shares[:, 1:].sum(-1) > 0
        words = nn.functional.normalize(means[:, 1:] - self.centre, dim=-1)
        weights = nn.functional.softplus(self.weigh(words)[..., 0]) * there
        vectors = nn.functional.normalize(self.project(words), dim=-1) * there[..., None]
        return nn.functional.normalize(means[:, 0], dim=-1), vectors, weights


@torch.no_grad()
def begin_words(model: Pooled, tokenizer: Tokenizer, texts: Sequence[str]) -> None:
    """Sets ``centre`` and, to the words' principal components, ``project``."""
    device = next(model.parameters()).device
    means, words = [], []
    for text in texts:
        ids, mask, shares = pad(tokenizer, [text], device)
        embeds = model.trunk.embeddings.word_embeddings(ids)
        hidden = model.trunk(inputs_embeds=embeds, attention_mask=mask).last_hidden_state
        found = (shares @ hidden)[0]
        means.append(found[0])
        words.append(found[1:])
    model.centre.copy_(torch.stack(means).mean(0))
    unit = nn.functional.normalize(torch.cat(words) - model.centre, dim=-1)
    basis, _, _ = torch.linalg.svd(unit.T @ unit)
    model.project.weight.copy_(basis[:, :WIDTH].T)
    nn.init.zeros_(model.weigh.weight)
    nn.init.constant_(model.weigh.bias, 0.5)


def pad(
    tokenizer: Tokenizer, texts: Sequence[str], device: torch.device
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ids, mask and shares (see ``Pooled``)."""
    encodings = tokenizer.encode_batch(list(texts))
    words = [tokens_of_words(text, encoding) for text, encoding in zip(texts, encodings, strict=True)]
    width = max(len(encoding.ids) for encoding in encodings)
    ids = torch.zeros(len(encodings), width, dtype=torch.long)
    mask = torch.zeros_like(ids)
    shares = torch.zeros(len(encodings), 1 + max(map(len, words)), width)
    for i, encoding in enumerate(encodings):
        length = len(encoding.ids)
        ids[i, :length] = torch.tensor(encoding.ids)
        mask[i, :length] = 1
        shares[i, 0, :length] = 1 / length
        for n, tokens in enumerate(words[i], 1):
            shares[i, n, tokens.start : tokens.stop] = 1 / len(tokens)
    return ids.to(device), mask.to(device), shares.to(device)


Embedded = tuple[torch.Tensor, torch.Tensor, torch.Tensor]  # as ``Pooled`` gives them


def embed(
    forward: Callable[..., Embedded],
    tokenizer: Tokenizer,
    texts: Sequence[str],
    device: torch.device,
    parts: int,
) -> Embedded:
    """Of all texts in their order what ``Pooled`` gives; run in ``parts`` groups of like length, to pad less."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    step = -(-len(order) // parts)
    found = [
        forward(*pad(tokenizer, [texts[i] for i in order[at : at + step]], device))
        for at in range(0, len(order), step)
    ]
    most = max(words.shape[1] for _, words, _ in found)
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    back = back.to(device)

    def joined(each: Sequence[torch.Tensor]) -> torch.Tensor:
        return torch.cat(list(each))[back]

    return (
        joined([whole for whole, _, _ in found]),
        joined([nn.functional.pad(words, (0, 0, 0, most - words.shape[1])) for _, words, _ in found]),
        joined([nn.functional.pad(weights, (0, most - weights.shape[1])) for _, _, weights in found]),
    )


def by_words(questions: Embedded, passages: Embedded) -> torch.Tensor:
    """The weighted mean, over the words of each question, of the cosine with the nearest word of each passage."""
    _, asked, weights = questions
    _, read, _ = passages
    there = read.abs().sum(-1) > 0
    cosines = torch.einsum("qwd,pvd->qpwv", asked, read)
    nearest = cosines.masked_fill(~there[None, :, None, :], -1.0).amax(-1)
    return (nearest * weights[:, None]).sum(-1) / weights.sum(-1)[:, None]


def loss_of(questions: Embedded, passages: Embedded, ids: torch.Tensor) -> torch.Tensor:
    """Cross-entropy both ways, by whole texts and by words; other pairs of the same passage are left out."""
    whole = contrast((questions[0] @ passages[0].T) / TEMPERATURE, ids)
    return (whole + contrast(by_words(questions, passages) / BY_WORDS, ids)) / 2


def contrast(scores: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
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

    First by whole texts, then by words.
    """
    device = next(model.parameters()).device
    vectors: dict[str, Embedded] = {}
    gold = torch.empty(0)
    for language in ("en", "ar"):
        rows = list(read_jsonl(root / "xquad" / f"xquad-dev.{language}.jsonl.xz"))
        texts = [as_passage(row["context"]) for row in rows]
        vectors[f"p_{language}"] = embed(model, tokenizer, texts, device, 12)
        asked = [as_question(qa["question"]) for row in rows for qa in row["qas"]]
        vectors[f"q_{language}"] = embed(model, tokenizer, asked, device, 12)
        gold = torch.tensor([i for i, row in enumerate(rows) for _ in row["qas"]], device=device)
    result = {}
    for asked_in in ("en", "ar"):
        for read in ("en", "ar"):
            questions, passages = vectors[f"q_{asked_in}"], vectors[f"p_{read}"]
            some = [tuple(part[at : at + 36] for part in questions) for at in range(0, len(gold), 36)]
            words = torch.cat([by_words(few, passages) for few in some])  # type: ignore[arg-type]
            told: list[float] = []
            for scores in (questions[0] @ passages[0].T, words):
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
    words = {name: part.detach().cpu().numpy() for name, part in parts_of_words(model).items()}
    np.savez(folder / "words.npz", **words)
    (folder / "state.json").write_text(json.dumps(state), encoding="utf-8")


def parts_of_words(model: Pooled) -> dict[str, torch.Tensor]:
    """What makes vectors of words, as ``words.npz`` names it."""
    weigh = {"weigh": model.weigh.weight, "bias": model.weigh.bias}
    return {"centre": model.centre, "project": model.project.weight, **weigh}


def load_words(model: Pooled, folder: Path) -> bool:
    """Whether the folder says how vectors of words are made; if so the model makes them so."""
    if not (folder / "words.npz").exists():
        return False
    stored = np.load(folder / "words.npz")
    with torch.no_grad():
        for name, part in parts_of_words(model).items():
            part.copy_(torch.from_numpy(stored[name]))
    return True


def loaded(folder: Path) -> tuple[Pooled, Tokenizer]:
    """An encoder as ``save`` wrote it.

    Raises:
        SystemExit: It says nothing of words.
    """
    trunk, tokenizer = load(folder)
    model = Pooled(trunk)
    if not load_words(model, folder):
        raise SystemExit(
            f"No words.npz in {folder}. Train it first: python -m train.encoder train --start {folder}"
        )
    return model, tokenizer


def train(args: argparse.Namespace) -> None:
    root = data_root(args.data)
    torch.manual_seed(args.seed)
    device = torch.device(args.device)
    trunk, tokenizer = load(Path(args.resume or args.start))
    teacher = Pooled(copy.deepcopy(trunk)).to(device).eval().requires_grad_(False)
    model = Pooled(trunk, words=args.words > 0).to(device).train()
    sampler = Sampler(root, args.seed, args.translations)
    if not load_words(model, Path(args.resume or args.start)):
        begin_words(model, tokenizer, [as_passage(text) for text in sampler.some(300)])
    for _, name, deck, _ in sampler.kinds:
        if deck is not None:
            print(f"{name}: {len(deck.pairs)} pairs", flush=True)
    print("before", measure(model, tokenizer, root), flush=True)
    layers = [p for p in model.trunk.parameters() if p.requires_grad]
    added = [*model.project.parameters(), *model.weigh.parameters()]
    groups: list[dict[str, Any]] = [
        {"params": layers, "rate": args.rate, "weight_decay": 0.01},
        {"params": added, "rate": 10 * args.rate, "weight_decay": 0.0},
    ]
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
                    english = embed(aim, tokenizer, passages, device, 3)[0]
                arabic = embed(forward, tokenizer, questions, device, 3)[0]
                loss = loss_of_translations(arabic, english)
            else:
                questions = [as_question(text) for text in questions]
                passages = [as_passage(text) for text in passages]
                asked = embed(forward, tokenizer, questions, device, 1)
                read = embed(forward, tokenizer, passages, device, 3)
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
            print("XQuAD, by whole texts, by words:", scores, flush=True)
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
    (model, tokenizer), (other, _) = loaded(first), loaded(second)
    blend(model, other, share)
    states = [json.loads((folder / "state.json").read_text(encoding="utf-8")) for folder in (first, second)]
    pairs = sum(state["pairs"] for state in states)
    save(model, tokenizer, out, {"pairs": pairs, "share": share, "history": []})


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
        model, tokenizer = loaded(Path(args.resume or args.start))
        print(measure(model.to(args.device).eval(), tokenizer, data_root(args.data)))
        return
    train(args)


if __name__ == "__main__":
    main()
