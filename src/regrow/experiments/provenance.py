"""A commit's record as W3C PROV: stages are activities, files entities, the author and regrow agents."""

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from prov.model import ProvDocument

from regrow.experiments.summary import Json

VOCABULARY = "urn:regrow:vocabulary:"


def as_prov(record: Json) -> Json:
    """PROV-JSON of a record that `regrow.experiments.summary.record` made: the same for the same commit."""
    from prov.constants import PROV
    from prov.model import ProvDocument

    commit = record["commit"]["name"]
    document = ProvDocument()
    document.add_namespace("regrow", VOCABULARY)
    for kind in ("stage", "file", "agent"):
        document.add_namespace(kind, f"urn:regrow:commit:{commit}:{kind}:")
    document.add_namespace("git", "urn:git:commit:")
    about = record["commit"]
    author = document.agent("agent:author", {"prov:type": PROV["Person"], "prov:label": about["author"]})
    plan = document.entity(
        f"git:{commit}",
        {"prov:type": PROV["Plan"], "prov:label": about["subject"], "regrow:date": about["date"]},
    )
    document.wasAttributedTo(plan, author)
    files = _files(document, record)
    for path in sorted(files):
        document.wasAttributedTo(files[path], author)
    for stage in record["implementation"]["stages"]:
        activity = document.activity(
            f"stage:{_local(stage['name'])}",
            other_attributes={"prov:label": stage["name"], "regrow:command": " && ".join(stage["commands"])},
        )
        document.wasAssociatedWith(activity, author, plan)
        needs = [dep["path"] for dep in stage["needs"]]
        for path in needs:
            document.used(activity, files[path])
        for path in stage["makes"]:
            document.wasGeneratedBy(files[path], activity)
            for need in needs:
                document.wasDerivedFrom(files[path], files[need], activity)
    made: Json = json.loads(document.serialize(format="json") or "{}")
    return made


def _files(document: "ProvDocument", record: Json) -> dict[str, Any]:
    """Path -> entity of every file and folder that was read or made; what is known of one, once."""
    found: dict[str, Json] = {}
    needs = [dep for stage in record["implementation"]["stages"] for dep in stage["needs"]]
    for one in (*needs, *record["results"]["outputs"], *record["data"]):
        found[one["path"]] = one
    return {
        path: document.entity(
            f"file:{_local(path)}",
            {"prov:label": path}
            | {f"regrow:{key}": one[key] for key in ("md5", "sha256", "size", "files") if one.get(key) is not None},
        )
        for path, one in sorted(found.items())
    }


def _local(name: str) -> str:
    """A name as the local part of a qualified one: PROV-N knows few characters."""
    text = quote(name, safe="/_-", errors="surrogateescape")
    return text.replace("~", "%7E")
