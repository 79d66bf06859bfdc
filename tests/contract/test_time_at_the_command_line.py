"""``gitbot schedule`` shows the rows of a server's store, and the page about off-hours an example that fits."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

from click.testing import CliRunner, Result

from gitbot.adapters.stores.records import sql_records
from gitbot.cli.clone import open_clone, repository_of
from gitbot.cli.main import main
from gitbot.model.names import EnvironmentKey
from gitbot.model.time import At, Firing, Missed, Schedule, Work
from tests.contract.empty_database import open_empty
from tests.contract.records_world import NOON

SPEC = (
    "apiVersion: gitbot/v1\nkind: Environment\nmetadata: {name: dev}\n"
    "spec: {region: us-east-1, timezone: Europe/Berlin}\n"
)


def run(folder: Path, *arguments: str) -> Result:
    where = ("--repo", str(folder), "--store", str(folder / "gitbot.db"))
    return CliRunner().invoke(main, ["schedule", *arguments, *where])


def test_what_comes_next_is_shown_as_text_and_as_json(tmp_path: Path) -> None:
    (tmp_path / "specs" / "dev").mkdir(parents=True)
    (tmp_path / "specs" / "dev" / "environment.yaml").write_text(SPEC)
    git = ("git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@example.com")
    for arguments in (("init", "-q"), ("add", "specs"), ("commit", "-qm", "Specs")):
        subprocess.run([*git, *arguments], check=True)

    database = open_empty(tmp_path / "gitbot.db")
    records = sql_records(database)
    repository = repository_of(open_clone(tmp_path), records.journal)
    dev = EnvironmentKey(repository=repository, environment="dev")
    stops = Schedule(
        name="gpu/trainer",
        environment=dev,
        work=Work.HOURS,
        when=At(instant=NOON + timedelta(hours=1)),
        why="dev/gpu/trainer: it stops",
        missed=Missed.LEVEL,
    )
    over = Schedule(
        name="confirm",
        environment=dev,
        work=Work.DRIFT,
        when=At(instant=NOON),
        why="look again",
        missed=Missed.ONCE,
    )
    records.schedules.replace(dev, Work.HOURS, [stops], at=NOON)
    records.schedules.replace(dev, Work.DRIFT, [over], at=NOON)
    records.schedules.fired(Firing(schedule=over, instant=NOON), now=NOON)
    database.dispose()

    (found,) = json.loads(run(tmp_path, "--json").stdout)["schedules"]
    at = stops.when.instant if isinstance(stops.when, At) else NOON
    assert found == {
        "environment": "dev",
        "work": "hours",
        "name": "gpu/trainer",
        "at": at.isoformat(),
        "local": found["local"],
        "timezone": "Europe/Berlin",
        "why": "dev/gpu/trainer: it stops",
        "lastFired": None,
    }
    assert found["local"][-6:] in ("+01:00", "+02:00")
    shown = run(tmp_path, "dev").stdout
    assert shown.rstrip().endswith("UTC)  dev  hours: dev/gpu/trainer: it stops")
    nowhere = run(tmp_path, "nope", "--json")
    assert nowhere.exit_code == 1
    assert "there is no environment 'nope'; there is: dev" in nowhere.output


def test_the_first_example_of_the_page_about_off_hours_fits_the_shipped_machine(
    tmp_path: Path,
) -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs" / "off-hours.md").read_text()
    example = re.search(r"```yaml\n# (specs/\S+)\nspec:\n(.*?)```", page, re.DOTALL)
    assert example is not None
    shutil.copytree(root / "specs" / "dev", tmp_path / "specs" / "dev")
    file = tmp_path / example[1]
    file.write_text(file.read_text().replace("\nspec:\n", f"\nspec:\n{example[2]}", 1))
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    done = CliRunner().invoke(main, ["validate", str(tmp_path)])
    assert done.exit_code == 0, done.output
