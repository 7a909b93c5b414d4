"""Language models that are only asked: what they say is understood, and behind it stands a full ranking."""

from __future__ import annotations

import json
import time

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

from endpoint import chat_completions, in_turn, says
from models import tiny_tokenizer
from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, Mention, Speaker, Turn
from pecrs.data.protocol import Instance, Ranking
from pecrs.data.splits import Prepared
from pecrs.errors import ConfigError, ContextTooLongError, DataError
from pecrs.evaluation.baselines.language_models import Answer, Endpoint, LocalModel, Prompt, Remembered
from pecrs.evaluation.baselines.registry import make_baselines, title_match
from pecrs.evaluation.baselines.simple import LatestMentionThenPopularity, Popularity, first_then
from pecrs.evaluation.baselines.zero_shot import Reordered, WrittenTitles, conversation_text
from pecrs.linking import Linker
from tiny import save_encoder

CATALOGUE = Catalogue(
    (
        Item("1", "Alien", 1979),
        Item("2", "The Ring", 2002),
        Item("3", "Up", 2009),
        Item("4", "Airplane!", 1980),
        Item("5", "Star Wars: A New Hope", 1977),
        Item("6", "Dune", 1984),
        Item("7", "Dune", 2021),
    ),
    ("title",),
)
TALK = Dialogue(
    "d",
    (
        Turn(Speaker.SEEKER, "Something\nlike Alien?", (Mention(15, 20, "1"),)),
        Turn(Speaker.RECOMMENDER, "Airplane!", (Mention(0, 9, "4"),)),
        Turn(Speaker.SEEKER, "Not a comedy."),
        Turn(Speaker.RECOMMENDER, "Then Dune, Up", (Mention(5, 9, "6"), Mention(11, 13, "3"))),
    ),
)
POINTS = [Instance(TALK, 1, ("4",)), Instance(TALK, 3, ("6", "3"))]
POPULARITY = Popularity([TALK], CATALOGUE)
QUESTION = Prompt("What next?", "1.", 12)


class Says:
    """Gives the same answers in turn, and keeps the questions."""

    def __init__(self, *answers):
        self.script, self.prompts = answers, []

    def answers(self, prompts):
        self.prompts += prompts
        return (self.script[place % len(self.script)] for place in range(len(prompts)))


def titles_of(*answers):
    return WrittenTitles(Says(*answers), CATALOGUE, POPULARITY, title_match(Linker(CATALOGUE)))


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("Alien", "1"),
        ("alien (1979)", "1"),
        ("The Ring (2002)", "2"),
        ("Ring", "2"),
        ("Up", "3"),
        ("Airplane!", "4"),
        ("Airplane! (1980)", "4"),
        ("Star Wars", "5"),
        ("Dune (1984)", "6"),
        ("Dune (2021)", "7"),
        ("Aliens vs. Predator", None),
        ("Alien Resurrection", None),
        ("Step Up", None),
        ("Dune (1999)", None),
        ("Solaris", None),
        ("", None),
    ],
)
def test_a_title_names_an_item_only_as_a_whole_and_of_its_year(name, item):
    assert title_match(Linker(CATALOGUE))(name) == item


def test_titles_come_first_and_popularity_follows():
    model = titles_of("1. Dune by Frank Herbert\n2. The Ring (2002) - creepy\n3. Solaris\n4. Ring", "I do not know.")
    first, second = model.rank(POINTS, 10)
    assert first.items[:2] == ("7", "2")  # of two alike, the later
    assert first.items[2:] == tuple(item for item in POPULARITY.ranking.items if item not in ("7", "2"))
    assert list(first.scores) == sorted(first.scores, reverse=True)
    assert second == POPULARITY.ranking
    assert model.remark() == "3 of the 5 titles that it wrote are in the catalogue"
    (short,) = titles_of("1. Up\n2. Alien").rank(POINTS[:1], 1)
    assert short.items == ("3",)


