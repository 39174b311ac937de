"""What regrow replaces of DVC: the table of it, and the parts that are replaced inside regrow's own processes.

`_regrow_dvc`, which stands outside of this package, replaces its own in every process of the environment.
"""

from typing import NamedTuple


class Patch(NamedTuple):
    """name: "module:attribute" that is replaced. by: the module that does it. issue: upstream, "" for none known."""

    name: str
    by: str
    why: str
    issue: str = ""


ISSUES = "https://github.com/treeverse/dvc/issues/"
#: Each has to be looked at before pyproject.toml lets a newer DVC in.
PATCHES = (
    Patch("dvc.stage.run:_run", "commands", "the warm server runs the commands of our stages"),
    Patch("dvc.dvcfile:Lockfile.dump_stages", "lockfile", "all of dvc.lock is parsed a stage", f"{ISSUES}10629"),
    Patch("dvc.dependency.param:load_path", "params", "params.yaml is parsed four times a stage"),
    Patch("dvc.stage:Stage.run", "replaced", "a run that fails puts back what it replaced"),
    Patch("dvc.repo.reproduce:plan_repro", "dvc_stages", "no output is deleted outside the project"),
    Patch("configobj:ConfigObj.__init__", "_regrow_dvc", "settings are written as ASCII, or not at all"),
    Patch("dvc.rwlock:_edit_rwlock", "_regrow_dvc", "a killed writer leaves half a list", f"{ISSUES}7615"),
    Patch("dvc.utils.serialize._common:_dump_data", "_regrow_dvc", "files are written in place"),
    Patch("dvc.repo:Repo.reproduce", "_regrow_dvc", "${} is filled in before the stage that writes params.yaml"),
    Patch("dvc.stage.cache:StageCache._load_cache", "_regrow_dvc", "what the run cache notes is trusted"),
    Patch("dvc.stage.cache:StageCache.restore", "_regrow_dvc", "stages with outputs in Git", f"{ISSUES}4428"),
)
