"""Texts as numbers: terms learnt from training rows, or hashed. Own classes, so that what is stored is small: a text
with a term in each line, and arrays."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from sklearn.preprocessing import normalize
from sklearn.utils.validation import check_is_fitted

from regrow import Context
from regrow_features.transformers import on_columns
from regrow_text.settings import HashWords, Tfidf

ANALYZERS = {"words": "word", "characters": "char_wb"}


class TextVectors(TransformerMixin, BaseEstimator):
    """TF-IDF of each text, in the dimensions that keep most of it (latent semantic analysis)."""

    def __init__(
        self,
        dimensions: int = 30,
        of: str = "words",
        grams: tuple[int, ...] = (1, 2),
        min_rows: int = 2,
        most: int = 20_000,
        random_state: int | None = None,
    ) -> None:
        self.dimensions = dimensions
        self.of = of
        self.grams = grams
        self.min_rows = min_rows
        self.most = most
        self.random_state = random_state

    def fit(self, X: pd.DataFrame, y: Any = None) -> "TextVectors":
        """X: (n, columns) of text. A column without terms that stand in `min_rows` rows becomes no columns."""
        self.feature_names_in_ = np.array(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        self.terms_, self.weights_, self.components_ = [], [], []
        for name in X:
            terms, counts = self._learnt(_texts(X[name]))
            self.terms_.append("\n".join(terms))
            rows = np.bincount(counts.indices, minlength=len(terms)) if terms else np.zeros(0)
            self.weights_.append(np.log((1 + len(X)) / (1 + rows)) + 1)
            self.components_.append(self._reduced(self._weighed(counts, self.weights_[-1]), len(terms)))
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """(n, columns out) float64; a text that is missing, or has no known term, is all zeros."""
        check_is_fitted(self)
        parts = []
        for name, terms, weights, components in zip(X, self.terms_, self.weights_, self.components_, strict=True):
            if terms:
                counts = self._vectorizer(vocabulary=terms.split("\n")).transform(_texts(X[name]))
                parts.append(self._weighed(counts, weights) @ components.T)
        made = np.hstack(parts) if parts else np.zeros((len(X), 0))
        return pd.DataFrame(made, index=X.index, columns=self.get_feature_names_out())

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """(columns out,) names: <column>_text_0, ..."""
        pairs = zip(self.feature_names_in_, self.components_, strict=True)
        return np.array([f"{name}_text_{n}" for name, part in pairs for n in range(len(part))], dtype=object)

    def _vectorizer(self, **more: Any) -> CountVectorizer:
        return CountVectorizer(analyzer=ANALYZERS[self.of], ngram_range=tuple(self.grams), **more)

    def _learnt(self, texts: list[str]) -> tuple[list[str], Any]:
        """The terms in sorted order, and how often each stands in each text."""
        vectorizer = self._vectorizer(min_df=self.min_rows, max_features=self.most)
        try:
            counts = vectorizer.fit_transform(texts)
        except ValueError:  # no term at all, or none in so many rows
            return [], None
        return vectorizer.get_feature_names_out().tolist(), counts

    def _weighed(self, counts: Any, weights: np.ndarray) -> Any:
        return None if counts is None else normalize(counts.multiply(weights).tocsr())

    def _reduced(self, weighed: Any, terms: int) -> np.ndarray:
        """(dimensions, terms)."""
        if terms <= self.dimensions:
            return np.eye(terms)
        return TruncatedSVD(self.dimensions, random_state=self.random_state).fit(weighed).components_


class WordHasher(TransformerMixin, BaseEstimator):
    """The terms of each text, counted in a fixed number of columns by their hash, and brought to length 1."""

    def __init__(self, buckets: int = 64, of: str = "words", grams: tuple[int, ...] = (1, 2)) -> None:
        self.buckets = buckets
        self.of = of
        self.grams = grams

    def fit(self, X: pd.DataFrame, y: Any = None) -> "WordHasher":
        """X: (n, columns) of text. Nothing is learnt but their names."""
        self.feature_names_in_ = np.array(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """(n, columns * buckets) float64."""
        check_is_fitted(self)
        made = HashingVectorizer(n_features=self.buckets, analyzer=ANALYZERS[self.of], ngram_range=tuple(self.grams))
        parts = [made.transform(_texts(X[name])).toarray() for name in X]
        return pd.DataFrame(np.hstack(parts), index=X.index, columns=self.get_feature_names_out())

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """(columns out,) names: <column>_text_0, ..."""
        names = [f"{name}_text_{n}" for name in self.feature_names_in_ for n in range(self.buckets)]
        return np.array(names, dtype=object)


def _texts(column: pd.Series) -> list[str]:
    return column.astype("str").fillna("").tolist()


def tfidf(settings: Tfidf, context: Context) -> ColumnTransformer:
    """Words of the training rows, weighted by how rare they are, in a few dimensions; a new word counts for nothing."""
    given = settings.model_dump(exclude={"columns"})
    return on_columns(TextVectors(**given, random_state=context.random_state), settings.columns)


def hash_words(settings: HashWords, context: Context) -> ColumnTransformer:
    """Words in a fixed number of columns; nothing is learnt, so new words count, too."""
    return on_columns(WordHasher(**settings.model_dump(exclude={"columns"})), settings.columns)