def test_a_question_holds_what_was_said_before_and_nothing_of_what_comes():
    assert conversation_text(POINTS[0]) == "Seeker: Something like Alien?"
    assert conversation_text(POINTS[1]).splitlines()[1:] == ["Recommender: Airplane!", "Seeker: Not a comedy."]
    model = titles_of("?")
    list(model.rank(POINTS, 5))
    assert [("comedy" in p.question, "Then Dune" in p.question) for p in model._model.prompts] == [
        (False, False),
        (True, False),
    ]
    long = Dialogue("l", (Turn(Speaker.SEEKER, "a " * 9000 + "end"), Turn(Speaker.RECOMMENDER, "x")))
    text = conversation_text(Instance(long, 1, ()))
    assert len(text) == 6000
    assert text.endswith("a end")


def test_a_shortlist_is_reordered_and_the_rest_stays():
    copy = LatestMentionThenPopularity(POPULARITY)
    model = Reordered(Says("[3] > [1]", "?"), CATALOGUE, copy)
    bases = list(copy.rank(POINTS, 7))
    first, second = model.rank(POINTS, 7)
    base = bases[0].items
    assert first.items == (base[2], base[0], base[1], *base[3:])
    assert list(first.scores) == sorted(first.scores, reverse=True)
    assert second.items == bases[1].items
    assert model.remark() == "1 of its 2 answers name candidates"
    listed = model._model.prompts[0].question
    assert f"[1] {CATALOGUE[base[0]].name}\n[2] {CATALOGUE[base[1]].name}\n" in listed


def test_first_then_keeps_scores_falling_and_the_depth():
    ranking = first_then(["3", "1"], POPULARITY.ranking, 4)
    assert ranking.items[:2] == ("3", "1")
    assert len(ranking.items) == len(set(ranking.items)) == len(ranking.scores) == 4
    assert first_then(["3", "1"], POPULARITY.ranking, 1).items == ("3",)


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """A tiny Llama of random weights."""
    folder = tmp_path_factory.mktemp("llm")
    tokenizer = tiny_tokenizer("llama")
    torch.manual_seed(0)
    shape = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
        max_position_embeddings=2048, initializer_range=0.5, eos_token_id=tokenizer.eos_token_id,
        bos_token_id=tokenizer.bos_token_id,
    )  # fmt: skip
    LlamaForCausalLM(shape).save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    return folder


def test_a_local_model_answers_a_batch_as_it_answers_each_alone(local):
    model, tokenizer = AutoModelForCausalLM.from_pretrained(str(local)), AutoTokenizer.from_pretrained(str(local))
    prompts = [Prompt("What next?" + " and then" * n, "1.", 12) for n in (0, 7, 2)]
    expected = []
    for prompt in prompts:
        inputs = tokenizer(f"{prompt.question}\n\n1.", return_tensors="pt")["input_ids"]
        pad = model.generate(inputs, do_sample=False, max_new_tokens=12, pad_token_id=0)
        expected.append("1." + tokenizer.decode(pad[0, inputs.shape[1] :], skip_special_tokens=True))
    answers = list(LocalModel(str(local)).answers(prompts))
    assert answers == expected
    assert len(set(answers)) > 1


def test_a_model_with_a_chat_template_is_asked_as_that_says(local, tmp_path):
    plain = LocalModel(str(local))
    template = "{% for m in messages %}<{{ m.role }}> {{ m.content }}\n{% endfor %}<assistant>"
    plain._tokenizer.chat_template = template
    plain._tokenizer.save_pretrained(str(tmp_path))
    plain._model.save_pretrained(str(tmp_path))
    plain._tokenizer.chat_template = None
    (chatted,) = LocalModel(str(tmp_path)).answers([QUESTION])
    asked = Prompt("<user> What next?", "<assistant>", 12)
    (expected,) = plain.answers([asked])
    assert chatted == expected.removeprefix("<assistant>") or not chatted.startswith("1.")


def test_a_chat_that_ends_at_the_limit_is_cut(local):
    model = LocalModel(str(local))
    model._tokenizer.chat_template = "{% for m in messages %}{{ m.content }}{% endfor %}"
    (said,) = model.answers([Prompt("What next?", "1.", 1)])
    assert said.cut
    inputs = model._tokenizer("What next?", return_tensors="pt", add_special_tokens=False)["input_ids"]
    model._model.generation_config.eos_token_id = int(model._model(inputs).logits[0, -1].argmax())
    (said,) = model.answers([Prompt("What next?", "1.", 5)])
    assert not said.cut
    model._tokenizer.chat_template = None
    assert not next(model.answers([Prompt("What next?", "1.", 1)])).cut  # it never ends by itself


