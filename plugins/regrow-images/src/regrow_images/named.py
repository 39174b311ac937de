"""Which columns settings name, and which a step makes."""

from glob import escape

from regrow import Columns, Reads
from regrow_images.settings import Picture


def picture(settings: Picture) -> Columns:
    """The picture, the model, and as many columns as there are pixels, or as the model gives."""
    reads = [Reads("column", [settings.column])]
    if settings.model:
        reads.append(Reads("model", ["content"], f"lookups/{settings.model}"))
    return Columns(reads, [f"{escape(settings.column)}_pixel_*", f"{escape(settings.column)}_embedding_*"])
