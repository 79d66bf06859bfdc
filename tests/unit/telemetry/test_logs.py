"""A log line says what it is about, as text and as JSON, in whichever thread it is written."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor

from gitbot.adapters.secrets import hiding_in_logs
from gitbot.adapters.telemetry.logs import JsonLines, TextLines
from gitbot.ports import telemetry


def record(message: str, *args: object) -> logging.LogRecord:
    return logging.LogRecord("gitbot", logging.INFO, "here.py", 1, message, args, None)


def test_both_forms_name_what_the_line_is_about() -> None:
    with telemetry.about(job="FollowTip", stack=""), telemetry.about(environment="dev"):
        text, line = TextLines().format(record("%d done", 3)), JsonLines("vm:1").format(record("x"))
    assert text.endswith("INFO gitbot 3 done [job=FollowTip environment=dev]")
    told = json.loads(line)
    assert told.pop("time").endswith("+00:00")
    assert told == {
        "level": "INFO",
        "logger": "gitbot",
        "message": "x",
        "server": "vm:1",
        "job": "FollowTip",
        "environment": "dev",
    }
    assert TextLines().format(record("after")).endswith("INFO gitbot after")


def test_an_error_stays_in_its_line() -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError as error:
        failed = logging.LogRecord(
            "gitbot", logging.ERROR, "", 1, "no", (), (type(error), error, None)
        )
    line = JsonLines("vm:1").format(failed)
    assert "\n" not in line
    assert "ValueError: first\nsecond" in json.loads(line)["error"]


def test_what_a_thread_does_for_another_one_is_about_the_same() -> None:
    with ThreadPoolExecutor(2) as pool, telemetry.about(job="a"):
        work = telemetry.here(telemetry.subject)
        assert pool.submit(work).result() == {"job": "a"}
        assert pool.submit(telemetry.subject).result() == {}
        with telemetry.about(job="b"):
            assert pool.submit(work).result() == {"job": "a"}


def test_a_job_goes_on_with_the_delivery_that_woke_it() -> None:
    with telemetry.about(delivery="d-1", job="a"):
        carried = telemetry.carried()
    assert carried == {"delivery": "d-1"}
    with telemetry.resumed(carried):
        assert telemetry.subject() == {"delivery": "d-1"}
    with telemetry.resumed({}):
        assert telemetry.subject() == {}


def test_secrets_are_hidden_in_json_as_in_text() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines("vm:1"))
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        with hiding_in_logs(lambda text: text.replace("Kanaria", "(sensitive)")):
            assert handler.formatter is not None
            shown = handler.formatter.format(record("It is Kanaria"))
    finally:
        root.removeHandler(handler)
    assert json.loads(shown)["message"] == "It is (sensitive)"
