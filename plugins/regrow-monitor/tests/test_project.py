"""A real project: the lines of docs/monitor.md, and the day's page from a clone."""

import json
import re
from pathlib import Path

import pytest
import watched

from regrow_serve.drill import _free_port

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return watched.make(tmp_path_factory.mktemp("watched") / "flights")


def commands() -> list[str]:
    text = (ROOT / "docs/monitor.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line.removeprefix("$ ") for line in blocks[0].splitlines() if line.startswith("$ ")]


def test_from_a_request_to_the_page_of_its_day_and_to_every_answer_again(project):
    code = (
        "import json; from regrow_serve import Bundle; "
        "print(json.dumps({'rows': [one['row'] for one in Bundle.load('models/bundle.bundle').examples()]}))"
    )
    project.write("row.json", project.run("python", "-c", code))
    project.run("bash", "-c", "git add row.json && git commit --quiet -m row")
    lines = "\n".join(commands()).replace("8018", str(_free_port())).replace("wait %1", "{ wait %1; true; }")
    said = project.run("bash", "-c", f"set -em\n{lines}")
    assert "of 32 answers 32 are reproduced to the bit" in said
    page = (project.root / "monitor/page.html").read_text(encoding="utf-8")
    assert "The model on" in page
    assert json.loads((project.root / "monitor/log.json").read_text())["rows"] == 32
    project.run("git", "add", "--all")
    project.run("git", "commit", "--quiet", "-m", "a day")
    assert "up to date" in project.run("dvc", "repro", "monitor/dvc.yaml")


def test_an_alarm_is_acknowledged_and_closed(project):
    from regrow_monitor import alarm_files

    found = {"id": "2026-11-28-fuel", "subject": "fuel", "opened": "2026-11-28", "since": "2026-11-27"}
    found |= {"check": "location", "before": "9.8", "now": "11", "rows": 50, "window": 7, "owner": "Ann", "next": "ask"}
    found |= {"years_as_bad": 0.0, "years_drawn": 400}
    alarm_files.write_new(project.root / "alarms", [found])
    assert "2026-11-28-fuel: open" in project.run("regrow", "alarms")
    assert "acknowledged by" in project.run("regrow", "alarms", "ack", "2026-11-28-fuel", "--by", "ann@e")
    assert "needs a reason" in project.run("regrow", "alarms", "close", "2026-11-28-fuel", code=1)
    project.run("regrow", "alarms", "close", "2026-11-28-fuel", "--by", "ann@e", "--note", "another unit")
    assert "2026-11-28-fuel" not in project.run("regrow", "alarms")


def test_the_demo_shows_a_page_with_an_alarm_and_asks_first_for_settings(project):
    said = project.run("regrow", "demo-drift", "--days", "28", "--shift", "1.5")
    assert "from 2026-01-15 on" in said
    assert "page: demo-drift/page.html" in said
    assert "no alarm" not in said
    assert "Take it with care since" in (project.root / "demo-drift/page.html").read_text(encoding="utf-8")
    params = (project.root / "params.yaml").read_text(encoding="utf-8")
    project.write("params.yaml", "seed: 1\n")
    try:
        assert "regrow compile" in project.run("regrow", "demo-drift", "-o", "other", code=1)
    finally:
        project.write("params.yaml", params)
    assert not (project.root / "other").exists()
