"""The borders over which text from outside comes in: what to send, and what must hold."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from hypothesis import strategies as st

from gitbot.adapters.loader.deaths import DiedError
from gitbot.adapters.loader.replies import is_about, values_of
from gitbot.adapters.loader_pipe import read_frame
from gitbot.decisions.commands.grammar import parse_commands
from gitbot.language.assemble import LoadedFile, assemble
from gitbot.language.files import SpecFile
from gitbot.language.time.cron import read_cron
from gitbot.language.time.hours import read_hours
from gitbot.language.time.instants import read_instant, read_moment
from gitbot.language.time.zones import read_zone
from gitbot.model.codec import from_data, to_open_data
from gitbot.model.desired import LoadedTree
from gitbot.model.durations import read_duration
from gitbot.model.text_problem import TextProblemError
from gitbot.model.tree import SpecTree
from gitbot.webhooks.parse import parse
from gitbot.webhooks.payloads import MalformedDeliveryError
from gitbot.webhooks.route import route
from tests.unit.language import test_hostile_specs as documents
from tests.unit.language.specs_by_hand import HEAD, box, load_files

SLOW_S = 10.0
"""No text of these sizes may take longer, on a busy machine either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One border. ``check`` raises when a text does what no text may do."""

    texts: st.SearchStrategy[str]
    check: Callable[[str], None]


def timed(check: Callable[[str], None]) -> Callable[[str], None]:
    """The check, which also fails when a text takes too long."""

    def run(text: str) -> None:
        began = time.process_time()
        check(text)
        assert time.process_time() - began < SLOW_S, "it takes too long"

    return run


# --- specs

_STACK = json.dumps(documents.STACK, indent=1)
_YAML = st.sampled_from(
    ["- ", ": ", "{", "}", "[", "]", "|\n", ">\n", "&a ", "*a", "!!t ", "? ", "# ", "\t", "\n", "---\n",
     "'", '"', "\\x", "0x1F", "1e400", ".inf", "~", "<<: ", "${", "}", "$${", "\u2028", "\ufeff", "\x00"]
)  # fmt: skip


@st.composite
def _spliced(draw: st.DrawFn, whole: str, piece: st.SearchStrategy[str]) -> str:
    """The text with some parts cut out, doubled, or replaced by pieces."""
    text = whole
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        kept = draw(st.sampled_from(["", text[start:end] * 2]))
        text = text[:start] + draw(piece) + kept + text[end:]
    return text


def check_spec(text: str) -> None:
    """A spec is loaded or has diagnostics, and survives the pipe."""
    environment = json.dumps(documents.ENVIRONMENT)
    files = {
        "specs/dev/environment.yaml": environment,
        "specs/dev/demo.yaml": text.encode(errors="surrogatepass"),
    }
    loaded = load_files(files)
    assert loaded.stacks or loaded.diagnostics or not text.strip()
    data = json.loads(json.dumps(to_open_data(loaded)))
    assert from_data(data, LoadedTree) == loaded


# --- templates of CloudFormation

_TEMPLATE = """Parameters: {A: {Type: String, Default: a}, N: {Type: Number, Default: "1"}, L: {Type: CommaDelimitedList, Default: "x,y"}}
Mappings: {M: {k: {v: 1}}}
Conditions: {C: !Equals [!Ref A, a], D: !Not [!Condition C]}
Resources:
  First: {Type: Test::Box, Properties: {Name: !Sub "b-${A}", Size: !Ref N, Items: [!If [C, !Ref A, !Ref AWS::NoValue]]}}
  Second:
    Type: Test::Box
    DependsOn: First
    Condition: C
    Properties: {Name: !GetAtt First.Name, Secret: !Join ["-", [!Ref First, !Select [0, !Ref L]]], On: "true"}
