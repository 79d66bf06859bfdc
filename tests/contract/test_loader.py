"""Tests for the loader's child process: its results, its limits, and its death."""

from __future__ import annotations

import json
import logging
import os
import re
import struct
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from gitbot.adapters.loader import ChildLoader, DiskCache, child, kept
from gitbot.adapters.loader import loader as loading
from gitbot.adapters.loader.pool import ChildPool
from gitbot.adapters.loader_pipe import (
    LARGEST_FRAME_BYTES,
    FrameTooLargeError,
    read_frame,
    write_frame,
)
from gitbot.errors import InvariantError, UserError
from gitbot.language.load import load_tree
from gitbot.model.names import Address
from gitbot.model.tree import EntryKind, SpecTree, TreeEntry
from gitbot.model.values import Sensitive, Unknown
from gitbot.model.verdicts import Judgement, Verdict
from gitbot.providers.aws.catalog import open_catalog
from gitbot_sandbox.sandbox import eventually

EXAMPLES = Path(__file__).parents[2] / "specs"
ENVIRONMENT = (
    "apiVersion: gitbot/v1\nkind: Environment\nmetadata: {name: ENV}\nspec: {region: us-east-1}\n"
)
STACK = "apiVersion: gitbot/v1\nkind: Stack\nmetadata: {name: NAME}\nspec:\n"

# Multiplies a string by ten, ten times over: ten gigabytes from 275 characters. And a thousand
# million steps that need no memory.
MEMORY_EATER = '${["x"]' + "".join(".map(a, " + "+".join("a" * 10) + ")" for _ in range(10)) + "}"
DEADLY = "Deadly"
# The child's program, but a request that names the text above ends it as one without memory.
DYING = f"""
import json, os
from gitbot.adapters.loader_pipe import EXIT_MEMORY
from gitbot.bootstrap import loader_child
read = loader_child.read_frame
def read_or_die(stream):
    request = read(stream)
    if {DEADLY!r} in json.dumps(request):
        os._exit(EXIT_MEMORY)
    return request
loader_child.read_frame = read_or_die
loader_child.main()
"""
# The same, but it waits until there is a file.
WAITING = DYING.replace(
    "        os._exit(EXIT_MEMORY)\n",
    "        while not os.path.exists('GATE'): time.sleep(0.01)\n",
).replace("import json, os", "import json, os, time")
_TEN = "[0,1,2,3,4,5,6,7,8,9]"
TIME_EATER = (
    "${" + "".join(f"{_TEN}.all({name}, " for name in "abcdefghi") + "1 == 1" + ")" * 9 + "}"
)


def tree(files: Mapping[str, str | TreeEntry]) -> SpecTree:
    return SpecTree(
        id="t",
        entries={
            path: text if isinstance(text, TreeEntry) else TreeEntry(content=text.encode())
            for path, text in files.items()
        },
    )


def stack(name: str, output: str) -> str:
    return STACK.replace("NAME", name) + f"  resources: {{}}\n  outputs:\n    x: '{output}'\n"


def examples() -> SpecTree:
    return tree(
        {
            f"specs/{path.relative_to(EXAMPLES)}": path.read_text()
            for path in EXAMPLES.rglob("*.yaml")
        }
    )


@pytest.fixture(scope="module")
def loader() -> Iterator[ChildLoader]:
    with ChildLoader(timeout_s=30) as one:
        yield one


def test_the_examples_load_without_problems_and_as_they_do_in_process(loader: ChildLoader) -> None:
    catalog = open_catalog()
    loaded = loader.load(examples())
    assert loaded.diagnostics == ()
    assert set(loaded.environments) == {"dev", "staging", "prod"}
    assert {(one.environment, one.name) for one in loaded.stacks} == {
        (environment, name)
        for environment in ("dev", "staging", "prod")
        for name in ("artifact-bucket", "gpu-trainer")
    }
    assert loaded == load_tree(examples(), catalog.lookup, catalog.names, catalog.native_names)


