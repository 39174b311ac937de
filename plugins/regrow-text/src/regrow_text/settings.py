"""What may stand in conf/ for texts."""

from typing import Annotated, Literal

from pydantic import Field

from regrow.plugin.schema import Strict
from regrow_data.reader_settings import RelativeFile

Texts = Annotated[list[str], Field(min_length=1, description="text columns; they go")]
Grams = Annotated[list[Annotated[int, Field(ge=1, le=6)]], Field(min_length=2, max_length=2)]


class Tfidf(Strict):
    """Parameters of `tfidf`."""

    columns: Texts
    dimensions: int = Field(
        30, ge=2, le=1000, description="columns that a text becomes; fewer where it has fewer terms"
    )
    of: Literal["words", "characters"] = Field("words", description="characters: forgiving of spelling")
    grams: Grams = Field([1, 2], description="lengths of the runs that are terms, from and to")
    min_rows: int = Field(2, ge=1, description="the fewest training rows that a term stands in")
    most: int = Field(20_000, ge=2, description="how many terms are kept, the most frequent ones")


class HashWords(Strict):
    """Parameters of `hash_words`."""

    columns: Texts
    buckets: int = Field(64, ge=2, le=4096, description="columns that a text becomes")
    of: Literal["words", "characters"] = Field("words", description="characters: forgiving of spelling")
    grams: Grams = Field([1, 2], description="lengths of the runs that are terms, from and to")


class WordVectors(Strict):
    """Parameters of the derive step `word_vectors`."""

    column: str = Field(description="a text column")
    table: str = Field(description="a name under data.lookups, read by the reader word_vectors")
    token: str = Field("token", description="the lookup's column of words; its others are their vectors")
    length: bool = Field(True, description="whether the vector is brought to length 1")
    drop: bool = Field(True, description="whether the text itself goes")


class VectorFile(Strict):
    """Parameters of the reader `word_vectors`."""

    file: RelativeFile = Field(description="model.safetensors of model2vec, or text: a word and its numbers in a line")
    tokens: RelativeFile | None = Field(
        None, description="tokenizer.json, beside model.safetensors; null: the same folder"
    )
    separator: str = Field(" ", min_length=1, max_length=1, description="of a text file")
    skip: int = Field(0, ge=0, description="lines before the first word of a text file; 1 for word2vec")
