"""What workers of a cluster make is what one process makes, whatever happens to them."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

import pytest
import ray

from commands import run
from pecrs.cluster.encoding import cluster_encoder, shard_encoder
from pecrs.cluster.jobs import DEATHS, spread
from pecrs.cluster.prediction import ClusterRanker, task_ranker
from pecrs.cluster.session import ClusterSettings, session
from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.loaders.prepare import save_prepared
from pecrs.data.splits import Prepared
from pecrs.errors import ConfigError, DataError
from pecrs.evaluate import predict
from pecrs.index.encoding import encode_catalogue, shard_path
from pecrs.inference.recommender import Recommender
from tiny import load_folder

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # Ray leaves its log files open
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"),
    pytest.mark.filterwarnings("ignore:`ray_remote_args` is deprecated"),  # no other way bounds restarts
]


@pytest.fixture
def large(films, tmp_path):
    """A catalogue of the model's films, one of them changed, and others that it never saw."""
    items = [*films.catalogue.items[:20], *(Item(f"new-{n}", f"Nights of {n}", 1990 + n) for n in range(15))]
    items[3] = replace(items[3], title="Another title")
    path = tmp_path / "large.jsonl"
    Catalogue(tuple(items), films.catalogue.fields).save(path)
    return path


def shards_of(folder):
    return [path.read_bytes() for path in sorted((folder / "shards").iterdir())]


@pytest.mark.slow
def test_a_catalogue_is_encoded_to_the_last_bit_as_by_one_process(two_workers, model_folder, large, tmp_path):
    model = load_folder(model_folder)
    here = encode_catalogue(model, large, tmp_path / "here", shard_items=8)
    there = encode_catalogue(
        model, large, tmp_path / "there", shard_items=8, encode=cluster_encoder(model_folder, two_workers)
    )
    assert here == there
    assert len(shards_of(tmp_path / "here")) == 5
    assert shards_of(tmp_path / "here") == shards_of(tmp_path / "there")


@pytest.mark.slow
def test_what_is_there_is_not_encoded_again(two_workers, model_folder, large, tmp_path):
    model, told = load_folder(model_folder), []
    encode = cluster_encoder(model_folder, two_workers)
    encode_catalogue(model, large, tmp_path / "there", shard_items=8, encode=encode)
    before = shards_of(tmp_path / "there")
    shard_path(tmp_path / "there", 2).unlink()
    encode_catalogue(model, large, tmp_path / "there", shard_items=8, encode=encode, report=told.append)
    assert told == [8]
    assert shards_of(tmp_path / "there") == before
    encode_catalogue(model, large, tmp_path / "there", shard_items=8, encode=encode, report=told.append)
    assert told == [8]


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_no_shard(two_workers, model_folder, large, tmp_path):
    mark = tmp_path / "killed"

    def fragile():
        compute = shard_encoder(model_folder)

        def encode(shard):
            if shard.number == 1 and not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return compute(shard)

        return encode

    model = load_folder(model_folder)
    encode_catalogue(model, large, tmp_path / "here", shard_items=8)
    encode_catalogue(
        model, large, tmp_path / "there", shard_items=8, encode=lambda shards: spread(shards, fragile, two_workers)
    )
    assert mark.exists()
    assert shards_of(tmp_path / "here") == shards_of(tmp_path / "there")


@pytest.mark.slow
def test_a_task_that_kills_every_worker_ends_the_job(two_workers, tmp_path):
    def deadly():
        def die(number):
            (tmp_path / f"{os.getpid()}").touch()
            os.kill(os.getpid(), signal.SIGKILL)

        return die

    with pytest.raises(ConfigError, match="a worker failed"):
        list(spread([1], deadly, two_workers))
    assert len(list(tmp_path.iterdir())) == 1 + DEATHS


@pytest.mark.slow
def test_what_a_worker_says_of_its_task_is_what_the_caller_hears(two_workers):
    def strict():
        def check(number):
            raise DataError("is odd", field="number")

        return check

    with pytest.raises(DataError, match="field 'number': is odd") as raised:
        list(spread([1], strict, two_workers))
    assert raised.value.field == "number"


def test_without_tasks_there_are_no_results(two_workers):
    assert list(spread([], lambda: abs, two_workers)) == []


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["standard", "pecrs"])
def test_rankings_are_those_of_one_process(two_workers, model_folder, films, tmp_path, protocol, monkeypatch):
    monkeypatch.setattr("pecrs.inference.tasks.BATCH_POSITIONS", 300)  # several tasks
    recommender = Recommender.from_pretrained(model_folder)
    ranker = ClusterRanker(recommender.ranker, two_workers, model_folder)
    data = recommender.catalogue, {"valid": films.dialogues}
    predict(recommender, data, tmp_path / "here", protocol=protocol)
    predict(recommender, data, tmp_path / "there", protocol=protocol, ranker=ranker)
    assert (tmp_path / "here").read_bytes() == (tmp_path / "there").read_bytes()
    assert len((tmp_path / "here").read_text().splitlines()) > 10


def test_a_connection_that_is_there_is_used_and_kept(two_workers):
    with session(ClusterSettings(address="no.such.host:1")):
        pass
    assert ray.is_initialized()
    assert ray.cluster_resources()["CPU"] == 2


@pytest.mark.parametrize(("field", "value"), [("workers", 0), ("threads", 0), ("gpus", -1.0)])
def test_settings_that_make_no_worker_are_refused(field, value):
    with pytest.raises(ConfigError, match=field):
        ClusterSettings(**{field: value})


@pytest.mark.parametrize("make", [shard_encoder, lambda folder, device_map: task_ranker(folder, None, 10, device_map)])
def test_workers_put_the_backbone_where_they_are_told(make, model_folder):
    with pytest.raises(ConfigError, match="device_map: 'gpu' is no device"):
        make(model_folder, "gpu")
    assert callable(make(model_folder, "cpu"))


@pytest.mark.parametrize(
    "command",
    [
        ("index", "build", "--catalogue", "{data}/catalogue.jsonl", "--output", "{data}/index"),
        ("predict", "--data", "{data}", "--output", "{data}/predictions.jsonl"),
    ],
)
def test_what_a_worker_lacks_is_said_in_one_line(command, two_workers, films, model_folder, tmp_path, capsys):
    save_prepared(tmp_path, Prepared(films.catalogue, {"valid": films.dialogues}))
    told = ("--model", model_folder, "--engine", "ray", "--workers", "workers=1", "--device-map", "gpu")
    code, _, error = run(capsys, *(part.format(data=tmp_path) for part in command), *told)
    assert code == 2
    assert error == "pecrs: device_map: 'gpu' is no device; auto, cpu, cuda:0 or disk are\n"
