"""The steps of a reply as spans of OpenTelemetry, where its API is installed (``pecrs[telemetry]``).

Which exporter they go to is set from outside: ``opentelemetry-instrument pecrs serve`` and its ``OTEL_*`` variables.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from importlib.util import find_spec

_INSTALLED = find_spec("opentelemetry") is not None and find_spec("opentelemetry.trace") is not None
"""Whether the API is there: other packages share its name."""


def record_steps(timings: Mapping[str, float]) -> None:
    """Record the steps of a reply that was just made, one after another, below the span of its request.

    Args:
        timings: Seconds by step; of replies that were made together each has its share.
    """
    if not _INSTALLED:
        return
    from opentelemetry import trace

    tracer = trace.get_tracer("pecrs")
    start = time.time_ns() - round(1e9 * sum(timings.values()))
    for step, seconds in timings.items():
        end = start + round(1e9 * seconds)
        tracer.start_span(f"pecrs.{step}", start_time=start).end(end)
        start = end
