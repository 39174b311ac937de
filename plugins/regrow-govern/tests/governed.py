"""A real project of flights that is governed: Git, DVC, gates, SSH keys of four people, all its evidence in order."""

import datetime
import hashlib
import json
import shutil
import sys
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "regrow-serve/tests"))
import flights
import project

PLUGINS = '["data", "evaluation", "experiment", "features", "govern", "serve"]'
GATES = {"good_enough": {"use": "bound", "metric": "roc_auc", "at_least": 0.4, "sure": False, "owner": "Ann"}}
PEOPLE = {
    "ann": ["data-scientist"],
    "rob": ["risk-manager"],
    "sue": ["subject-matter-expert", "data-scientist"],
    "dev": ["devops", "data-engineer"],
}
REVIEW = (datetime.date.today() + datetime.timedelta(days=200)).isoformat()
AGAINST = {
    "unavailable": {"drill": "slow model"},
    "bad_prediction": {"gate": "good_enough"},
    "decay": {"check": "assumption.far"},
    "lost_skills": {"drill": "replay"},
}


class Governed(project.Project):
    """Its people's keys lie in `keys`, outside of it."""

    keys: Path

    def key(self, name: str) -> str:
        """A private key's file; made where it is not there."""
        file = self.keys / name
        if not file.exists():
            self.keys.mkdir(parents=True, exist_ok=True)
            self.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(file))
        return str(file)

    def public(self, name: str) -> str:
        return Path(f"{self.key(name)}.pub").read_text().strip()

    def yaml(self, path: str) -> dict:
        return yaml.safe_load((self.root / path).read_text())

    def put(self, path: str, content: object) -> None:
        self.write(path, yaml.safe_dump(content, sort_keys=False))

    def commit(self, message: str, author: str = "t@e") -> str:
        who = {f"GIT_{role}_EMAIL": author for role in ("AUTHOR", "COMMITTER")}
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "-m", message, **who)
        return self.run("git", "rev-parse", "HEAD").strip()

    def sign(self, who: str, role: str, decision: str = "approve", revision: str = "HEAD", code: int = 0) -> str:
        return self.run("regrow", "sign", revision, "--as", role, "--decision", decision, "--note", "read the report",
                        "--key", self.key(who), code=code)  # fmt: skip

    def everybody_signs(self, revision: str = "HEAD") -> None:
        for who, role in (("ann", "data-scientist"), ("rob", "risk-manager")):
            self.sign(who, role, revision=revision)

    def copy(self, folder: Path) -> "Governed":
        """Another one, with the same keys."""
        shutil.copytree(self.root, folder, symlinks=True)
        made = Governed(folder)
        made.keys = self.keys
        return made


def make(root: Path, model: str = "linear") -> Governed:
    """Trained and committed by t@e; nobody has signed anything, and there is no drill."""
    made = Governed(root)
    made.keys = root.parent / "keys"
    flights.raw(root / "data/raw")
    settings = flights.settings_of(model)
    config = {
        "defaults": ["plugins", "_self_", {"experiment": None}],
        "seed": 1,
        "data": settings["data"] | {"leaks": ["late_already"], "assumptions": {"far": flights.RULE}},
        "features": settings["features"] | {"leave_out": []},
        "split": {"use": "holdout", "test_size": 0.3},
        "model": settings["model"],
        "search": {"use": "none"},
        "gates": {"rules": GATES},
        "evaluation": {
            "metrics": {"roc_auc": {"use": "roc_auc"}},
            "bins": 10,
            "analyses": {"guess": {"use": "guess"}},
            "intervals": {"rounds": 100},
            "champion": None,
        },
        "compute": {"n_jobs": 1},
    }
    made.put("conf/config.yaml", config)
    made.write("conf/experiment/.gitkeep", "")
    text = project.PYPROJECT.replace('plugins = ["data", "experiment", "features", "serve"]', f"plugins = {PLUGINS}")
    assert PLUGINS in text
    made.write("pyproject.toml", text)
    made.write("requirements.lock", "")
    made.write("src/served/__init__.py", "")
    made.write(".gitignore", "__pycache__/\n/data/table.parquet\n")
    made.run("git", "init", "--quiet", "--initial-branch=main")
    made.run("dvc", "init", "--quiet")
    made.write(".dvc/config", project.DVC_CONFIG)
    made.run("dvc", "add", "--quiet", "data/raw")
    made.run("regrow", "compile")
    made.run("dvc", "repro", "--quiet")
    made.commit("a run")
    return made


def govern(made: Governed) -> str:
    """Answer for it: people, risks of tier 2, a drill, a replay; returns the commit."""
    made.run("regrow", "govern", "init")
    name_people(made)
    answer(made)
    drilled(made)
    made.run("regrow", "replay", "HEAD", "--env", "current", "--report", "governance/replay")
    return made.commit("who answers for it, a drill, a replay")


def drilled(made: Governed) -> None:
    """The table as `regrow drill -o` writes it, which takes a minute; test_govern_docs.py has one that was run."""
    from regrow_serve.drill import DRILLS

    bundle = hashlib.sha256((made.root / "models/bundle.bundle").read_bytes()).hexdigest()
    passed = [{"drill": name, "seen": {"200 model": 20}, "slowest": 0.1, "passed": True} for name in DRILLS]
    table = {"date": datetime.date.today().isoformat(), "bundle": bundle, "drills": passed}
    made.write("governance/drill.json", json.dumps(table))


def name_people(made: Governed) -> None:
    """Say who has which role and key."""
    roles = made.yaml("governance/roles.yaml")
    roles["people"] = {
        name: {"email": f"{name}@example.org", "keys": [made.public(name)], "roles": has}
        for name, has in PEOPLE.items()
    }
    made.put("governance/roles.yaml", roles)


def answer(made: Governed) -> None:
    """Answer the four questions."""
    register = made.yaml("governance/risk.yaml")
    for name, risk in register["questions"].items():
        told = {
            "answer": "people decide",
            "severity": 3,
            "likelihood": 2,
            "owner": "Ann",
            "residual": "a day",
            "review": REVIEW,
        }
        risk |= told | {"mitigation": AGAINST[name]}
    made.put("governance/risk.yaml", register)
