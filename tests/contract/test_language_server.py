"""The language server over standard input and output, with a client of the same protocol."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient

import gitbot

ENVIRONMENT = """apiVersion: gitbot/v1
kind: Environment
metadata: {name: dev}
spec:
  region: us-east-1
  variables: {project: acme}
"""
MODULE = """apiVersion: gitbot/v1
kind: Module
metadata: {name: box, description: A box of files}
spec:
  variables:
    name: {type: string, description: how it is called}
    days: {type: number, default: 30}
  resources:
    bucket:
      type: AWS::S3::Bucket
      properties: {BucketName: "${vars.name}"}
  outputs:
    arn: {value: "${bucket.Arn}", description: its ARN}
"""
STACK = """apiVersion: gitbot/v1
kind: Stack
metadata: {name: one}
spec:
  variables:
    my_ip: {type: cidr, default: 203.0.113.5/32, description: the only address}
  locals:
    both: ${env.project + "-" + stack.name}
  resources:
    ssh:
      type: AWS::EC2::SecurityGroup
      properties:
        GroupDescription: one address
        Tags: [{Key: who, Value: "🔒 ${vars.my_ip}"}]
        SecurityGroupIngress:
          - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: "${vars.my_ip}"}
    files:
      module: modules/box
      values: {name: "${locals.both}"}
    shipped:
      module: gitbot/ml-bucket
      values: {name: acme-shipped}
  outputs:
    group: ${ssh.GroupId}
    arn: ${files.arn}
    project: ${env.project}
