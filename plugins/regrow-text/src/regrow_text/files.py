"""Files of word vectors: model2vec's (a matrix in safetensors, a tokenizer's vocabulary), and text as GloVe writes it.

safetensors: eight bytes that say how long the header is, the header as JSON, then the numbers. Nothing of it is run.
"""

import json
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from regrow import Context, RegrowError
from regrow.plugin.kinds import Reader
from regrow_data.paths import inside
from regrow_text.settings import VectorFile

DTYPES = {"F16": "<f2", "F32": "<f4", "F64": "<f8", "I8": "<i1", "I32": "<i4", "I64": "<i8"}
TOKEN = "token"  # noqa: S105 - the column's name


def word_vectors(settings: VectorFile, context: Context) -> Reader:
    """See `read`."""
    return partial(read, settings)


def read(settings: VectorFile, folder: Path) -> pd.DataFrame:
    """`token`, and its vector as v0, v1, ... float64. Raises RegrowError for a file that is neither of the two."""
    path = inside(folder, settings.file)
    if path.suffix == ".safetensors":
        beside = settings.tokens or str(PurePosixPath(settings.file).with_name("tokenizer.json"))
        tokens, vectors = _model2vec(path.read_bytes(), inside(folder, beside).read_bytes(), settings.file, beside)
    else:
        tokens, vectors = _text(path.read_text(encoding="utf-8"), settings)
    made = pd.DataFrame(vectors.astype("float64"), columns=[f"v{n}" for n in range(vectors.shape[1])])
    made.insert(0, TOKEN, pd.Series(tokens, dtype="str"))
    return made.drop_duplicates(TOKEN, ignore_index=True)


def _model2vec(data: bytes, tokenizer: bytes, file: str, beside: str) -> tuple[list[str], np.ndarray]:
    tensors = _safetensors(data, file)
    try:
        model = json.loads(tokenizer)["model"]
        kind, vocabulary = model["type"], dict(model["vocab"])
    except (ValueError, KeyError, TypeError):
        raise RegrowError("is no tokenizer.json with a vocabulary", where=beside) from None
    if kind != "WordPiece":
        fix = "take a model2vec model of a BERT tokenizer, such as those of the potion family"
        raise RegrowError(f"cuts text by {kind}, and only WordPiece is known", where=beside, fix=fix)
    vectors = tensors["embeddings"].astype("float64")
    place = np.array(sorted(vocabulary.values()))
    rows = tensors["mapping"][place] if "mapping" in tensors else place
    if rows.max(initial=-1) >= len(vectors):
        raise RegrowError(f"has {len(vectors)} vectors, and {beside} more tokens", where=file)
    scale = tensors["weights"].astype("float64")[place][:, None] if "weights" in tensors else 1.0
    return sorted(vocabulary, key=vocabulary.__getitem__), vectors[rows] * scale


def _safetensors(data: bytes, file: str) -> dict[str, np.ndarray]:
    """Name -> array. Raises RegrowError for what is no such file, or leads out of it."""
    try:
        size = int.from_bytes(data[:8], "little")
        header: dict[str, Any] = json.loads(data[8 : 8 + size])
        found = {}
        for name, one in header.items():
            if name == "__metadata__":
                continue
            start, end = one["data_offsets"]
            part = data[8 + size :][start:end]
            found[name] = np.frombuffer(part, DTYPES[one["dtype"]]).reshape(one["shape"])
        if found["embeddings"].ndim != 2:
            raise ValueError("the embeddings are no matrix")
    except (ValueError, KeyError, TypeError) as error:
        raise RegrowError(f"is no model of word vectors: {error}", where=file) from None
    return found


def _text(text: str, settings: VectorFile) -> tuple[list[str], np.ndarray]:
    lines = [line.rstrip().split(settings.separator) for line in text.splitlines()[settings.skip :] if line.strip()]
    try:
        vectors = np.array([[float(number) for number in line[1:]] for line in lines])
        if vectors.ndim != 2 or not vectors.size:
            raise ValueError("no numbers")
    except ValueError as error:
        fix = "a word and its numbers in each line, as many in all; see `separator` and `skip`"
        raise RegrowError(f"holds no word vectors: {error}", where=settings.file, fix=fix) from None
    return [line[0] for line in lines], vectors