Outputs: {O: {Value: !FindInMap [M, k, v]}}
"""
_CALLS = st.sampled_from(
    ["!Ref A", "!Ref First", "!Ref AWS::NoValue", "!Ref AWS::Region", "!Sub '${A}$${'", "!GetAtt First.Arn", "!If [C, ",
     "!Join ['$', [", "!Select [9, ", "!Split ['', ", "!Cidr [10.0.0.0/8, 9, 99]", "!Base64 ", "{'Fn::Sub': [", "!And [",
     "!Condition C", "!FindInMap [M, ", "Fn::", "${", "}", "{{resolve:", "]]", "}}", "!GetAZs x", "!Not ", "D: ", "\x7f"]
)  # fmt: skip


def check_template(text: str) -> None:
    """A template is loaded as a module or has diagnostics, and survives the pipe."""
    loaded = load_files(
        {
            "specs/dev/environment.yaml": json.dumps(documents.ENVIRONMENT),
            "specs/dev/demo.yaml": HEAD + "  resources: {net: {module: templates/a.yaml}}\n",
            "templates/a.yaml": text.encode(errors="surrogatepass"),
        }
    )
    assert loaded.stacks or loaded.diagnostics
    data = json.loads(json.dumps(to_open_data(loaded)))
    assert from_data(data, LoadedTree) == loaded


# --- expressions

_PIECES = st.sampled_from(
    ["vars.n", "vars.s", "other.Arn", "other.Name", "env.project", "stack.name", "'a'", '"b"', "r'c'", "1", "2.5",
     "true", "null", " + ", " == ", " ? ", " : ", " && ", ".", "[", "]", "(", ")", "{", "}", ", ", "!", "-", "0",
     ".map(x, x)", ".filter(x, x)", ".all(x, true)", "size(", "string(", "int(", "base64(", "has(", "'$gitbot'",
     "x", "\\", "\n", "${", "}", "in ", "matches('(a+)+$')", "🚀", "\ud800"]
)  # fmt: skip
_EXPRESSIONS = st.lists(_PIECES, max_size=10).map("".join)


def check_expression(text: str) -> None:
    """An expression gives a value, an unknown or a diagnostic."""
    spec = (
        "  variables:\n    n: {type: number, default: 3}\n    s: {type: string, sensitive: true, default: hunter2x}\n"
        + box("Name: a")
        + "    other:\n      type: Test::Box\n      properties: {Name: "
        + json.dumps("${" + text + "}")
        + "}\n"
    )
    loaded = load_files(
        {
            "specs/dev/environment.yaml": json.dumps(documents.ENVIRONMENT),
            "specs/dev/demo.yaml": HEAD + spec,
        }
    )
    assert "hunter2x" not in str(loaded.diagnostics)
    json.dumps(to_open_data(loaded))


# --- deliveries

_EVENTS = [
    "push",
    "pull_request",
    "issue_comment",
    "pull_request_review",
    "check_run",
    "check_suite",
    "ping",
    "x",
]
_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12)),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            ["action", "repository", "id", "number", "pull_request", "head", "base", "ref", "sha", "repo", "user",
             "login", "comment", "body", "sender", "after", "before", "commits", "review", "created_at", "updated_at",
             "submitted_at", "state", "check_run", "check_suite", "app", "issue", "pusher", "name", "changes", "from"]
        ),
        inner,
        max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip


def check_delivery(text: str) -> None:
    """A delivery is an event, or is refused as malformed."""
    sent = json.loads(text)
    try:
        event = parse(str(sent["event"]), sent["payload"])
    except MalformedDeliveryError:
        return
    for key in route(event, "d1"):
        assert key.id


# --- comments

_WORDS = st.sampled_from(
    ["/plan", "/apply", "/apply dev", "/unlock", "@gitbot ", "`", "```", "~~~", "    ", "\t", "> ", "- ", "1. ", "<!--",
     "-->", "<pre>", "</pre>", "<div>", "\n", "\n\n", "\r\n", " ", "\u00a0", "é", "|", "|---|", "#", "=", "\\", "*", "["]
)  # fmt: skip
_COMMENTS = st.lists(
    st.tuples(st.one_of(_WORDS, st.text(max_size=5)), st.sampled_from([1, 1, 1, 2, 3000])),
    max_size=14,
).map(lambda parts: "".join(word * times for word, times in parts)[:65_536])


def check_comment(text: str) -> None:
    """A comment has commands or none."""
    for command in parse_commands(text, "gitbot[bot]"):
        assert 0 <= command.line <= len(text)


# --- replies of the loader's child

_REPLY: dict[str, Any] = to_open_data(
    LoadedFile(
        path="specs/dev/demo.yaml", environment="dev", secrets=("hunter2x",), covered=((1, 2),)
    )
)


@st.composite
def _replies(draw: st.DrawFn) -> str:
    reply = dict(_REPLY)
    for name in draw(st.lists(st.sampled_from([*LoadedFile.__slots__]), max_size=3)):
        reply[name] = draw(_JSON)
    stack: dict[str, Any] = {
        "environment": "dev",
        "name": "s",
        "region": "r",
        "hash": "h",
        "resources": {},
    }
    value = draw(
        _JSON
        | st.sampled_from(
            [{"$gitbot": kind} for kind in ("unknown", "map", "sensitive", "redacted", 5)]
        )
    )
    span = {"file": "specs/dev/demo.yaml"}
    stack |= {"outputs": {"o": {"value": value}}, "source": span}
    document = {"name": "s", "label": "s", "moved_from": None, "desired": stack}
    document |= {"source": span, "name_source": span, "moved_source": span}
    if draw(st.booleans()):
        document[draw(st.sampled_from(sorted(document)))] = draw(_JSON)
    if draw(st.booleans()):
        reply["stacks"] = [document]
    return json.dumps({"values": draw(st.sampled_from([[reply], reply, [reply, 1]]))})


def check_reply(text: str) -> None:
    """A reply is the result for the file that was asked, or the child counts as dead."""
    body = text.encode(errors="surrogatepass")
    file = SpecFile(path="specs/dev/demo.yaml", environment="dev", text="")
    try:
        answer = read_frame(BytesIO(len(body).to_bytes(4, "big") + body))
        (loaded,) = values_of(answer if isinstance(answer, dict) else {}, LoadedFile, 1)
    except (DiedError, ValueError, RecursionError):
        return
    if is_about(loaded, file, ()):
        tree = assemble(SpecTree(id="t"), [loaded], [])
        json.dumps(to_open_data(tree))
        assert all(stack.environment == "dev" for stack in tree.stacks)


# --- times

_TIMES = st.sampled_from(
    ["2026-12-24", "2026-02-29", "T18:00", ":61", "Z", "+01:00", "-24:00", "9999-12-31", "1d", "12h", "30m", "99999999d",
     "0 ", "*/5 ", "* ", "1-31/2 ", "5-1 ", "MON-FRI", "SUN", "JAN", ",", "-", "/", "#", "@daily", "Europe/Berlin", "../",
     "off=", "on=", "(", ")", "[", "]", "M-F", "x", ";", "tz=", "skip=", "until=", "u28", "u29", "٣", "\u2028", "\x00", " "]
)  # fmt: skip
_READERS: tuple[Callable[[str], object], ...] = (
    read_cron,
    read_duration,
    read_hours,
    read_instant,
    read_moment,
    read_zone,
)


def check_time(text: str) -> None:
    """A text about time is read, or what is wrong is told with a place inside of it."""
    for read in _READERS:
        try:
            assert read(text) is not None
        except TextProblemError as problem:
            told = problem
        else:
            continue
        assert 0 <= told.at <= len(text)
        assert told.detail
        assert told.fix


TARGETS = {
    "templates": Target(
        texts=_spliced(_TEMPLATE, st.one_of(_YAML, _CALLS, st.text(max_size=3))),
        check=timed(check_template),
    ),
    "specs": Target(texts=_spliced(_STACK, _YAML), check=timed(check_spec)),
    "expressions": Target(texts=_EXPRESSIONS, check=timed(check_expression)),
    "deliveries": Target(
        texts=st.builds(
            lambda event, payload: json.dumps({"event": event, "payload": payload}),
            st.sampled_from(_EVENTS),
            _JSON,
        ),
        check=timed(check_delivery),
    ),
    "comments": Target(texts=_COMMENTS, check=timed(check_comment)),
    "times": Target(
        texts=st.lists(st.one_of(_TIMES, st.text(max_size=4)), max_size=12).map("".join),
        check=timed(check_time),
    ),
    "replies": Target(texts=_replies(), check=timed(check_reply)),
}
