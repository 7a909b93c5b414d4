"""What Prometheus reads at ``/metrics``."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("pecrs_requests_total", "Requests by route, method and status.", ["route", "method", "status"])
SECONDS = Histogram("pecrs_request_seconds", "Seconds of a request by route.", ["route"])
QUEUE = Gauge("pecrs_queue", "Requests that wait for the model.")
BATCH_SIZE = Histogram("pecrs_batch_size", "Requests answered together.", buckets=(1, 2, 4, 8, 16, 32, 64))
MODEL_SECONDS = Histogram("pecrs_model_seconds", "Seconds of the model for a batch.")
RECOMMENDATIONS = Counter("pecrs_replies_total", "Replies, by whether they recommend.", ["recommends"])
WRITER = Counter("pecrs_writer_total", "Replies that an outside writer was asked to word, by outcome.", ["outcome"])
