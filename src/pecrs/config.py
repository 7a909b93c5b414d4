"""The configuration: a tree of frozen dataclasses, strict YAML in, JSON out.

Every field is read somewhere (a test asserts it); unknown keys are refused; a wrong value names its field.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pecrs.strict_yaml import build, read_yaml, require

MAX_ITEM_ID = 500
"""Characters of an item's identifier; ids that are addresses fit, and an address with one, escaped, still does too."""


@dataclass(frozen=True)
class DataConfig:
    """How dialogues become streams. Source: design section 2."""

    utterances: Literal["message", "merged"] = "message"
    """Lay training streams per message, or with consecutive messages of one speaker merged (the paper's data)."""
    layout: Literal["stream", "windows"] = "stream"
    """One stream a dialogue, or one window per recommender point as the paper encodes them."""
    generation: Literal["joint", "per_item"] = "joint"
    """The response of a turn with several items sees all of them, or one response branch per item (paper)."""
    max_context_tokens: int = 256
    """Longest context of a turn, the opening EOS and the query's ``[REC]`` included."""
    max_response_tokens: int = 64
    """Longest response that carries loss or is generated, its EOS included."""
    max_item_tokens: int = 64
    """Longest item text; the rest is cut from the right."""
    item_fields: tuple[str, ...] = ()
    """Fields that make an item's text, in order, among those that the catalogue declares; empty means all of them."""
    seeker_prefix: str = "Seeker:"
    """Role prefix of the seeker's turns."""
    recommender_prefix: str = "Recommender:"
    """Role prefix of the recommender's turns; its first token stands against ``[REC]`` in the decision."""

    def __post_init__(self) -> None:
        """Check the limits."""
        require(self.max_context_tokens >= 16, "data.max_context_tokens", "at least 16 is expected")
        require(self.max_response_tokens >= 2, "data.max_response_tokens", "at least 2 is expected")
        require(self.max_item_tokens >= 8, "data.max_item_tokens", "at least 8 is expected")
        require(bool(self.seeker_prefix.strip()), "data.seeker_prefix", "must not be empty")
        require(bool(self.recommender_prefix.strip()), "data.recommender_prefix", "must not be empty")


@dataclass(frozen=True)
class ScratchConfig:
    """A small Llama-style backbone with its own byte-level BPE, made from the training text."""

    vocabulary: int = 8192
    """Size of the byte-level BPE vocabulary."""
    hidden: int = 256
    """Hidden width."""
    layers: int = 4
    """Number of decoder layers."""
    heads: int = 4
    """Number of attention heads."""
    intermediate: int = 768
    """Width of the gated MLP."""
    positions: int = 512
    """Longest sequence."""

    def __post_init__(self) -> None:
        """Check the shape."""
        require(self.vocabulary >= 300, "model.scratch.vocabulary", "at least 300 is expected (256 bytes and more)")
        for name in ("hidden", "layers", "heads", "intermediate", "positions"):
            require(getattr(self, name) >= 1, f"model.scratch.{name}", "a positive number is expected")
        even_heads = self.hidden % (2 * self.heads) == 0  # rotary positions turn pairs of a head's dimensions
        require(even_heads, "model.scratch.hidden", "must be a multiple of twice model.scratch.heads")


@dataclass(frozen=True)
class LoraConfig:
    """Low-rank adapters through peft. Source: PECRS §3.5."""

    rank: int = 16
    """Rank of the adapters."""
    alpha: float = 32.0
    """Scale of the adapters; the update is multiplied by alpha / rank."""
    dropout: float = 0.0
    """Dropout on the adapters' input."""
    targets: tuple[str, ...] = ()
    """Names of the linear modules to adapt; empty means every linear layer of the blocks."""

    def __post_init__(self) -> None:
        """Check the ranges."""
        require(self.rank >= 1, "model.lora.rank", "a positive number is expected")
        require(self.alpha > 0, "model.lora.alpha", "a positive number is expected")
        require(0 <= self.dropout < 1, "model.lora.dropout", "a number in [0, 1) is expected")


