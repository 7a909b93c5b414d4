"""A backbone from nothing is the same each time and an ordinary transformers folder."""

from __future__ import annotations

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from pecrs.config import DataConfig, ScratchConfig
from pecrs.data.loaders.synthetic import film_world
from pecrs.data.vocabulary import Vocabulary
from pecrs.model.backbone.base import load_base, load_tokenizer
from pecrs.training.scratch import make_backbone
from tiny import POSITIONS

SHAPE = ScratchConfig(vocabulary=400, hidden=16, layers=2, heads=2, intermediate=24, positions=POSITIONS)


def texts() -> list[str]:
    _, dialogues = film_world(0, 10)
    return [turn.text for dialogue in dialogues for turn in dialogue.turns]


def test_the_folder_is_deterministic_and_the_seed_changes_weights_alone(tmp_path):
    for name, seed in (("one", 0), ("two", 0), ("three", 1)):
        make_backbone(SHAPE, texts(), tmp_path / name, seed)
    files = {path.name for path in (tmp_path / "one").iterdir()}
    assert {path.suffix for path in (tmp_path / "one").iterdir()} == {".json", ".safetensors"}
    for name in files:
        content = [(tmp_path / folder / name).read_bytes() for folder in ("one", "two", "three")]
        assert content[0] == content[1]
        assert (content[0] == content[2]) == (name != "model.safetensors")


def test_transformers_loads_it_with_the_shape_that_was_asked_for(tmp_path):
    make_backbone(SHAPE, texts(), tmp_path, 0)
    model = AutoModelForCausalLM.from_pretrained(str(tmp_path))
    tokenizer = AutoTokenizer.from_pretrained(str(tmp_path))
    config = model.config
    assert (config.model_type, config.hidden_size, config.num_hidden_layers) == ("llama", 16, 2)
    assert (config.num_attention_heads, config.intermediate_size) == (2, 24)
    assert (config.max_position_embeddings, config.vocab_size) == (POSITIONS, len(tokenizer))
    assert 256 < len(tokenizer) <= 400
    assert model.get_input_embeddings().weight is model.get_output_embeddings().weight
    logits = model(torch.tensor([tokenizer("Hello there")["input_ids"]])).logits
    assert logits.shape[-1] == len(tokenizer)
    assert torch.isfinite(logits).all()


def test_any_text_survives_its_tokeniser(tmp_path):
    make_backbone(SHAPE, texts(), tmp_path, 0)
    tokenizer = AutoTokenizer.from_pretrained(str(tmp_path))
    for text in ("Hello there!", " naïve café 映画 🎬", "tab\tand\nline", "[REC] typed by a person"):
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        assert tokenizer.decode(ids, clean_up_tokenization_spaces=False) == text


def test_it_serves_as_a_base_with_its_own_end_of_text(tmp_path):
    make_backbone(SHAPE, texts(), tmp_path, 0)
    vocabulary = Vocabulary.from_tokenizer(load_tokenizer(str(tmp_path)), DataConfig())
    base = load_base(str(tmp_path), vocabulary)
    assert vocabulary.eos == base.causal_lm.config.eos_token_id
    assert base.width == 16
    assert base.embed(torch.tensor(vocabulary.special)).shape == (4, 16)
