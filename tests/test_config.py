"""The configuration: every value is checked, every message names its field."""

import json

import pydantic
import pytest
import yaml

from pecrs.config import (
    Config,
    DataConfig,
    GenerationConfig,
    LoraConfig,
    ModelConfig,
    ScratchConfig,
    TrainingConfig,
    with_current_names,
)
from pecrs.errors import ConfigError
from pecrs.training.pretrain.settings import PretrainingConfig


@pytest.fixture
def write(tmp_path):
    def write_file(text):
        path = tmp_path / "run.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


CHANGED = Config(
    data=DataConfig(utterances="merged", layout="windows", generation="per_item", max_context_tokens=99),
    model=ModelConfig(
        backbone="gpt2",
        scratch=ScratchConfig(hidden=64, heads=2),
        lora=LoraConfig(rank=4, alpha=8.0, targets=("c_attn", "c_proj")),
        learn_scale=False,
    ),
    training=TrainingConfig(learning_rate=1e-5, max_minutes=2.5, precision="bf16"),
    generation=GenerationConfig(strategy="greedy", shortlist=7),
)


@pytest.mark.parametrize("config", [Config(), CHANGED], ids=["defaults", "changed"])
def test_round_trips_through_dict_json_and_yaml(config, write):
    values = config.to_dict()
    assert Config.from_dict(values) == config
    assert Config.from_dict(json.loads(json.dumps(values))) == config
    assert Config.from_yaml(write(yaml.safe_dump(values))) == config


@pytest.mark.parametrize("text", ["", "# nothing set\n", "{}", "data: {}\n"])
def test_what_a_file_leaves_out_keeps_its_default(text, write):
    assert Config.from_yaml(write(text)) == Config()


def test_a_file_sets_only_what_it_names(write):
    config = Config.from_yaml(write("model:\n  lora:\n    rank: 2\ntraining:\n  epochs: 3\n"))
    assert config == Config(model=ModelConfig(lora=LoraConfig(rank=2)), training=TrainingConfig(epochs=3))


def test_every_field_of_the_tree_is_frozen():
    config = Config()
    for part in (config, config.data, config.model, config.model.lora, config.training, config.generation):
        for name in type(part).model_fields:
            with pytest.raises(pydantic.ValidationError, match="frozen"):
                setattr(part, name, getattr(part, name))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LoraConfig(rank=0), "rank: a number above 0 is expected, not 0"),
        (lambda: Config(model={"lora": {"rank": 0}}), "model.lora.rank: a number above 0 is expected, not 0"),
        (lambda: Config().model_copy(update={"modle": 1}), "modle: unknown field; known are data, model, training"),
        (lambda: GenerationConfig().model_copy(update={"beams": 0}), "beams: a number above 0 is expected, not 0"),
        (lambda: GenerationConfig().model_copy(update={"beam_groups": 2}), "beam_groups: a divisor of"),
        (lambda: PretrainingConfig(learning_rates=[1e-3, -1]), "learning_rates: a number above 0 is expected, not -1"),
        (lambda: PretrainingConfig(learning_rates=()), "learning_rates: a list of at least 1 is expected, not ()"),
    ],
)
def test_settings_made_by_a_program_are_checked_as_those_of_a_file(make, message):
    with pytest.raises(ConfigError) as caught:
        make()
    assert str(caught.value).startswith(message)


def test_a_copy_differs_in_what_it_was_given_alone():
    copy = CHANGED.model_copy(update={"model": CHANGED.model.model_copy(update={"scale": 3})})
    assert copy == CHANGED.override(["model.scale=3"])
    assert copy.model.scale == 3.0
    assert copy != CHANGED


OLD = {
    "training.pass_tokens": (512, "micro_batch_tokens", 512),
    "generation.follow_wishes": (False, "words", "learned"),
    "training.item_embedding_start": ("comentions", "item_embedding_start", "cooccurrence"),
}


@pytest.mark.parametrize("name", OLD)
def test_a_former_name_is_refused_with_the_new_one(name, write):
    value, now, _ = OLD[name]
    told = f"is now called {now}" if name.rpartition(".")[2] != now else "'comentions' is now called 'cooccurrence'"
    with pytest.raises(ConfigError) as caught:
        Config.from_yaml(write(""), [f"{name}={json.dumps(value)}"])
    assert str(caught.value).endswith(f": {name}: {told}")


