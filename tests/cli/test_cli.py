"""The command line from data to a conversation, and one line with exit code 2 for each mistake."""

import json
import os
import socket
import subprocess
import sys

import pytest

import pecrs
from commands import CONFIG, run
from endpoint import chat_completions, says
from pecrs.data.loaders.prepare import save_prepared
from pecrs.data.loaders.synthetic import film_world
from pecrs.data.splits import Prepared


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A prepared film world, a configuration, and a folder for runs."""
    folder = tmp_path_factory.mktemp("cli")
    catalogue, dialogues = film_world(0, 40)
    save_prepared(
        folder / "data", Prepared(catalogue, {"train": tuple(dialogues[:30]), "valid": tuple(dialogues[30:])})
    )
    (folder / "tiny.yaml").write_text(CONFIG)
    return folder


@pytest.fixture
def trained(folder, capsys):
    """A run, trained once."""
    if not (folder / "run").exists():
        arguments = (folder / "tiny.yaml", "--data", folder / "data", "--output", folder / "run")
        code, shown, error = run(capsys, "train", *arguments)
        assert code == 0, error
        assert "best mean recall" in shown
        assert "(100.00 %)" in shown
    return folder / "run"


def test_train_predict_evaluate_chat(folder, trained, capsys):
    predictions = folder / "predictions.jsonl"
    code, shown, _ = run(capsys, "predict", "--model", trained, "--data", folder / "data", "--output", predictions)
    assert code == 0
    records = [json.loads(line) for line in predictions.read_text().splitlines()]
    assert f"{len(records)} rankings" in shown
    assert all(len(set(record["ranking"])) == 60 for record in records)  # the whole world, as it is smaller than 100

    arguments = ("--data", folder / "data", "--output", folder / "scores")
    code, shown, _ = run(capsys, "evaluate", "--predictions", predictions, *arguments)
    assert code == 0
    assert "popularity" in shown
    from_file = json.loads((folder / "scores" / "metrics.json").read_text())
    more = ("--baseline", "bm25", "--conversations", 2)
    code, shown, _ = run(capsys, "evaluate", "--model", trained, *arguments, *more)
    assert code == 0
    assert "bm25" in shown
    assert "bits per byte" in shown
    words = json.loads((folder / "scores" / "pecrs" / "conversation.json").read_text())
    assert words["turns"] == len((folder / "scores" / "pecrs" / "responses.jsonl").read_text().splitlines()) > 2
    code, _, error = run(capsys, "evaluate", "--predictions", predictions, *arguments, "--conversations", 2)
    assert code == 2
    assert "--conversations needs --model" in error
    assert json.loads((folder / "scores" / "pecrs" / "metrics.json").read_text()) == from_file

    says = ("--message", "Hello", "--message", "Any western?", "--json", "--seed", 1)
    code, shown, _ = run(capsys, "chat", "--model", trained, *says)
    assert code == 0
    told = [json.loads(line) for line in shown.splitlines()]
    assert [sorted(record) for record in told] == [
        ["items", "mentions", "move", "probability", "recommends", "state", "text", "timings"]
    ] * 2
    assert [record["state"] for record in told] == [[], []]  # this model reads no messages


@pytest.mark.parametrize("kind", ["openai:m", "openai-listwise+popularity:m"])
def test_an_endpoint_that_says_nothing_is_no_baseline_until_it_is_repaired(folder, tmp_path, capsys, monkeypatch, kind):
    arguments = ("evaluate", "--baselines-only", "--baseline", kind, "--answer-tokens", 99)
    where = ("--data", folder / "data", "--output", tmp_path / "out")
    with chat_completions(lambda body: says(None)) as stub:
        monkeypatch.setenv("OPENAI_BASE_URL", stub.base)
        monkeypatch.delenv("OPENAI_API_KEY", raising=False)
        code, shown, error = run(capsys, *arguments, *where)
        questions = len(stub.asked)
        assert (code, shown) == (2, "")
        assert error == f"pecrs: baseline {kind}: {questions} of its {questions} answers are empty\n"
        assert (tmp_path / "out" / "popularity" / "metrics.json").is_file()
        stub.answer = lambda body: says(
            "Of the 20 candidates: [3] > [1]" if "[20]" in str(body) else "**1. Nothing (2000)**"
        )
        code, shown, error = run(capsys, *arguments, *where)
        assert (code, error) == (0, "")
        assert len(stub.asked) == 2 * questions
        assert {body["max_tokens"] for body in stub.asked} == {99}
        assert f"{kind}: " in shown
        assert run(capsys, *arguments, *where)[0] == 0
        assert len(stub.asked) == 2 * questions


def test_two_runs_are_compared(folder, trained, capsys):
    arguments = ("--data", folder / "data", "--output", folder / "compared")
    assert run(capsys, "evaluate", "--model", trained, *arguments)[0] == 0
    popular, own = folder / "compared" / "popularity" / "predictions.jsonl", folder / "compared"
    code, shown, _ = run(capsys, "compare", own, own, "--data", folder / "data")
    assert code == 0
    assert shown.count("+0.00 (+0.00 to +0.00)") == shown.count("not shown") == 9
    code, shown, _ = run(capsys, "compare", popular, own, "--data", folder / "data")
    assert code == 0
    metrics = [
        json.loads((folder / "compared" / name / "metrics.json").read_text()) for name in ("popularity", "pecrs")
    ]
    shares = [100 * m["variants"]["novel"]["recall"]["50"]["value"] for m in metrics]
    assert f"{shares[0]:.2f}" in shown
    assert f"{shares[0] - shares[1]:+.2f}" in shown


def test_a_suite_is_played(folder, trained, capsys):
    (folder / "own.yaml").write_text('a talk: [Hello, {say: "Any western?", then: {recommends: true}}]')
    arguments = ("--suite", folder / "own.yaml", "--model", trained, "--output", folder / "suite")
    code, shown, _ = run(capsys, "evaluate", *arguments)
    assert code == 0
    assert "checks hold" in shown
    assert json.loads((folder / "suite" / "suite.json").read_text())["checks"] == 17


def test_the_demonstration_needs_nothing(capsys):
    code, shown, _ = run(capsys, "demo")
    assert code == 0
    assert shown.count("you    ") == 6
    assert "looking for: superhero, comedy" in shown


def test_the_version_is_printed(capsys):
    assert run(capsys, "--version") == (0, f"pecrs {pecrs.__version__}\n", "")


def test_bytes_that_are_no_text_are_refused_and_the_conversation_goes_on(trained):
    command = [sys.executable, "-m", "pecrs.cli", "chat", "--model", str(trained)]
    surroundings = os.environ | {"LC_ALL": "C.UTF-8"}
    ended = subprocess.run(command, input=b"caf\xe9\nhello\n", env=surroundings, capture_output=True, check=True)
    first, second = ended.stdout.split(b"you    ")[1:3]
    assert b"bytes that are not UTF-8" in first
    assert second.startswith(b"pecrs  ")
    assert ended.stderr == b""


def test_a_port_that_is_taken_is_told_in_a_line_before_a_model_is_loaded(capsys):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        code, _, error = run(capsys, "serve", "--no-auth", "--port", port, "--model", "nowhere")
    assert (code, error) == (2, f"pecrs: --port {port}: another program listens there\n")


def test_resume_and_a_folder_in_use(folder, trained, capsys):
    arguments = ("train", folder / "tiny.yaml", "--data", folder / "data", "--output", trained)
    code, _, error = run(capsys, *arguments)
    assert (code, "the folder is not empty" in error) == (2, True)
    code, shown, _ = run(capsys, *arguments, "--resume")
    assert code == 0
    assert "best mean recall" in shown
    code, _, error = run(capsys, *arguments, "--resume", "--set", "training.epochs=2")
    assert (code, "training.epochs" in error) == (2, True)


MISTAKES = {
    "unknown field": (("train", "{tiny}", "--data", "{data}", "--output", "{new}", "--set", "training.nope=1"), "nope"),
    "no such config": (("train", "{new}/x.yaml", "--data", "{data}", "--output", "{new}"), "x.yaml"),
    "no such data": (("train", "{tiny}", "--data", "{new}", "--output", "{new}/run"), "catalogue.jsonl"),
    "no such model": (("chat", "--model", "{new}", "--message", "hi"), "no such folder"),
    "not a model": (("chat", "--model", "{data}", "--message", "hi"), "not a model folder"),
    "no such split": (
        ("predict", "--model", "{run}", "--data", "{data}", "--split", "dev", "--output", "{new}"),
        "dev",
    ),
    "no protocol": (
        ("predict", "--model", "{run}", "--data", "{data}", "--protocol", "own", "--output", "{new}"),
        "own",
    ),
    "no data at all": (("predict", "--model", "{run}", "--output", "{new}"), "give one of --data and --dialogues"),
    "no text": (("chat", "--model", "{run}", "--message", "caf\udce9"), "bytes that are not UTF-8"),
    "no such address": (("serve", "--host", "256.0.0.1"), "--host 256.0.0.1"),
    "empty message": (("chat", "--model", "{run}", "--message", " "), "the message is empty"),
    "json without a message": (("chat", "--model", "{run}", "--json"), "--json needs --message"),
    "two things to evaluate": (
        ("evaluate", "--data", "{data}", "--output", "{new}", "--model", "{run}", "--predictions", "{new}/p"),
        "one of --model, --predictions and --baselines-only",
    ),
    "nothing to evaluate on": (("evaluate", "--model", "{run}", "--output", "{new}"), "--data and --output"),
    "nothing to compare": (("compare", "{data}", "{data}", "--data", "{data}"), "it holds no predictions.jsonl"),
    "a suite and data": (("evaluate", "--suite", "conversations", "--data", "{data}"), "--suite goes with"),
    "no such suite": (("evaluate", "--suite", "{new}/s.yaml", "--model", "{run}"), "no suite can be read"),
    "no source": (("prepare", "redial", "--source", "{new}", "--output", "{new}/out"), "no such file or folder"),
    "no key for TMDB": (
        ("prepare", "generic", "--source", "{data}", "--output", "{new}", "--tmdb-cache", "{new}/c"),
        "TMDB_API_KEY",
    ),
    "malformed checksum": (("download", "redial", "--output", "{new}", "--sha256", "redial_dataset.zip=1"), "sha256"),
    "no such device for talking": (
        ("chat", "--model", "{run}", "--device-map", "gpu"),
        "device_map: 'gpu' is no device",
    ),
    "no such device for serving": (("serve", "--model", "{run}", "--device-map", "cuda:77"), "no such device here"),
    "no such device for ranking": (
        ("predict", "--model", "{run}", "--data", "{data}", "--device-map", "cuda:77", "--output", "{new}"),
        "no such device here",
    ),
    "no such device for evaluation": (
        ("evaluate", "--model", "{run}", "--data", "{data}", "--device-map", "cuda:77", "--output", "{new}"),
        "no such device here",
    ),
    "a device for baselines": (
        ("evaluate", "--baselines-only", "--data", "{data}", "--device-map", "cpu", "--output", "{new}"),
        "--device-map needs --model",
    ),
    "no such device for a suite": (
        ("evaluate", "--suite", "conversations", "--model", "{run}", "--device-map", "cuda:77"),
        "no such device here",
    ),
    "no such device for an index": (
        (
            *("index", "build", "--catalogue", "{data}/catalogue.jsonl", "--output", "{new}"),
            *("--model", "{run}", "--device-map", "cpu=all"),
        ),
        "a size is expected",
    ),
    "no such device for training": (
        ("train", "{tiny}", "--data", "{data}", "--output", "{new}", "--set", "training.device_map=cpu;disk"),
        "'cpu;disk' is no device",
    ),
    "unknown data set": (("prepare", "netflix", "--source", "{data}", "--output", "{new}/out"), "netflix"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_and_exit_code_2(name, folder, trained, capsys):
    template, expected = MISTAKES[name]
    places = {"tiny": folder / "tiny.yaml", "data": folder / "data", "new": folder / "new", "run": trained}
    code, _, error = run(capsys, *(part.format(**places) for part in template))
    assert code == 2
    assert expected in error
    assert error.startswith("pecrs: ")
    assert error.count("\n") == 1
    assert not (folder / "new").exists()


def test_training_puts_the_backbone_where_it_is_told(folder, tmp_path, capsys):
    arguments = ("--data", folder / "data", "--output", tmp_path, "--set", "training.device_map=cpu=1KiB,disk")
    code, _, error = run(capsys, "train", folder / "tiny.yaml", *arguments)
    assert code == 2
    assert error.startswith("pecrs: device_map: 1 blocks of")
    assert "do not fit cpu (0.0 MiB), disk" in error


def test_raw_redial_dialogues_can_be_predicted(folder, trained, capsys):
    line = {
        "conversationId": "7", "initiatorWorkerId": 1, "respondentWorkerId": 2, "movieMentions": [],
        "initiatorQuestions": [], "respondentQuestions": [],
        "messages": [
            {"text": "Hi", "senderWorkerId": 1, "messageId": 1, "timeOffset": 0},
            {"text": "Try @1003", "senderWorkerId": 2, "messageId": 2, "timeOffset": 1},
        ],
    }  # fmt: skip
    (folder / "raw.jsonl").write_text(json.dumps(line) + "\n")
    raw, output = folder / "raw.jsonl", folder / "raw-predictions.jsonl"
    code, _, error = run(capsys, "predict", "--model", trained, "--dialogues", raw, "--output", output)
    assert code == 0, error
    (record,) = [json.loads(line) for line in output.read_text().splitlines()]
    assert (record["conversation_id"], record["message_index"]) == ("7", 1)