def test_of_a_question_that_does_not_fit_a_model_without_a_template_reads_the_end(local):
    model = LocalModel(str(local))
    told = [next(model.answers([Prompt(f"{'other ' * n}{'word ' * 3000}", "1.", 12)])) for n in (0, 90)]
    assert told[0] == told[1]
    assert told[0] != next(model.answers([Prompt("word", "1.", 12)]))


def test_a_question_that_does_not_fit_a_chat_is_refused(local):
    model = LocalModel(str(local))
    with pytest.raises(ContextTooLongError, match="there are 2048"):
        list(model.answers([Prompt("word", "1.", 2048)]))
    model._tokenizer.chat_template = "{% for m in messages %}{{ m.content }}{% endfor %}"
    with pytest.raises(ContextTooLongError, match="there are 2048"):
        list(model.answers([Prompt("word " * 3000, "1.", 12)]))


def test_a_local_model_that_is_none_is_refused():
    with pytest.raises(ConfigError, match="baseline llm:nowhere/at-all"):
        LocalModel("nowhere/at-all")


def test_a_local_model_that_lacks_weights_is_refused(tmp_path):
    save_encoder(tmp_path, layers=1, positions=32)
    with pytest.raises(ConfigError, match=r"it lacks cls\.predictions\.bias$"):
        LocalModel(str(tmp_path))


def lower(headers):
    return {name.lower(): value for name, value in headers.items()}


def test_an_endpoint_is_asked_as_openai_wants(monkeypatch):
    with chat_completions(lambda body: says(body["messages"][0]["content"].upper())) as stub:
        prompts = [Prompt(f"question {n}", "1.", 9) for n in range(20)]
        assert list(Endpoint("m", stub.base, "secret").answers(prompts)) == [f"QUESTION {n}" for n in range(20)]
        assert stub.asked[0] == {
            "model": "m",
            "messages": [{"role": "user", "content": stub.asked[0]["messages"][0]["content"]}],
            "max_tokens": 9,
            "temperature": 0,
        }
        asked = {(headers["authorization"], headers["path"]) for headers in map(lower, stub.headers)}
        assert asked == {("Bearer secret", "/v1/chat/completions")}
        monkeypatch.setenv("OPENAI_BASE_URL", stub.base)
        monkeypatch.delenv("OPENAI_API_KEY", raising=False)
        assert list(Endpoint.from_environment("m").answers([QUESTION])) == ["WHAT NEXT?"]
        assert "authorization" not in lower(stub.headers[-1])


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_passes_by_itself_is_tried_again(status):
    with chat_completions(in_turn((status, {}), (status, "busy"), says("yes"))) as stub:
        assert list(Endpoint("m", stub.base).answers([QUESTION])) == ["yes"]
        assert len(stub.asked) == 3


REFUSALS = {
    "the older limit": (
        {"message": "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", "param": "max_tokens"},
        "max_tokens",
    ),
    "the older limit, in words": ({"message": "Use 'max_completion_tokens' instead of 'max_tokens'."}, "max_tokens"),
    "the temperature": (
        {"message": "'temperature' does not support 0 with this model.", "param": "temperature"},
        "temperature",
    ),
    "the temperature, in words": ("unknown field temperature", "temperature"),
    "the temperature, by pydantic": (
        [{"loc": ["body", "temperature"], "msg": "Extra inputs are not permitted", "input": {"max_tokens": 1}}],
        "temperature",
    ),
}


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("kind", REFUSALS)
def test_a_parameter_that_is_refused_is_left_out_and_the_rest_stays(kind, status):
    said, name = REFUSALS[kind]
    refusal = status, {"detail" if isinstance(said, list) else "error": said}
    with chat_completions(lambda body: refusal if name in body else says("yes")) as stub:
        answers = list(Endpoint("m", stub.base).answers([QUESTION] * 40))  # several at once
        assert answers == ["yes"] * 40
        assert len(stub.asked) <= 40 + 8  # asked again by those that were on their way
    assert [answer.refused for answer in answers] == [(name,)] * 40
    kept = {"max_tokens": 12, "temperature": 0, "max_completion_tokens": 12}
    sent = {key: value for key, value in stub.asked[-1].items() if key in kept}
    left = "temperature" if name == "max_tokens" else "max_tokens"
    assert sent == {left: kept[left]} | ({"max_completion_tokens": 12} if name == "max_tokens" else {})


