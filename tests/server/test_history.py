"""What clients of OpenAI's API send back of a conversation: read, passed over, or refused in plain words."""

import json

import pytest

from pecrs.data.dialogue import Speaker
from pecrs.errors import DataError
from pecrs.server.history import spoken
from pecrs.server.schemas import Message

LIKED = "I love Alien (1979)."
NEXT = "What next?"
CALL = {"id": "c", "type": "function", "function": {"name": "search", "arguments": "{}"}}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


def read(*messages):
    return spoken([Message.model_validate(message) for message in messages])


def user(content):
    return {"role": "user", "content": content}


def assistant(content=None, **more):
    return {"role": "assistant", "content": content, **more}


SILENT = {
    "an interrupted answer": [assistant("")],
    "blank": [assistant(" \n")],
    "null": [assistant(None, refusal=None, audio=None, function_call=None, tool_calls=None)],
    "without content": [{"role": "assistant"}],
    "no parts": [assistant([])],
    "parts without words": [assistant([{"type": "text", "text": ""}, {"type": "text", "text": None}])],
    "a refusal": [assistant([{"type": "refusal", "refusal": "No."}])],
    "a call and its result": [
        assistant(None, tool_calls=[CALL]),
        {"role": "tool", "tool_call_id": "c", "content": "found"},
    ],
    "an older call": [
        assistant(None, function_call={"name": "search", "arguments": "{}"}),
        {"role": "function", "name": "search", "content": None},
    ],
    "instructions": [{"role": "system", "content": "x", "name": "s"}, {"role": "developer", "content": [IMAGE]}],
    "an empty question": [user(""), user(None)],
}


@pytest.mark.parametrize("kind", SILENT)
def test_what_has_no_words_for_the_model_is_passed_over(kind):
    expected = [(Speaker.SEEKER, LIKED), (Speaker.RECOMMENDER, "It is."), (Speaker.SEEKER, NEXT)]
    assert read(user(LIKED), *SILENT[kind], assistant("It is."), *SILENT[kind], user(NEXT)) == expected


def test_words_beside_a_call_are_read():
    assert read(user(LIKED), assistant("Let me look.", tool_calls=[CALL]), user(NEXT))[1] == (
        Speaker.RECOMMENDER,
        "Let me look.",
    )


def test_the_question_is_answered_where_calls_follow_it():
    call, result = SILENT["a call and its result"]
    assert read(user(NEXT), call, result) == [(Speaker.SEEKER, NEXT)]


@pytest.mark.parametrize(
    ("messages", "field", "reason"),
    [
        ([], "messages", "must be the user's"),
        ([user(NEXT), assistant("")], "messages", "must be the user's"),
        ([user(LIKED), user(" ")], r"messages[1].content", "is empty"),
        ([user(LIKED), user(None)], r"messages[1].content", "is empty"),
        ([user([{"type": "text", "text": NEXT}, IMAGE])], "messages[0].content[1]", "'image_url' cannot be read"),
        ([user([{"type": "input_audio", "input_audio": {}}]), user(NEXT)], "messages[0].content[0]", "'input_audio'"),
        ([user([{"type": "file", "file": {}}])], "messages[0].content[0]", "'file'"),
    ],
)
def test_what_cannot_be_read_is_named(messages, field, reason):
    with pytest.raises(DataError, match=reason) as refused:
        read(*messages)
    assert refused.value.field == field


def test_parts_are_joined_by_lines():
    parts = [{"type": "text", "text": LIKED}, {"type": "text", "text": NEXT}]
    assert read(user(parts)) == [(Speaker.SEEKER, f"{LIKED}\n{NEXT}")]


OF_THE_VALIDATOR = ("Input should", "Field required", "Extra inputs", "should have at", "after validation")

