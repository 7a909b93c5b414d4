"""What the page on serving prints runs as printed, but for the address."""

import re
from pathlib import Path

import pytest
from live import listening

from pecrs.server.app import create_app
from pecrs.server.settings import ServerSettings

PAGE = Path(__file__).parents[2] / "docs" / "serving.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
PRINTED = "http://127.0.0.1:8000"


@pytest.mark.parametrize("code", EXAMPLES, ids=lambda code: code.split()[1])
def test_examples_of_clients_run(code, recommender, tmp_path, capsys):
    settings = ServerSettings(database=f"sqlite:///{tmp_path / 'a.db'}", authenticate=False)
    assert PRINTED in code
    with listening(create_app(recommender, settings)) as address:
        exec(compile(code.replace(PRINTED, address), str(PAGE), "exec"), {})
    assert len(capsys.readouterr().out) > 50
