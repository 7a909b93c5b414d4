"""Requests made up from the service's own description: whatever comes, it never fails."""

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from live import listening

from pecrs.server.app import create_app
from pecrs.server.settings import ServerSettings

NAMES = ("session", "session_id", "item", "item_id")


@pytest.fixture
def url(recommender, database):
    """A service for everyone whose catalogue and conversations a test may ruin."""
    chosen = ServerSettings(database=database, authenticate=False, requests_per_minute=0)
    with listening(create_app(recommender, chosen)) as address:
        yield address


@pytest.mark.parametrize("examples", [60, pytest.param(2000, marks=pytest.mark.slow)])
def test_no_request_makes_it_fail(url, examples):
    described = schemathesis.openapi.from_url(f"{url}/openapi.json")
    operations = [result.ok() for result in described.get_all_operations()]
    assert len(operations) > 15
    session = httpx.post(f"{url}/v1/sessions", json={}).json()["id"]
    item = httpx.get(f"{url}/v1/items", params={"limit": 1}).json()["data"][0]["id"]
    real = {"session": session, "session_id": session, "item": item, "item_id": item}
    statuses = set()

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(
        st.one_of([op.as_strategy(mode) for op in operations for mode in schemathesis.GenerationMode]), st.booleans()
    )
    def ask(case, known):
        for part in (case.path_parameters, case.body) if known and case.method != "DELETE" else ():
            if isinstance(part, dict):
                part.update({name: real[name] for name in NAMES if name in part})
        answer = case.call(timeout=60)
        statuses.add(answer.status_code)
        assert answer.status_code < 500, (case.as_curl_command(), answer.text)
        if answer.status_code >= 400:
            assert set(answer.json()["error"]) == {"message", "type", "param", "code"}, answer.text

    ask()
    assert {200, 404, 422} <= statuses
    assert httpx.get(f"{url}/readyz").status_code == 200
    assert httpx.get(f"{url}/v1/sessions/{session}").status_code == 200
