"""The warm server: one loop that answers requests by forking, and knows when to end."""

import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regrow import layout
from regrow.fingerprint import read
from regrow.warm import address
from regrow.warm.client import LARGEST
from regrow.warm.server import child, libraries
from regrow.warm.server.libraries import Loaded

QUIET = 0.5  # seconds without a request, in which nothing more will come
FIRST = 30.0  # seconds that a server without a lease waits for its first
SOON = 0.25  # seconds until it is seen whether what has begun stands on what is installed


@dataclass
class Server:
    """name: of the socket; "", and no listener, lock or guard, for one of a single process, which asks over its lease.
    leases: connections of runs that last. waiting: requests until what they need is loaded.
    children: process -> the connection that waits for its end, and what tells of it. unseen: those that began since
    it was last seen whether what is loaded is what is installed; due: when to look again. until: when the server
    ends if nobody needs it. wanted: packages and modules that its runs need. compiles: whether they compile first.
    jobs: how many run at once. lying, seen: where what is loaded lies, and what the system said of it. guard: the
    file by whose end it is seen that this process has ended."""

    name: str
    listener: socket.socket | None = None
    lock: int = -1
    guard: int = -1
    leases: set[socket.socket] = field(default_factory=set)
    waiting: list[tuple[Loaded, socket.socket, dict[str, Any], list[int]]] = field(default_factory=list)
    children: dict[int, tuple[socket.socket, int]] = field(default_factory=dict)
    unseen: set[int] = field(default_factory=set)
    due: float = 0.0
    wanted: set[str] = field(default_factory=set)
    compiles: bool = True
    jobs: int = 1
    keep: float = 0.0
    since: int = field(default_factory=time.time_ns)
    busy: float = field(default_factory=time.monotonic)
    until: float = field(default_factory=lambda: time.monotonic() + FIRST)
    loaded: Loaded = Loaded.NOTHING
    lying: str = ""
    seen: bytes = b""
    events: selectors.DefaultSelector = field(default_factory=selectors.DefaultSelector)

    def run(self) -> None:
        """Load the libraries, answering in between; then answer until nobody needs it any more."""
        if self.listener:
            self.events.register(self.listener, selectors.EVENT_READ, self._accept)
        for lease in self.leases:
            self.events.register(lease, selectors.EVENT_READ, self._hear_more)
        for _ in range(2):
            self._turn(0)  # who has started it tells what is needed first
        for reached in libraries.load_all(self.wanted, self.compiles, only=self.listener is None):
            self.loaded = reached
            if self.loaded in {Loaded.ENOUGH, Loaded.ALL}:
                self._settle()
            self._begin_waiting()
            self._turn(0)
            while self.loaded is Loaded.ENOUGH and self._needed() and not self._is_quiet():
                self._turn(QUIET)
            if not self._needed():
                break
        while self._needed():
            self._turn(min(60.0, max(0.05, self.until - time.monotonic())))
        self._unlisten()

    def _settle(self) -> None:
        """Note what there is of what is loaded; what was written since the server's start may be another by now."""
        lying = libraries.lying()
        now = libraries.look(lying)
        changed = libraries.changed_since(self.since, now) or (self.lying and self._has_changed())
        self.lying, self.seen = lying, b"" if changed else now  # b"": none of it is to be relied on

    def _is_quiet(self) -> bool:
        """Whether nothing has run for a while: then there is time for what nobody has asked for, till now."""
        if self.children:
            self.busy = time.monotonic()
        return bool(self.waiting) or time.monotonic() - self.busy > QUIET

    def _has_changed(self) -> bool:
        """Whether the environment is another than the one that was loaded, or is being loaded."""
        if self.lying:
            return libraries.look(self.lying) != self.seen
        return libraries.changed_since(self.since, libraries.look(libraries.lying()))

    def _needed(self) -> bool:
        if self.leases or self.children or self.waiting:
            self.until = time.monotonic() + self.keep
            return True
        return time.monotonic() < self.until

    def _turn(self, patience: float) -> None:
        if self.unseen:
            patience = min(patience, max(0.0, self.due - time.monotonic()))
        for event, _ in self.events.select(patience):
            event.data(event.fileobj)
        if self.unseen and time.monotonic() >= self.due:
            self._see()

    def _accept(self, listener: socket.socket) -> None:
        connection, _address = listener.accept()
        try:
            address.require_own(connection)
        except OSError:
            connection.close()
            return
        self.events.register(connection, selectors.EVENT_READ, self._hear)

    def _hear(self, connection: socket.socket) -> None:
        """The first thing that a client says, and the only one but for a lease."""
        self.events.unregister(connection)
        self._take(connection, *_received(connection, 3))

    def _hear_more(self, lease: socket.socket) -> None:
        """Who has a lease asks with a connection for each command, or has gone."""
        said, files = _received(lease, 4)
        if files:
            self._take(socket.socket(fileno=files[0]), said, files[1:])
        else:
            self._end_of_lease(lease)

    def _take(self, connection: socket.socket, said: bytes, streams: list[int]) -> None:
        try:
            request = json.loads(said)
            if request["do"] == "lease" and not streams:
                self._lease(connection, request)
            elif request["do"] == "run" and request["key"] == self.name and len(streams) == 3:
                self.waiting.append((_needs(request), connection, request, streams))
            else:
                self._refuse(connection, streams)
        except (ValueError, KeyError, TypeError):
            self._refuse(connection, streams)
        self._begin_waiting()

    def _lease(self, connection: socket.socket, terms: dict[str, Any]) -> None:
        """Somebody needs the server as long as the connection lasts."""
        self.keep = max(self.keep, float(terms.get("keep", 0)))
        self.wanted |= set(map(str, terms["wants"] if "wants" in terms else libraries.of_installed()))
        self.compiles = bool(terms.get("compiles", True))
        self.jobs = max(self.jobs, int(terms.get("jobs", 1)))
        self.leases.add(connection)
        self.events.register(connection, selectors.EVENT_READ, self._hear_more)

    def _end_of_lease(self, connection: socket.socket) -> None:
        self.events.unregister(connection)
        connection.close()
        self.leases.discard(connection)
        self.until = time.monotonic() + self.keep

    def _refuse(self, connection: socket.socket, streams: list[int]) -> None:
        """The client then runs its command by itself."""
        for stream in streams:
            os.close(stream)
        connection.close()

    def _begin_waiting(self) -> None:
        """Begin what waits and can be begun with what is loaded; soon it is seen whether that is what is installed."""
        for one in list(self.waiting):
            if self._can_begin(one[0]):
                self.waiting.remove(one)
                self.due = self.due if self.unseen else time.monotonic() + SOON
                self.unseen.add(self._begin(*one[1:]))

    def _see(self) -> None:
        """End what has begun with something else than is installed now: it begins anew."""
        begun, self.unseen = self.unseen, set()
        if self._has_changed():
            for number in begun:
                self._kill(number)
                self._end_of_child(number, refused=True)
            self._start_anew()

    def _can_begin(self, needs: Loaded) -> bool:
        """Whether there is enough. One that nobody runs beside need not wait for what reads and writes models: it has
        time to load that by itself. Where several are to run at once, each would load what is missing, and all slow
        down the one that loads it for all."""
        if needs is Loaded.FILES:
            needs = Loaded.ENOUGH if self.jobs > 1 else needs if self.children else Loaded.MODELS
        return self.loaded >= needs

    def _begin(self, connection: socket.socket, request: dict[str, Any], streams: list[int]) -> int:
        """Fork; the child's number."""
        sys.stdout.flush()
        sys.stderr.flush()
        number = os.fork()
        if number == 0:
            gc.enable()
            self._let_go()
            connection.close()
            child.become(request, streams)
        for stream in streams:
            os.close(stream)
        self.children[number] = (connection, os.pidfd_open(number))
        self.events.register(self.children[number][1], selectors.EVENT_READ, lambda _: self._end_of_child(number))
        # a client that goes away was killed: what it waited for must not write any more
        self.events.register(connection, selectors.EVENT_READ, lambda _: self._client_is_gone(number, connection))
        return number

    def _let_go(self) -> None:
        """In a child: close what is the server's, so that nobody takes the child for it."""
        for one in [event.fileobj for event in self.events.get_map().values()]:
            os.close(one if isinstance(one, int) else one.detach())  # type: ignore[attr-defined]
        for _, waiting, _, streams in self.waiting:
            waiting.close()
            for stream in streams:
                os.close(stream)
        for number in (self.lock, self.guard):
            if number >= 0:
                os.close(number)
        self.events.close()

    def _client_is_gone(self, number: int, connection: socket.socket) -> None:
        if number in self.children:  # else both ended at once
            self.events.unregister(connection)
            self._kill(number)

    def _kill(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(number, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)  # it may not have its own group yet

    def _end_of_child(self, number: int, refused: bool = False) -> None:
        """It has ended, or was killed. Tell its client, who runs the command by itself if nothing is said."""
        if number in self.unseen:
            self._see()
        if number not in self.children:
            return
        code = os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
        connection, ended = self.children.pop(number)
        self.events.unregister(ended)
        os.close(ended)
        with contextlib.suppress(KeyError, ValueError):
            self.events.unregister(connection)
        if not refused:
            with contextlib.suppress(OSError):
                connection.send(json.dumps({"code": code if code >= 0 else 128 - code}).encode())
        connection.close()

    def _start_anew(self) -> None:
        """The environment is not the one that was loaded: go on as a new process image, or refuse while one is busy.

        The server of a single process ends: its client runs the rest by itself.
        """
        for _, connection, _, streams in self.waiting:
            self._refuse(connection, streams)
        self.waiting.clear()
        if not self.listener:
            for lease in list(self.leases):
                self._end_of_lease(lease)
        elif not self.children:
            kept = [self.listener.fileno(), self.lock, *(lease.fileno() for lease in self.leases)]
            for number in kept:
                os.set_inheritable(number, True)
            said = [self.name, str(self.keep), *map(str, kept)]
            os.execv(sys.executable, [sys.executable, "-P", "-m", "regrow.warm", *said])  # noqa: S606 - no shell

    def _unlisten(self) -> None:
        """Who comes from now on finds nobody, rather than one who is about to end."""
        if self.listener:
            with contextlib.suppress(OSError), address.address(self.name) as path:
                Path(path).unlink()
            self.listener.close()


def _received(connection: socket.socket, most: int) -> tuple[bytes, list[int]]:
    """What is said, and up to so many open files with it; nothing from one who has gone."""
    try:
        said, files, _, _ = socket.recv_fds(connection, LARGEST, most)
    except OSError:
        return b"", []
    return said, list(files)


def _needs(request: dict[str, Any]) -> Loaded:
    """How far the server must be to begin this request."""
    command, *more = request["arguments"][1:3] or [""]
    if command == "stage" and more:
        files = [Path(request["folder"], layout.fingerprint(more[0]))]
        return libraries.needed(read.packages(files), read.modules(files))
    return Loaded.COMPILES if command == "compile" else Loaded.ALL
