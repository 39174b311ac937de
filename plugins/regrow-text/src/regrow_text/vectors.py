"""Static vectors of words: a text is the mean of those of its tokens, out of a lookup, row by row."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from regrow import Context, RegrowError
from regrow.plugin.kinds import Derive
from regrow_features.columns import added, kind, require
from regrow_features.join import lookup_called
from regrow_text.pieces import pieces
from regrow_text.settings import WordVectors


class Vocabulary(NamedTuple):
    """place: token -> row of `vectors`, (tokens, dimensions). of: the lookup that it was made of."""

    place: dict[str, int]
    vectors: np.ndarray
    of: pd.DataFrame


def word_vectors(settings: WordVectors, context: Context) -> Derive:
    """Adds `<column>_text_<n>`, the mean vector of the text's tokens; zeros where it has none, missing where it is.

    Raises RegrowError for a lookup that has no words, or numbers beside them.
    """
    known: list[Vocabulary] = []

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        require(table, [settings.column])
        if not known or known[0].of is not lookups.get(settings.table):
            known[:] = [_vocabulary(lookups, settings)]
        codes, texts = pd.factorize(table[settings.column])
        rows = np.array([_vector(str(text), known[0], settings.length) for text in texts.tolist()])
        gap = np.full((1, known[0].vectors.shape[1]), np.nan)
        made = np.vstack([rows, gap] if len(rows) else [gap])[codes]
        names = [f"{settings.column}_text_{n}" for n in range(made.shape[1])]
        new = pd.DataFrame(made, index=table.index, columns=names)
        return added(table, new, drop=[settings.column] if settings.drop else ())

    return derive


def _vocabulary(lookups: dict[str, pd.DataFrame], settings: WordVectors) -> Vocabulary:
    lookup = lookup_called(settings.table, lookups)
    where = f"the lookup {settings.table}"
    require(lookup, [settings.token], where)
    others = [name for name in lookup if name != settings.token]
    wrong = [name for name in others if kind(lookup[name]) != "number"]
    if wrong or not others:
        fix = "read it by the reader word_vectors"
        raise RegrowError(f"{', '.join(wrong) or 'nothing'} is no vector of numbers", where=where, fix=fix)
    tokens = lookup[settings.token].fillna("").tolist()
    vectors = np.ascontiguousarray(lookup[others].to_numpy(dtype="float64"))
    return Vocabulary({str(token): place for place, token in enumerate(tokens)}, vectors, lookups[settings.table])


def _vector(text: str, vocabulary: Vocabulary, length: bool) -> np.ndarray:
    """(dimensions,)."""
    places = [vocabulary.place[one] for one in pieces(text, vocabulary.place)]
    if not places:
        return np.zeros(vocabulary.vectors.shape[1])
    mean: np.ndarray = vocabulary.vectors[places].mean(axis=0)
    norm = float(np.sqrt((mean * mean).sum()))
    return mean / norm if length and norm > 0 else mean