def test_what_an_older_version_saved_is_read_with_the_names_of_this_one():
    old, new = {"model": {"scale": 3.0}}, {"model": {"scale": 3.0}}
    for name, (value, now, current) in OLD.items():
        section, _, field = name.partition(".")
        old.setdefault(section, {})[field] = value
        new.setdefault(section, {})[now] = current
    assert with_current_names(old) == new
    assert with_current_names({"training": None, "model": 3}) == {"training": None, "model": 3}  # whatever is wrong


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"modle": {}}, "modle: unknown field; known are data, model, training, generation"),
        ({"training": {"epoch": 3}}, "training.epoch: unknown field; known are seed, start, epochs"),
        ({"model": {"lora": {"r": 8}}}, "model.lora.r: unknown field; known are rank"),
        ({"model": {1: 2}}, "model.1: unknown field"),
        ({"model": None}, "model: a mapping is expected"),
        ({"model": {"lora": 8}}, "model.lora: a mapping is expected"),
        ([], "configuration: a mapping is expected"),
        ({"training": {"epochs": "three"}}, "training.epochs: an integer is expected, not 'three'"),
        ({"training": {"epochs": 3.5}}, "training.epochs: an integer is expected, not 3.5"),
        ({"training": {"epochs": True}}, "training.epochs: an integer is expected, not True"),
        ({"training": {"epochs": None}}, "training.epochs: an integer is expected, not None"),
        ({"training": {"learning_rate": "fast"}}, "training.learning_rate: a number is expected, not 'fast'"),
        ({"training": {"learning_rate": True}}, "training.learning_rate: a number is expected, not True"),
        ({"training": {"learning_rate": 10**400}}, "training.learning_rate: a number is expected, not 1000"),
        ({"training": {"learning_rate": float("inf")}}, "training.learning_rate: a finite number is expected, not inf"),
        ({"model": {"scale": "nan"}}, "model.scale: a finite number is expected, not nan"),
        ({"model": {"learn_scale": 1}}, "model.learn_scale: true or false is expected, not 1"),
        ({"model": {"learn_scale": "yes"}}, "model.learn_scale: true or false is expected, not 'yes'"),
        ({"model": {"backbone": 2}}, "model.backbone: a string is expected, not 2"),
        ({"model": {"tuning": "qlora"}}, "model.tuning: 'lora' or 'full' is expected, not 'qlora'"),
        ({"model": {"tuning": ["lora"]}}, "model.tuning: 'lora' or 'full' is expected"),
        ({"model": {"lora": {"targets": "c_attn"}}}, "model.lora.targets: a list is expected, not 'c_attn'"),
        ({"model": {"lora": {"targets": ["c_attn", 3]}}}, "model.lora.targets: a string is expected, not 3"),
    ],
)
def test_a_wrong_name_or_type_is_refused_by_name(values, message):
    with pytest.raises(ConfigError) as caught:
        Config.from_dict(values)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("data.max_context_tokens", 15),
        ("data.max_response_tokens", 1),
        ("data.max_item_tokens", 7),
        ("data.seeker_prefix", "  "),
        ("data.recommender_prefix", ""),
        ("model.backbone", ""),
        ("model.scale", 0),
        ("model.scratch.vocabulary", 299),
        ("model.scratch.layers", 0),
        ("model.scratch.hidden", 0),
        ("model.scratch.hidden", 258),  # not a multiple of 4 heads
        ("model.scratch.hidden", 260),  # 4 heads of 65 dimensions, which rotary positions cannot pair
        ("model.lora.rank", 0),
        ("model.lora.alpha", 0),
        ("model.lora.dropout", 1),
        ("training.seed", -1),
        ("training.epochs", 0),
        ("training.batch_size", 0),
        ("training.accumulation", 0),
        ("training.learning_rate", 0),
        ("training.weight_decay", -0.1),
        ("training.warmup_epochs", -1),
        ("training.negatives", -1),
        ("training.negative_sampling", "popularity"),  # none are drawn
        ("training.logq", True),
        ("training.validate_every_epochs", 0),
        ("training.checkpoint_minutes", 0),
        ("training.max_minutes", -1),
        ("generation.shortlist", 0),
        ("generation.rerank_weight", 1.01),
        ("generation.decision_threshold", -0.01),
        ("generation.temperature", 0),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(name, value, write):
    with pytest.raises(ConfigError) as caught:
        Config.from_yaml(write(""), [f"{name}={json.dumps(value)}"])
    assert f": {name}: " in str(caught.value)


@pytest.mark.parametrize(
    "overrides",
    [
        ["model.tuning=full"],
        ["model.quantization=4bit"],
        ["training.rerank_shortlist=9", "training.rerank_negatives=5"],
    ],
)
def test_what_processes_cannot_shard_is_refused(overrides, write):
    path = write("training: {shard_backbone: true}")
    assert Config.from_yaml(path).training.shard_backbone
    with pytest.raises(ConfigError, match=r"training\.shard_backbone: model\.tuning: lora is needed"):
        Config.from_yaml(path, overrides)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("data.max_context_tokens", 16),
        ("model.lora.dropout", 0),
        ("model.scratch.hidden", 8),
        ("training.seed", 0),
        ("training.gradient_clip", 0),
        ("generation.rerank_weight", 0),
        ("generation.rerank_weight", 1),
        ("generation.decision_threshold", 1),
    ],
)
def test_the_limits_themselves_are_allowed(name, value, write):
    config = Config.from_yaml(write(""), [f"{name}={value}"])
    found = config
    for part in name.split("."):
        found = getattr(found, part)
    assert found == value


