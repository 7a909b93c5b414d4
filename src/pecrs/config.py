"""The configuration: a tree of strict, frozen models, YAML in, JSON out.

Every field is read somewhere (a test asserts it); unknown keys are refused; a wrong value names its field.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from pecrs._settings import Settings, Text, require

Share = Annotated[float, Field(ge=0, le=1)]
"""A part of a whole."""

Dropout = Annotated[float, Field(ge=0, lt=1)]
"""A part that is not the whole."""

_FORMER_FIELDS = MappingProxyType({"pass_tokens": "micro_batch_tokens", "follow_wishes": "words"})
_FORMER_VALUES = MappingProxyType({("item_embedding_start", "comentions"): "cooccurrence"})
"""Names of version 0.1 that were changed."""

MAX_ITEM_ID = 500
"""Characters of an item's identifier; ids that are addresses fit, and an address with one, escaped, still does too."""


class _Section(Settings):
    """A section some of whose names were changed."""

    @model_validator(mode="before")
    @classmethod
    def _refuse_former_names(cls, values: Any) -> Any:
        if isinstance(values, Mapping):
            for name, value in values.items():
                require(name not in _FORMER_FIELDS, name, f"is now called {_FORMER_FIELDS.get(name)}")
                now = _former_value(name, value)
                require(now is value, name, f"{value!r} is now called {now!r}")
        return values


def _former_value(name: str, value: object) -> object:
    if name == "follow_wishes":
        return "grounded" if value else "learned"
    return _FORMER_VALUES.get((name, value), value) if isinstance(value, str) else value


