"""Spans of the steps of a reply."""

import time

import pytest

from pecrs.server.traces import record_steps


@pytest.fixture
def spans(monkeypatch):
    trace = pytest.importorskip("opentelemetry.trace")
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept, provider = InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    return kept


def test_steps_follow_each_other_and_end_now(spans):
    record_steps({"understand": 0.25, "retrieve": 0.5})
    first, second = spans.get_finished_spans()
    assert (first.name, second.name) == ("pecrs.understand", "pecrs.retrieve")
    assert first.end_time == second.start_time
    assert first.end_time - first.start_time == 250_000_000
    assert abs(second.end_time - time.time_ns()) < 10_000_000_000


def test_steps_are_below_the_span_of_their_request(spans):
    from opentelemetry import trace

    with trace.get_tracer("test").start_as_current_span("request") as request:
        record_steps({"decide": 0.1})
    step = next(span for span in spans.get_finished_spans() if span.name == "pecrs.decide")
    assert step.parent.span_id == request.get_span_context().span_id


def test_the_service_records_the_steps_of_its_replies(spans, start):
    body = {"model": "pecrs", "messages": [{"role": "user", "content": "a comedy"}]}
    assert start().post("/v1/chat/completions", json=body).is_success
    assert "pecrs.decide" in {span.name for span in spans.get_finished_spans()}
