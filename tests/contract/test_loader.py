"""The loader's child process: what it gives, what it cannot do, and how it is lost."""

from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

import pytest

from gitbot.adapters.loader import ChildLoader
from gitbot.adapters.loader_pipe import (
    LARGEST_FRAME_BYTES,
    FrameTooLargeError,
    decode_tree,
    encode_tree,
    read_frame,
    write_frame,
)
from gitbot.errors import InvariantError, UserError
from gitbot.language.load import load_tree
from gitbot.model.names import Address
from gitbot.model.tree import EntryKind, SpecTree, TreeEntry
from gitbot.model.values import Sensitive, Unknown
from gitbot.providers.aws.catalog import open_catalog

EXAMPLES = Path(__file__).parents[2] / "specs"
ENVIRONMENT = (
    "apiVersion: gitbot/v1\nkind: Environment\nmetadata: {name: ENV}\nspec: {region: us-east-1}\n"
)
STACK = "apiVersion: gitbot/v1\nkind: Stack\nmetadata: {name: NAME}\nspec:\n"

# Multiplies a string by ten, ten times over: ten gigabytes from 275 characters. And a thousand
# million steps that need no memory.
MEMORY_EATER = '${["x"]' + "".join(".map(a, " + "+".join("a" * 10) + ")" for _ in range(10)) + "}"
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


def test_the_examples_load_without_a_problem_and_as_they_do_in_process(loader: ChildLoader) -> None:
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
    assert [one.code for one in loaded.diagnostics] == ["not-a-file", "unknown-type"]
    assert loaded.diagnostics[1].fix == 'Did you mean "AWS::S3::Bucket"?'
    (good,) = loaded.stacks
    assert good.outputs["a"].value == Unknown(
        template="${b.Arn}${vars.pw}",
        inputs={"vars": {"pw": Sensitive("hunter2")}},
        references={"b": Address("b")},
        sensitive=True,
    )


@pytest.mark.parametrize(
    ("expression", "timeout_s", "why"),
    [(MEMORY_EATER, 30, "more than 1024 MB of memory"), (TIME_EATER, 1.5, "longer than 1.5 s")],
)
def test_an_expression_that_eats_the_machine_is_a_diagnostic_of_its_file(
    expression: str, timeout_s: float, why: str
) -> None:
    files = {
        "specs/dev/environment.yaml": ENVIRONMENT.replace("ENV", "dev"),
        "specs/dev/good.yaml": stack("good", "fine"),
        "specs/dev/hostile.yaml": stack("hostile", expression),
        "specs/prod/environment.yaml": ENVIRONMENT.replace("ENV", "prod"),
        "specs/prod/good.yaml": stack("good", "fine"),
    }
    with ChildLoader(timeout_s=timeout_s) as loader:
        loaded = loader.load(tree(files))
        assert [(one.file, one.code, one.environment) for one in loaded.diagnostics] == [
            ("specs/dev/hostile.yaml", "loader-limit", "dev")
        ]
        assert why in loaded.diagnostics[0].detail
        assert [(one.environment, one.name) for one in loaded.stacks] == [
            ("dev", "good"),
            ("prod", "good"),
        ]
        assert loaded.errors("prod") == ()
        assert loader.load(examples()).diagnostics == ()


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


def test_many_hostile_files_cannot_hold_a_load_for_ever() -> None:
    files: dict[str, str | TreeEntry] = {
        f"specs/dev/{n}.yaml": stack(f"s{n}", TIME_EATER) for n in range(30)
    }
    files["specs/dev/environment.yaml"] = ENVIRONMENT.replace("ENV", "dev")
    began = time.monotonic()
    with ChildLoader(timeout_s=0.5, narrowing_s=1.5) as loader:
        loaded = loader.load(tree(files))
    assert time.monotonic() - began < 15
    assert loaded.stacks == ()
    assert {one.code for one in loaded.diagnostics} == {"loader-limit"}


def test_the_child_has_no_environment_no_files_and_no_credentials(
    monkeypatch: pytest.MonkeyPatch, loader: ChildLoader
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("GITBOT_HASH_KEY", "secret")
    with ChildLoader(children=1) as one:
        one.load(examples())
        (child,) = one._idle
        process = Path(f"/proc/{child.pid}")
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
        os.kill(one._idle[0].pid, 9)
        assert one.load(examples()).diagnostics == ()


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


def test_a_failing_binding_is_told_and_the_loader_goes_on(loader: ChildLoader) -> None:
    unknown = Unknown(template="${b.Arn + 1}", references={"b": Address("b")})
    given = {Address("b"): {"Arn": "arn:x"}}
    with pytest.raises(UserError, match=r"b\.Arn \+ 1"):
        loader.bind([(unknown, given)])
    assert loader.load(examples()).diagnostics == ()


def test_a_binding_that_eats_the_machine_is_told() -> None:
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


def test_trees_and_frames_survive_the_way_there_and_back() -> None:
    whole = tree(
        {
            "a": TreeEntry(content=b"\x00\xff", size_bytes=2),
            "b": TreeEntry(kind=EntryKind.SUBMODULE),
            "c": TreeEntry(size_bytes=10**9),
        }
    )
    stream = BytesIO()
    write_frame(stream, encode_tree(whole))
    stream.seek(0)
    assert decode_tree(read_frame(stream)) == whole
    assert read_frame(stream) is None


def test_a_frame_that_is_cut_off_or_too_large_is_refused() -> None:
    assert read_frame(BytesIO(struct.pack(">I", 10) + b"{}")) is None
    with pytest.raises(FrameTooLargeError):
        read_frame(BytesIO(struct.pack(">I", LARGEST_FRAME_BYTES + 1)))