def with_current_names(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration of an older model folder with the field names and values of this version.

    Args:
        values: Sections as they were saved, whatever they are.
    """
    return {
        section: {_FORMER_FIELDS.get(name, name): _former_value(name, value) for name, value in fields.items()}
        if isinstance(fields, Mapping)
        else fields
        for section, fields in values.items()
    }


class DataConfig(Settings):
    """How dialogues become streams. Source: design section 2."""

    utterances: Literal["message", "merged"] = "message"
    """Lay training streams per message, or with consecutive messages of one speaker merged (the paper's data)."""
    layout: Literal["stream", "windows"] = "stream"
    """One stream a dialogue, or one window per recommender point as the paper encodes them."""
    generation: Literal["joint", "per_item"] = "joint"
    """The response of a turn with several items sees all of them, or one response branch per item (paper)."""
    max_context_tokens: Annotated[int, Field(ge=16)] = 256
    """Longest context of a turn, the opening EOS and the query's ``[REC]`` included."""
    max_response_tokens: Annotated[int, Field(ge=2)] = 64
    """Longest response that carries loss or is generated, its EOS included."""
    max_item_tokens: Annotated[int, Field(ge=8)] = 64
    """Longest item text; the rest is cut from the right."""
    item_fields: tuple[str, ...] = ()
    """Fields that make an item's text, in order, among those that the catalogue declares; empty means all of them."""
    max_item_values: Mapping[str, PositiveInt] = Field(default_factory=dict)
    """Most values of a field in an item's text, as ``{actors: 3}``; the first ones are kept. A field that the
    catalogue lacks is reported."""
    seeker_prefix: Text = "Seeker:"
    """Role prefix of the seeker's turns."""
    recommender_prefix: Text = "Recommender:"
    """Role prefix of the recommender's turns; its first token stands against ``[REC]`` in the decision."""


class ScratchConfig(Settings):
    """A small Llama-style backbone with its own byte-level BPE, made from the training text."""

    vocabulary: Annotated[int, Field(ge=300)] = 8192
    """Size of the byte-level BPE vocabulary."""
    hidden: PositiveInt = 256
    """Hidden width."""
    layers: PositiveInt = 4
    """Number of decoder layers."""
    heads: PositiveInt = 4
    """Number of attention heads."""
    intermediate: PositiveInt = 768
    """Width of the gated MLP."""
    positions: PositiveInt = 512
    """Longest sequence."""

    @model_validator(mode="after")
    def _check_heads(self) -> Self:
        even = self.hidden % (2 * self.heads) == 0  # rotary positions turn pairs of a head's dimensions
        require(even, "hidden", "must be a multiple of twice model.scratch.heads")
        return self


class LoraConfig(Settings):
    """Low-rank adapters through peft. Source: PECRS §3.5."""

    rank: PositiveInt = 16
    """Rank of the adapters."""
    alpha: PositiveFloat = 32.0
    """Scale of the adapters; the update is multiplied by alpha / rank."""
    dropout: Dropout = 0.0
    """Dropout on the adapters' input."""
    targets: tuple[str, ...] = ()
    """Names of the linear modules to adapt; empty means every linear layer of the blocks."""


class ModelConfig(Settings):
    """The model: backbone, tuning and heads. Source: PECRS §3; design sections 1 to 3 and 6."""

    backbone: Text = "scratch"
    """Name or path for ``AutoModelForCausalLM.from_pretrained``, a ``.gguf`` file or one in an installed package
    (``package:NAME/FILE``), ``scratch`` to build one from ``scratch``, or ``start`` for that of ``training.start``."""
    scratch: ScratchConfig = ScratchConfig()
    """Shape of the backbone that is made from the training text."""
    tuning: Literal["lora", "full"] = "lora"
    """Train adapters, or the whole backbone."""
    quantization: Literal["none", "8bit", "4bit"] = "none"
    """Hold the matrices of a frozen backbone in eight or four bits a weight; needs CUDA and bitsandbytes."""
    lora: LoraConfig = LoraConfig()
    """Adapter settings, used when ``tuning`` is ``lora``."""
    similarity: Literal["angular", "cosine", "dot"] = "cosine"
    """Retrieval score: minus the angular distance (paper), the cosine, or the plain product of query and item vector
    (the authors' code). As all item vectors have one norm, the three rank alike; they train differently."""
    heads: Literal["mlp", "linear"] = "mlp"
    """f and g as two-layer MLPs, f before g (paper), or one linear layer each, g alone re-ranking (authors' code)."""
    item_pooling: Literal["learned", "mean"] = "learned"
    """Weights of an item's tokens in eq. 1: learned by position, or all alike."""
    item_head: bool = True
    """Send pooled item states through h_item of eq. 1; without it they are the item vectors themselves."""
    scale: PositiveFloat = 20.0
    """Factor on the retrieval score inside the softmax (an inverse temperature); 1 in the paper."""
    learn_scale: bool = True
    """Learn the factor (in its logarithm)."""
    item_embedding: bool = True
    """Add a learned vector per item to the text vector (zero for items that training never saw)."""
    popularity_bias: Literal["none", "log", "learned"] = "log"
    """Add w * log(1 + labels in training) to the retrieval score, or a learned bias per item that starts there."""
    mention_feature: bool = True
    """Add w * cosine(mean vector of the context's other items, item vector) to the retrieval score, w learned."""
    repeat_feature: bool = True
    """Add a learned score to items that the context names, from the states at their last mention and at ``[REC]``."""
    reranker: bool = True
    """Score candidate branches (eq. 5); without it, retrieval ranks alone."""
    candidate_position: Literal["none", "zero", "after_rec"] = "after_rec"
    """Position of candidates: no position at all (paper; additive positions only), 0, or the slot after ``[REC]``."""

    @model_validator(mode="after")
    def _check_tuning(self) -> Self:
        frozen = self.quantization == "none" or self.tuning == "lora"
        require(frozen, "quantization", "quantised weights cannot be trained; model.tuning must be lora")
        return self


class TrainingConfig(_Section):
    """The training run. Source: PECRS §4.1 and eq. 8; design section 1."""

    seed: NonNegativeInt = 0
    """Seed of everything random: initial weights, order of data, negatives, dropout."""
    start: str = ""
    """A model folder or run whose adapters, token rows and heads training starts from, or ``package`` for the model of
    the package; what belongs to its items stays behind. Empty starts from nothing but the backbone."""
    epochs: PositiveInt = 10
    """Passes over the training dialogues."""
    catalogue_dialogues: NonNegativeInt = 0
    """So many requests, made from the catalogue's facts and descriptions and answered with what fulfils them, are added
    to the training dialogues. They teach a model to read item texts."""
    batch_size: PositiveInt = 16
    """Dialogues a batch with ``data.layout: stream``, points with ``windows``."""
    accumulation: PositiveInt = 1
    """Batches per optimiser step."""
    learning_rate: PositiveFloat = 3e-4
    """Peak rate of the backbone's trained parameters (adapters, token rows, or all weights)."""
    head_learning_rate: PositiveFloat = 1e-3
    """Peak rate of the heads, the pooling, item embeddings and biases."""
    weight_decay: NonNegativeFloat = 0.01
    """AdamW weight decay, on matrices only."""
    warmup_epochs: NonNegativeFloat = 0.5
    """Length of the linear warm-up in epochs; linear decay to zero follows."""
    gradient_clip: NonNegativeFloat = 1.0
    """Largest norm of the gradient; 0 turns clipping off."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Arithmetic of the forward and backward pass; ``auto`` is bf16 where the device computes it natively."""
    micro_batch_tokens: NonNegativeInt = 0
    """Stream tokens and candidates of one micro-batch; a larger batch is split, which bounds memory and
    changes only rounding and what dropout draws. 0 takes 1,024 on a CPU and 16,384 elsewhere."""
    gradient_checkpointing: bool = False
    """Keep only the blocks' inputs for the backward pass and compute the rest again: the same gradients in less memory
    and more time."""
    shard_backbone: bool = False
    """Hold the blocks' frozen weights once among the processes of the run instead of once in each (FSDP): for backbones
    that do not fit a device; needs ``model.tuning: lora``. Validation is then computed by every process."""
    device_map: str = ""
    """Where the only process of a run puts the backbone: ``auto`` is on all accelerators and then in memory, or devices
    in order, with limits where wanted, as in ``cuda:0=20GiB,cuda:1,cpu,disk``. Several need ``model.tuning: lora``.
    Empty is the process's own device."""
    negatives: NonNegativeInt = 0
    """M_train shared negatives for retrieval; 0 takes the softmax over the whole catalogue."""
    rerank_negatives: NonNegativeInt = 32
    """Negatives for re-ranking; with ``negatives`` > 0 both tasks share one sample of that size (paper)."""
    negative_sampling: Literal["distinct", "uniform", "popularity"] = "distinct"
    """How the retriever's negatives are drawn: ``distinct`` ones, none of them a positive of the batch (paper); or
    with replacement among all items, each alike or as often as it was right in training, plus one. A positive that
    is drawn is left out for its own query, and the re-ranker has distinct negatives of its own."""
    logq: bool = False
    """Correct the scores of negatives drawn with replacement by how often each is to be expected, so that their sum
    estimates that over the whole catalogue without bias: for catalogues too large for ``negatives: 0``."""
    rerank_shortlist: NonNegativeInt = 0
    """Draw the re-ranker's negatives, for each point anew, from so many items that the retriever ranks first at that
    step; 0 takes the whole catalogue. In the first epoch the retriever has not learnt the answers yet."""
    share_over_batch: bool = True
    """One sample of negatives for the whole batch (paper), or one for each stream: a point with ``windows``, else a
    dialogue. Apart, each stream is a micro-batch of its own."""
    share_over_tasks: bool = True
    """With ``negatives`` > 0, one sample for both tasks (paper), or another of ``rerank_negatives`` for re-ranking."""
    rerank_temperature: PositiveFloat = 1.0
    """Re-ranking scores are divided by this inside the loss; 1 in the paper, 1.2 in the authors' code."""
    rerank_smoothing: Dropout = 0.0
    """Label smoothing of the re-ranking loss; 0 in the paper, .02 in the authors' code."""
    item_embedding_start: Literal["zero", "cooccurrence"] = "cooccurrence"
    """Learned item embeddings start at zero, or at factors of which items training dialogues name together."""
    embedding_dropout: Share = 0.0
    """Share of the items, drawn for each batch, that are described by text alone, as items that come later will be."""
    text_dropout: Share = 0.0
    """Share of the items with a learned embedding, drawn for each batch, that are described by that alone."""
    recall_weight: NonNegativeFloat = 0.15
    """Alpha of eq. 8."""
    rerank_weight: NonNegativeFloat = 0.85
    """Beta of eq. 8."""
    generation_weight: NonNegativeFloat = 1.0
    """Gamma of eq. 8."""
    decision_weight: NonNegativeFloat = 0.1
    """Weight of the decision loss; 0 in the paper."""
    validate_every_epochs: PositiveFloat = 1.0
    """Validation interval in epochs."""
    validation_dialogues: NonNegativeInt = 0
    """Validate on the first so many dialogues; 0 takes all."""
    checkpoint_minutes: PositiveFloat = 3.0
    """Time between resumable checkpoints."""
    patience: NonNegativeInt = 0
    """Stop after so many validations without a better mean recall; 0 never stops early."""
    max_minutes: NonNegativeFloat = 0.0
    """Stop training after so many minutes of wall clock, keeping the best model; 0 has no limit."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        replaced = self.negative_sampling != "distinct"
        require(not replaced or self.negatives > 0, "negative_sampling", "training.negatives are needed")
        require(not self.logq or replaced, "logq", "negatives drawn with replacement are needed")
        require(
            not self.rerank_shortlist or (self.negatives == 0 and 0 < self.rerank_negatives <= self.rerank_shortlist),
            "rerank_shortlist",
            "training.negatives of 0 and at least one, but no more, training.rerank_negatives are expected with it",
        )
        fits = self.embedding_dropout + self.text_dropout <= 1
        message = "this and training.text_dropout are shares that add up to at most 1"
        require(fits, "embedding_dropout", message)
        return self


class GenerationConfig(_Section):
    """Inference: ranking and replies. Source: PECRS §3.6; design section 4."""

    shortlist: PositiveInt = 700
    """M_inference, the number of retrieved items that are re-ranked; capped at the catalogue's size."""
    rerank_weight: Share = 1.0
    """Weight of the re-ranking score beside the retrieval score inside the shortlist; 1 means re-ranking alone."""
    unseen_bias: float = 0.0
    """Added to the retrieval scores of items that were never right in training, and of new ones."""
    ranking_precision: Literal["auto", "fp32", "bf16"] = "fp32"
    """Arithmetic of the backbone where many points are ranked at once, as in evaluation; replies are always fp32."""
    decision: Literal["model", "paper"] = "model"
    """Let the model decide before it writes, or append the item always and look for ``[ITEM]`` afterwards (paper)."""
    decision_threshold: Share = 0.5
    """Recommend when the probability of ``[REC]`` reaches this."""
    strategy: Literal["greedy", "sample"] = "sample"
    """Take the most probable token, or draw one; with ``beams`` the most probable continuations, or drawn ones."""
    top_k: NonNegativeInt = 50
    """Number of most probable tokens that sampling chooses from; 0 takes all."""
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Sampling chooses from the fewest most probable tokens whose probabilities reach this (nucleus); 1 takes all."""
    beams: PositiveInt = 1
    """Width of a beam search, over all its groups; the best response is the one of the highest mean log-probability."""
    beam_groups: PositiveInt = 1
    """Groups of beams that keep apart (diverse beam search); a divisor of ``beams``."""
    diversity: NonNegativeFloat = 0.0
    """What a token costs a group for each earlier group that writes it at the same place."""
    temperature: PositiveFloat = 1.0
    """Temperature of sampling."""
    words: Literal["grounded", "learned"] = "grounded"
    """What is done and said: as the message reader understands, with facts of the catalogue; or as the language model
    writes (paper), which is all that a model without a reader can."""

    @model_validator(mode="after")
    def _check_beams(self) -> Self:
        divides = self.beams % self.beam_groups == 0
        require(divides, "beam_groups", "a divisor of generation.beams is expected")
        return self


class RankingConfig(Settings):
    """How features beside the model's score are fitted; the paper has none. Source: design section 10."""

    features: tuple[str, ...] = ()
    """Names of :data:`pecrs.ranking.features.FEATURES`, and ``shared_`` with a category; empty takes all there are."""
    trees: PositiveInt = 150
    """Boosted trees, for items that the dialogue has named and for the others alike."""
    leaves: Annotated[int, Field(ge=2)] = 15
    """Leaves of a tree."""
    leaf_rows: PositiveInt = 50
    """Fewest candidates in a leaf while fitting."""
    learning_rate: PositiveFloat = 0.05
    """Share of each tree in the sum."""
    seed: NonNegativeInt = 1
    """Seed of the draws of rows and features while fitting."""


class Config(Settings):
    """Everything that defines a run; saved beside the weights."""

    data: DataConfig = DataConfig()
    """How dialogues become streams."""
    model: ModelConfig = ModelConfig()
    """Backbone, tuning and heads."""
    training: TrainingConfig = TrainingConfig()
    """The training run."""
    generation: GenerationConfig = GenerationConfig()
    """Ranking and replies."""
    ranking: RankingConfig = RankingConfig()
    """Features beside the model's score."""

    @model_validator(mode="after")
    def _check_placement(self) -> Self:
        training, model = self.training, self.model
        frozen = model.tuning == "lora" and model.quantization == "none"
        require(
            not training.shard_backbone or (frozen and not training.rerank_shortlist),
            "training.shard_backbone",
            "model.tuning: lora is needed, without model.quantization and without training.rerank_shortlist",
        )
        require(
            not (training.shard_backbone and training.device_map),
            "training.device_map",
            "training.shard_backbone spreads the backbone over processes already",
        )
        message = "'start' needs training.start, the model whose backbone is meant"
        require(model.backbone != "start" or bool(training.start), "model.backbone", message)
        return self

    @model_validator(mode="after")
    def _check_trained(self) -> Self:
        """Refuse settings under which an untrained part would decide something."""
        training, generation = self.training, self.generation
        trained = training.rerank_weight > 0 and (training.negatives > 0 or training.rerank_negatives > 0)
        require(
            not self.model.reranker or generation.rerank_weight == 0 or trained,
            "generation.rerank_weight",
            "the re-ranker is never trained; give it negatives and a loss weight, or set this to 0",
        )
        require(
            generation.decision == "paper" or training.decision_weight > 0,
            "generation.decision",
            "the decision is never trained; give training.decision_weight a value above 0, or set this to paper",
        )
        return self