def test_both_parameters_may_be_refused():
    def answer(body):
        for name in ("max_tokens", "temperature"):
            if name in body:
                return 400, {"error": {"message": "not supported", "param": name}}
        return says("yes")

    with chat_completions(answer) as stub:
        (said,) = Endpoint("m", stub.base).answers([QUESTION])
        assert (said, said.refused) == ("yes", ("max_tokens", "temperature"))
        assert len(stub.asked) == 3


@pytest.mark.parametrize("name", ["messages", "model", None])
def test_what_cannot_be_left_out_is_an_error(name):
    refusal = 400, {"error": {"message": "too long", "param": name}}
    with chat_completions(lambda body: refusal) as stub:
        with pytest.raises(ConfigError, match=r"answers 400: too long$"):
            list(Endpoint("m", stub.base).answers([QUESTION]))
        assert len(stub.asked) == 1


def test_a_limit_that_is_refused_in_both_forms_is_an_error():
    def answer(body):
        name = next(name for name in ("max_tokens", "max_completion_tokens") if name in body)
        return 400, {"error": {"message": f"{name} is too large", "param": name}}

    with chat_completions(answer) as stub:
        with pytest.raises(ConfigError, match="max_completion_tokens is too large"):
            list(Endpoint("m", stub.base).answers([QUESTION]))
        assert len(stub.asked) == 2


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        ((401, {"error": {"message": "Incorrect API key"}}), ConfigError, r"answers 401: Incorrect API key$"),
        ((404, "<html>\nnothing here"), ConfigError, r"answers 404: <html> nothing here$"),
        ((503, "busy"), ConfigError, r"answers 503: busy$"),
        ((302, ""), ConfigError, r"answers 302: nothing$"),
        ((200, "no json"), DataError, r"gives no answer: no json$"),
        ((200, {"choices": []}), DataError, r"field 'choices': .* gives no answer"),
    ],
)
def test_what_does_not_pass_is_told_without_the_key(answer, error, message):
    with chat_completions(lambda body: answer) as stub, pytest.raises(error, match=message) as caught:
        list(Endpoint("m", stub.base, "secret").answers([QUESTION]))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, ""),
        ("", ""),
        ([], ""),
        ([{"type": "text", "text": "1. Up"}, {"type": "text", "text": "2. Dune"}], "1. Up\n2. Dune"),
        ([{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "1. Up"}], "1. Up"),
        ([{"type": "reasoning", "text": "hm"}, {"type": "output_text", "text": "1. Up"}, {"text": "2. Dune"}],
         "1. Up\n2. Dune"),
        ([{"type": "refusal", "refusal": "No."}], ""),
        (["1. Up", None], "1. Up"),
        ({"text": "1. Up"}, ""),
    ],
)  # fmt: skip
def test_the_words_of_an_answer_are_those_of_its_parts(content, words):
    with chat_completions(lambda body: says(content)) as stub:
        assert list(Endpoint("m", stub.base).answers([QUESTION])) == [words]


def test_an_answer_without_content_is_empty_and_one_that_was_cut_says_so():
    silent = (
        200,
        {"choices": [{"message": {"role": "assistant", "reasoning_content": "hm"}, "finish_reason": "length"}]},
    )
    with chat_completions(in_turn(silent, says("1. U", "length"), says("1. Up"))) as stub:
        model = Endpoint("m", stub.base)
        answers = [next(model.answers([QUESTION])) for _ in range(3)]
    assert [(answer, answer.cut) for answer in answers] == [("", True), ("1. U", True), ("1. Up", False)]