def test_diagnostics_unknowns_and_sensitive_values_cross_the_pipe(loader: ChildLoader) -> None:
    spec = (
        STACK.replace("NAME", "s")
        + "  variables: {pw: {type: string, sensitive: true, default: hunter2}}\n"
        + "  resources:\n    b: {type: AWS::S3::Bucket, properties: {BucketName: my-bucket}}\n"
        + "  outputs:\n    a: {value: '${b.Arn}${vars.pw}', sensitive: true}\n"
    )
    wrong = STACK.replace("NAME", "w") + "  resources: {b: {type: AWS::S3::Buket}}\n"
    files = {
        "specs/dev/environment.yaml": ENVIRONMENT.replace("ENV", "dev"),
        "specs/dev/s.yaml": spec,
        "specs/dev/w.yaml": wrong,
        "specs/dev/l.yaml": TreeEntry(kind=EntryKind.SYMLINK),
    }
    loaded = loader.load(tree(files))
    told = [one.code for one in loaded.diagnostics]
    assert told == ["not-a-file", "looks-secret", "unknown-type"]
    assert loaded.errors()[1].fix == 'Did you mean "AWS::S3::Bucket"?'
    (good,) = loaded.stacks
    assert good.outputs["a"].value == Unknown(
        template="${b.Arn}${vars.pw}",
        inputs={"vars": {"pw": Sensitive("hunter2")}},
        references={"b": Address("b")},
        sensitive=True,
    )


# Where others must keep their results, what is hostile needs memory: a busy machine takes its time.
PATIENCE_S = 60.0


def test_the_child_knows_the_types_of_every_service(loader: ChildLoader) -> None:
    names = open_catalog().native_names()
    entries = "".join(f"    r{at}: {{type: '{name}'}}\n" for at, name in enumerate(names))
    files = environments("dev") | {
        "specs/dev/all.yaml": STACK.replace("NAME", "all") + f"  resources:\n{entries}"
    }
    loaded = loader.load(tree(files), reviewed=True)
    # Some lack properties that they need. Nothing else is wrong: a child can open no file later.
    assert not [one for one in loaded.diagnostics if one.code == "loader-failed"]


def test_an_expression_that_exhausts_the_memory_is_a_diagnostic_of_its_file() -> None:
    files = {
        "specs/dev/environment.yaml": ENVIRONMENT.replace("ENV", "dev"),
        "specs/dev/good.yaml": stack("good", "fine"),
        "specs/dev/hostile.yaml": stack("hostile", MEMORY_EATER),
        "specs/prod/environment.yaml": ENVIRONMENT.replace("ENV", "prod"),
        "specs/prod/good.yaml": stack("good", "fine"),
    }
    with ChildLoader(timeout_s=PATIENCE_S) as loader:
        loaded = loader.load(tree(files))
        assert [(one.file, one.code, one.environment) for one in loaded.diagnostics] == [
            ("specs/dev/hostile.yaml", "loader-limit", "dev")
        ]
        assert "more than 1024 MB of memory" in loaded.diagnostics[0].detail
        assert [(one.environment, one.name) for one in loaded.stacks] == [
            ("dev", "good"),
            ("prod", "good"),
        ]
        assert loaded.errors("prod") == ()
        assert loader.load(examples()).diagnostics == ()


def test_an_expression_that_takes_too_long_is_a_diagnostic_of_its_file() -> None:
    files = environments("dev") | {"specs/dev/hostile.yaml": stack("hostile", TIME_EATER)}
    with ChildLoader(timeout_s=1.5) as loader:
        found = {one.file: one for one in loader.load(tree(files)).diagnostics}
    hostile = found["specs/dev/hostile.yaml"]
    assert (hostile.code, hostile.environment) == ("loader-limit", "dev")
    assert "took longer than 1.5 s" in hostile.detail


def test_a_child_that_answers_too_much_is_refused() -> None:
    multiply = "".join(".map(a, " + "+".join("a" * 10) + ")" for _ in range(5))
    outputs = "".join(f"    o{n}: '${{[\"x\"]{multiply}[0]}}'\n" for n in range(1100))
    files = {
        "specs/dev/environment.yaml": ENVIRONMENT.replace("ENV", "dev"),
        "specs/dev/big.yaml": STACK.replace("NAME", "big")
        + "  resources: {}\n  outputs:\n"
        + outputs,
    }
    with ChildLoader(timeout_s=30) as loader:
        (found,) = loader.load(tree(files)).diagnostics
    assert (found.file, found.code) == ("specs/dev/big.yaml", "loader-limit")
    assert "more data" in found.detail


