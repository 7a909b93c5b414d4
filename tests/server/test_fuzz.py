"""Whatever the schema allows, and more: no request makes the service fail."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.openapi import from_asgi

from pecrs.server.app import create_app
from pecrs.server.settings import ServerSettings


def attack(app, header, examples):
    """Send so many requests to each operation; return how often each status came."""
    schema, statuses = from_asgi("/openapi.json", app), Counter()
    for result in schema.get_all_operations():
        operation = result.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def send(case):
            answer = case.call(headers=header)
            statuses[answer.status_code] += 1
            assert answer.status_code < 500, (case.as_curl_command(), answer.text)

        send()
    return statuses


@pytest.fixture
def service(recommender, database, key):
    app = create_app(recommender, ServerSettings(database=database, requests_per_minute=0))
    yield app, key(database, "admin")
    app.state.service.engine.close()
    app.state.service.store.engine.dispose()


def test_no_request_makes_it_fail(service):
    statuses = attack(*service, examples=3)
    assert statuses[401] == 0
    assert {200, 404, 422} <= set(statuses)


@pytest.mark.slow
def test_two_thousand_requests_do_not_make_it_fail(service):
    statuses = attack(*service, examples=110)
    assert statuses.total() >= 2000
