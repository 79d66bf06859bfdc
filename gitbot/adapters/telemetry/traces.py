"""Send spans to a collector of OpenTelemetry. Shell.

The variables are the usual ones:
https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ and
https://opentelemetry.io/docs/specs/otel/protocol/exporter/. Nothing of OpenTelemetry is imported where none names a
collector.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from gitbot.errors import UserError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_PROTOCOL = "http/protobuf"


@contextmanager
def tracing(environ: Mapping[str, str], server: str) -> Iterator[OtelTracer | None]:
    """A tracer that sends to the collector of the environment, None where it names none.

    What is not sent yet is sent at the end of the block.

    Raises:
        UserError: a collector is named and cannot be used; says how to change that.
    """
    if not _wanted(environ):
        yield None
        return
    try:
        provider = _provider(server)
    except ModuleNotFoundError as error:
        raise UserError(
            "OTEL_EXPORTER_OTLP_ENDPOINT names a collector, and what sends to it is not installed: "
            "pip install 'gitbot[otel]', or unset the variable"
        ) from error
    try:
        yield OtelTracer(provider)
    finally:
        provider.shutdown()


def _wanted(environ: Mapping[str, str]) -> bool:
    if not any(environ.get(name) for name in _ENDPOINTS):
        return False
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    if environ.get("OTEL_TRACES_EXPORTER", "otlp") == "none":
        return False
    asked = next((environ[name] for name in _PROTOCOLS if environ.get(name)), _PROTOCOL)
    if asked != _PROTOCOL:
        raise UserError(
            f"gitbot sends traces as {_PROTOCOL}, not as {asked}: unset OTEL_EXPORTER_OTLP_PROTOCOL, and "
            "name the collector's port for HTTP, usually 4318"
        )
    return True


def _provider(server: str) -> TracerProvider:
    """What makes and sends spans. It is not made the global one, so that libraries send none of theirs.

    Raises ModuleNotFoundError: the extra ``otel`` is not installed.
    """
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    ours = {
        "service.name": "gitbot",
        "service.version": version("gitbot"),
        "service.instance.id": server,
    }
    provider = TracerProvider(resource=Resource(ours).merge(OTELResourceDetector().detect()))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


class OtelTracer:
    """Makes spans of what parts tell. Fits ``ports.telemetry.Tracer``."""

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._tracer = provider.get_tracer("gitbot", version("gitbot"))
        self._context = TraceContextTextMapPropagator()

    @contextmanager
    def span(self, name: str, attributes: Mapping[str, str]) -> Iterator[None]:
        """Open a span for the time of the block. Of an error it keeps the type: its text may quote anything."""
        from opentelemetry.trace import StatusCode

        with self._tracer.start_as_current_span(
            name,
            attributes=_ours(attributes),
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(StatusCode.ERROR)
                raise

    def note(self, attributes: Mapping[str, str]) -> None:
        """Add to the span that is open in this context."""
        from opentelemetry.trace import get_current_span

        get_current_span().set_attributes(_ours(attributes))

    def carried(self) -> Mapping[str, str]:
        """The W3C trace context: https://www.w3.org/TR/trace-context/"""
        found: dict[str, str] = {}
        self._context.inject(found)
        return found

    @contextmanager
    def resumed(self, carried: Mapping[str, str]) -> Iterator[None]:
        """Let spans of the block belong to the one that ``carried`` was taken from."""
        from opentelemetry import context

        token = context.attach(self._context.extract(carried))
        try:
            yield
        finally:
            context.detach(token)


def _ours(attributes: Mapping[str, str]) -> dict[str, str]:
    return {f"gitbot.{name}": value for name, value in attributes.items()}
