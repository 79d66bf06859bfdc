"""Opens folders of Terraform's configuration. Shell."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from gitbot.errors import UserError
from gitbot.language.terraform.converting import Folder
from gitbot.language.terraform.expressions import Writer
from gitbot.language.terraform.reading import read_values
from gitbot.language.terraform.state import read_state
from gitbot.language.terraform.values import LostError


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
    # Terraform reads them in this order, and later ones win.
    files = [path / "terraform.tfvars", *sorted(path.glob("*.auto.tfvars"))]
    files = [one for one in files if one.exists()]
    values = {name: value for one in files for name, value in _values(one).items()}
    return replace(
        found,
        values=values,
        values_file=files[-1].name if files else "",
        unread=(*found.unread, *(one.name for one in sorted(path.glob("*.tfvars.json")))),
        state=read_state(_read(state), str(state)) if state is not None else (),
        state_file="" if state is None else state.name,
    )


def _open(path: Path) -> Folder:
    files = sorted(path.glob("*.tf"))
    # What these say changes what others say.
    over = [one for one in files if one.stem == "override" or one.stem.endswith("_override")]
    texts = {one.name: _read(one) for one in files if one not in over}
    unread = (*over, *sorted(path.glob("*.tf.json")))
    return Folder(
        texts=texts, open=partial(_beside, path), unread=tuple(one.name for one in unread)
    )


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
