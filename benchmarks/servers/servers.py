"""Who takes part: how each is started, on what, and what it is asked."""

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import environments
from benchmarks.flights import RUN
from benchmarks.shell import Shell, variables

OURS = "regrow serve"
FASTAPI, MLFLOW, BENTOML = "FastAPI", "MLflow", "BentoML"
#: name -> the packages of its environment beside numpy, pandas, scikit-learn, skops
PEERS = {
    FASTAPI: ("fastapi", "uvicorn[standard]", "skops"),
    MLFLOW: ("mlflow", "protobuf<7", "uvicorn", "skops"),  # its generated code asks for protobuf 6
    BENTOML: ("bentoml", "skops"),
}
PROGRAMS = Path(__file__).parent / "programs"


@dataclass(frozen=True)
class Server:
    """name. command: with PORT in it. address: what is asked. body: of a request for one row. ready: an address that
    answers 200 once it can. variables: beside PATH and threads."""

    name: str
    command: Sequence[str]
    address: str
    body: bytes
    ready: str
    variables: Mapping[str, str] = field(default_factory=dict)

    def on(self, port: int) -> list[str]:
        """The command that listens there."""
        return [part.replace("PORT", str(port)) for part in self.command]


def bundles(shell: Shell, models: Sequence[str]) -> dict[str, Path]:
    """Model -> bundle, of a generated project that uses regrow-serve."""
    shell.folder.mkdir(parents=True, exist_ok=True)
    shell.run(str(environments.OWN / "cookiecutter"), str(environments.ROOT / "template/project"), "--no-input")
    (made,) = (one for one in shell.folder.iterdir() if (one / "pyproject.toml").is_file())
    settings = made / "pyproject.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('"features"]', '"features", "serve"]'), "utf-8")
    shell = Shell(shell.folder, {**shell.variables, "PATH": f"{environments.OWN}:{shell.variables['PATH']}"})
    there, found = shell.at(made), {}
    for model in models:
        config = made / "conf/config.yaml"
        lines = config.read_text(encoding="utf-8").splitlines()
        config.write_text(
            "\n".join(f"  - model: {model}" if "- model:" in one else one for one in lines) + "\n", "utf-8"
        )
        there.run("regrow", "compile")
        there.commit(model)
        there.run(*RUN, "--allow-dirty")  # the lock of the template does not know regrow-serve
        found[model] = Path(shutil.copyfile(made / "models/bundle.bundle", shell.folder / f"{model}.bundle"))
    return found


def ours(bundle: Path, python: Path) -> Server:
    """`regrow serve`, asked with a raw row."""
    from regrow_serve.bundle import Bundle

    row = Bundle.load(bundle).examples()[0]["row"]
    command = [str(python), "-m", "regrow_serve.server", str(bundle), "--port", "PORT", "--deadline", "60"]
    return Server(OURS, command, "/v1/predict", json.dumps({"rows": [row]}).encode(), "/readyz")


def peer(name: str, bundle: Path, work: Path, programs: Path) -> Server:
    """Another one, asked with the features of the same row."""
    features, types = _features(bundle)
    (work / "features.json").write_text(json.dumps(types), encoding="utf-8")
    _extract(bundle, work / "model.skops")
    return _OF[name](features, work, programs)


def _fastapi(features: dict[str, Any], work: Path, programs: Path) -> Server:
    command = [str(programs / "python"), str(PROGRAMS / "fastapi_server.py"), str(work), "PORT"]
    return Server(FASTAPI, command, "/predict", json.dumps(features).encode(), "/ready")


def _mlflow(features: dict[str, Any], work: Path, programs: Path) -> Server:
    model = work / "mlflow-model"
    if not model.exists():
        Shell(work, variables(programs, work)).run("python", str(PROGRAMS / "mlflow_model.py"), str(work))
    command = [str(programs / "mlflow"), "models", "serve", "--model-uri", str(model), "--env-manager", "local"]
    body = json.dumps({"dataframe_records": [features]}).encode()
    said = [*command, "--workers", "1", "--port", "PORT"]
    return Server(MLFLOW, said, "/invocations", body, "/ping", {"PATH": _path(programs)})


def _bentoml(features: dict[str, Any], work: Path, programs: Path) -> Server:
    shutil.copyfile(PROGRAMS / "bentoml_service.py", work / "service.py")
    command = [str(programs / "bentoml"), "serve", "service:Model", "--port", "PORT", "--working-dir", str(work)]
    told = {
        "PATH": _path(programs),
        "WORK": str(work),
        "BENTOML_HOME": str(work / "bentoml"),
        "BENTOML_DO_NOT_TRACK": "True",
    }
    return Server(BENTOML, command, "/predict", json.dumps({"row": features}).encode(), "/readyz", told)


def _path(programs: Path) -> str:
    """With an environment's programs first, as these servers start some."""
    return os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)])


_OF: dict[str, Callable[[dict[str, Any], Path, Path], Server]] = {
    FASTAPI: _fastapi,
    MLFLOW: _mlflow,
    BENTOML: _bentoml,
}


def _features(bundle: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """What reaches the model for the first example, as JSON, and its types."""
    import numpy as np

    from regrow_serve.bundle import Bundle, records
    from regrow_serve.schema import frame

    loaded = Bundle.load(bundle)
    rows = loaded.schema.of_rows([loaded.examples()[0]["row"]])
    _, table = next(iter(frame(rows, np.arange(1))))
    return records(loaded.features(table))[0], dict(loaded.schema.features)


def _extract(bundle: Path, out: Path) -> None:
    import zipfile

    with zipfile.ZipFile(bundle) as archive:
        out.write_bytes(archive.read("model.skops"))
