"""What regrow-text brings: two transformers, a derive step, and the reader of its vectors."""

from regrow import Component


def regrow_components() -> list[Component]:
    """Learnt words, hashed words, and vectors of words out of a file that DVC keeps."""
    return [
        Component(
            "tfidf",
            "transformer",
            "regrow_text.terms:tfidf",
            "regrow_text.settings:Tfidf",
            about="words, weighted by how rare they are, in a few dimensions",
            columns="regrow_text.named:texts",
            tags=("learns", "random", "takes_missing"),
            example={"columns": ["colour"], "min_rows": 1},
            source="Deerwester et al., Indexing by latent semantic analysis, JASIS 41, 1990",
            types=("regrow_text.terms:TextVectors",),
        ),
        Component(
            "hash_words",
            "transformer",
            "regrow_text.terms:hash_words",
            "regrow_text.settings:HashWords",
            about="words in a fixed number of columns, without a list of them",
            columns="regrow_text.named:texts",
            tags=("row_wise", "takes_missing"),
            example={"columns": ["colour"], "buckets": 8},
            source="Weinberger et al., Feature hashing, ICML 2009",
            types=("regrow_text.terms:WordHasher",),
        ),
        Component(
            "word_vectors",
            "derive",
            "regrow_text.vectors:word_vectors",
            "regrow_text.settings:WordVectors",
            about="the mean vector of a text's words, out of a lookup",
            columns="regrow_text.named:word_vectors",
            tags=("row_wise", "takes_missing"),
            example={"column": "shop", "table": "shops", "token": "shop"},
            source="Tulkens and van Dongen, Model2Vec, 2024; Pennington et al., GloVe, EMNLP 2014",
        ),
        Component(
            "word_vectors",
            "reader",
            "regrow_text.files:word_vectors",
            "regrow_text.settings:VectorFile",
            about="vectors of words: a model2vec folder, or text as GloVe and word2vec write it",
            example={"file": "shops.csv", "separator": ",", "skip": 1},
            source="Tulkens and van Dongen, Model2Vec, 2024",
        ),
    ]