@dataclass(frozen=True)
class ModelConfig:
    """The model: backbone, tuning and heads. Source: PECRS §3; design sections 1 to 3 and 6."""

    backbone: str = "scratch"
    """Name or path for ``AutoModelForCausalLM.from_pretrained``, ``scratch`` to build one from ``scratch``, or
    ``start`` for that of ``training.start``."""
    scratch: ScratchConfig = field(default_factory=ScratchConfig)
    """Shape of the backbone that is made from the training text."""
    tuning: Literal["lora", "full"] = "lora"
    """Train adapters, or the whole backbone."""
    quantization: Literal["none", "8bit", "4bit"] = "none"
    """Hold the matrices of a frozen backbone in eight or four bits a weight; needs CUDA and bitsandbytes."""
    lora: LoraConfig = field(default_factory=LoraConfig)
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
    scale: float = 20.0
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

    def __post_init__(self) -> None:
        """Check the ranges."""
        require(bool(self.backbone), "model.backbone", "a name, a path or 'scratch' is expected")
        require(self.scale > 0, "model.scale", "a positive number is expected")
        frozen = self.quantization == "none" or self.tuning == "lora"
        require(frozen, "model.quantization", "quantised weights cannot be trained; model.tuning must be lora")


@dataclass(frozen=True)
class TrainingConfig:
    """The training run. Source: PECRS §4.1 and eq. 8; design section 1."""

    seed: int = 0
    """Seed of everything random: initial weights, order of data, negatives, dropout."""
    start: str = ""
    """A model folder or run whose adapters, token rows and heads training starts from, or ``package`` for the model of
    the package; what belongs to its items stays behind. Empty starts from nothing but the backbone."""
    epochs: int = 10
    """Passes over the training dialogues."""
    batch_size: int = 16
    """Dialogues a batch with ``data.layout: stream``, points with ``windows``."""
    accumulation: int = 1
    """Batches per optimiser step."""
    learning_rate: float = 3e-4
    """Peak rate of the backbone's trained parameters (adapters, token rows, or all weights)."""
    head_learning_rate: float = 1e-3
    """Peak rate of the heads, the pooling, item embeddings and biases."""
    weight_decay: float = 0.01
    """AdamW weight decay, on matrices only."""
    warmup_epochs: float = 0.5
    """Length of the linear warm-up in epochs; linear decay to zero follows."""
    gradient_clip: float = 1.0
    """Largest norm of the gradient; 0 turns clipping off."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Arithmetic of the forward and backward pass; ``auto`` is bf16 where the device computes it natively."""
    micro_batch_tokens: int = 0
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
    negatives: int = 0
    """M_train shared negatives for retrieval; 0 takes the softmax over the whole catalogue."""
    rerank_negatives: int = 32
    """Negatives for re-ranking; with ``negatives`` > 0 both tasks share one sample of that size (paper)."""
    negative_sampling: Literal["distinct", "uniform", "popularity"] = "distinct"
    """How the retriever's negatives are drawn: ``distinct`` ones, none of them a positive of the batch (paper); or
    with replacement among all items, each alike or as often as it was right in training, plus one. A positive that
    is drawn is left out for its own query, and the re-ranker has distinct negatives of its own."""
    logq: bool = False
    """Correct the scores of negatives drawn with replacement by how often each is to be expected, so that their sum
    estimates that over the whole catalogue without bias: for catalogues too large for ``negatives: 0``."""
    rerank_shortlist: int = 0
    """Draw the re-ranker's negatives, for each point anew, from so many items that the retriever ranks first at that
    step; 0 takes the whole catalogue. In the first epoch the retriever has not learnt the answers yet."""
    share_over_batch: bool = True
    """One sample of negatives for the whole batch (paper), or one for each stream: a point with ``windows``, else a
    dialogue. Apart, each stream is a micro-batch of its own."""
    share_over_tasks: bool = True
    """With ``negatives`` > 0, one sample for both tasks (paper), or another of ``rerank_negatives`` for re-ranking."""
    rerank_temperature: float = 1.0
    """Re-ranking scores are divided by this inside the loss; 1 in the paper, 1.2 in the authors' code."""
    rerank_smoothing: float = 0.0
    """Label smoothing of the re-ranking loss; 0 in the paper, .02 in the authors' code."""
    item_embedding_start: Literal["zero", "cooccurrence"] = "cooccurrence"
    """Learned item embeddings start at zero, or at factors of which items training dialogues name together."""
    embedding_dropout: float = 0.0
    """Share of the items, drawn for each batch, that are described by text alone, as items that come later will be."""
    text_dropout: float = 0.0
    """Share of the items with a learned embedding, drawn for each batch, that are described by that alone."""
    recall_weight: float = 0.15
    """Alpha of eq. 8."""
    rerank_weight: float = 0.85
    """Beta of eq. 8."""
    generation_weight: float = 1.0
    """Gamma of eq. 8."""
    decision_weight: float = 0.1
    """Weight of the decision loss; 0 in the paper."""
    validate_every_epochs: float = 1.0
    """Validation interval in epochs."""
    validation_dialogues: int = 0
    """Validate on the first so many dialogues; 0 takes all."""
    checkpoint_minutes: float = 3.0
    """Time between resumable checkpoints."""
    patience: int = 0
    """Stop after so many validations without a better mean recall; 0 never stops early."""
    max_minutes: float = 0.0
    """Stop training after so many minutes of wall clock, keeping the best model; 0 has no limit."""

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name in ("epochs", "batch_size", "accumulation"):
            require(getattr(self, name) >= 1, f"training.{name}", "a positive number is expected")
        for name in ("learning_rate", "head_learning_rate", "validate_every_epochs", "checkpoint_minutes",
                     "rerank_temperature"):  # fmt: skip
            require(getattr(self, name) > 0, f"training.{name}", "a positive number is expected")
        non_negative = (
            "seed", "weight_decay", "warmup_epochs", "gradient_clip", "negatives", "rerank_negatives", "recall_weight",
            "rerank_weight", "generation_weight", "decision_weight", "validation_dialogues", "patience", "max_minutes",
            "micro_batch_tokens", "rerank_shortlist",
        )  # fmt: skip
        require(0 <= self.rerank_smoothing < 1, "training.rerank_smoothing", "a number in [0, 1) is expected")
        require(
            min(self.embedding_dropout, self.text_dropout) >= 0 and self.embedding_dropout + self.text_dropout <= 1,
            "training.embedding_dropout",
            "this and training.text_dropout are shares that add up to at most 1",
        )
        replaced = self.negative_sampling != "distinct"
        require(not replaced or self.negatives > 0, "training.negative_sampling", "training.negatives are needed")
        require(not self.logq or replaced, "training.logq", "negatives drawn with replacement are needed")
        for name in non_negative:
            require(getattr(self, name) >= 0, f"training.{name}", "a number of at least 0 is expected")
        require(
            not self.rerank_shortlist or (self.negatives == 0 and 0 < self.rerank_negatives <= self.rerank_shortlist),
            "training.rerank_shortlist",
            "training.negatives of 0 and at least one, but no more, training.rerank_negatives are expected with it",
        )


