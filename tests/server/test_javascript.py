"""OpenAI's client for JavaScript, from npm."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from live import listening

from pecrs.server.app import create_app
from pecrs.server.settings import ServerSettings

SCRIPT = Path(__file__).parent / "conversation.mjs"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where Node finds the client."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("Node.js is not installed")
    made = tmp_path_factory.mktemp("node")
    shutil.copy(SCRIPT, made)
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "openai@6"], cwd=made, check=True, timeout=300)
    return made


@pytest.mark.network
def test_a_conversation_goes_on_after_an_interrupted_answer(recommender, folder, tmp_path):
    settings = ServerSettings(database=f"sqlite:///{tmp_path / 'a.db'}", authenticate=False, requests_per_minute=0)
    with listening(create_app(recommender, settings)) as address:
        done = subprocess.run(
            ["node", SCRIPT.name, address], cwd=folder, capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["said"] == told["whole"] != ""
    assert told["next"]
    assert told["refused"] == {"status": 400, "param": "n"}
