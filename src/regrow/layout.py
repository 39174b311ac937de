"""Every path and pattern that regrow writes to disk or reads by convention, in one place."""

from pathlib import Path

CONF = "conf"
CONFIG_NAME = "config"  # conf/config.yaml
PLUGIN_DEFAULTS = "conf/plugins.yaml"
EXPERIMENTS = "conf/experiment"
SCHEMAS = ".vscode/regrow"  # what editors check conf/ by; outside of what the compile stage hashes
SOURCE = "src"
PYPROJECT = "pyproject.toml"
REQUIREMENTS = "requirements.lock"
VENDOR = "vendor"
DVC_YAML = "dvc.yaml"
DVC_LOCK = "dvc.lock"
PARAMS = "params.yaml"
FINGERPRINTS = "fingerprints"
SETTINGS_LOCK = "fingerprints/settings.json"  # what conf/ alone says; where params.yaml differs, overrides are in force
HASHES = "hashes"  # what each stage made, written last: sha256 beside DVC's md5
SCRATCH = ".dvc/tmp/regrow"  # ignored by Git through DVC's own .gitignore
NOT_REPLAYABLE = "hashes/not-replayable.patch"  # what `regrow run --allow-dirty` ran on and no commit holds
IO_NOTES = ".dvc/tmp/regrow/io"  # what each stage touched when it last ran
LAST_PARAMS = ".dvc/tmp/regrow/params.yaml"  # as the last compile stage left it: DVC writes over the real one first
FOR_HOOKS = "REGROW_FOR_HOOKS"  # variables for the plugins' hooks, in JSON; gone before a stage's function is called
WATCHED = "REGROW_WATCH"  # set in replays: stages are watched, whatever compute.io says
TOLD = "REGROW_TOLD"  # set where somebody else tells what a run ends with, so that its last stage need not
AS_RECORDED = "REGROW_AS_RECORDED"  # set in replays: what clocks and machines decided is taken from the commit
UNFINISHED = ".dvc/tmp/regrow/scratch"  # below it, by stage, what a killed one has done so far
STOPS = f"{UNFINISHED}/*/stops"  # where a stage names its process if it ends well when it gets SIGINT
RUNNING = ".dvc/tmp/regrow/run"
REPLACED = ".dvc/tmp/regrow/replaced"  # what the run that is going on has replaced, to be put back if it fails
SNAPSHOT = ".dvc/tmp/regrow/snapshot.json"  # what the last run stood on when it was up to date
FAILURES = "refs/regrow/failed"  # below it, by the commit they began from, a commit for each experiment that failed
FAILED = ".dvc/tmp/regrow/failed"  # the exit code of the last stage that failed: DVC ends in 255 for all of them

COMPILE = "compile"
COMPILE_COMMAND = "regrow compile --in-pipeline"
STAGE_COMMAND = "regrow stage "
COMPILE_DEPS = (CONF, PYPROJECT, REQUIREMENTS, SOURCE)
COMPUTE = "compute"  # settings that cannot change a result
WARN, STRICT = "warn", "strict"  # what `compute.io` says where somebody watches
PROJECT_PLUGIN = "project"
ENTRY_POINTS = "regrow"
COMMAND_POINTS = "regrow.commands"  # of packages whose commands are there in every project

# In the order of the flow; the text is what `regrow --help` shows.
COMMANDS = {
    "compile": "Write dvc.yaml, params.yaml and the fingerprints from conf/ and the plugins.",
    "stage": "Run one stage: the command of every stage in dvc.yaml.",
    "run": "Reproduce what edits reach, for a result that one commit with them can give again.",
    "verify": "Hash what is on disk, in cache and remote against what a commit recorded.",
    "explain": "Say why stages would run again: settings, code, packages, data.",
    "plugins": "List the plugins with their stages, components and config groups.",
    "components": "List what settings can `use:`, by kind; describe one with its settings.",
    "schema": "Write JSON Schemas of the files in conf/, for editors.",
    "doctor": "Check what the project needs here: Git, DVC, Python, lock, plugins.",
}
ALIASES = {"ls": "experiments"}
# Commands of other packages of ours, which may be missing: who types one is told which.
ELSEWHERE = dict.fromkeys(("adopt", "experiments", "inspect", "replay", "sweep", "why"), "regrow-history")


def fingerprint(stage: str) -> str:
    """The fingerprint file of a stage."""
    return f"{FINGERPRINTS}/{stage}.lock"


def pipeline(name: str) -> str:
    """The dvc.yaml of a pipeline; "" is the project's own."""
    return f"{name}/{DVC_YAML}" if name else DVC_YAML


def hashes(stage: str) -> str:
    """The file in which a stage says what it made."""
    return f"{HASHES}/{stage}.json"


def find_project(start: Path) -> Path | None:
    """The nearest folder at or above `start` whose pyproject.toml has a [tool.regrow] table, or None."""
    for folder in (start, *start.parents):
        file = folder / PYPROJECT
        if file.is_file() and b"[tool.regrow" in file.read_bytes():
            return folder
    return None
