"""A change of a module loads again what uses it, in modules too, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from gitbot.adapters.loader import ChildLoader, DiskCache
from gitbot.adapters.loader.kept import KeptFiles
from gitbot.adapters.loader.loader import Beside
from gitbot.language.assemble import LoadedFile
from gitbot.language.files import SpecFile
from gitbot.model.desired import LoadedTree
from gitbot.model.tree import SpecTree, TreeEntry, Version

PIN = "a" * 40
OUTER, INNER, OTHER = (f"modules/{name}/module.yaml" for name in ("outer", "inner", "other"))


class Counting(ChildLoader):
    """A loader that says which files it had to load."""

    def __init__(self, folder: Path) -> None:
        super().__init__(disk=DiskCache(folder, revision="one"), timeout_s=30)
        self.loaded: list[str] = []

    def _load(
        self, files: Sequence[SpecFile], beside: Beside, reviewed: bool
    ) -> Iterable[LoadedFile]:
        self.loaded += [file.path for file in files]
        return super()._load(files, beside, reviewed)


class Forgetful(ChildLoader):
    """A loader that keeps nothing."""

    def load(self, tree: SpecTree, *, reviewed: bool = False) -> LoadedTree:
        self._kept = KeptFiles()
        return super().load(tree, reviewed=reviewed)


def module(name: str, bucket: str, more: str = "") -> str:
    return f"""apiVersion: gitbot/v1
kind: Module
metadata: {{name: {name}}}
spec:
  resources:
    store: {{type: AWS::S3::Bucket, properties: {{BucketName: {bucket}}}}}
{more}"""


def stack(name: str, use: str) -> str:
    return f"""apiVersion: gitbot/v1
kind: Stack
metadata: {{name: {name}}}
spec:
  resources:
    part: {use}
"""


def environment(name: str, more: str = "") -> str:
    return (
        "apiVersion: gitbot/v1\nkind: Environment\n"
        f"metadata: {{name: {name}}}\nspec: {{region: us-east-1{more}}}\n"
    )


MODULES = {
    OUTER: module("outer", "outer-bucket", "    inside: {module: modules/inner}\n"),
    INNER: module("inner", "inner-bucket"),
    OTHER: module("other", "other-bucket"),
}
FILES = {
    "specs/dev/environment.yaml": environment("dev"),
    "specs/dev/far.yaml": stack("far", "{module: modules/outer}"),
    "specs/dev/near.yaml": stack("near", "{module: modules/other}"),
    "specs/dev/escaped.yaml": stack("escaped", '{"\\x6dodule": modules/other}'),
    "specs/dev/lost.yaml": stack("lost", "{module: modules/innner}"),
    "specs/dev/ours.yaml": stack("ours", "{module: gitbot/ml-bucket, values: {name: some-data}}"),
    "specs/dev/word.yaml": stack(
        "word", "{type: AWS::S3::Bucket, properties: {BucketName: a-module-bucket}}"
    ),
    "specs/dev/off.yaml": stack("off", "{module: modules/other, when: false}"),
    "specs/prod/environment.yaml": environment("prod", f', promotesFrom: dev, modules: "{PIN}"'),
    "specs/prod/far.yaml": stack("far", "{module: modules/outer}"),
    "specs/prod/tagged.yaml": stack("tagged", "{module: modules/other@v1}"),
}


def tree(
    changes: Mapping[str, str], pinned: Mapping[str, str] = MODULES, tag: str = PIN
) -> SpecTree:
    def entries(files: Mapping[str, str]) -> dict[str, TreeEntry]:
        return {path: TreeEntry(content=text.encode()) for path, text in files.items()}

    at_pin = entries(pinned)
    return SpecTree(
        id="t",
        entries=entries({**FILES, **MODULES, **changes}),
        versions={
            PIN: Version(commit=PIN, contained=True, entries=at_pin),
            "v1": Version(commit=tag, contained=True, entries=at_pin),
        },
    )


WRONG = {INNER: "kind: ["}
NEW = {"modules/innner/module.yaml": module("innner", "new-bucket")}
INNER_OTHERWISE = {INNER: module("inner", "inner-otherwise")}
OTHER_OTHERWISE = {OTHER: module("other", "other-otherwise")}
FAR, LOST = "specs/dev/far.yaml", "specs/dev/lost.yaml"
STEPS = (
    (tree({}), sorted({**FILES, **MODULES})),
    (tree({}), []),
    (tree(INNER_OTHERWISE), [INNER, OUTER, FAR]),
    (tree({}), []),  # what was there before is kept, too
    (tree(OTHER_OTHERWISE), [OTHER, "specs/dev/escaped.yaml", "specs/dev/near.yaml"]),
    (tree(WRONG), [INNER, OUTER, FAR]),
    (tree(NEW), ["modules/innner/module.yaml", LOST]),
    (tree({}, pinned={**MODULES, **INNER_OTHERWISE}), ["specs/prod/far.yaml"]),
    (tree({}, pinned={**MODULES, **OTHER_OTHERWISE}), ["specs/prod/tagged.yaml"]),
    (tree({}, tag="b" * 40), ["specs/prod/tagged.yaml"]),
)


def test_only_what_depends_on_a_module_is_loaded_again(tmp_path: Path) -> None:
    with Counting(tmp_path) as loader, Forgetful(timeout_s=30) as reference:
        for number, (now, expected) in enumerate(STEPS):
            loader.loaded = []
            assert loader.load(now) == reference.load(now), number
            assert sorted(loader.loaded) == sorted(expected), number
    with Counting(tmp_path) as again:
        for now, _ in STEPS:
            again.load(now)
    assert again.loaded == []