@pytest.mark.parametrize("text", ["1e-3", "1.0e-3", "0.001", "'0.001'"])
def test_a_float_may_be_written_as_people_write_it(text, write):
    path = write(f"training:\n  learning_rate: {text}\n")
    assert Config.from_yaml(path).training.learning_rate == 0.001
    assert Config.from_yaml(write(""), [f"training.learning_rate={text}"]).training.learning_rate == 0.001


def test_an_integer_becomes_a_float_where_one_is_expected(write):
    scale = Config.from_yaml(write("model: {scale: 3}")).model.scale
    assert scale == 3.0
    assert isinstance(scale, float)


def test_overrides_win_over_the_file_and_the_last_over_the_first(write):
    path = write("training:\n  epochs: 3\n  seed: 5\n")
    overrides = [
        "training.epochs=4",
        "training.epochs=6",
        "model.lora.targets=[q_proj, v_proj]",
        " model.learn_scale =false",
        "model.backbone=some/path=with=signs",
        "data.seeker_prefix='User:'",
    ]
    config = Config.from_yaml(path, overrides)
    assert config.training == TrainingConfig(epochs=6, seed=5)
    assert config.model == ModelConfig(
        backbone="some/path=with=signs", learn_scale=False, lora=LoraConfig(targets=("q_proj", "v_proj"))
    )
    assert config.data.seeker_prefix == "User:"


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("training.epochs", "settings: section.field=value is expected, not 'training.epochs'"),
        ("=3", "settings: section.field=value is expected, not '=3'"),
        ("training.epoch=3", "training.epoch: unknown field"),
        ("training.epochs=", "training.epochs: an integer is expected, not None"),
        ("training=3", "training: a mapping is expected"),
        ("training.epochs.first=3", "training.epochs.first: 'epochs' is not a section"),
        ("training.seed.first=3", "training.seed: an integer is expected"),
        ("model.lora.targets=[a", "model.lora.targets: '[a' is not a YAML value"),
        ("model.backbone=2020-13-45", "model.backbone: '2020-13-45' is not a YAML value"),
        ("model.lora={rank: 2, rank: 3}", "model.lora: '{rank: 2, rank: 3}' is not a YAML value"),
    ],
)
def test_a_wrong_override_is_refused_by_name(assignment, message, write):
    with pytest.raises(ConfigError) as caught:
        Config.from_yaml(write("training: {epochs: 2}"), [assignment])
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"training: [", "not valid YAML: while parsing a flow node"),
        (b"training:\n\tepochs: 3\n", "not valid YAML: while scanning for the next token"),
        (b"training:\n  epochs: 3\n  epochs: 4\n", "not valid YAML: the key 'epochs' stands twice"),
        (b"model:\n  backbone: 2020-13-45\n", "not valid YAML: month must be in 1..12"),
        (b"model: !!python/object:os.system {}\n", "not valid YAML: could not determine a constructor"),
        (b"model: {backbone: \xff}\n", "not valid YAML: 'utf-8' codec can't decode byte 0xff"),
        (b"- data\n", "a mapping of sections is expected"),
        (b"[]\n", "a mapping of sections is expected"),
        (b"false\n", "a mapping of sections is expected"),
        (b"paper\n", "a mapping of sections is expected"),
        (b"training: {epochs: 0}\n", "training.epochs: a number above 0 is expected, not 0"),
    ],
)
def test_a_broken_file_is_refused_by_path(content, message, tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        Config.from_yaml(path)
    assert str(caught.value).startswith(f"{path}: {message}")


def test_a_missing_file_is_refused_by_path(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read: No such file or directory"):
        Config.from_yaml(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("section", "field", "value"),
    [
        ("generation", "beams", 0),
        ("generation", "beam_groups", 3),
        ("generation", "beam_groups", 0),
        ("generation", "diversity", -0.5),
        ("generation", "top_p", 0.0),
        ("generation", "top_p", 1.5),
        ("generation", "top_k", -1),
        ("training", "rerank_temperature", 0.0),
        ("training", "rerank_smoothing", 1.0),
    ],
)
def test_a_decoding_or_loss_setting_out_of_range_is_named(section, field, value):
    with pytest.raises(ConfigError, match=rf"^{section}\.{field}: "):
        Config.from_dict({section: {"beams": 4, field: value} if section == "generation" else {field: value}})
