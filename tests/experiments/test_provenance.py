"""A record as W3C PROV: it reads back, and says who made what from what."""

import json
import warnings

import pytest
from prov.model import ProvDocument, ProvGeneration, ProvUsage

from regrow.experiments.provenance import as_prov
from regrow.experiments.summary import record


@pytest.fixture(scope="module")
def document(tiny_made):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return ProvDocument.deserialize(content=json.dumps(as_prov(record(tiny_made.root, "HEAD"))), format="json")


def pairs(document, kind):
    return {tuple(str(value) for _, value in one.formal_attributes[:2]) for one in document.get_records(kind)}


def test_stages_use_and_make(document):
    assert pairs(document, ProvGeneration) == {
        ("file:out", "stage:make"), ("file:table.txt", "stage:make"), ("file:hashes/make.json", "stage:make"),
        ("file:metrics.json", "stage:score"),
    }  # fmt: skip
    assert ("stage:score", "file:out/a.txt") in pairs(document, ProvUsage)
    assert ("stage:make", "file:raw") in pairs(document, ProvUsage)


def test_entities_have_hashes_and_the_author_is_an_agent(document, tiny_made):
    (table,) = document.get_record("file:table.txt")
    attributes = {str(name): value for name, value in table.attributes}
    assert attributes["regrow:md5"] == tiny_made.md5("table.txt")
    assert len(attributes["regrow:sha256"]) == 64
    (author,) = document.get_record("agent:author")
    assert author.label == "Ada"


def test_a_result_is_derived_from_what_its_stage_read(tiny_made):
    found = as_prov(record(tiny_made.root, "HEAD"))
    derived = {(one["prov:generatedEntity"], one["prov:usedEntity"]) for one in found["wasDerivedFrom"].values()}
    assert ("file:metrics.json", "file:table.txt") in derived
    assert ("file:table.txt", "file:raw") in derived
    (plan,) = {one["prov:plan"] for one in found["wasAssociatedWith"].values()}
    assert plan == f"git:{tiny_made.run('git', 'rev-parse', 'HEAD').stdout.strip()}"


def test_odd_names_are_encoded(tiny):
    odd = "t ü~(1)'.txt"
    for path in ("dvc.yaml", "dvc.lock", "src/make.py", "src/score.py"):
        if "table.txt" in (tiny.root / path).read_text():
            tiny.edit(path, "table.txt", odd)
    tiny.commit()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = as_prov(record(tiny.root, "HEAD"))
        ProvDocument.deserialize(content=json.dumps(found), format="json").get_provn()
    assert found["entity"]["file:t%20%C3%BC%7E%281%29%27.txt"]["prov:label"] == odd
