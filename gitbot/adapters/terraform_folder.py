"""Opens folders of Terraform's configuration. Shell."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from gitbot.errors import UserError
from gitbot.language.terraform.converting import Folder
from gitbot.language.terraform.expressions import LostError, Writer
from gitbot.language.terraform.reading import read_values
from gitbot.language.terraform.state import State, read_state


def open_folder(path: Path, state: Path | None = None) -> Folder:
    """The configuration in the folder, with the objects of this state.

    Raises:
        UserError: a file cannot be read, or this Python lacks the reader of Terraform's language.
    """
    try:
        import hcl2  # noqa: F401
    except ImportError:
        raise UserError(
            "to read Terraform, install its reader: pip install 'gitbot[terraform]'"
        ) from None
    found = _open(path)
    if not found.texts:
        raise UserError(f"{path} has no files of Terraform (*.tf)")
    values = path / "terraform.tfvars"
    return Folder(
        texts=found.texts,
        open=found.open,
        values=_values(values) if values.exists() else {},
        state=read_state(_read(state), str(state)) if state is not None else State(),
        state_file="" if state is None else state.name,
    )


def _open(path: Path) -> Folder:
    texts = {one.name: _read(one) for one in sorted(path.glob("*.tf"))}
    return Folder(texts=texts, open=partial(_beside, path))


def _beside(path: Path, source: str) -> Folder | None:
    there = path / source
    return _open(there) if there.is_dir() else None


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read as UTF-8 text: {error}") from None


def _values(path: Path) -> dict[str, object]:
    def resolve(*_: object) -> str:
        raise LostError("a file of values has no references")

    writer = Writer(resolve=resolve)
    try:
        given = read_values(path.name, _read(path))
        return {name: writer.value(one.value) for name, one in given.items()}
    except LostError as error:
        raise UserError(f"{path}: {error}") from None
