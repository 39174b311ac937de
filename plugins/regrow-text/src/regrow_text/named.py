"""Which columns settings name, and which a step makes."""

from glob import escape

from regrow import Columns, Reads
from regrow_text.settings import HashWords, Tfidf, WordVectors


def texts(settings: Tfidf | HashWords) -> Columns:
    """Numbers for each text."""
    made = [f"{escape(name)}_text_*" for name in settings.columns]
    return Columns([Reads("columns", settings.columns)], made)


def word_vectors(settings: WordVectors) -> Columns:
    """The text, the lookup's words, and as many columns as these have numbers."""
    table = f"lookups/{settings.table}"
    reads = [Reads("column", [settings.column]), Reads("table", [], table), Reads("token", [settings.token], table)]
    return Columns(reads, [f"{escape(settings.column)}_text_*"])
