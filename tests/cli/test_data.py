import json

from commands import run
from pecrs.data.loaders.prepare import load_prepared

TABLE = "id,title,brand\n1.0,Usual Suspects (1995),Acme\n2.0,Brazil,Sol\n"


def prepare(capsys, folder, *arguments):
    return run(capsys, "prepare", "generic", "--source", folder, "--output", folder / "out", *arguments)


def test_plain_chat_logs_are_linked_and_reported(tmp_path, capsys):
    (tmp_path / "catalogue.csv").write_text(TABLE)
    said = ("Watch The Usual Suspects!", "i liked brazil", "Have you seen Brazil?")
    logs = [[{"role": "user", "content": "[hi]"}, {"role": "assistant", "content": text}] for text in said]
    (tmp_path / "dialogues.jsonl").write_text("".join(json.dumps({"messages": log}) + "\n" for log in logs))
    code, shown, _ = prepare(capsys, tmp_path)
    assert code == 0
    assert "linked: 3 mentions of 2 items; 2 sure, 1 uncertain (without capitals 1)" in shown
    assert "uncertain: dialogue dialogues-2, message 1: 'brazil' as Brazil: without capitals" in shown
    assert "3 of 3 recommender turns (100.0%) name an item" in shown
    prepared = load_prepared(tmp_path / "out")
    named = {dialogue.id: dialogue.turns[1].items for part in prepared.splits.values() for dialogue in part}
    assert named == {"dialogues-1": ("1",), "dialogues-2": ("2",), "dialogues-3": ("2",)}
    assert prepared.train
    assert prepared.valid


def test_a_wrong_field_is_answered_with_the_columns(tmp_path, capsys):
    (tmp_path / "catalogue.csv").write_text(TABLE)
    (tmp_path / "dialogues.jsonl").write_text('{"id": 1, "turns": []}\n')
    code, _, error = prepare(capsys, tmp_path, "--fields", "title,brnad")
    assert code == 2
    assert "field 'brnad': the field is declared, but there is no such column; did you mean 'brand'?" in error
    assert error.rstrip().endswith("the file has id, title, brand")


def test_validation_by_a_rule_is_said_and_wrong_rules_are_answered(tmp_path, capsys):
    (tmp_path / "catalogue.csv").write_text(TABLE)
    turns = [{"speaker": "seeker", "text": "hi"}, {"speaker": "recommender", "text": "[[1]]"}]
    records = [{"id": n, "turns": turns, "time": 100 - n} for n in range(3)]
    (tmp_path / "dialogues.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    code, shown, _ = prepare(capsys, tmp_path, "--validation", "time")
    assert code == 0
    assert "dialogues.jsonl: the latest 1 of 3 dialogues are for validation" in shown
    assert [dialogue.id for dialogue in load_prepared(tmp_path / "out").valid] == ["0"]
    code, _, error = prepare(capsys, tmp_path, "--validation", "group:customer")
    assert code == 2
    assert "dialogues.jsonl:1: field 'customer': a group is expected, since validation goes by this field" in error
