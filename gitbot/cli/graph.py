"""``gitbot graph``: draw which resource needs which. Shell."""

from __future__ import annotations

from pathlib import Path

import click

from gitbot.cli.common import folder_option, json_option, say, show_json, tells_errors
from gitbot.errors import UserError


@click.command()
@click.argument("environment")
@click.argument("stack", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(("mermaid", "svg")),
    help="Mermaid text or an SVG picture [default: as the name of --output ends, else mermaid].",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it into this file instead of printing it.",
)
@folder_option
@json_option
@tells_errors
def graph(
    environment: str,
    stack: str | None,
    form: str | None,
    output: Path | None,
    folder: Path,
    as_json: bool,
) -> None:
    """Draw which resources of ENVIRONMENT need which, offline: all stacks, or only STACK.

    Arrows point to what is needed, and so is made first and deleted last. An arrow that another way
    implies is left out. Lookups and secrets, which no apply makes, have round ends.

    \b
      gitbot graph dev                      Mermaid: paste it into ```mermaid on GitHub
      gitbot graph dev gpu-trainer -o trainer.svg
      gitbot graph dev --json               {"graphs": [{"stack": …, "resources": …, "needs": …}]}
    """
    from gitbot.cli.specs import chosen_stacks
    from gitbot.render.graph.drawn import drawn, graph_data

    graphs = drawn(chosen_stacks(folder, environment, stack))
    if as_json:
        show_json({"graphs": graph_data(graphs)})
        return
    if form is None:
        form = "svg" if output is not None and output.suffix.lower() == ".svg" else "mermaid"
    if form == "svg":
        from gitbot.render.graph.svg import svg as draw
    else:
        from gitbot.render.graph.mermaid import mermaid as draw
    text = draw(graphs)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{output} cannot be written: {error.strerror}") from error
    say("wrote", "green", f" {output}")
