"""A slow reference written straight from the paper's equations: one turn, one candidate, one response at a time.

It shares no layout, batching or attention with the package: contexts are lists of tokens and items built turn by turn,
and every number comes from a stock transformers model that reads one unpadded sequence. Only the trained weights and
the tokeniser are taken from the model under test.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from models import TinyModel
from pecrs.config import TrainingConfig
from pecrs.data.dialogue import Dialogue, Speaker, Turn

Entry = tuple[str, int]
"""("token", id) or ("item", catalogue index)."""

SPARE_POSITION = 511
"""A position that no context reaches; its additive row is zeroed, so that it means "no position"."""


@dataclass
class TurnScores:
    """What the equations give for one recommender turn.

    Attributes:
        items: Its positives.
        retrieval: Scores of positives and negatives; empty without context or items.
        reranking: Likewise.
        responses: Log-probabilities of each response's tokens: one response, or one per item.
        decision: Logits of the recommender's prefix and of [REC].
    """

    items: list[int]
    retrieval: dict[int, Tensor] = field(default_factory=dict)
    reranking: dict[int, Tensor] = field(default_factory=dict)
    responses: list[list[Tensor]] = field(default_factory=list)
    decision: Tensor | None = None

    @property
    def points(self) -> int:
        """The paper has one data point per item, and one for a turn without items."""
        return max(1, len(self.items))


class Reference:
    """The per-turn computation with the weights of a model under test."""

    def __init__(self, tiny: TinyModel, *, merged: bool = True) -> None:
        """Take the weights.

        Args:
            tiny: The model under test and its stock base.
            merged: Merge adapters into a copy of the stock model; False runs the live weights, for gradients.
        """
        self.heads, self.config, self.vocabulary = tiny.model, tiny.config, tiny.model.vocabulary
        self.catalogue = tiny.model.catalogue
        self.base = tiny.base
        self.lm = copy.deepcopy(tiny.model.backbone.model) if merged else tiny.model.backbone.causal_lm
        if merged and self.config.model.tuning == "lora":
            self.lm = self.lm.merge_and_unload()
            _merge_rows(self.lm, self.vocabulary.special)
        self.lm.set_attn_implementation("sdpa")
        if self.config.model.candidate_position == "none":
            with torch.no_grad():
                _position_table(self.lm).weight[SPARE_POSITION] = 0
        self.vectors = [self.item_vector(j) for j in range(len(self.catalogue))]

    # Eq. 1

    def item_vector(self, j: int) -> Tensor:
        """v_j = h_item(w^T C_j), C_j read by the untuned base, w normalised over the item's own tokens."""
        ids: list[int] = []
        for number, text in enumerate(self.catalogue.text_fields(self.catalogue.items[j])):
            ids += [self.vocabulary.sep] * (number > 0)
            ids += self.vocabulary.tokenizer(text, add_special_tokens=False)["input_ids"]
        ids = ids[: self.config.data.max_item_tokens]
        with torch.no_grad():
            states = self._item_states(torch.tensor([ids]))
        encoder = self.heads.item_encoder
        powers = [torch.exp(encoder.pooling[k]) for k in range(len(ids))]
        pooled = sum(power * state for power, state in zip(powers, states, strict=True)) / sum(powers)
        vector = encoder.head((pooled - encoder.mean) / encoder.deviation)
        if encoder.embedding is not None and encoder.seen[j]:
            vector = vector + encoder.embedding[j]
        return vector / torch.sqrt((vector * vector).sum()) * encoder.scale

    def _item_states(self, ids: Tensor) -> Tensor:
        model = self.base
        if model.config.model_type == "bert":  # item text is read as it was pre-trained: both ways
            config = copy.deepcopy(model.config)
            config.is_decoder = False
            body = type(model.bert)(config, add_pooling_layer=False).to(ids.device, torch.float64).eval()
            body.load_state_dict(model.bert.state_dict())
            return body(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state[0]
        return model(input_ids=ids, attention_mask=torch.ones_like(ids), output_hidden_states=True).hidden_states[-1][0]

    # Eq. 2

    def utterance(self, turn: Turn) -> tuple[list[Entry], list[int]]:
        """The wrapper of a turn with its role prefix, and the ids of its text."""
        entries: list[Entry] = []
        if turn.items:
            seeker = turn.speaker is Speaker.SEEKER
            left, right = (
                (self.vocabulary.sep, self.vocabulary.sep) if seeker else (self.vocabulary.rec, self.vocabulary.rec_end)
            )
            entries = [("token", left), *(("item", self.catalogue.index(i)) for i in turn.items), ("token", right)]
        prefix = self.vocabulary.prefixes[turn.speaker]
        return [*entries, *(("token", i) for i in prefix)], list(self.vocabulary.encode_turn(turn))

    def context(self, turns: Sequence[Turn]) -> list[Entry]:
        """The longest run of whole last turns that fits with the opening EOS and [REC]; at least the last turn."""
        eos = ("token", self.vocabulary.eos)
        limit = self.config.data.max_context_tokens
        for first in range(len(turns)):
            entries = [eos]
            for turn in turns[first:]:
                head, text = self.utterance(turn)
                entries += [*head, *(("token", i) for i in text), eos]
            if len(entries) + 1 <= limit:
                return entries
        if not turns:
            return [eos]
        head, text = self.utterance(turns[-1])
        while 1 + len(head) + len(text) + 1 + 1 > limit:
            text = text[1:]
        return [eos, *head, *(("token", i) for i in text), eos]

    # One unpadded sequence through the stock model

    def read(self, entries: Sequence[Entry], last_position: int | None = None) -> tuple[Tensor, Tensor]:
        """States (n, d) and logits (n, vocabulary); the last position id may differ from its place."""
        table = self.lm.get_input_embeddings()
        rows = [table(torch.tensor([[i]]))[0, 0] if kind == "token" else self.vectors[i] for kind, i in entries]
        places = list(range(len(entries)))
        if last_position is not None:
            places[-1] = last_position
        output = self.lm(
            inputs_embeds=torch.stack(rows)[None],
            position_ids=torch.tensor([places]),
            attention_mask=torch.ones(1, len(rows), dtype=torch.long),
            output_hidden_states=True,
            use_cache=False,
        )
        return output.hidden_states[-1][0], output.logits[0]

    # Eq. 3 and 5: scores

    def retrieval_score(self, states: Tensor, j: int, context: Sequence[Entry] = ()) -> Tensor:
        """Minus the angular distance, or the cosine, of f(d_t) and v_j, times the scale; popularity; mentions."""
        retriever = self.heads.retriever
        projected, vector = retriever.head(states[-1]), self.vectors[j]
        cosine = (projected @ vector) / torch.sqrt((projected @ projected) * (vector @ vector))
        score = -torch.sqrt(2 * (1 - cosine)) if self.config.model.similarity == "angular" else cosine
        score = score * torch.exp(retriever.log_scale)
        named = {i for kind, i in context if kind == "item"}
        others = [self.vectors[i] for i in named - {j}]
        if retriever.mention_weight is not None and others:
            mean = sum(others) / len(others)
            score = score + retriever.mention_weight * (mean @ vector) / torch.sqrt((mean @ mean) * (vector @ vector))
        if retriever.pointer is not None and j in named:
            last = max(place for place, entry in enumerate(context) if entry == ("item", j))
            mention = retriever.pointer.key(states[last])
            score = score + retriever.pointer.query(states[-1]) @ mention / len(mention) ** 0.5 + retriever.pointer.bias
        if self.config.model.popularity_bias == "log":
            return score + retriever.popularity_weight * retriever.log_popularity[j]
        if self.config.model.popularity_bias == "learned" and retriever.log_popularity[j] > 0:
            return score + retriever.bias[j]
        return score

    def rerank_score(self, context: Sequence[Entry], j: int) -> Tensor:
        """r = g(f(state of v_j after the context and [REC])), in a pass of its own."""
        entries = [*context, ("token", self.vocabulary.rec), ("item", j)]
        place = {"none": SPARE_POSITION, "zero": 0, "after_rec": len(entries) - 1}
        states, _ = self.read(entries, place[self.config.model.candidate_position])
        return self.heads.reranker.head(self.heads.retriever.head(states[-1])).squeeze(-1)

    # Eq. 7: responses

    def response(self, context: Sequence[Entry], items: Sequence[int], turn: Turn) -> list[Tensor]:
        """Log-probabilities of text and EOS after [REC] v.. [REC_END] (or nothing) and the role prefix."""
        v = self.vocabulary
        wrapper = [("token", v.rec), *(("item", j) for j in items), ("token", v.rec_end)] if items else []
        prefix = [("token", i) for i in v.prefixes[Speaker.RECOMMENDER]]
        wanted = [*v.encode_turn(turn), v.eos][: self.config.data.max_response_tokens]
        entries = [*context, *wrapper, *prefix, *(("token", i) for i in wanted)]
        _, logits = self.read(entries)
        start = len(entries) - len(wanted)
        return [torch.log_softmax(logits[start + n - 1], 0)[token] for n, token in enumerate(wanted)]

    # One turn

    def turn_scores(
        self, dialogue: Dialogue, t: int, negatives: Sequence[int] | None, rerank_negatives: Sequence[int]
    ) -> TurnScores:
        """Everything about recommender turn ``t``; ``negatives`` None takes the whole catalogue."""
        turn, context = dialogue.turns[t], self.context(dialogue.turns[:t])
        scores = TurnScores([self.catalogue.index(i) for i in turn.items])
        if scores.items and t > 0:
            states, _ = self.read([*context, ("token", self.vocabulary.rec)])
            others = range(len(self.catalogue)) if negatives is None else negatives
            for j in [*scores.items, *others]:
                scores.retrieval[j] = self.retrieval_score(states, j, context)
            for j in [*scores.items, *rerank_negatives]:
                scores.reranking[j] = self.rerank_score(context, j)
        if self.config.data.generation == "joint" or len(scores.items) < 2:
            scores.responses = [self.response(context, scores.items, turn)]
        else:
            scores.responses = [self.response(context, [j], turn) for j in scores.items]
        _, logits = self.read(context)
        pair = [self.vocabulary.prefixes[Speaker.RECOMMENDER][0], self.vocabulary.rec]
        scores.decision = logits[-1][pair]
        return scores


def _merge_rows(model: nn.Module, tokens: Sequence[int]) -> None:
    """Write the trained rows of the special tokens into copies of the stock tables."""
    for layer, put in (
        (model.get_input_embeddings(), model.set_input_embeddings),
        (model.get_output_embeddings(), model.set_output_embeddings),
    ):
        table = copy.deepcopy(layer.table)
        with torch.no_grad():
            table.weight[list(tokens)] = layer.rows
        put(table)


def _position_table(model: nn.Module) -> nn.Embedding:
    if model.config.model_type == "gpt2":
        return model.transformer.wpe
    return model.bert.embeddings.position_embeddings


def contrast(scores: dict[int, Tensor], items: Sequence[int]) -> Tensor:
    """-log E of eq. 3, summed over the positives, each against everything but the other positives."""
    total = torch.zeros(())
    for right in items:
        baseline_models = [score for j, score in scores.items() if j == right or j not in items]
        total = total - torch.log(
            torch.exp(scores[right]) / sum(torch.exp(baseline_model) for baseline_model in baseline_models)
        )
    return total


def losses(turns: Sequence[TurnScores], config: TrainingConfig) -> dict[str, Tensor]:
    """Eq. 4, 5, 7 and 8 with the decision loss: sums over data points divided by their number."""
    points = sum(turn.points for turn in turns)
    result = {name: torch.zeros(()) for name in ("recall", "rerank", "generation", "decision")}
    for turn in turns:
        if turn.retrieval:
            result["recall"] = result["recall"] + contrast(turn.retrieval, turn.items) / points
        if turn.reranking:
            result["rerank"] = result["rerank"] + contrast(turn.reranking, turn.items) / points
        share = turn.points / len(turn.responses)
        for response in turn.responses:
            result["generation"] = result["generation"] - share * sum(response) / len(response) / points
        prefix, rec = turn.decision
        chosen, other = (rec, prefix) if turn.items else (prefix, rec)
        probability = torch.exp(chosen) / (torch.exp(chosen) + torch.exp(other))
        result["decision"] = result["decision"] - turn.points * torch.log(probability) / points
    weights = {name: getattr(config, f"{name}_weight") for name in result}
    return {**result, "total": sum(weights[name] * value for name, value in result.items())}