def test_many_hostile_files_cannot_delay_a_load_for_ever() -> None:
    files: dict[str, str | TreeEntry] = {
        f"specs/dev/{n}.yaml": stack(f"s{n}", TIME_EATER) for n in range(300)
    }
    files["specs/dev/environment.yaml"] = ENVIRONMENT.replace("ENV", "dev")
    began = time.monotonic()
    with ChildLoader(timeout_s=0.5, narrowing_s=15) as loader:
        loaded = loader.load(tree(files))
    assert time.monotonic() - began < 60, "alone they take 150 s"
    assert loaded.stacks == ()
    assert {one.code for one in loaded.diagnostics} == {"loader-limit", "loader-skipped"}


def test_heavy_files_keep_no_others_from_being_loaded(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The kind: files that are not heavy, of which nobody tells what is wrong with them."""
    monkeypatch.setattr(loading, "QUICK_S", 0.8)
    files = environments("dev")
    files |= {name: text for n in range(3) for name, text in bomb(f"a{n}").items()}
    files |= {"specs/dev/good.yaml": stack("good", "x"), "specs/dev/wrong.yaml": "kind: Wrong\n"}
    with ChildLoader(timeout_s=3, narrowing_s=15) as loader:
        loaded = loader.load(tree(files))
    found = {one.file: one.code for one in loaded.diagnostics}
    assert found["specs/dev/a0.yaml"] == "loader-limit"
    assert found["specs/dev/wrong.yaml"] not in ("loader-limit", "loader-skipped")
    assert [one.name for one in loaded.stacks] == ["good"]
    # Where nothing is set up to log, Python prints warnings: the diagnostic says it already.
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


def test_a_heavy_environment_keeps_no_others_from_being_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loading, "QUICK_S", 0.8)
    files = environments("dev", "prod") | {"specs/prod/good.yaml": stack("good", "x")}
    files["specs/dev/environment.yaml"] = (
        f"{files['specs/dev/environment.yaml']}---\n{stack('x', TIME_EATER)}"
    )
    with ChildLoader(timeout_s=2, narrowing_s=4) as loader:
        loaded = loader.load(tree(files))
    assert [one.name for one in loaded.stacks] == ["good"]


def test_files_that_take_long_share_the_time_of_one_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kind: each round has the whole time, and unreviewed specs hold a child for the sum."""
    monkeypatch.setattr(loading, "QUICK_S", 0.4)
    files = environments("dev", "prod", "good") | {"specs/good/good.yaml": stack("good", "x")}
    for name in ("dev", "prod"):
        home = f"specs/{name}/environment.yaml"
        files[home] = f"{files[home]}---\n{stack('x', TIME_EATER)}"
    files |= {f"specs/good/a{n}.yaml": stack(f"a{n}", TIME_EATER) for n in range(2)}
    with ChildLoader(timeout_s=5, narrowing_s=15) as loader:
        loaded = loader.load(tree(files))
    told = [re.search(r"took longer than ([0-9.]+) s", one.detail) for one in loaded.diagnostics]
    given = [float(one[1]) for one in told if one is not None]
    assert len(given) == 4
    assert sum(given) < 15 / 3 + 0.4
    assert [one.name for one in loaded.stacks] == ["good"]


def test_the_child_has_no_environment_no_files_and_no_credentials(
    monkeypatch: pytest.MonkeyPatch, loader: ChildLoader
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("GITBOT_HASH_KEY", "secret")
    with ChildLoader(children=1) as one:
        one.load(examples())
        (child,) = one.idle_pids(reviewed=False)
        process = Path(f"/proc/{child}")
        assert {
            line.split(b"=")[0] for line in (process / "environ").read_bytes().split(b"\0")
        } <= {
            b"PATH",
            b"LANG",
            b"LC_CTYPE",
            b"",
        }
        limits = (process / "limits").read_text()
        assert limits.split("Max open files")[1].split()[:2] == ["0", "0"]
        assert limits.split("Max address space")[1].split()[0] == str(1024**3)
        assert limits.split("Max core file size")[1].split()[0] == "0"
        opened = [os.readlink(one) for one in (process / "fd").iterdir()]
        assert all(
            target.startswith("pipe:") or target == "/dev/null" or target.endswith("schemas.sqlite")
            for target in opened
        ), opened


def test_a_child_that_was_killed_is_replaced() -> None:
    with ChildLoader(children=1) as one:
        one.load(examples())
        os.kill(one.idle_pids(reviewed=False)[0], 9)
        assert one.load(tree({"specs/dev/s.yaml": stack("s", "x")})).stacks == ()


def test_loads_of_many_threads_do_not_mix(loader: ChildLoader) -> None:
    found: dict[int, object] = {}

    def load(n: int) -> None:
        files = {
            "specs/dev/environment.yaml": ENVIRONMENT.replace("ENV", "dev"),
            "specs/dev/s.yaml": stack(f"s{n}", "x"),
        }
        found[n] = [one.name for one in loader.load(tree(files)).stacks]

    threads = [threading.Thread(target=load, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {n: [f"s{n}"] for n in range(8)}


def test_unknowns_are_bound_in_one_batch(loader: ChildLoader) -> None:
    references = {"b": Address("b")}
    given = {Address("b"): {"Arn": "arn:x", "Tags": [{"Key": "a"}], "N": 5}}
    unknowns = [
        Unknown(template="${b.Arn}/*", references=references),
        Unknown(template="${b.N}", references=references, sensitive=True),
        Unknown(template="${b.Missing}", references=references),
        Unknown(template="${b.Tags}", references=references),
    ]
    assert loader.bind([(one, given) for one in unknowns]) == (
        "arn:x/*",
        Sensitive(5),
        unknowns[2],
        [{"Key": "a"}],
    )
    assert loader.bind([]) == ()


def test_a_failing_binding_is_reported_and_the_loader_goes_on(loader: ChildLoader) -> None:
    unknown = Unknown(template="${b.Arn + 1}", references={"b": Address("b")})
    given = {Address("b"): {"Arn": "arn:x"}}
    with pytest.raises(UserError, match=r"b\.Arn \+ 1"):
        loader.bind([(unknown, given)])
    fine = Unknown(template="${b.Arn}", references={"b": Address("b")})
    assert loader.bind([(fine, given)]) == ("arn:x",)


def test_a_binding_that_exhausts_the_machine_is_reported() -> None:
    template = TIME_EATER.replace("1 == 1", "box.Arn == box.Arn")
    unknown = Unknown(template=template, references={"box": Address("box")})
    with ChildLoader(timeout_s=1) as one, pytest.raises(UserError, match="took longer than 1 s"):
        one.bind([(unknown, {Address("box"): {"Arn": "x"}})])


def test_a_closed_loader_refuses() -> None:
    one = ChildLoader()
    one.close()
    one.close()
    with pytest.raises(InvariantError):
        one.load(examples())


def test_frames_survive_a_round_trip() -> None:
    stream = BytesIO()
    write_frame(stream, {"a": "\u00e9\n", "b": [1, None]})
    stream.seek(0)
    assert read_frame(stream) == {"a": "\u00e9\n", "b": [1, None]}
    assert read_frame(stream) is None


def test_a_truncated_or_too_large_frame_is_refused() -> None:
    assert read_frame(BytesIO(struct.pack(">I", 10) + b"{}")) is None
    with pytest.raises(FrameTooLargeError):
        read_frame(BytesIO(struct.pack(">I", LARGEST_FRAME_BYTES + 1)))


# --- what is kept --------------------------------------------------------------------------------


def environments(*names: str) -> dict[str, str | TreeEntry]:
    return {f"specs/{one}/environment.yaml": ENVIRONMENT.replace("ENV", one) for one in names}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The paths of each request that reaches a child."""
    found: list[list[str]] = []
    ask = ChildPool.ask

    def noted(
        pool: ChildPool, request: Mapping[str, Any], *, reviewed: bool, **more: Any
    ) -> Mapping[str, Any]:
        found.append([file["path"] for file in request.get("files", ())])
        return ask(pool, request, reviewed=reviewed, **more)

    monkeypatch.setattr(ChildPool, "ask", noted)
    return found


def test_only_what_changed_is_loaded_again(asked: list[list[str]]) -> None:
    files = environments("dev", "prod")
    files |= {f"specs/{env}/{n}.yaml": stack(n, "x") for env in ("dev", "prod") for n in "abc"}
    catalog = open_catalog()
    with ChildLoader() as loader:
        for change in (
            {},
            {},
            {"specs/dev/b.yaml": stack("b", "other")},
            {"specs/dev/b.yaml": stack("a", "a second stack of this name")},
            {"specs/dev/environment.yaml": ENVIRONMENT.replace("ENV", "dev") + "# a remark\n"},
        ):
            now = tree({**files, **change})
            in_process = load_tree(now, catalog.lookup, catalog.names, catalog.native_names)
            assert loader.load(now) == in_process
    dev = ["specs/dev/a.yaml", "specs/dev/b.yaml", "specs/dev/c.yaml"]
    assert asked == [
        sorted(files),
        ["specs/dev/b.yaml"],
        ["specs/dev/b.yaml"],
        [*dev, "specs/dev/environment.yaml"],
    ]


def test_a_file_without_its_environment_does_not_share_the_kept_result() -> None:
    spec = {"specs/dev/a.yaml": stack("a", "${env.region}")}
    with ChildLoader() as loader:
        assert loader.load(tree(spec)).stacks == ()
        (loaded,) = loader.load(tree(spec | environments("dev"))).stacks
        assert loaded.outputs["x"].value == "us-east-1"
        assert loader.load(tree(spec)).stacks == ()


def test_a_reviewed_tree_uses_no_result_or_child_of_an_unreviewed_one(
    asked: list[list[str]],
) -> None:
    with ChildLoader() as loader:
        loader.load(examples(), reviewed=False)
        unreviewed = loader.idle_pids(reviewed=False)
        loader.load(examples(), reviewed=True)
        assert len(asked) == 2
        assert loader.idle_pids(reviewed=False) == unreviewed
        assert not set(unreviewed) & set(loader.idle_pids(reviewed=True))
        loader.load(examples(), reviewed=True)
        assert len(asked) == 2


def test_results_outlive_the_loader_but_not_a_change_of_a_byte(
    tmp_path: Path, asked: list[list[str]]
) -> None:
    with ChildLoader(disk=DiskCache(tmp_path / "cache")) as loader:
        first = loader.load(examples())
    assert len(asked) == 1
    with ChildLoader(disk=DiskCache(tmp_path / "cache")) as loader:
        assert loader.load(examples()) == first
        assert len(asked) == 1
        for file in (tmp_path / "cache").iterdir():
            whole = file.read_bytes()
            file.write_bytes(whole[:-7] + bytes([whole[-7] ^ 1]) + whole[-6:])
    with ChildLoader(disk=DiskCache(tmp_path / "cache")) as loader:
        assert loader.load(examples()) == first
        assert len(asked) == 2


def test_kept_results_are_readable_by_this_user_only_and_hold_no_sensitive_value(
    tmp_path: Path,
) -> None:
    files = environments("dev")
    for name, word in (("plain", "visible-word"), ("hidden", "hunter2-word")):
        sensitive = str(name == "hidden").lower()
        files[f"specs/dev/{name}.yaml"] = (
            STACK.replace("NAME", name)
            + f"  variables: {{pw: {{type: string, sensitive: {sensitive}, default: {word}}}}}\n"
            + "  resources: {}\n"
            + f"  outputs:\n    a: {{value: '${{vars.pw}}', sensitive: {sensitive}}}\n"
        )
    with ChildLoader(disk=DiskCache(tmp_path / "cache")) as loader:
        assert loader.load(tree(files)).errors() == ()
    kept = list((tmp_path / "cache").iterdir())
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in kept} == {0o600}
    text = b"".join(zlib.decompress(file.read_bytes()[32:]) for file in kept)
    assert b"visible-word" in text
    assert b"hunter2" not in text
    assert len(kept) == 2


def test_a_disk_cache_stays_below_its_bound_and_drops_the_least_recently_used(
    tmp_path: Path,
) -> None:
    cache = DiskCache(tmp_path / "cache", most_bytes=10_000)
    for number in range(30):
        cache.put(f"{number:02}", bytes(900))
        assert cache.get("00") is not None
    files = list((tmp_path / "cache").iterdir())
    assert sum(file.stat().st_size for file in files) <= 10_000
    assert cache.get("00") is not None
    assert cache.get("01") is None
    assert cache.get("29") is not None
    cache.put("large", bytes(9_000))
    assert cache.get("large") is None


def test_a_disk_cache_without_a_disk_always_misses(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    cache = DiskCache(tmp_path / "file" / "cache")
    cache.put("a", b"b")
    assert cache.get("a") is None
    cache.forget("a")


def test_many_writers_of_one_key_leave_one_whole_body(tmp_path: Path) -> None:
    caches = [DiskCache(tmp_path / "cache", most_bytes=200_000) for _ in range(4)]
    bodies = [bytes([number]) * 20_000 for number in range(4)]

    def write(number: int) -> None:
        for _ in range(50):
            caches[number].put("key", bodies[number])
            assert caches[number].get("key") in (None, *bodies)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert caches[0].get("key") in bodies
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_results_of_another_version_are_not_used(tmp_path: Path) -> None:
    DiskCache(tmp_path, revision="1").put("key", b"body")
    assert DiskCache(tmp_path, revision="1").get("key") == b"body"
    assert DiskCache(tmp_path, revision="2").get("key") is None


# --- verdicts ------------------------------------------------------------------------------------

RESOURCE = {"type": "AWS::S3::Bucket", "tags": {"owner": "ml"}, "count": 3}


@pytest.mark.parametrize(
    ("expression", "verdict"),
    [
        ('resource.type == "AWS::S3::Bucket" && "owner" in resource.tags', Verdict(holds=True)),
        ("resource.count > 3", Verdict(holds=False)),
        ('has(resource.tags.team) || change.action == "create"', Verdict(holds=True)),
        ("resource.tags.exists(key, upper(key) == 'OWNER')", Verdict(holds=True)),
        ("resource.missing == 1", 'fails: there is no "missing"'),
        ("resource.count", "gives a number, not true or false"),
        ("stack.name == 'a'", '"stack" is not one of change, resource'),
        ("resource.", "is not a CEL expression"),
        ("open('/etc/passwd')", "calls open(), which is not a function"),
        ("resource.type + 1 == 2", "fails: "),
    ],
)
def test_expressions_are_judged(
    loader: ChildLoader, expression: str, verdict: Verdict | str
) -> None:
    inputs = {"resource": RESOURCE, "change": {"action": "create"}}
    (found,) = loader.judge([Judgement(expression=expression, inputs=inputs)])
    if isinstance(verdict, str):
        assert found.holds is None
        assert verdict in found.error
    else:
        assert found == verdict


def test_what_kills_a_judgement_is_told_of_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_CHILD", ("-c", DYING))
    requests = [
        Judgement(expression="a == 1", inputs={"a": 1}),
        Judgement(expression=f"{DEADLY} == 1", inputs={}),
        Judgement(expression="a == 1", inputs={"a": 2}),
    ]
    with ChildLoader(timeout_s=PATIENCE_S) as loader:
        first, deadly, last = loader.judge(requests)
        assert (first, last) == (Verdict(holds=True), Verdict(holds=False))
        (alone,) = loader.judge(requests[1:2])
        assert alone == deadly
        assert "more than 1024 MB of memory" in deadly.error
        assert loader.judge([]) == ()


def test_many_deadly_judgements_cannot_block_the_loader_for_ever() -> None:
    began = time.monotonic()
    with ChildLoader(timeout_s=0.5, narrowing_s=1.5) as loader:
        found = loader.judge([Judgement(expression=TIME_EATER[2:-1], inputs={})] * 300)
    assert time.monotonic() - began < 60, "alone they take 150 s"
    assert [one.holds for one in found] == [None] * 300
    assert "died too often" in found[-1].error


# --- what unreviewed specs may cost ----------------------------------------------------------------


def bomb(name: str = "bomb") -> dict[str, str | TreeEntry]:
    return {f"specs/dev/{name}.yaml": stack(name, TIME_EATER)}


def deadly() -> dict[str, str | TreeEntry]:
    """A file that kills the child whose program is ``DYING``, in no time."""
    return {"specs/dev/bomb.yaml": stack("bomb", DEADLY)}


def test_a_file_that_killed_its_child_is_not_loaded_again(
    monkeypatch: pytest.MonkeyPatch, asked: list[list[str]]
) -> None:
    """The kind: work that somebody without rights can have done again and again."""
    monkeypatch.setattr(child, "_CHILD", ("-c", DYING))
    files = environments("dev") | deadly() | {"specs/dev/good.yaml": stack("good", "x")}
    with ChildLoader(timeout_s=PATIENCE_S) as loader:
        first = loader.load(tree(files))
        so_far = len(asked)
        moved = files | {"specs/dev/good.yaml": stack("good", "after the tip moved")}
        second = loader.load(tree(moved))
        assert asked[so_far:] == [["specs/dev/good.yaml"]]
        assert [one.code for one in first.diagnostics] == ["loader-limit"]
        assert first.diagnostics == second.diagnostics
        # What killed a child with unreviewed specs is tried once for the reviewed ones.
        loader.load(tree(files), reviewed=True)
        assert len(asked) > so_far + 1


def test_a_death_is_forgotten_because_the_machine_may_have_been_the_cause(
    monkeypatch: pytest.MonkeyPatch, asked: list[list[str]]
) -> None:
    monkeypatch.setattr(child, "_CHILD", ("-c", DYING))
    monkeypatch.setattr(kept, "DEATH_S", 0.0)
    with ChildLoader(timeout_s=PATIENCE_S) as loader:
        for _ in range(2):
            loader.load(tree(environments("dev") | deadly()))
    assert asked.count(["specs/dev/bomb.yaml"]) == 2


def test_a_file_that_was_not_tried_is_not_taken_for_a_bomb() -> None:
    """The kind: a verdict on one file that another file brought about."""
    files = environments("dev") | {"specs/dev/good.yaml": stack("good", "x")}
    with ChildLoader(timeout_s=0.7, narrowing_s=0.9) as loader:
        bombs = {name: text for n in range(4) for name, text in bomb(f"b{n}").items()}
        loaded = loader.load(tree(files | bombs))
        skipped = {one.file for one in loaded.diagnostics if one.code == "loader-skipped"}
        assert "specs/dev/good.yaml" in skipped
    with ChildLoader(timeout_s=30) as patient:
        assert patient.load(tree(files)).diagnostics == ()


def test_reviewed_specs_never_wait_for_unreviewed_ones(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The kind: untrusted work that takes the places of trusted work."""
    gate = tmp_path / "open"
    monkeypatch.setattr(child, "_CHILD", ("-c", WAITING.replace("GATE", str(gate))))
    with ChildLoader(children=1, timeout_s=PATIENCE_S) as loader, ThreadPoolExecutor(1) as others:
        before = len(_children_for_unreviewed_specs())
        hostile = others.submit(loader.load, tree(environments("dev") | deadly()))
        try:
            eventually(
                lambda: len(_children_for_unreviewed_specs()) > before,
                what="the child, and its nice",
            )
            files = environments("dev") | {"specs/dev/good.yaml": stack("good", "x")}
            assert loader.load(tree(files), reviewed=True).diagnostics == ()
            assert not hostile.done()
        finally:
            gate.touch()
        assert hostile.result().diagnostics == ()


def _children_for_unreviewed_specs() -> list[str]:
    """This process's children for unreviewed specs, which are 10 nicer than it."""
    found = []
    nice = str(min(os.nice(0) + 10, 19))
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        is_child = fields[1] == str(os.getpid()) and b"--low-priority" in command
        if is_child and fields[16] == nice:
            found.append(process.name)
    return found


# --- replies of a child that was taken over ----------------------------------------------------------

GOOD_REPLY: dict[str, Any] = {"path": "specs/dev/s.yaml", "environment": "dev"}
A_STACK = {
    "source": {"file": "specs/dev/s.yaml"},
    "name_source": {"file": "specs/dev/s.yaml"},
    "moved_source": {"file": "specs/dev/s.yaml"},
    "name": "s",
    "label": "s",
    "moved_from": None,
}


def reply(**more: Any) -> dict[str, Any]:
    return {"values": [GOOD_REPLY | more]}


def stack_reply(value: Any, environment: str = "dev") -> dict[str, Any]:
    desired = {
        "environment": environment,
        "name": "s",
        "region": "us-east-1",
        "resources": {},
        "outputs": {"o": {"value": value}},
        "hash": "h",
        "source": {"file": "specs/dev/s.yaml"},
    }
    return reply(stacks=[A_STACK | {"desired": desired}])


REPLIES = [
    b"",
    b"not json",
    b"[]",
    b"[" * 100_000,
    b'{"values": [NaN]}',
    {},
    {"values": None},
    {"values": []},
    {"values": [None]},
    {"values": [{}]},
    {"values": [GOOD_REPLY, GOOD_REPLY]},
    {"failed": ["a", "list"]},
    reply(path="specs/prod/s.yaml"),
    reply(environment="prod"),
    reply(stacks="x"),
    reply(diagnostics=[{"file": "specs/prod/a.yaml", "code": "x", "summary": "", "detail": "", "fix": ""}]),
    reply(declares={"name": "dev", "region": "us-east-1", "source": {"file": "specs/dev/s.yaml"}}),
    stack_reply("x", environment="prod"),
    stack_reply({"$gitbot": "unknown"}),
    stack_reply({"$gitbot": "unknown", "template": 5, "inputs": {}, "references": {}, "sensitive": False}),
    stack_reply({"$gitbot": "unknown", "template": "", "inputs": [], "references": {}, "sensitive": False}),
    stack_reply({"$gitbot": "unknown", "template": "", "inputs": {}, "references": {"a": 1}, "sensitive": False}),
    stack_reply({"$gitbot": "redacted", "digest": [], "key_id": ""}),
    stack_reply({"$gitbot": "sensitive"}),
    stack_reply({"$gitbot": "map"}),
    stack_reply({"$gitbot": "map", "entries": 5}),
]  # fmt: skip


@pytest.mark.parametrize("answer", REPLIES, ids=range(len(REPLIES)))
def test_a_reply_of_the_wrong_form_is_a_diagnostic_of_that_environment(
    monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    """The kind: data from a process that unreviewed specs may control, taken as it is."""
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    frames = [struct.pack(">I", len(one)) + one for one in (b'{"ready": true}', body)]
    script = (
        "import sys, struct; o = sys.stdout.buffer; i = sys.stdin.buffer\n"
        f"o.write({frames[0]!r}); o.flush()\n"
        "while h := i.read(4): i.read(struct.unpack('>I', h)[0]); "
        f"o.write({frames[1]!r}); o.flush()"
    )
    monkeypatch.setattr(child, "_CHILD", ("-c", script))
    files = {"specs/dev/s.yaml": stack("s", "x")}
    unknown = Unknown(template="${b.Arn}", references={"b": Address("b")})
    with ChildLoader(timeout_s=10) as loader:
        loaded = loader.load(tree(files))
        found = [one for one in loaded.diagnostics if one.code != "missing-environment"]
        assert [(one.code, one.environment) for one in found] == [("loader-failed", "dev")]
        assert loaded.stacks == ()
        with pytest.raises(UserError):
            loader.bind([(unknown, {Address("b"): {"Arn": "x"}})])
        (verdict,) = loader.judge([Judgement(expression="true", inputs={})])
        assert verdict.holds is None