@dataclass(frozen=True)
class GenerationConfig:
    """Inference: ranking and replies. Source: PECRS §3.6; design section 4."""

    shortlist: int = 700
    """M_inference, the number of retrieved items that are re-ranked; capped at the catalogue's size."""
    rerank_weight: float = 1.0
    """Weight of the re-ranking score beside the retrieval score inside the shortlist; 1 means re-ranking alone."""
    unseen_bias: float = 0.0
    """Added to the retrieval scores of items that were never right in training, and of new ones."""
    ranking_precision: Literal["auto", "fp32", "bf16"] = "fp32"
    """Arithmetic of the backbone where many points are ranked at once, as in evaluation; replies are always fp32."""
    decision: Literal["model", "paper"] = "model"
    """Let the model decide before it writes, or append the item always and look for ``[ITEM]`` afterwards (paper)."""
    decision_threshold: float = 0.5
    """Recommend when the probability of ``[REC]`` reaches this."""
    strategy: Literal["greedy", "sample"] = "sample"
    """Take the most probable token, or draw one; with ``beams`` the most probable continuations, or drawn ones."""
    top_k: int = 50
    """Number of most probable tokens that sampling chooses from; 0 takes all."""
    top_p: float = 1.0
    """Sampling chooses from the fewest most probable tokens whose probabilities reach this (nucleus); 1 takes all."""
    beams: int = 1
    """Width of a beam search, over all its groups; the best response is the one of the highest mean log-probability."""
    beam_groups: int = 1
    """Groups of beams that keep apart (diverse beam search); a divisor of ``beams``."""
    diversity: float = 0.0
    """What a token costs a group for each earlier group that writes it at the same place."""
    temperature: float = 1.0
    """Temperature of sampling."""
    follow_constraints: bool = True
    """Take constraints for genres and years at their word and answer questions of fact from the catalogue, by rules."""

    def __post_init__(self) -> None:
        """Check the ranges."""
        require(self.shortlist >= 1, "generation.shortlist", "a positive number is expected")
        require(0 <= self.rerank_weight <= 1, "generation.rerank_weight", "a number in [0, 1] is expected")
        require(0 <= self.decision_threshold <= 1, "generation.decision_threshold", "a number in [0, 1] is expected")
        require(self.top_k >= 0, "generation.top_k", "a number of at least 0 is expected")
        require(0 < self.top_p <= 1, "generation.top_p", "a number above 0 and at most 1 is expected")
        require(self.beams >= 1, "generation.beams", "a positive number is expected")
        divides = self.beam_groups >= 1 and self.beams % self.beam_groups == 0
        require(divides, "generation.beam_groups", "a divisor of generation.beams is expected")
        require(self.diversity >= 0, "generation.diversity", "a number of at least 0 is expected")
        require(self.temperature > 0, "generation.temperature", "a positive number is expected")


