"""A collector of OpenTelemetry that takes spans over HTTP and keeps them. Shell.

https://opentelemetry.io/docs/specs/otlp/#otlphttp
"""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A span as it was received."""

    name: str
    trace: str
    id: str
    parent: str
    service: str
    attributes: dict[str, str]


@dataclass(slots=True)
class Collector:
    """What was received: spans, and the raw bytes of all requests, unpacked."""

    url: str = ""
    spans: list[Span] = field(default_factory=list)
    raw: bytes = b""
    paths: set[str] = field(default_factory=set)

    def take(self, path: str, body: bytes) -> None:
        """Keep what one request brings."""
        self.paths.add(path)
        self.raw += body
        for one in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = {each.key: each.value.string_value for each in one.resource.attributes}
            for scope in one.scope_spans:
                for span in scope.spans:
                    self.spans.append(
                        Span(
                            name=span.name,
                            trace=span.trace_id.hex(),
                            id=span.span_id.hex(),
                            parent=span.parent_span_id.hex(),
                            service=service["service.name"],
                            attributes={
                                each.key.removeprefix("gitbot."): each.value.string_value
                                for each in span.attributes
                            },
                        )
                    )

    def way_to(self, span: Span) -> list[Span]:
        """The spans from the outermost to this one."""
        by_id = {one.id: one for one in self.spans}
        way = [span]
        while way[0].parent in by_id:
            way.insert(0, by_id[way[0].parent])
        return way


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a free port of this machine."""
    made = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            made.take(self.path, body)
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
