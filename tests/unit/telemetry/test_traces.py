"""Traces are sent where the usual variables say so, and what cannot work is told with its variable."""

from __future__ import annotations

import pytest

from gitbot.adapters.telemetry.traces import tracing
from gitbot.errors import UserError

COLLECTOR = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OTEL_SERVICE_NAME": "bot"},
        {**COLLECTOR, "OTEL_SDK_DISABLED": "TRUE"},
        {**COLLECTOR, "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_nothing_is_traced_unless_a_collector_is_named(environ: dict[str, str]) -> None:
    with tracing(environ, "vm:1") as tracer:
        assert tracer is None


@pytest.mark.parametrize("name", ["ENDPOINT", "TRACES_ENDPOINT"])
def test_each_of_the_two_variables_names_a_collector(name: str) -> None:
    with tracing({f"OTEL_EXPORTER_OTLP_{name}": "http://127.0.0.1:1"}, "vm:1") as tracer:
        assert tracer is not None


def test_a_protocol_that_gitbot_does_not_speak_is_refused() -> None:
    grpc = {**COLLECTOR, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    with pytest.raises(UserError, match=r"as http/protobuf, not as grpc.*4318"), tracing(grpc, ""):
        pass


def test_a_span_goes_on_where_it_was_carried_to() -> None:
    with tracing(COLLECTOR, "vm:1") as tracer:
        assert tracer is not None
        assert tracer.carried() == {}
        with tracer.span("delivery", {}):
            carried = tracer.carried()
        with tracer.resumed(carried), tracer.span("job", {}):
            again = tracer.carried()
        assert tracer.carried() == {}
    before, after = carried["traceparent"].split("-"), again["traceparent"].split("-")
    assert before[1] == after[1]
    assert before[2] != after[2]
