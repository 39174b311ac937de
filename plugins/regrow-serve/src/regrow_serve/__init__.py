"""From a trained model to an answer: one bundle that scores raw rows, in a batch, over HTTP, or from Python.

plugin      what regrow is told: the stage `bundle`, the artifact type `bundle`, commands, the Hydra group `serving`
settings    what may stand in conf/serving
stage       the stage `bundle`: what scoring needs, gathered into one archive
unavailable the stage `fallback`: what it costs when the model can't answer
archive     that archive: the same bytes for the same content; what is not exactly so is refused
schema      the raw columns as training knew them; values of a request or file in their types
guard       ok, odd or refused, for every row and column
lookups     second tables as members of a bundle
bundle      `Bundle.load(path).predict(rows)`: the one scorer
fallback    the answer when the model has none
code, sbom  the code that scoring reaches, the packages that it needs, and their licences
requirements, pins      the lock of these packages, written and read
batch, recorded         `regrow predict`; its answers beside what was recorded
app, waiting, page, form, server, drain      `regrow serve`
image, wheel, onnx_export      other dresses
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regrow_serve.bundle import Bundle

__all__ = ["Bundle"]


def __getattr__(name: str) -> Any:
    """`Bundle` is imported when it is asked for: a server sets its environment before anything heavy is loaded."""
    if name == "Bundle":
        from regrow_serve.bundle import Bundle

        return Bundle
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