@dataclass(frozen=True)
class Config:
    """Everything that defines a run; saved beside the weights."""

    data: DataConfig = field(default_factory=DataConfig)
    """How dialogues become streams."""
    model: ModelConfig = field(default_factory=ModelConfig)
    """Backbone, tuning and heads."""
    training: TrainingConfig = field(default_factory=TrainingConfig)
    """The training run."""
    generation: GenerationConfig = field(default_factory=GenerationConfig)
    """Ranking and replies."""

    def __post_init__(self) -> None:
        """Refuse settings that cannot go together, and those under which an untrained part would decide something."""
        training, generation = self.training, self.generation
        frozen = self.model.tuning == "lora" and self.model.quantization == "none"
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
        require(
            self.model.backbone != "start" or bool(training.start),
            "model.backbone",
            "'start' needs training.start, the model whose backbone is meant",
        )
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

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Config:
        """Build a configuration from nested mappings, refusing unknown keys and wrong types.

        Raises:
            ConfigError: Naming the field, as ``section.field``.
        """
        return build(cls, values)

    @classmethod
    def from_yaml(cls, path: Path, overrides: Sequence[str] = ()) -> Config:
        """Read a YAML file and apply ``section.field=value`` overrides.

        Args:
            path: YAML with values only.
            overrides: Assignments; values are read as YAML, so ``3``, ``true`` and ``[a, b]`` mean what they look like.

        Raises:
            ConfigError: If the file or an assignment is wrong.
        """
        return read_yaml(cls, path, overrides)

    def to_dict(self) -> dict[str, Any]:
        """Return nested dictionaries that :meth:`from_dict` reads back to an equal configuration."""
        return dataclasses.asdict(self)
