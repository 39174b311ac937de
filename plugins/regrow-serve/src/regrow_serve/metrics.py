"""What `/metrics` tells: requests, rows by verdict and source, seconds, and what waits."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from regrow_serve.answers import Answer

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Counters of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("regrow_requests", "Requests", ["path", "status"], registry=self.registry)
        self.rows = Counter("regrow_rows", "Rows answered or refused", ["guard", "source"], registry=self.registry)
        self.seconds = Histogram("regrow_seconds", "Seconds", ["path"], registry=self.registry, buckets=BUCKETS)
        self.waiting = Gauge("regrow_waiting_rows", "Rows that wait", registry=self.registry)
        self.lost = Gauge(
            "regrow_log_lost_rows", "Rows that the log lacks: it can't be written", registry=self.registry
        )
        self.bundle = Gauge("regrow_bundle", "1 for the bundle that answers", ["digest"], registry=self.registry)

    def request(self, path: str, status: int, seconds: float) -> None:
        """Count a request."""
        self.requests.labels(path, str(status)).inc()
        self.seconds.labels(path).observe(seconds)

    def answers(self, answers: "Iterable[Answer]") -> None:
        """Count rows."""
        for one in answers:
            self.rows.labels(one.guard, one.source).inc()

    def text(self, waiting: int, digest: str) -> bytes:
        """All of it, as Prometheus reads it."""
        self.waiting.set(waiting)
        self.bundle.labels(digest).set(1)
        return generate_latest(self.registry)
