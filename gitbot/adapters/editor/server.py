"""Answers an editor over standard input and output (Language Server Protocol 3.17). Shell.

https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path
from pygls.workspace import TextDocument
from pygls.workspace.position_codec import ServerTextPosition

from gitbot.adapters.editor.repository import Repository
from gitbot.adapters.git.objects import SPEC_FOLDERS
from gitbot.errors import GitbotError
from gitbot.language.writing.completion import Offer, offers
from gitbot.language.writing.cursor import Cursor, cursor_at
from gitbot.language.writing.meaning import Reader
from gitbot.model.diagnostic import Diagnostic, Severity, SourceSpan
from gitbot.render.explained import explained_markdown

_QUIET_S = 0.05
"""How long nothing is typed before the specs are checked again."""
_LINE_END = re.compile("\r\n|\n|\r")
_WORD = re.compile(r"""\"[^\"]*\"|'[^']*'|[^\s,}\]]+""")


def serve(open_repository: Callable[[Path], Repository]) -> None:
    """Serve one editor until it goes. ``open_repository`` opens the folder that it works in."""
    Editor(open_repository).server.start_io()


class Editor:
    """One editor: its repository, and what was told to it."""

    def __init__(self, open_repository: Callable[[Path], Repository]) -> None:
        # Whole texts: pygls applies changes of a part to lines of its own, which end at more characters
        # (such as U+2028) than those of an editor, and then has another text than the editor.
        self.server = LanguageServer("gitbot", version("gitbot"), types.TextDocumentSyncKind.Full)
        self._open_repository = open_repository
        self._repository: Repository | None = None
        self._waiting: asyncio.Task[None] | None = None
        self._told: set[str] = set()
        self._on(types.TEXT_DOCUMENT_DID_OPEN, self._typed)
        self._on(types.TEXT_DOCUMENT_DID_CHANGE, self._typed)
        self._on(types.TEXT_DOCUMENT_DID_SAVE, self._saved)
        self._on(types.TEXT_DOCUMENT_DID_CLOSE, self._closed)
        self._on(types.INITIALIZED, self._watch)
        self._on(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, self._saved)
        self._on(types.TEXT_DOCUMENT_HOVER, self._hover)
        triggers = types.CompletionOptions(trigger_characters=["{", ".", '"'])
        self._on(types.TEXT_DOCUMENT_COMPLETION, self._complete, triggers)
        self._on(types.TEXT_DOCUMENT_DEFINITION, self._define)

    def _on(
        self, name: str, answer: Callable[[Any], Awaitable[Any]], options: object = None
    ) -> None:
        """Answer these messages. pygls marks what it is given, which a bound method does not allow."""

        async def handle(params: Any) -> Any:
            try:
                return await answer(params)
            except GitbotError as error:
                self._say(error)

        self.server.feature(name, options)(handle)

    @property
    def repository(self) -> Repository:
        """The specs of the editor's folder."""
        if self._repository is None:
            workspace = self.server.workspace
            folders = [to_fs_path(uri) for uri in workspace.folders]
            root = next((one for one in folders if one), workspace.root_path)
            self._repository = self._open_repository(Path(root) if root else Path.cwd())
        return self._repository

    async def _watch(self, params: object) -> None:
        """Ask the editor to tell when files change beside it: by a checkout, or a move in its tree."""
        told = self.server.client_capabilities.workspace
        watched = told.did_change_watched_files if told is not None else None
        if watched is None or not watched.dynamic_registration:
            return
        watchers = [types.FileSystemWatcher(f"**/{folder}/**") for folder in SPEC_FOLDERS]
        wanted = types.Registration(
            "files",
            types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
            types.DidChangeWatchedFilesRegistrationOptions(watchers),
        )
        await self.server.client_register_capability_async(types.RegistrationParams([wanted]))

    async def _typed(
        self, params: types.DidOpenTextDocumentParams | types.DidChangeTextDocumentParams
    ) -> None:
        document = self._document(params.text_document.uri)
        path = self._path(document.uri)
        if path is not None:
            self.repository.write(path, document.source)
            self._check_soon()

    async def _saved(self, params: object) -> None:
        self.repository.refresh()
        self._check_soon()

    async def _closed(self, params: types.DidCloseTextDocumentParams) -> None:
        path = self._path(params.text_document.uri)
        if path is not None:
            self.repository.write(path, None)
            await self._saved(params)

    def _check_soon(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = asyncio.get_running_loop().create_task(self._check())

    async def _check(self) -> None:
        await asyncio.sleep(_QUIET_S)
        try:
            found = await asyncio.to_thread(self.repository.diagnostics)
        except GitbotError as error:
            self._say(error)
            return
        for path in sorted(self._told | found.keys()):
            self._tell(path, found.get(path, []))
        self._told = set(found)

    def _say(self, error: GitbotError) -> None:
        message = types.ShowMessageParams(type=types.MessageType.Error, message=str(error))
        self.server.window_show_message(message)

    def _tell(self, path: str, diagnostics: Sequence[Diagnostic]) -> None:
        self.server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(
                uri=self._uri(path), diagnostics=[self._told_as(one) for one in diagnostics]
            )
        )

    def _told_as(self, one: Diagnostic) -> types.Diagnostic:
        used = [
            types.DiagnosticRelatedInformation(location=self._location(at), message="used here")
            for at in one.used_at
        ]
        is_error = one.severity is Severity.ERROR
        return types.Diagnostic(
            range=self._location(one.span).range,
            message=f"{one.detail} {one.fix}",
            severity=types.DiagnosticSeverity.Error
            if is_error
            else types.DiagnosticSeverity.Warning,
            code=one.code,
            source="gitbot",
            related_information=used or None,
        )

    async def _hover(self, params: types.HoverParams) -> types.Hover | None:
        found = self._read(params)
        if found is None:
            return None
        reader, cursor, _ = found
        explained = reader.meaning(cursor).explained
        if explained is None:
            return None
        text = explained_markdown(explained)
        return types.Hover(types.MarkupContent(kind=types.MarkupKind.Markdown, value=text))

    async def _complete(self, params: types.CompletionParams) -> list[types.CompletionItem]:
        found = self._read(params)
        if found is None:
            return []
        reader, cursor, at = found
        lines = lines_of(self._document(params.text_document.uri).source)
        return [_item(one) for one in offers(reader, lines, at.line, at.character, cursor)]

    async def _define(self, params: types.DefinitionParams) -> types.Location | None:
        found = self._read(params)
        if found is None:
            return None
        reader, cursor, _ = found
        place = reader.meaning(cursor).place
        return None if place is None else self._location(place)

    def _read(
        self, params: types.HoverParams | types.CompletionParams | types.DefinitionParams
    ) -> tuple[Reader, Cursor, ServerTextPosition] | None:
        """What is needed to say what stands at the position; None in a file that is no spec."""
        document = self._document(params.text_document.uri)
        path = self._path(document.uri)
        if path is None:
            return None
        self.repository.write(path, document.source)
        lines = lines_of(document.source)
        at = document.position_codec.position_from_client_units(lines, params.position)
        outline = self.repository.outline(path)
        node = outline.document(at.line) if outline is not None else None
        if outline is None or node is None:
            return None
        reader = Reader(around=self.repository.around, outline=outline, document=node)
        return reader, cursor_at(lines, at.line, at.character), at

    def _document(self, uri: str) -> TextDocument:
        return self.server.workspace.get_text_document(uri)

    def _path(self, uri: str) -> str | None:
        """The path in the repository of a file that can be a spec."""
        file = to_fs_path(uri)
        path = self.repository.path_of(Path(file)) if file else None
        is_spec = path is not None and path.split("/")[0] in SPEC_FOLDERS
        return path if is_spec else None

    def _uri(self, path: str) -> str:
        return str(from_fs_path(str(self.repository.file_of(path))))

    def _location(self, span: SourceSpan) -> types.Location:
        """The place in the units of the editor, up to the end of its word."""
        lines = lines_of(self.repository.text(span.file) or "")
        line = min(span.line, len(lines)) - 1
        column = min(span.column - 1, len(lines[line]))
        word = _WORD.match(lines[line], column)
        end = word.end() if word else column
        codec = self.server.workspace.position_codec
        start, stop = (
            codec.position_to_client_units(lines, ServerTextPosition(line, each))
            for each in (column, end)
        )
        return types.Location(uri=self._uri(span.file), range=types.Range(start=start, end=stop))


def lines_of(text: str) -> list[str]:
    """The lines of a text as the protocol counts them; at least one.

    https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#textDocuments
    """
    return _LINE_END.split(text)


def _item(one: Offer) -> types.CompletionItem:
    kinds = {
        "function": types.CompletionItemKind.Function,
        "module": types.CompletionItemKind.Module,
        "resource type": types.CompletionItemKind.Class,
        "names": types.CompletionItemKind.Variable,
    }
    return types.CompletionItem(
        label=one.name,
        kind=kinds.get(one.kind, types.CompletionItemKind.Property),
        detail=one.kind or None,
        documentation=one.text or None,
    )
