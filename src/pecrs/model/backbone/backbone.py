"""The frozen causal language model with adapters and four trained token rows.

Source: PECRS §3.2 "Special Tokens" and §3.5; design sections 1 and 3.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, Self, cast

import torch
from peft import PeftModel
from torch import Tensor, nn

from pecrs.data.vocabulary import Vocabulary
from pecrs.model.attention import Branches, Continuation, Packing
from pecrs.model.backbone.device_map import offloaded_weight
from pecrs.model.backbone.token_rows import chosen_logits, switch_rows, trained_rows

ENCODER_FAMILIES = frozenset({"bert"})
"""Model types that were pre-trained with bidirectional attention; they are loaded with ``is_decoder=True``."""

_TRAINED = re.compile(r"\.lora_[AB]\.|\.lora_embedding_[AB]\.|\.rows$")


class Backbone(nn.Module):
    """A causal language model that reads embeddings and writes states.

    Attributes:
        model: The transformers model, wrapped by peft when ``tuning`` is ``lora``.
        tuning: What is trained.
        vocabulary: Its tokeniser with the special tokens.
    """

    def __init__(self, model: nn.Module, vocabulary: Vocabulary, tuning: Literal["lora", "full"]) -> None:
        """Wrap a model; ``load_base`` and ``add_adapters`` make one."""
        super().__init__()
        self.model = model
        self.tuning = tuning
        self.vocabulary = vocabulary
        self._known_fingerprint = ""

    @property
    def causal_lm(self) -> Any:
        """The transformers model without peft's wrapper."""
        return self.model.get_base_model() if isinstance(self.model, PeftModel) else self.model

    @property
    def width(self) -> int:
        """Hidden width d."""
        return int(self.causal_lm.config.hidden_size)

    @property
    def device(self) -> torch.device:
        """Where the token rows live, and with them all weights, or all but those of blocks that lie elsewhere."""
        return cast(torch.device, self.causal_lm.get_input_embeddings().weight.device)

    @property
    def spread(self) -> bool:
        """Whether blocks lie on several devices, or not in memory at all; they then stay where they are."""
        return len(set(getattr(self.causal_lm, "hf_device_map", {}).values())) > 1

    @property
    def max_positions(self) -> int:
        """Number of positions that the model was made for."""
        return int(self.causal_lm.config.max_position_embeddings)

    @property
    def attention_window(self) -> int | None:
        """Longest distance that every layer attends over, or None where there is no such limit."""
        config = self.causal_lm.config
        window = getattr(config, "sliding_window", None)
        return int(window) if window and getattr(config, "use_sliding_window", True) else None

    @property
    def bidirectional(self) -> bool:
        """Whether item text is read with bidirectional attention, as the model was pre-trained."""
        return self.causal_lm.config.model_type in ENCODER_FAMILIES

    @property
    def position_table(self) -> Tensor | None:
        """The additive position embeddings (positions, width), or None where positions are rotary."""
        body = self.body
        for owner, name in ((body, "wpe"), (getattr(body, "embeddings", None), "position_embeddings")):
            table = getattr(owner, name, None)
            if isinstance(table, nn.Embedding):
                return table.weight
        return None

    @property
    def body(self) -> Any:
        """The blocks with the tables and norms around them, without the output layer."""
        return getattr(self.causal_lm, self.causal_lm.base_model_prefix)

    def embed(self, tokens: Tensor) -> Tensor:
        """Return the input embeddings (..., width) of token ids (...)."""
        return cast(Tensor, self.causal_lm.get_input_embeddings()(tokens))

    def embed_stream(self, tokens: Tensor, slots: Tensor, vectors: Tensor) -> Tensor:
        """Return the input embeddings (..., width) of a stream: token rows, and item vectors at the slots.

        Args:
            tokens: (...) token ids.
            slots: (...) rows of ``vectors`` at item slots, -1 elsewhere.
            vectors: (n, width).
        """
        embedded = self.embed(tokens)
        named = vectors.index_select(0, slots.clamp_min(0).flatten()).view_as(embedded).to(embedded.dtype)
        return torch.where((slots >= 0)[..., None], named, embedded)

    def forward(
        self,
        embeddings: Tensor,
        positions: Tensor,
        visible: Packing | Branches | Continuation | Tensor,
        cache: Any = None,
    ) -> Tensor:
        """Run the blocks.

        Args:
            embeddings: (batch, queries, width); a batch of one where streams are packed.
            positions: (batch, queries) position ids.
            visible: Who sees whom: what packed rows are, or a (batch, 1, queries, keys) bool mask.
            cache: A transformers cache that is read and extended, or None.

        Returns:
            (batch, queries, width) last hidden states, on the device of the embeddings.
        """
        packed = {} if isinstance(visible, Tensor) else {"visible": visible}
        output = self.body(
            inputs_embeds=embeddings,
            position_ids=positions,
            # Any 4-D mask keeps transformers from making one of its own; with packed rows it is not read.
            attention_mask=embeddings.new_ones(1, 1, 1, 1, dtype=torch.bool) if packed else visible,
            past_key_values=cache,
            use_cache=cache is not None,
            **packed,
        )
        return cast(Tensor, output.last_hidden_state).to(embeddings.device)

    def logits(self, states: Tensor, tokens: Sequence[int] | None = None) -> Tensor:
        """Return next-token logits of states.

        Args:
            states: (..., width).
            tokens: Token ids to compare; None takes the whole vocabulary.

        Returns:
            (..., vocabulary), or (..., tokens).
        """
        model = self.causal_lm
        if hasattr(model, "cls"):
            states = model.cls.predictions.transform(states)
        head = model.get_output_embeddings()
        return cast(Tensor, head(states)) if tokens is None else chosen_logits(head, states, tokens)

    @contextmanager
    def base_only(self) -> Iterator[None]:
        """Switch adapters and trained token rows off inside the block."""
        if not isinstance(self.model, PeftModel):
            yield
            return
        switch_rows(self.model, False)
        try:
            with self.model.disable_adapter():
                yield
        finally:
            switch_rows(self.model, True)

    @property
    def trained_rows(self) -> dict[str, nn.Parameter]:
        """The trained token rows (4, width) of the ``input`` and, where it is not tied, the ``output`` side."""
        return trained_rows(self.causal_lm) if self.tuning == "lora" else {}

    def trainable_names(self) -> set[str]:
        """Return the names of the parameters that ``tuning`` trains: adapters and token rows, or everything."""
        names = {name for name, _ in self.named_parameters()}
        return names if self.tuning == "full" else {name for name in names if _TRAINED.search(name)}

    def fingerprint(self) -> str:
        """Return a SHA-256 over names, shapes, types and values of the base weights."""
        if self._known_fingerprint:
            return self._known_fingerprint
        digest = hashlib.sha256(str(self.causal_lm.config.model_type).encode())
        for name, tensor in sorted(self.causal_lm.state_dict().items()):
            if "lora_" in name or name.endswith((".rows", "position_ids")):
                continue
            digest.update(f"{_plain(name)}{tuple(tensor.shape)}{tensor.dtype}".encode())
            here = offloaded_weight(self.causal_lm, name) if tensor.is_meta else tensor.detach().cpu()
            digest.update(here.contiguous().view(torch.uint8).numpy().tobytes())
        return digest.hexdigest()

    def keep_fingerprint(self) -> None:
        """Compute the fingerprint now and return it from then on, whatever becomes of the weights."""
        self._known_fingerprint = self.fingerprint()

    def _apply(self, fn: Any, recurse: bool = True) -> Self:
        return self if self.spread else cast(Self, super()._apply(fn, recurse))  # type: ignore[no-untyped-call]


def _plain(name: str) -> str:
    return name.replace(".base_layer.", ".").replace(".table.", ".")
