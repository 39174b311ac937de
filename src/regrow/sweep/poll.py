"""Look again and again, in a thread, while something else goes on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def watching(every: float, look: Callable[[], bool]) -> Iterator[None]:
    """While inside, call `look` each `every` seconds, until it says that there is nothing more to see."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(every) and look():
            pass

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