"""


WATCHES = types.ClientCapabilities(
    workspace=types.WorkspaceClientCapabilities(
        did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(
            dynamic_registration=True
        )
    )
)


class Editor:
    """An editor with the stack open."""

    def __init__(self, client: LanguageClient, root: Path) -> None:
        self.client = client
        self.root = root
        self.path = root / "specs/dev/one.yaml"
        self.version = 1
        self.text = STACK
        self.told: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.watched: list[types.Registration] = []
        self.said: asyncio.Queue[str] = asyncio.Queue()

        @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def _told(params: types.PublishDiagnosticsParams) -> None:
            self.told.put_nowait(params)

        @client.feature(types.CLIENT_REGISTER_CAPABILITY)
        def _registered(params: types.RegistrationParams) -> None:
            self.watched.extend(params.registrations)

        @client.feature(types.WINDOW_SHOW_MESSAGE)
        def _said(params: types.ShowMessageParams) -> None:
            self.said.put_nowait(params.message)

    @property
    def uri(self) -> str:
        return self.path.as_uri()

    def open(self) -> None:
        item = types.TextDocumentItem(self.uri, "yaml", self.version, self.text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def type(self, text: str) -> None:
        self.text = text
        self.version += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(version=self.version, uri=self.uri),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def at(self, word: str, nth: int = 1, into: int = 1) -> types.Position:
        """The position ``into`` characters behind where the word begins, in UTF-16 units."""
        start = -1
        for _ in range(nth):
            start = self.text.index(word, start + 1)
        before = self.text[: start + into]
        line = before.rsplit("\n", 1)[-1]
        return types.Position(before.count("\n"), len(line.encode("utf-16-le")) // 2)

    async def diagnostics(
        self, path: str, holds: Callable[[list[types.Diagnostic]], bool]
    ) -> list[types.Diagnostic]:
        """Wait until those of the file are as they should be."""
        uri = (self.root / path).as_uri()
        while True:
            told = await asyncio.wait_for(self.told.get(), 30)
            if told.uri == uri and holds(list(told.diagnostics)):
                return list(told.diagnostics)

    async def hover(self, word: str, nth: int = 1, into: int = 1) -> str:
        document = types.TextDocumentIdentifier(self.uri)
        found = await self.client.text_document_hover_async(
            types.HoverParams(document, self.at(word, nth, into))
        )
        if found is None:
            return ""
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value

    async def complete(self, word: str, nth: int = 1, into: int = 1) -> set[str]:
        document = types.TextDocumentIdentifier(self.uri)
        found = await self.client.text_document_completion_async(
            types.CompletionParams(document, self.at(word, nth, into))
        )
        return {item.label for item in found or ()}  # type: ignore[union-attr]

    async def define(self, word: str, nth: int = 1, into: int = 1) -> tuple[str, int] | None:
        document = types.TextDocumentIdentifier(self.uri)
        found = await self.client.text_document_definition_async(
            types.DefinitionParams(document, self.at(word, nth, into))
        )
        if found is None:
            return None
        assert isinstance(found, types.Location)
        return found.uri, found.range.start.line + 1


def with_editor(root: Path, story: Callable[[Editor], Awaitable[None]]) -> None:
    """Play the story in an editor with a server of its own, which ends as the protocol says."""

    async def play() -> None:
        client = LanguageClient("test", "1")
        environ = {"PATH": os.environ["PATH"], "HOME": str(root)}
        await client.start_io(sys.executable, "-m", "gitbot", "lsp", cwd=root, env=environ)
        editor = Editor(client, root)
        await client.initialize_async(
            types.InitializeParams(capabilities=WATCHES, root_uri=root.as_uri())
        )
        client.initialized(types.InitializedParams())
        await story(editor)
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()

    # In a thread of its own: where a browser was tested before, this one has a loop that runs.
    with ThreadPoolExecutor(1) as alone:
        alone.submit(asyncio.run, asyncio.wait_for(play(), 100)).result()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in (
        ("specs/dev/environment.yaml", ENVIRONMENT),
        ("specs/dev/one.yaml", STACK),
        ("modules/box/module.yaml", MODULE),
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def test_an_editor_is_helped(root: Path) -> None:
    with_editor(root, _whole)


async def _whole(editor: Editor) -> None:
    editor.open()
    await _problems(editor)
    await _hovers(editor)
    await _definitions(editor)
    await _completions(editor)
    await _odd_lines(editor)
    await _moved_files(editor)
    # A file that is no spec is left alone.
    editor.path, editor.text = editor.root / "README.yaml", STACK
    editor.open()
    assert await editor.hover("kind: Stack") == ""
    assert await editor.complete("kind: Stack") == set()


async def _problems(editor: Editor) -> None:
    editor.type(STACK.replace('🔒 ${vars.my_ip}"', '🔒 ${vars.my_op}"'))
    (one,) = await editor.diagnostics("specs/dev/one.yaml", bool)
    assert one.code == "unknown-name"
    assert "my_ip" in one.message
    line = editor.text.splitlines()[one.range.start.line].encode("utf-16-le")
    shown = line[one.range.start.character * 2 : one.range.end.character * 2].decode("utf-16-le")
    assert shown == '"🔒 ${vars.my_op}"'
    editor.type(STACK + "  oops")
    await editor.diagnostics(
        "specs/dev/one.yaml", lambda all_: [x.code for x in all_] == ["yaml-syntax"]
    )
    # A module that does not load is told in its own file, and where it is used.
    editor.type(STACK)
    await editor.diagnostics("specs/dev/one.yaml", lambda all_: not all_)
    module = editor.root / "modules/box/module.yaml"
    module.write_text(MODULE.replace("BucketName", "BucketNam"))
    saved = types.FileEvent(module.as_uri(), types.FileChangeType.Changed)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([saved]))
    await editor.diagnostics(
        "modules/box/module.yaml", lambda all_: [x.code for x in all_] == ["unknown-property"]
    )
    await editor.diagnostics(
        "specs/dev/one.yaml", lambda all_: [x.code for x in all_] == ["module-broken"]
    )
    module.write_text(MODULE)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([saved]))
    await editor.diagnostics("specs/dev/one.yaml", lambda all_: not all_)


async def _hovers(editor: Editor) -> None:
    for word, nth, into, says in (
        ("AWS::EC2::SecurityGroup", 1, 4, "aws-resource-ec2-securitygroup.html"),
        ("SecurityGroupIngress", 1, 3, "list of maps"),
        ("CidrIp", 1, 2, "text"),
        ("vars.my_ip", 1, 7, "the only address"),
        ("my_ip: {", 1, 1, ""),
        ("modules/box", 1, 3, "A box of files"),
        ('name: "${locals', 1, 1, "how it is called"),
        ("locals.both", 1, 8, "env.project"),
        ("env.project}", 1, 6, "`acme`"),
        ("files.arn", 1, 7, "its ARN"),
        ("ssh.GroupId", 1, 6, "Only the cloud gives it"),
        ("outputs:", 1, 2, "Values that are shown after an apply"),
        ("kind: Stack", 1, 1, "The kind of document."),
        ("GroupDescription", 1, 2, "replaces the object"),
    ):
        assert says in await editor.hover(word, nth, into), word


async def _definitions(editor: Editor) -> None:
    box = (editor.root / "modules/box/module.yaml").as_uri()
    home = (editor.root / "specs/dev/environment.yaml").as_uri()
    shipped = Path(gitbot.__file__).parent / "modules/ml-bucket/module.yaml"
    for word, into, uri, line in (
        ("vars.my_ip", 7, editor.uri, 6),
        ("locals.both", 8, editor.uri, 8),
        ("ssh.GroupId", 1, editor.uri, 10),
        ("modules/box", 3, box, 1),
        ("files.arn", 7, box, 13),
        ("env.project}", 6, home, 6),
        ("gitbot/ml-bucket", 3, shipped.as_uri(), 1),
    ):
        assert await editor.define(word, 1, into) == (uri, line), word
    assert await editor.define("kind: Stack") is None


async def _completions(editor: Editor) -> None:
    def typed(before: str, after: str) -> None:
        editor.type(STACK.replace(before, after, 1))

    typed("${files.arn}", "${}")
    assert {"vars", "env", "ssh", "files", "locals", "json"} <= await editor.complete(
        "arn: ${", 1, 7
    )
    typed("${files.arn}", "${files.")
    assert await editor.complete("arn: ${files.", 1, 13) == {"arn"}
    typed("${files.arn}", "${vars.m}")
    assert await editor.complete("arn: ${vars.m", 1, 13) == {"my_ip"}
    typed("${files.arn}", "${env.}")
    assert await editor.complete("arn: ${env.", 1, 11) == {"name", "region", "account", "project"}
    typed("${files.arn}", "${ssh.}")
    assert {"GroupId", "GroupDescription"} <= await editor.complete("arn: ${ssh.", 1, 11)
    typed("  outputs:\n", "    more:\n      type: \n  outputs:\n")
    assert "AWS::S3::Bucket" in await editor.complete("type: \n", 1, 6)
    typed('values: {name: "${locals.both}"}', "values: {na")
    assert await editor.complete("values: {na", 1, 11) == {"name", "days"}
    typed("        SecurityGroupIngress:\n", "        Sec\n        SecurityGroupIngress:\n")
    found = await editor.complete("        Sec\n", 1, 11)
    assert {"VpcId", "SecurityGroupEgress"} <= found
    typed("metadata: {name: one}", "metadata: {name: one, }")
    assert await editor.complete("one, }", 1, 5) == {"labels", "moved"}


async def _odd_lines(editor: Editor) -> None:
    # An editor ends lines where the protocol says, and nowhere else.
    for odd in ("\u2028", "\x85", "\x0c"):
        editor.type(STACK.replace("one address", f"one{odd}address").replace("\n", "\r\n"))
        # What is wrong with the text before may still be told.
        (one,) = await editor.diagnostics(
            "specs/dev/one.yaml", lambda all_: [x.code for x in all_] == ["yaml-syntax"]
        )
        assert one.range.start.line == STACK[: STACK.index("one address")].count("\n")
        assert "the only address" in await editor.hover("vars.my_ip", 2, 7)
        editor.type(STACK.replace("\n", "\r\n"))
        await editor.diagnostics("specs/dev/one.yaml", lambda all_: not all_)


async def _moved_files(editor: Editor) -> None:
    (watched,) = editor.watched
    assert watched.method == types.WORKSPACE_DID_CHANGE_WATCHED_FILES
    assert "**/modules/**" in str(watched.register_options)
    nothing = types.DidChangeWatchedFilesParams([])
    (editor.root / "modules/box").rename(editor.root / "modules/crate")
    editor.client.workspace_did_change_watched_files(nothing)
    (one,) = await editor.diagnostics("specs/dev/one.yaml", bool)
    assert 'Did you mean "modules/crate"?' in one.message
    # Closed without saving, the file is what it is on disk.
    editor.type("oops")
    await editor.diagnostics("specs/dev/one.yaml", lambda all_: all_[0].code != one.code)
    closed = types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(editor.uri))
    editor.client.text_document_did_close(closed)
    await editor.diagnostics(
        "specs/dev/one.yaml", lambda all_: [x.code for x in all_] == [one.code]
    )
    away = editor.root.rename(editor.root.with_name("away"))
    editor.client.workspace_did_change_watched_files(nothing)
    assert "is not a folder: name the folder that holds specs/" in await asyncio.wait_for(
        editor.said.get(), 30
    )
    away.rename(editor.root)
