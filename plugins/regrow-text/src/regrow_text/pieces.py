"""A text cut into the tokens of a vocabulary, as BERT's WordPiece does (Devlin et al., NAACL 2019): lower case, without
accents, words and signs apart, each word from the left by the longest token, those within a word marked by ##."""

import re
import unicodedata
from collections.abc import Container

LONGEST = 100  # characters; a longer word has no token
_WORD = re.compile(r"\w+|[^\w\s]")


def pieces(text: str, vocabulary: Container[str]) -> list[str]:
    """The tokens in order; a word that can't be made of any is left out."""
    found: list[str] = []
    for word in _WORD.findall(_plain(text)):
        found += _of_word(word, vocabulary)
    return found


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.lower())
    return "".join(one for one in apart if unicodedata.category(one) != "Mn").replace("_", " _ ")


def _of_word(word: str, vocabulary: Container[str]) -> list[str]:
    found, start = [], 0
    while start < len(word) <= LONGEST:
        mark = "##" if start else ""
        end = next((end for end in range(len(word), start, -1) if mark + word[start:end] in vocabulary), 0)
        if not end:
            return []
        found.append(mark + word[start:end])
        start = end
    return found