HARMLESS = {
    "null": dict.fromkeys(
        ("stream", "stream_options", "n", "tools", "tool_choice", "functions", "function_call", "seed", "stop", "pecrs",
         "temperature", "top_p", "max_tokens", "max_completion_tokens", "response_format", "modalities", "user",
         "logprobs", "logit_bias", "metadata", "audio", "parallel_tool_calls")
    ),
    "tools that need not be called": {"tools": [{"type": "function"}], "tool_choice": "none"},
    "tools that may be called": {"tools": [{"type": "function"}], "tool_choice": "auto", "parallel_tool_calls": True},
    "tools": {"tools": [{"type": "function"}], "functions": [{"name": "f"}], "function_call": "none"},
    "some of the tools": {"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}}},
    "one": {"n": 1, "modalities": ["text"], "response_format": {"type": "text"}, "stream": False},
    "unknown": {"colour": "red", "stream_options": {"include_usage": None}, "reasoning_effort": "low"},
    "nothing of ours": {"pecrs": {"filters": None, "recommend": None}},
}  # fmt: skip


@pytest.mark.parametrize("kind", HARMLESS)
def test_what_does_no_harm_has_no_effect(start, kind):
    body = {"model": "pecrs", "messages": [user(LIKED), assistant(""), user(NEXT)], "seed": 1}
    plain = start().post("/v1/chat/completions", json=body).json()
    answer = start().post("/v1/chat/completions", json={**body, **HARMLESS[kind], "seed": 1})
    assert answer.status_code == 200, answer.text
    assert answer.json()["choices"] == plain["choices"]


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"n": 2}, "n"),
        ({"n": 0}, "n"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": {"type": "function", "function": {"name": "f"}}}, "tool_choice"),
        (
            {"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": []}}},
            "tool_choice",
        ),
        ({"function_call": {"name": "f"}}, "function_call"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"messages": [user([IMAGE])]}, "messages[0].content[0]"),
    ],
)
def test_what_cannot_be_done_is_refused_by_its_name(start, more, param):
    body = {"model": "pecrs", "messages": [user(NEXT)], **more}
    answer = start().post("/v1/chat/completions", json=body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["type"], error["param"]) == ("invalid_request_error", param)


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        ([user(5)], "messages[0].content"),
        ([user([{"text": "a"}])], "messages[0].content[0].type"),
        ([user(["a"])], "messages[0].content[0]"),
        ([user("a"), user([{"type": "text", "text": "\x00"}])], "messages[1].content[0].text"),
        ([{"role": "robot", "content": "a"}], "messages[0].role"),
        ([{"content": "a"}], "messages[0].role"),
        ([user({"a": 1})], "messages[0].content"),
        (["a"], "messages[0]"),
        ([], "messages"),
        ("a", "messages"),
    ],
)
def test_a_wrong_message_is_named_without_the_validators_own_words(start, messages, param):
    answer = start().post("/v1/chat/completions", json={"model": "pecrs", "messages": messages})
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["param"] == param
    assert error["message"].startswith(f"{param}: ")
    assert not any(name in error["message"] for name in ("str]", "Part", "function-after", "Value error", "tagged"))
    assert not any(words in error["message"] for words in OF_THE_VALIDATOR)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"stream": "maybe"}, "stream: true or false is expected, not 'maybe'"),
        ({"n": "two"}, "n: an integer is expected, not 'two'"),
        ({"seed": 1.5}, "seed: an integer is expected, not 1.5"),
        ({"pecrs": {"k": 1000}}, "pecrs.k: a number of at most 100 is expected, not 1000"),
        ({"pecrs": {"kk": 1}}, "pecrs.kk: unknown field"),
        ({"pecrs": {"filters": {"years": [1990]}}}, "pecrs.filters: years are a first and a last one"),
        ({"pecrs": {"filters": {"exclude": [""]}}}, "pecrs.filters.exclude[0]: a string of at least 1 characters is"),
        ({"pecrs": []}, "pecrs: a mapping is expected, not []"),
        ({"messages": []}, "messages: a list of at least 1 is expected, not []"),
    ],
)
def test_a_wrong_field_is_told_in_the_words_of_the_command_line(start, more, said):
    body = {"model": "pecrs", "messages": [user(NEXT)], **more}
    answer = start().post("/v1/chat/completions", json=body)
    assert (answer.status_code, answer.json()["error"]["message"].startswith(said)) == (422, True), answer.text


def test_years_the_wrong_way_round_are_refused(start):
    body = {"model": "pecrs", "messages": [user(NEXT)], "pecrs": {"filters": {"years": [1999, 1990]}}}
    answer = start().post("/v1/chat/completions", json=body)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "no 'year' lies within 1999 and 1990")


@pytest.mark.parametrize(
    ("sent", "said"),
    [("{bad", "the body is not JSON: "), ("", "body: is missing"), ("[1]", "body: a mapping is expected, not [1]")],
)
def test_a_body_that_is_no_object_is_refused_in_plain_words(start, sent, said):
    answer = start().post("/v1/chat/completions", content=sent, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["message"].startswith(said)) == (422, True), answer.text


def test_the_name_of_a_field_may_not_be_empty(start):
    answer = start().put("/v1/items/n1", json={"title": "X", "fields": {"": ["a"]}})
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (422, "fields['']")


def test_a_stream_goes_on_after_an_interrupted_answer(start):
    body = {"model": "pecrs", "messages": [user(LIKED), assistant(""), user(NEXT)], "stream": True, "seed": 1}
    lines = start().post("/v1/chat/completions", json=body).text.split("\n\n")
    chunks = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
    said = [chunk["choices"][0]["delta"].get("content", "") for chunk in chunks]
    whole = start().post("/v1/chat/completions", json={**body, "stream": None}).json()
    assert "".join(said) == whole["choices"][0]["message"]["content"] != ""
