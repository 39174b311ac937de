"""Two numpy arrays: where they differ first, and how far they are apart."""

from typing import Any

from regrow_history.replay.differences import tally
from regrow_history.replay.differences.tally import Tally

EXACT = 2.0**53  # whole numbers from here on are not all floats


def compare(recorded: Any, replayed: Any, counts: Tally, place: str) -> None:
    """Note the elements that differ of two arrays, structured ones field by field."""
    import numpy as np

    if recorded.dtype != replayed.dtype:
        counts.note(f"{place}, type", str(recorded.dtype), str(replayed.dtype), tally.TYPE)
    elif recorded.shape != replayed.shape:
        counts.note(f"{place}, shape", str(recorded.shape), str(replayed.shape), tally.SHAPE)
    elif recorded.dtype.names:
        for field in recorded.dtype.names:
            compare(recorded[field], replayed[field], counts, f"{place}.{tally.show(field)}")
    else:
        unlike = differing(recorded, replayed)
        counts.total += recorded.size
        if unlike.any():
            at = np.unravel_index(int(np.argmax(unlike)), unlike.shape)
            index = ", ".join(str(int(one)) for one in at)
            count = int(np.count_nonzero(unlike))
            counts.note(f"{place}[{index}]", _plain(recorded[at]), _plain(replayed[at]), count=count)
            measure(recorded[unlike], replayed[unlike], counts)


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def differing(recorded: Any, replayed: Any) -> Any:
    """Which elements differ: floats by their bits, so that 0.0 is not -0.0; one NaN is as good as another."""
    import numpy as np

    unlike = np.asarray(recorded != replayed)
    if recorded.dtype.kind == "f":
        signs = np.signbit(recorded) != np.signbit(replayed)
        nans = np.isnan(recorded) & np.isnan(replayed)
        return (unlike | signs) & ~nans
    return unlike


def measure(recorded: Any, replayed: Any, counts: Tally) -> None:
    """How far the elements of two flat arrays, all of them noted as different, are apart."""
    import numpy as np

    kind = recorded.dtype.kind
    if kind not in "fiu":
        counts.only_floats = False
        return
    with np.errstate(all="ignore"):
        one, other = recorded.astype(float), replayed.astype(float)
        delta, scale = np.abs(one - other), np.maximum(np.abs(one), np.abs(other))
        if kind != "f" and scale.max() >= EXACT:
            delta = np.abs(recorded.astype(object) - replayed.astype(object)).astype(float)
        relative = np.where(np.isinf(delta), 1.0, np.where(scale > 0, delta / np.where(scale > 0, scale, 1.0), 0.0))
    lost = np.isnan(delta)
    counts.only_floats &= kind == "f" and not lost.any()
    if not lost.all():
        counts.measured = True
        counts.largest = max(counts.largest, float(delta[~lost].max()))
        counts.relative = max(counts.relative, float(relative[~lost].max()))
