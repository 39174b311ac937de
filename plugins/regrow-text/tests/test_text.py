"""Texts as numbers: learnt, hashed, looked up; new rows alone, missing ones, and files of vectors."""

import json
import struct

import numpy as np
import pandas as pd
import pytest

from regrow import Context, RegrowError
from regrow.artifacts import model as models
from regrow.artifacts.model_types import trusting
from regrow_testing.contract import check_plugin
from regrow_text import files, terms, vectors
from regrow_text.pieces import pieces
from regrow_text.settings import HashWords, Tfidf, VectorFile, WordVectors

draw = np.random.default_rng(0)
WORDS = [f"word{n}" for n in range(40)]
NOTES = pd.DataFrame(
    {"note": pd.Series([" ".join(draw.choice(WORDS, 6)) for _ in range(120)], dtype="str"), "n": range(120)}
)
NOTES.loc[3, "note"] = None


def test_the_plugin_keeps_its_contract():
    check_plugin("regrow_text.plugin", {})


def test_texts_that_share_words_lie_together():
    texts = pd.Series(["delayed by fog", "fog at dawn", "crew is ill", "ill crew again", None, "unheard"], dtype="str")
    made = terms.tfidf(Tfidf(columns=["t"], min_rows=2, grams=[1, 1]), Context()).fit_transform(texts.to_frame("t"))
    near = made.to_numpy() @ made.to_numpy().T
    assert near[0, 1] == pytest.approx(1) == near[2, 3]  # `fog`; `crew`, `ill`
    assert near[0, 2] == 0 == near[4, 4] == near[5, 5]


@pytest.mark.parametrize("of", ["words", "characters"])
def test_they_are_stored_without_pickle_and_rows_come_out_the_same_alone(of, tmp_path):
    made = terms.tfidf(Tfidf(columns=["note"], dimensions=5, of=of), Context(random_state=1))
    learnt = made.fit_transform(NOTES)
    assert list(learnt) == [*(f"note_text_{n}" for n in range(5)), "n"]
    with trusting(["regrow_text.terms:TextVectors"]):
        models.write(made, tmp_path / "model.skops")
        read = models.read(tmp_path / "model.skops")
    alone = pd.concat([read.transform(NOTES.iloc[[place]]) for place in range(20)])
    pd.testing.assert_frame_equal(alone, learnt[:20], check_exact=True)


def test_hashed_words_need_no_list():
    made = terms.hash_words(HashWords(columns=["note"], buckets=8), Context()).fit(NOTES[:1])
    assert made.transform(NOTES).iloc[:, :8].notna().all(axis=None)
    assert made.transform(NOTES[:2]).equals(made.transform(NOTES)[:2])


def test_words_are_cut_into_the_longest_tokens():
    vocabulary = {"un", "##break", "##able", "a", "break", ",", "uber"}
    assert pieces("Unbreakable, Über", vocabulary) == ["un", "##break", "##able", ",", "uber"]
    assert pieces("a xyz break", vocabulary) == ["a", "break"]


def model2vec(folder, more=()):
    matrix = np.array([[0, 0], [1, 0], [0, 1], [3, 4]], dtype="<f4")
    tensors, data = {}, b""
    for name, one in {"embeddings": matrix, **dict(more)}.items():
        kind = {"f": "F32", "i": "I64"}[one.dtype.kind]
        tensors[name] = {"dtype": kind, "shape": one.shape, "data_offsets": [len(data), len(data) + one.nbytes]}
        data += one.tobytes()
    head = json.dumps(tensors).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + data)
    vocabulary = {"[UNK]": 0, "late": 1, "##ly": 2, "flight": 3}
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"type": "WordPiece", "vocab": vocabulary}}))


def test_a_text_is_the_mean_of_the_vectors_of_a_model2vec_file(tmp_path):
    model2vec(tmp_path)
    words = files.read(VectorFile(file="model.safetensors"), tmp_path)
    assert words["token"].tolist() == ["[UNK]", "late", "##ly", "flight"]
    table = pd.DataFrame({"note": pd.Series(["Lately, a flight!", "zzz", None], dtype="str")})
    settings = WordVectors(column="note", table="words", length=False)
    made = vectors.word_vectors(settings, Context())(table, {"words": words})
    np.testing.assert_allclose(made, [[4 / 3, 5 / 3], [0, 0], [np.nan, np.nan]])
    unit = vectors.word_vectors(settings.model_copy(update={"length": True}), Context())(table, {"words": words})
    np.testing.assert_allclose((unit.iloc[0] ** 2).sum(), 1)


def test_smaller_model2vec_files_share_and_weigh_vectors(tmp_path):
    more = {"mapping": np.array([0, 3, 3, 1]), "weights": np.array([1, 2, 1, 1], dtype="<f4")}
    model2vec(tmp_path, more)
    words = files.read(VectorFile(file="model.safetensors"), tmp_path)
    assert words[["v0", "v1"]].to_numpy().tolist() == [[0, 0], [6, 8], [3, 4], [1, 0]]


def test_text_files_and_files_that_are_none(tmp_path):
    (tmp_path / "glove.txt").write_text("2 3\nfog 1 2 3\nice 4 5 6\n")
    made = files.read(VectorFile(file="glove.txt", skip=1), tmp_path)
    assert made.to_numpy().tolist() == [["fog", 1, 2, 3], ["ice", 4, 5, 6]]
    with pytest.raises(RegrowError, match="holds no word vectors"):
        files.read(VectorFile(file="glove.txt", separator=","), tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"\xff" * 40)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(RegrowError, match="is no model of word vectors"):
        files.read(VectorFile(file="model.safetensors"), tmp_path)