def test_a_model_without_a_word_is_an_error_and_its_silence_is_forgotten(tmp_path):
    path, match = tmp_path / "answers.jsonl", title_match(Linker(CATALOGUE))
    with chat_completions(lambda body: says("", "length")) as stub:
        silent = WrittenTitles(
            Remembered(Endpoint("m", stub.base), path), CATALOGUE, POPULARITY, match, name="openai:m", tokens=7
        )
        expected = "^baseline openai:m: 2 of its 2 answers are empty; 2 answers end at the limit of 7 tokens$"
        with pytest.raises(DataError, match=expected):
            list(silent.rank(POINTS, 5))
        stub.answer = lambda body: says("1. Up")
        repaired = WrittenTitles(Remembered(Endpoint("m", stub.base), path), CATALOGUE, POPULARITY, match, tokens=7)
        assert [ranking.items[0] for ranking in repaired.rank(POINTS, 5)] == ["3", "3"]
        assert [body["max_tokens"] for body in stub.asked] == [7] * 4
    assert len(path.read_text().splitlines()) == 2


def test_silence_of_both_kinds_is_refused_and_of_some_questions_is_told():
    lists = Reordered(Says("<think>hm", " "), CATALOGUE, LatestMentionThenPopularity(POPULARITY))
    with pytest.raises(DataError, match="2 of its 2 answers are empty"):
        list(lists.rank(POINTS, 5))
    some = titles_of(Answer("1. Up", cut=True, refused=["temperature"]), "")
    first, second = some.rank(POINTS, 5)
    assert (first.items[0], second) == ("3", Ranking(POPULARITY.ranking.items[:5], POPULARITY.ranking.scores[:5]))
    assert some.remark() == (
        "1 of the 1 titles that it wrote are in the catalogue; 1 of its 2 answers are empty; "
        "1 answers end at the limit of 320 tokens; the service refuses temperature"
    )


def test_empty_answers_of_an_older_file_are_asked_again(tmp_path):
    path = tmp_path / "answers.jsonl"
    record = {"question": QUESTION.question, "opening": "1.", "tokens": 12, "answer": ""}
    path.write_text(json.dumps(record) + "\n")
    model = Says("", "1. Up")
    asking = Remembered(OneByOne(model), path)
    assert list(asking.answers([QUESTION, QUESTION])) == ["", ""]  # asked once a time
    assert list(asking.answers([QUESTION])) == [""]
    assert len(model.prompts) == 2


def test_how_an_answer_came_about_is_remembered_with_it(tmp_path):
    path = tmp_path / "answers.jsonl"
    said = Answer("1. U", cut=True, refused=["temperature"])
    assert list(Remembered(Says(said), path).answers([QUESTION])) == [said]
    assert json.loads(path.read_text())["cut"] is True
    (again,) = Remembered(Says(), path).answers([QUESTION])
    assert (again, again.cut, again.refused) == (said, True, ("temperature",))


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("", "/v1/chat/completions"),
        ("/", "/v1/chat/completions"),
        ("/v1/", "/v1/chat/completions"),
        ("/v1/chat/completions", "/v1/chat/completions"),
        ("/openai/v1", "/openai/v1/chat/completions"),
        ("/api", "/api/chat/completions"),
    ],
)
def test_an_address_without_a_path_gets_the_usual_one(given, path):
    with chat_completions(lambda body: says("yes")) as stub:
        assert list(Endpoint("m", stub.base.removesuffix("/v1") + given).answers([QUESTION])) == ["yes"]
        assert stub.headers[0]["path"] == path


def test_a_wrong_path_is_told_that_it_may_lack_its_end():
    with chat_completions(lambda body: (404, "not found")) as stub:
        with pytest.raises(ConfigError, match=r"answers 404: not found \(its address may lack a /v1\)$"):
            list(Endpoint("m", stub.base.replace("/v1", "/api")).answers([QUESTION]))
        with pytest.raises(ConfigError, match=r"answers 404: not found$"):
            list(Endpoint("m", stub.base).answers([QUESTION]))


def test_a_key_is_sent_to_no_other_address():
    with chat_completions(lambda body: says("stolen")) as other:
        with chat_completions(lambda body: (307, "")) as stub:
            stub.location = f"{other.base}/chat/completions"
            with pytest.raises(ConfigError, match="answers 307"):
                list(Endpoint("m", stub.base, "secret").answers([QUESTION]))
        assert other.asked == []


def test_a_service_that_is_not_there_is_named(monkeypatch):
    with chat_completions(lambda body: says("")) as stub:
        gone = stub.base
    waits = []
    monkeypatch.setattr(time, "sleep", waits.append)
    with pytest.raises(ConfigError, match=f"{gone}/chat/completions cannot be reached: ConnectError"):
        list(Endpoint("m", gone).answers([QUESTION]))
    assert len(waits) > 1  # it was tried again, each time after a while


