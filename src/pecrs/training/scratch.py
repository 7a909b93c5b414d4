"""A small backbone from nothing: a byte-level BPE and a randomly initialised Llama-style model.

Source: design section 8.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from pecrs.config import DataConfig, ScratchConfig
from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Dialogue, Speaker
from pecrs.model.backbone.base import quiet_loading

END_OF_TEXT = "<|endoftext|>"


def make_backbone(config: ScratchConfig, texts: Iterable[str], folder: Path, seed: int) -> None:
    """Train a tokeniser on texts and write an untrained model that transformers loads.

    Args:
        config: Shape.
        texts: Training text for the tokeniser only.
        folder: Destination.
        seed: Seed of the initial weights.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=config.vocabulary,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END_OF_TEXT)
    shape = LlamaConfig(
        vocab_size=len(wrapped),
        hidden_size=config.hidden,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        num_key_value_heads=config.heads,
        intermediate_size=config.intermediate,
        max_position_embeddings=config.positions,
        tie_word_embeddings=True,
        bos_token_id=wrapped.eos_token_id,
        eos_token_id=wrapped.eos_token_id,
        pad_token_id=wrapped.eos_token_id,
    )
    torch.manual_seed(seed)
    with quiet_loading():
        LlamaForCausalLM(shape).save_pretrained(str(folder))
    wrapped.save_pretrained(str(folder))


def training_texts(dialogues: Iterable[Dialogue], catalogue: Catalogue, config: DataConfig) -> Iterable[str]:
    """Yield the utterances with their role prefixes, and the item texts, in a fixed order.

    Args:
        dialogues: Training dialogues.
        catalogue: The items.
        config: Role prefixes.
    """
    prefixes = {Speaker.SEEKER: config.seeker_prefix, Speaker.RECOMMENDER: config.recommender_prefix}
    for dialogue in dialogues:
        for turn in dialogue.turns:
            yield f"{prefixes[turn.speaker]} {turn.text}"
    for item in catalogue:
        yield from catalogue.text_fields(item)
