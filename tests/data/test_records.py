"""Records at the border: what is wrong is named by file, line and field, in words."""

import json
from typing import Annotated

import pytest
from pydantic import TypeAdapter

from pecrs.data.records import FromList, Identifier, Record, located, read_records, validated
from pecrs.errors import DataError


class Part(Record):
    pair: Annotated[tuple[int, str], FromList] = (0, "")


class Whole(Record):
    id: Identifier = "x"
    name: str = "x"
    parts: dict[str, list[Part]] = {}


WHOLE = TypeAdapter(Whole)


@pytest.mark.parametrize(
    ("value", "field", "message"),
    [
        ([], None, "a mapping is expected, not []"),
        ({"name": None}, "name", "a string is expected, not None"),
        ({"id": True}, "id", "a number or a string is expected"),
        ({"id": ""}, "id", "a number or a string is expected"),
        ({"id": float("nan")}, "id", "a number or a string is expected"),
        ({"parts": []}, "parts", "a mapping is expected, not []"),
        ({"parts": {"a": {}}}, "parts.a", "a list is expected, not {}"),
        ({"parts": {"a": [{}, {"pair": [1]}]}}, "parts.a[1].pair[1]", "is missing"),
        ({"parts": {"a": [{"pair": [1.5, "x"]}]}}, "parts.a[0].pair[0]", "an integer is expected, not 1.5"),
    ],
)
def test_a_wrong_value_is_named_by_its_place(value, field, message):
    with pytest.raises(DataError) as caught:
        validated(WHOLE, value)
    assert (caught.value.field, caught.value.reason) == (field, message)


@pytest.mark.parametrize(
    ("written", "read"), [(7, "7"), (7.0, "7"), ("7.0", "7"), (7.5, "7.5"), ("a  b ", "a  b "), (1e17, "1" + "0" * 17)]
)
def test_identifiers_are_text_and_whole_where_they_are_whole_numbers(written, read):
    assert validated(WHOLE, {"id": written}).id == read


def test_what_is_shown_of_a_value_is_short():
    with pytest.raises(DataError) as caught:
        validated(WHOLE, {"parts": "x" * 10_000})
    assert len(caught.value.reason) < 100


def test_records_come_with_their_lines_and_undeclared_fields_are_ignored(tmp_path):
    path = tmp_path / "some.jsonl"
    path.write_text('{"id": 7, "more": 1}\n\n{"parts": {"a": [{"pair": [1, "x"]}]}}\n')
    first, second = read_records(path, WHOLE)
    assert first == (1, Whole(id="7"))
    assert second == (3, Whole(parts={"a": [Part(pair=(1, "x"))]}))


def test_an_error_names_file_line_and_field(tmp_path):
    path = tmp_path / "some.jsonl"
    path.write_text(json.dumps({}) + "\n" + json.dumps({"id": []}) + "\n")
    with pytest.raises(DataError) as caught:
        list(read_records(path, WHOLE))
    assert str(caught.value) == f"{path}:2: field 'id': a number or a string is expected"


def test_a_place_is_added_to_what_an_error_knows():
    with pytest.raises(DataError) as caught, located("file", 3), located(inside="turns[0]"):
        raise DataError("wrong", field="text")
    assert str(caught.value) == "file:3: field 'turns[0].text': wrong"
    with pytest.raises(DataError) as caught, located("outer", 3):
        raise DataError("wrong", path="inner", line=1)
    assert str(caught.value) == "inner:1: wrong"
