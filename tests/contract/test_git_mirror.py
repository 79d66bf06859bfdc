"""Tests for the git mirror on real repositories: a bare one on disk, and one over HTTP. Shell."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gitbot.adapters.git import mirror as mirror_module
from gitbot.adapters.git.folder import local_specs, specs_of_folder
from gitbot.adapters.git.local import LocalRepository
from gitbot.adapters.git.mirror import GitMirror
from gitbot.errors import StaleError, TransientError, UserError
from gitbot.model.names import Sha
from gitbot.model.tree import EntryKind, Version
from tests.contract.git_world import TOKEN, HttpOrigin, Origin, bomb, git


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    made = Origin(tmp_path)
    made.commit({"specs/dev/a.yaml": b"a: 1\n", "README.md": b"hello\n"})
    return made


def test_a_fetch_brings_the_tip_and_pull_request_heads(origin: Origin, tmp_path: Path) -> None:
    tip = origin.head()
    origin.branch("feature", tip)
    head = origin.commit({"specs/dev/b.yaml": b"b: 2\n"}, push="refs/pull/7/head")
    mirror = origin.mirror(tmp_path)
    mirror.fetch((7,))
    assert mirror.tip() == tip
    assert mirror.contains(tip, head)
    assert not mirror.contains(head, tip)
    merged = mirror.merge(tip, head)
    assert merged is not None
    tree = mirror.specs(merged)
    assert tree.id == merged
    assert {path: entry.content for path, entry in tree.entries.items()} == {
        "specs/dev/a.yaml": b"a: 1\n",
        "specs/dev/b.yaml": b"b: 2\n",
    }


def test_only_the_tracked_branch_and_the_heads_that_are_asked_for_are_fetched(
    origin: Origin, tmp_path: Path
) -> None:
    """Kind: work that grows with everything that ever was, instead of with what is looked at."""
    tip = origin.head()
    heads = [origin.commit({}, push=f"refs/pull/{number}/head") for number in (1, 2)]
    side = origin.commit({}, push="refs/heads/side")
    mirror = origin.mirror(tmp_path)

    mirror.fetch((2,))

    assert mirror.contains(tip, heads[1])
    with pytest.raises(StaleError):
        mirror.specs(side)
    refs = git(tmp_path / "mirror.git", "for-each-ref", "--format=%(refname)")
    assert refs.split() == ["refs/heads/main", "refs/pull/2/head"]


def test_a_head_that_is_asked_for_after_a_plain_fetch_comes_too(
    origin: Origin, tmp_path: Path
) -> None:
    mirror = origin.mirror(tmp_path)
    mirror.fetch()
    head = origin.commit({}, push="refs/pull/1/head")
    mirror.fetch((1,))
    assert mirror.specs(head).entries


def test_the_refs_of_old_pull_requests_do_not_pile_up(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror_module, "KEPT_HEADS", 2)
    mirror = origin.mirror(tmp_path)
    for number in (3, 4, 5, 1):
        origin.commit({}, push=f"refs/pull/{number}/head")
        mirror.fetch((number,))
    refs = git(tmp_path / "mirror.git", "for-each-ref", "--format=%(refname)", "refs/pull")
    assert refs.split() == ["refs/pull/1/head", "refs/pull/5/head"]


def test_the_branch_that_is_tracked_can_be_renamed(origin: Origin, tmp_path: Path) -> None:
    """What GitHub can change at any time is not kept for the life of a process."""
    mirror = origin.mirror(tmp_path)
    mirror.fetch()
    head = origin.commit({"specs/dev/c.yaml": b"c: 3\n"}, push="trunk")
    git(origin.bare, "branch", "-D", "main")
    mirror.follow("trunk")
    mirror.fetch()
    assert mirror.tip() == head


def test_without_a_named_branch_the_remote_default_is_followed(
    origin: Origin, tmp_path: Path
) -> None:
    git(origin.bare, "branch", "trunk", "main")
    git(origin.bare, "symbolic-ref", "HEAD", "refs/heads/trunk")
    mirror = origin.mirror(tmp_path, branch=None)
    mirror.fetch()
    assert mirror.tip() == origin.head()
    assert (tmp_path / "mirror.git" / "HEAD").read_text() == "ref: refs/heads/trunk\n"


def test_conflicting_commits_have_no_merge(origin: Origin, tmp_path: Path) -> None:
    base = origin.head()
    head = origin.commit({"specs/dev/a.yaml": b"a: 2\n"}, push="refs/pull/1/head")
    origin.branch("other", base)
    tip = origin.commit({"specs/dev/a.yaml": b"a: 3\n"})
    mirror = origin.mirror(tmp_path)
    mirror.fetch((1,))
    assert mirror.merge(tip, head) is None


def test_commits_without_shared_history_have_no_merge(origin: Origin, tmp_path: Path) -> None:
    tip = origin.head()
    git(origin.work, "checkout", "-q", "--orphan", "island")
    head = origin.commit({"specs/dev/z.yaml": b"z: 1\n"}, push="refs/pull/1/head")
    mirror = origin.mirror(tmp_path)
    mirror.fetch((1,))
    assert mirror.merge(tip, head) is None


def test_a_commit_that_is_not_in_the_mirror_is_stale(origin: Origin, tmp_path: Path) -> None:
    mirror = origin.mirror(tmp_path)
    mirror.fetch()
    absent = Sha("1" * 40)
    for ask in (
        lambda: mirror.merge(mirror.tip(), absent),
        lambda: mirror.specs(absent),
        lambda: mirror.contains(mirror.tip(), absent),
        lambda: mirror.line(mirror.tip(), absent),
        lambda: mirror.line(absent, mirror.tip()),
        lambda: mirror.specs("--output=/tmp/x"),
        lambda: mirror.specs("main"),
    ):
        with pytest.raises(StaleError):
            ask()
    assert not mirror.contains(absent, mirror.tip())
    assert not mirror.has(absent)
    assert mirror.has(mirror.tip())


def test_the_line_of_a_branch_has_the_merges_and_pushes_that_changed_specs(
    origin: Origin, tmp_path: Path
) -> None:
    """What a merge brought is not on the line: only what the branch itself wanted, one by one."""
    since = origin.commit({"specs/dev/b.yaml": b"b: 1\n"})
    origin.branch("feature", since)
    for text in (b"c: 1\n", b"c: 2\n"):
        origin.commit({"specs/dev/c.yaml": text}, push="refs/heads/feature")
    origin.branch("main", since)
    pushed = origin.commit({"specs/dev/b.yaml": b"b: 2\n"})
    origin.commit({"README.md": b"nothing of specs\n"})
    git(origin.work, "merge", "-q", "--no-ff", "-m", "merge", "feature")
    merged = origin.head()
    tip = origin.commit({"docs/more.md": b"after the merge\n"})
    mirror = origin.mirror(tmp_path)
    mirror.fetch()
    assert mirror.line(since, tip) == (pushed, merged)
    assert mirror.line(merged, tip) == ()
    assert mirror.line(tip, tip) == ()
    assert mirror.line(None, tip)[-2:] == (pushed, merged)
    assert mirror.line(None, tip, "specs/none") == ()


def test_a_deleted_branch_is_pruned_and_the_error_names_a_missing_one(
    origin: Origin, tmp_path: Path
) -> None:
    origin.commit({}, push="refs/heads/gone")
    mirror = origin.mirror(tmp_path, branch="gone")
    mirror.fetch()
    assert mirror.tip() == origin.head()
    git(origin.bare, "update-ref", "-d", "refs/heads/gone")
    mirror.fetch()
    with pytest.raises(UserError, match="'gone'"):
        mirror.tip()


def test_a_commit_is_on_a_branch_only_while_a_branch_has_it(origin: Origin, tmp_path: Path) -> None:
    """The kind: GitHub also gives out by its hash what only a fork has."""
    first = origin.commit({"specs/a.yaml": b"a"})
    side = origin.commit({"specs/b.yaml": b"b"}, push="refs/heads/side/one")
    pulled = origin.commit({"specs/c.yaml": b"c"}, push="refs/pull/7/head")
    made = origin.mirror(tmp_path)
    made.fetch((7,))
    assert made.has(pulled)
    assert [made.on_a_branch(each) for each in (first, side, pulled)] == [True, True, False]
    assert not made.on_a_branch(Sha("9" * 40))
    assert not made.on_a_branch(Sha("--all"))
    git(origin.bare, "update-ref", "-d", "refs/heads/side/one")
    assert not made.on_a_branch(side)
    assert made.tip() == first


def test_symlinks_submodules_and_large_blobs_are_listed_but_not_read(
    origin: Origin, tmp_path: Path
) -> None:
    (origin.work / "specs/dev/link.yaml").symlink_to("/etc/passwd")
    git(origin.work, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},specs/dev/sub")
    git(origin.work, "add", "specs/dev/link.yaml")
    (origin.work / "specs/dev/big.yaml").write_bytes(b"x" * 1_000_001)
    git(origin.work, "add", "specs/dev/big.yaml")
    git(origin.work, "commit", "-q", "-m", "odd things")
    git(origin.work, "push", "-q", "origin", "HEAD:main")
    mirror = origin.mirror(tmp_path)
    mirror.fetch()
    entries = mirror.specs(mirror.tip()).entries
    assert entries["specs/dev/link.yaml"].kind is EntryKind.SYMLINK
    assert entries["specs/dev/link.yaml"].content is None
    assert entries["specs/dev/sub"].kind is EntryKind.SUBMODULE
    assert entries["specs/dev/big.yaml"].content is None
    assert entries["specs/dev/big.yaml"].size_bytes == 1_000_001
    assert "README.md" not in entries


def test_different_names_that_are_not_utf8_stay_different(origin: Origin, tmp_path: Path) -> None:
    blob = git(origin.work, "hash-object", "-w", "--stdin", stdin=b"x: 1\n")
    names = [b"\xff.yaml", b"\\xff.yaml", b"new\nline.yaml", b'quote".yaml', b"\xc3\xa4.yaml"]
    lines = [b"100644 blob " + blob.encode() + b"\t" + name for name in names]
    folder = git(origin.work, "mktree", "-z", stdin=b"\0".join(lines) + b"\0")
    root = git(origin.work, "mktree", stdin=f"040000 tree {folder}\tspecs\n".encode())
    commit = git(origin.work, "commit-tree", root, "-m", "names")
    git(origin.work, "push", "-q", "-f", "origin", f"{commit}:main")
    mirror = origin.mirror(tmp_path)
    mirror.fetch()
    entries = mirror.specs(commit).entries
    assert len(entries) == 5
    assert {"specs/new\nline.yaml", 'specs/quote".yaml', "specs/ä.yaml"} < set(entries)
    assert {entry.content for entry in entries.values()} == {b"x: 1\n"}


def test_a_tree_that_unfolds_without_end_is_refused_at_the_cap(
    origin: Origin, tmp_path: Path
) -> None:
    level = bomb(origin)
    root = git(origin.work, "mktree", stdin=f"040000 tree {level}\tspecs\n".encode())
    commit = git(origin.work, "commit-tree", root, "-m", "bomb")
    git(origin.work, "push", "-q", "-f", "origin", f"{commit}:refs/pull/9/head")
    mirror = origin.mirror(tmp_path)
    mirror.fetch((9,))
    with pytest.raises(UserError, match="more than 20000 entries"):
        mirror.specs(commit)


def test_a_malformed_pull_request_does_not_hide_the_others(origin: Origin, tmp_path: Path) -> None:
    blob = git(origin.work, "hash-object", "-w", "--stdin", stdin=b"x\n")
    tree = f"100644 blob {blob}\t.git\n".encode()
    bad = git(origin.work, "commit-tree", git(origin.work, "mktree", stdin=tree), "-m", "bad")
    git(origin.work, "push", "-q", "origin", f"{bad}:refs/pull/1/head")
    good = origin.commit({"specs/dev/b.yaml": b"b: 1\n"}, push="refs/pull/2/head")
    mirror = origin.mirror(tmp_path)
    mirror.fetch((1, 2))
    assert "specs/dev/b.yaml" in mirror.specs(good).entries
    assert mirror.contains(mirror.tip(), good)
    with pytest.raises(StaleError):
        mirror.specs(bad)
    tip = origin.commit({"specs/dev/c.yaml": b"c: 1\n"})
    mirror.fetch((1, 2))
    assert mirror.tip() == tip


def test_hooks_and_configured_programs_of_the_remote_never_run(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = origin.mirror(tmp_path)
    mirror.fetch()
    ran = tmp_path / "ran"
    hooks = tmp_path / "mirror.git" / "hooks"
    hooks.mkdir()
    for name in ("reference-transaction", "post-checkout", "post-merge"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {ran}\n")
        (hooks / name).chmod(0o755)
    head = origin.commit({"specs/dev/c.yaml": b"c: 3\n"})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.hooksPath")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(hooks))
    monkeypatch.setenv("GIT_SSH_COMMAND", f"touch {ran}")
    mirror.fetch()
    tip = mirror.tip()
    assert tip == head
    assert mirror.merge(tip, tip) is not None
    assert not ran.exists()


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c 'touch /tmp/x'",
        "ssh://host/repo",
        "file:///srv/repo.git",
        "/srv/repo.git",
        "--upload-pack=touch",
        f"https://user:{TOKEN}@example.com/a/b.git",
    ],
)
def test_addresses_that_are_not_plain_http_are_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        GitMirror(tmp_path / "m.git", url, None, "main")
    assert TOKEN not in str(refused.value)


def test_a_mirror_left_locked_by_a_killed_fetch_works_again(origin: Origin, tmp_path: Path) -> None:
    mirror = origin.mirror(tmp_path)
    mirror.fetch()
    for name in ("packed-refs.lock", "refs/heads/main.lock", "config.lock"):
        (tmp_path / "mirror.git" / name).touch()
    head = origin.commit({"specs/dev/d.yaml": b"d: 4\n"})
    mirror.fetch()
    assert mirror.tip() == head


def test_a_broken_mirror_is_made_again(origin: Origin, tmp_path: Path) -> None:
    mirror = origin.mirror(tmp_path)
    mirror.fetch()
    for file in (tmp_path / "mirror.git" / "objects").rglob("*"):
        if file.is_file():
            file.chmod(0o600)
            file.write_bytes(b"")
    head = origin.commit({"specs/dev/d.yaml": b"d: 4\n"})
    mirror.fetch()
    assert mirror.tip() == head
    assert "specs/dev/d.yaml" in mirror.specs(head).entries


def test_fetches_of_many_threads_and_mirrors_take_turns(origin: Origin, tmp_path: Path) -> None:
    mirrors = [origin.mirror(tmp_path) for _ in range(2)]

    def fetch(number: int) -> Sha:
        mirrors[number % 2].fetch()
        return mirrors[number % 2].tip()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(fetch, range(6))) == {origin.head()}


@pytest.fixture
def http_origin(origin: Origin, tmp_path: Path) -> Iterator[HttpOrigin]:
    server = HttpOrigin(tmp_path)
    yield server
    server.close()


def test_over_http_the_token_is_given_by_askpass_and_stored_nowhere(
    origin: Origin, http_origin: HttpOrigin, tmp_path: Path
) -> None:
    mirror = GitMirror(tmp_path / "m.git", http_origin.url, lambda: TOKEN, "main")
    mirror.fetch()
    assert mirror.tip() == origin.head()
    for file in (tmp_path / "m.git").rglob("*"):
        assert file.is_dir() or TOKEN.encode() not in file.read_bytes()


def test_over_http_the_default_branch_is_read_with_the_token(
    origin: Origin, http_origin: HttpOrigin, tmp_path: Path
) -> None:
    mirror = GitMirror(tmp_path / "m.git", http_origin.url, lambda: TOKEN, None)
    mirror.fetch()
    assert mirror.tip() == origin.head()


def test_a_refused_token_is_a_user_error_that_does_not_show_the_token(
    origin: Origin, http_origin: HttpOrigin, tmp_path: Path
) -> None:
    wrong = "ghs_wrongwrongwrong"
    mirror = GitMirror(tmp_path / "m.git", http_origin.url, lambda: wrong, "main")
    with pytest.raises(UserError, match="may read its contents") as refused:
        mirror.fetch()
    assert wrong not in str(refused.value)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, UserError),
        (403, UserError),
        (503, TransientError),
        (500, TransientError),
        (429, TransientError),
    ],
)
def test_the_http_status_decides_between_user_error_and_transient_error(
    status: int, error: type[Exception], http_origin: HttpOrigin, tmp_path: Path
) -> None:
    http_origin.fault = status
    mirror = GitMirror(tmp_path / "m.git", http_origin.url, lambda: TOKEN, "main")
    with pytest.raises(error):
        mirror.fetch()


def test_a_remote_that_is_down_is_a_transient_error(tmp_path: Path) -> None:
    mirror = GitMirror(tmp_path / "m.git", "http://127.0.0.1:1/a/b.git", lambda: TOKEN, "main")
    with pytest.raises(TransientError):
        mirror.fetch()


def test_a_redirect_to_another_host_gets_no_token(
    origin: Origin, http_origin: HttpOrigin, tmp_path: Path
) -> None:
    other = HttpOrigin(tmp_path)
    try:
        http_origin.redirect = f"http://localhost:{other.server.server_port}"
        mirror = GitMirror(tmp_path / "m.git", http_origin.url, lambda: TOKEN, "main")
        with pytest.raises(UserError):
            mirror.fetch()
        assert other.seen
        assert set(other.seen) == {None}
    finally:
        other.close()


def test_a_clone_has_a_head_an_origin_and_is_clean_or_not(origin: Origin) -> None:
    (origin.work / "specs" / "dev").mkdir(exist_ok=True)
    local = LocalRepository(origin.work / "specs" / "dev")
    assert local.root == origin.work
    assert local.head() == local.tip() == origin.head()
    assert local.is_clean()
    assert local.origin_full_name() is None
    git(origin.work, "remote", "set-url", "origin", "git@github.com:acme/infra.git")
    assert local.origin_full_name() == "acme/infra"
    (origin.work / "notes.txt").write_text("mine")
    assert local.is_clean()
    (origin.work / "specs/dev/new.yaml").write_text("x: 1")
    assert not local.is_clean()
    (origin.work / "specs/dev/new.yaml").unlink()
    (origin.work / "README.md").write_text("changed")
    assert not local.is_clean()
    assert set(local.specs(local.head()).entries) == {"specs/dev/a.yaml"}


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/acme/infra", "acme/infra"),
        ("https://github.com/acme/infra.git/", "acme/infra"),
        ("ssh://git@github.example.com:2222/acme/infra.git", "acme/infra"),
        ("http://127.0.0.1:8080/acme/infra.git", "acme/infra"),
        ("git@github.com:acme/infra", "acme/infra"),
        ("/srv/git/acme/infra.git", None),
    ],
)
def test_the_origin_is_named_from_any_form_of_address(
    origin: Origin, url: str, name: str | None
) -> None:
    git(origin.work, "remote", "set-url", "origin", url)
    assert LocalRepository(origin.work).origin_full_name() == name


def test_a_folder_that_is_not_a_clone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not in a git repository"):
        LocalRepository(tmp_path)
    git(tmp_path, "init", "-q", "empty")
    with pytest.raises(UserError, match="no commit yet"):
        LocalRepository(tmp_path / "empty").head()


def test_a_clone_that_git_refuses_is_told_in_the_words_of_git(
    origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    # https://git-scm.com/docs/git-config#Documentation/git-config.txt-safedirectory; git's own tests use the variable.
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(UserError, match=r"dubious ownership(.|\n)*safe\.directory"):
        LocalRepository(origin.work).head()


def test_a_bare_repository_is_refused_as_a_clone(origin: Origin) -> None:
    with pytest.raises(UserError, match="is a bare repository"):
        LocalRepository(origin.bare)


def test_the_files_that_keep_a_clone_from_being_clean_are_named(origin: Origin) -> None:
    local = LocalRepository(origin.work)
    (origin.work / "notes.txt").write_text("mine")
    (origin.work / "specs/dev/a new one.yaml").write_text("x: 1")
    (origin.work / "README.md").write_text("changed")
    git(origin.work, "mv", "specs/dev/a.yaml", "specs/dev/b.yaml")
    assert not local.is_clean()
    assert local.changed_files() == (
        "README.md",
        "specs/dev/a.yaml -> specs/dev/b.yaml",
        '"specs/dev/a new one.yaml"',
    )
    assert local.changed_files(1) == ("README.md",)


@pytest.mark.parametrize("name", ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"])
def test_a_clone_is_read_with_the_filters_of_its_owner_and_of_the_machine(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    config = tmp_path / "config"
    config.write_text('[filter "shout"]\n\tclean = tr a-z A-Z\n')
    monkeypatch.delenv("GIT_CONFIG_NOSYSTEM", raising=False)
    monkeypatch.setenv(name, str(config))
    origin.commit({".gitattributes": b"*.txt filter=shout\n", "loud.txt": b"HELLO\n"})
    (origin.work / "loud.txt").write_text("Hello\n")
    assert LocalRepository(origin.work).is_clean()
    config.write_text("")
    # Git reads a file again only when its time has changed.
    (origin.work / "loud.txt").write_text("Hello\n")
    assert not LocalRepository(origin.work).is_clean()


def test_a_work_tree_is_read_as_it_lies_there_without_following_links(tmp_path: Path) -> None:
    specs = tmp_path / "specs"
    (specs / "dev").mkdir(parents=True)
    (specs / "dev" / "a.yaml").write_bytes(b"a: 1\n")
    (specs / "dev" / "link.yaml").symlink_to("/etc/passwd")
    (specs / "loop").symlink_to(specs)
    (specs / "dev" / "big.yaml").write_bytes(b"x" * 1_000_001)
    (specs / "nested" / ".git").mkdir(parents=True)
    (tmp_path / "other.yaml").write_bytes(b"o: 1\n")
    os.mkfifo(specs / "pipe")
    tree = local_specs(tmp_path)
    assert {path: entry.kind for path, entry in tree.entries.items()} == {
        "specs/dev/a.yaml": EntryKind.FILE,
        "specs/dev/big.yaml": EntryKind.FILE,
        "specs/dev/link.yaml": EntryKind.SYMLINK,
        "specs/loop": EntryKind.SYMLINK,
        "specs/nested": EntryKind.SUBMODULE,
    }
    assert tree.entries["specs/dev/a.yaml"].content == b"a: 1\n"
    assert tree.entries["specs/dev/big.yaml"].content is None
    (specs / "dev" / "a.yaml").write_bytes(b"a: 2\n")
    assert local_specs(tmp_path).id != tree.id


TEXT = b"".join(b"line %d\n" % number for number in range(40))


@pytest.fixture
def mirror(origin: Origin, tmp_path: Path) -> GitMirror:
    return origin.mirror(tmp_path)


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        ({"README.md": b"hello again\n"}, set()),
        ({"specs-of-old/a.yaml": b"a: 1\n"}, set()),
        ({"lib/specs/a.yaml": b"a: 1\n"}, set()),
        ({"specs/dev/b.yaml": b"b: 2\n"}, {"dev"}),
        ({"specs/dev/a.yaml": b"a: 2\n", "README.md": b"hello again\n"}, {"dev"}),
        ({"specs/dev/a.yaml": None}, {"dev"}),
        ({"modules/dev/module.yaml": b"a: 2\n"}, {"modules/dev"}),
        ({"calendars/ours.yaml": b"- 2026-12-24\n"}, {"calendars/ours.yaml"}),
    ],
)
def test_a_pull_request_says_whether_it_touches_a_spec(
    origin: Origin, mirror: GitMirror, change: dict[str, bytes | None], touched: set[str]
) -> None:
    tip = origin.head()
    head = origin.commit(change, push="refs/pull/1/head")
    mirror.fetch((1,))
    assert mirror.touches_specs(tip, head) is bool(touched)
    assert mirror.changed_folders(tip, head) == touched
    assert not mirror.touches_specs(tip, tip)
    assert not mirror.touches_specs(head, tip)


@pytest.mark.parametrize("touched", [True, False])
def test_specs_that_only_the_tip_changed_do_not_count(
    origin: Origin, mirror: GitMirror, touched: bool
) -> None:
    base = origin.head()
    change = {"specs/dev/b.yaml": b"b: 2\n"} if touched else {"README.md": b"hello again\n"}
    head = origin.commit(dict(change), push="refs/pull/1/head")
    origin.branch("other", base)
    tip = origin.commit({"specs/dev/a.yaml": b"a: 2\n"})
    mirror.fetch((1,))
    assert mirror.touches_specs(tip, head) is touched
    assert mirror.changed_folders(tip, head) == ({"dev"} if touched else frozenset())


def test_an_edit_of_a_file_that_the_tip_moved_into_the_specs_touches_them(
    origin: Origin, mirror: GitMirror
) -> None:
    origin.commit({"drafts/b.yaml": TEXT})
    base = origin.head()
    head = origin.commit({"drafts/b.yaml": TEXT + b"more\n"}, push="refs/pull/1/head")
    origin.branch("other", base)
    tip = origin.commit({"drafts/b.yaml": None, "specs/dev/b.yaml": TEXT})
    mirror.fetch((1,))
    assert mirror.touches_specs(tip, head)


def test_a_conflict_outside_the_specs_touches_none(origin: Origin, mirror: GitMirror) -> None:
    base = origin.head()
    head = origin.commit({"README.md": b"one\n"}, push="refs/pull/1/head")
    origin.branch("other", base)
    tip = origin.commit({"README.md": b"two\n", "specs/dev/a.yaml": b"a: 2\n"})
    mirror.fetch((1,))
    assert mirror.merge(tip, head) is None
    assert not mirror.touches_specs(tip, head)


def test_unrelated_histories_touch_the_specs(origin: Origin, mirror: GitMirror) -> None:
    tip = origin.head()
    git(origin.work, "checkout", "-q", "--orphan", "alone")
    head = origin.commit({"README.md": b"alone\n"}, push="refs/pull/1/head")
    mirror.fetch((1,))
    assert mirror.touches_specs(tip, head)


def test_touches_specs_refuses_a_commit_that_is_gone(origin: Origin, mirror: GitMirror) -> None:
    tip = origin.head()
    mirror.fetch()
    with pytest.raises(StaleError):
        mirror.touches_specs(tip, Sha("1" * 40))


def test_a_mere_merge_of_the_tracked_branch_is_nobodys_own_commit(
    origin: Origin, mirror: GitMirror
) -> None:
    """The kind: who only merged the base in counted as an author. A merge that changes more does."""
    base = origin.head()
    origin.branch("work", base)
    own = origin.commit({"specs/dev/b.yaml": b"b: 2\n"}, push="refs/pull/1/head")
    origin.branch("other", base)
    tip = origin.commit({"specs/dev/c.yaml": b"c: 2\n"})
    origin.branch("work", own)
    git(origin.work, "merge", "-q", "--no-edit", tip)
    merged = origin.commit({}, push="refs/pull/1/head")
    git(origin.work, "reset", "-q", "--hard", own)
    git(origin.work, "merge", "-q", "--no-commit", tip)
    evil = origin.commit({"specs/dev/c.yaml": b"c: 3\n"}, push="refs/pull/2/head")
    git(origin.work, "checkout", "-q", "-B", "side", base)
    side = origin.commit({"specs/dev/d.yaml": b"d: 1\n"}, push="refs/pull/3/head")
    git(origin.work, "merge", "-q", "--no-edit", own)
    of_two_heads = origin.commit({}, push="refs/pull/3/head")
    mirror.fetch((1, 2, 3))
    plain = mirror.own_commits(tip, merged)
    assert plain == (merged, own)  # ``commit`` adds an empty commit on top of the merge
    assert mirror.own_commits(tip, evil) == (evil, own)
    merge = Sha(git(origin.work, "rev-parse", f"{of_two_heads}^"))
    assert set(mirror.own_commits(tip, of_two_heads)) == {of_two_heads, merge, side, own}
    assert mirror.own_commits(tip, tip) == ()


def test_more_commits_than_github_lists_are_refused(origin: Origin, mirror: GitMirror) -> None:
    tip = origin.head()
    tree = git(origin.work, "rev-parse", f"{tip}^{{tree}}")
    person = "Ada <ada@example.com> 1700000000 +0000"
    lines = "".join(
        f"commit refs/heads/many\nmark :{n}\ncommitter {person}\ndata 1\nx\n"
        f"from {tip if n == 1 else f':{n - 1}'}\nM 040000 {tree} \n\n"
        for n in range(1, 252)
    )
    git(origin.work, "fast-import", "--quiet", stdin=lines.encode())
    git(origin.work, "push", "-q", "origin", "many:refs/pull/9/head")
    mirror.fetch((9,))
    head = Sha(git(origin.work, "rev-parse", "many"))
    assert len(mirror.own_commits(tip, Sha(git(origin.work, "rev-parse", "many~1")))) == 250
    with pytest.raises(UserError, match="more than 250 commits"):
        mirror.own_commits(tip, head)


def test_a_thousand_nested_folders_are_a_message_and_no_traceback(tmp_path: Path) -> None:
    """The kind: a recursion whose depth somebody else chooses."""
    (tmp_path / "specs").mkdir()
    folder = os.open(tmp_path / "specs", os.O_RDONLY)
    for _ in range(1_000):
        os.mkdir("deeper", dir_fd=folder)
        below = os.open("deeper", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(folder)
    try:
        with pytest.raises(UserError, match=r"nested too deeply|File name too long"):
            local_specs(tmp_path)
    finally:
        subprocess.run(["rm", "-rf", str(tmp_path / "specs")], check=True)


def test_folders_below_the_limit_are_read_in_order(tmp_path: Path) -> None:
    deep = tmp_path / "specs" / "dev" / "/".join("x" * 100)
    deep.mkdir(parents=True)
    for name in ("a.yaml", "z.yaml"):
        (tmp_path / "specs" / "dev" / name).write_text(name)
    (deep / "m.yaml").write_text("m")
    names = list(local_specs(tmp_path).entries)
    assert [name.rpartition("/")[2] for name in names] == ["a.yaml", "m.yaml", "z.yaml"]


MODULE = "modules/crate/module.yaml"
HOME = "specs/prod/environment.yaml"


def test_what_specs_take_from_commits_and_tags_is_read_with_them(
    origin: Origin, tmp_path: Path
) -> None:
    first = origin.commit(
        {MODULE: b"m: 1\nnested: modules/x@v0\n", "calendars/a.yaml": b"- 2026-01-01\n"}
    )
    git(origin.work, "tag", "v0", first)
    git(origin.work, "tag", "-a", "v1.2.0", "-m", "annotated", first)
    origin.branch("side", first)
    aside = origin.commit({MODULE: b"m: 3\n"}, push="side")
    git(origin.work, "tag", "aside", aside)
    git(origin.work, "tag", "a-tree", f"{first}^{{tree}}")
    git(origin.work, "push", "-q", "origin", "--tags")
    git(origin.work, "checkout", "-q", "main")
    uses = f"modules: '{first}'\n# modules: {aside}\n# modules: {'0' * 40}\n".encode()
    tags = (
        b"- modules/crate@v1.2.0\n- modules/crate@aside\n- modules/crate@a-tree\n- modules/a@../x\n"
    )
    tip = origin.commit({MODULE: b"m: 2\n", HOME: uses, "specs/prod/a.yaml": tags})
    mirror = origin.mirror(tmp_path)
    mirror.fetch()

    found = mirror.specs(tip).versions

    assert set(found) == {first, aside, "0" * 40, "v1.2.0", "aside", "a-tree", "v0"}
    assert {name for name, one in found.items() if one.usable} == {first, "v1.2.0", "v0"}
    assert found["v1.2.0"] == found["v0"] == found[first]
    assert found[first].commit == first
    assert set(found[first].entries) == {MODULE, "calendars/a.yaml"}
    assert (found["aside"].commit, found["a-tree"].commit) == (aside, None)
    # Of a tree alone nobody can tell what was merged; with the tip it can be told.
    merged = mirror.merge(tip, tip)
    assert merged is not None
    assert mirror.specs(merged).versions == {}
    assert mirror.specs(merged, tip).versions == found
    # A person's clone answers the same, also with a pin that is not committed yet.
    local = LocalRepository(origin.work)
    assert local.working_specs().versions == found
    (origin.work / HOME).write_bytes(f"modules: {tip}\n".encode())
    assert local.working_specs().versions[tip].entries[MODULE].content == b"m: 2\n"
    assert specs_of_folder(origin.work) == local.working_specs()
    assert specs_of_folder(origin.work / "specs").versions == {}
    empty = tmp_path / "empty"
    (empty / "specs/prod").mkdir(parents=True)
    (empty / "specs/prod/a.yaml").write_bytes(tags)
    git(tmp_path, "init", "-q", str(empty))
    assert specs_of_folder(empty).versions["v1.2.0"] == Version(unborn=True)


def test_a_moved_tag_is_seen_after_a_fetch(origin: Origin, tmp_path: Path) -> None:
    first = origin.commit({MODULE: b"m: 1\n", "specs/dev/a.yaml": b"modules/crate@v1\n"})
    git(origin.work, "tag", "v1")
    git(origin.work, "push", "-q", "origin", "v1")
    mirror = origin.mirror(tmp_path)
    mirror.fetch()
    assert mirror.specs(first).versions["v1"].commit == first
    second = origin.commit({MODULE: b"m: 2\n"})
    git(origin.work, "tag", "-f", "v1")
    git(origin.work, "push", "-q", "-f", "origin", "v1")
    mirror.fetch()
    assert mirror.specs(second).versions["v1"].commit == second
    assert not mirror.specs(first).versions["v1"].usable