@pytest.mark.parametrize(
    ("base", "key", "message"),
    [
        ("", "", "needs OPENAI_API_KEY"),
        ("ftp://x/v1", "", "an http or https address is expected"),
        ("models.example", "", "an http or https address is expected"),
        ("http://models.example/v1", "k", "would carry the key unencrypted"),
    ],
)
def test_a_wrong_address_is_refused_before_anything_is_sent(base, key, message, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", base)
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(ConfigError, match=message):
        Endpoint.from_environment("m")


def test_answers_are_remembered_as_they_come(tmp_path):
    path = tmp_path / "model" / "answers.jsonl"
    questions = [Prompt(f"q{n}", "1.", 9) for n in (1, 2, 1, 3)]
    with chat_completions(in_turn(says("a"), says("b"), (401, {}))) as stub:
        asking = Remembered(OneByOne(Endpoint("m", stub.base)), path).answers(questions)
        assert [next(asking) for _ in range(3)] == ["a", "b", "a"]
        with pytest.raises(ConfigError, match="401"):
            next(asking)
        stub.answer = lambda body: says("c")
        assert list(Remembered(OneByOne(Endpoint("m", stub.base)), path).answers(questions)) == ["a", "b", "a", "c"]
        assert len(stub.asked) == 4
    assert list(Remembered(Says(), path).answers(questions)) == ["a", "b", "a", "c"]
    assert json.loads(path.read_text().splitlines()[-1]) == {
        "question": "q3", "opening": "1.", "tokens": 9, "answer": "c"
    }  # fmt: skip


class OneByOne:
    """Asks a model one question at a time, so that a script of answers meets them in order."""

    def __init__(self, model):
        self.model = model

    def answers(self, prompts):
        return (next(self.model.answers([prompt])) for prompt in prompts)


@pytest.mark.parametrize("record", ['{"question": "q"}', '{"question": "q", "opening": "", "answer": "a"}'])
def test_a_broken_memory_names_its_line(record, tmp_path):
    path = tmp_path / "answers.jsonl"
    path.write_text('{"question": "q", "opening": "", "tokens": 1, "answer": "a"}\n' + record + "\n")
    with pytest.raises(DataError, match=rf"{path}:2: "):
        Remembered(Says(), path)


def test_baselines_of_language_models_by_name(tmp_path, monkeypatch, local):
    data = Prepared(CATALOGUE, {"train": (TALK,)})
    answer = lambda body: says("1. Up" if "Write 20 titles" in body["messages"][0]["content"] else "[2]")  # noqa: E731
    with chat_completions(answer) as stub:
        monkeypatch.setenv("OPENAI_BASE_URL", stub.base)
        local_name = f"llm-listwise+popularity:{local}"
        baseline_models = make_baselines(data, ["openai:m", "openai-listwise+bm25:m", local_name], tmp_path)
        assert next(baseline_models["openai:m"].rank(POINTS, 3)).items[0] == "3"
        base = next(make_baselines(data, ["bm25"], tmp_path)["bm25"].rank(POINTS[1:], 3)).items
        assert next(baseline_models["openai-listwise+bm25:m"].rank(POINTS[1:], 3)).items == (base[1], base[0], base[2])
    assert (tmp_path / "openai-m" / "answers.jsonl").is_file()
    assert sorted(next(baseline_models[local_name].rank(POINTS, 7)).items) == list("1234567")


@pytest.mark.parametrize("name", ["llm:", "openai", "openai-listwise:"])
def test_a_language_model_needs_a_name(name, tmp_path):
    with pytest.raises(ConfigError, match=f"baseline {name}: the name of a model"):
        make_baselines(Prepared(CATALOGUE, {"train": (TALK,)}), [name], tmp_path)


@pytest.mark.parametrize("name", ["neighbours", "sequential", "popularity", "openai:m", "openai-listwise:m"])
def test_what_learns_from_train_dialogues_says_that_there_are_none(name, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    with pytest.raises(DataError, match="there are none"):
        make_baselines(Prepared(CATALOGUE, {"valid": (TALK,)}), [name], tmp_path)
