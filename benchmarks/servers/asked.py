"""Clients that ask a server for one row after the other, each over a connection that it keeps."""

import asyncio
import time
from dataclasses import dataclass

from benchmarks.servers.servers import Server


@dataclass(frozen=True)
class Load:
    """seconds: how long it took. requests: all. p50, p99: seconds. lost: those that got no answer of status 200."""

    clients: int
    seconds: float
    requests: int
    p50: float
    p99: float
    lost: int


def load(port: int, server: Server, clients: int, seconds: float) -> Load:
    """So many clients at once, for so long."""
    return asyncio.run(_load(port, server, clients, seconds))


async def _load(port: int, server: Server, clients: int, seconds: float) -> Load:
    request = f"POST {server.address} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n".encode()
    request += b"Content-Length: %d\r\n\r\n%b" % (len(server.body), server.body)
    times: list[float] = []
    begun = time.perf_counter()
    lost = await asyncio.gather(*(_client(port, request, begun + seconds, times) for _ in range(clients)))
    took = time.perf_counter() - begun
    times.sort()
    at = {share: times[min(int(len(times) * share), len(times) - 1)] if times else 0.0 for share in (0.5, 0.99)}
    return Load(clients, took, len(times) + sum(broken for _, broken in lost), at[0.5], at[0.99], sum(map(sum, lost)))


async def _client(port: int, request: bytes, until: float, times: list[float]) -> tuple[int, int]:
    """Ask until the time is over; how many got another status, and how many no answer at all."""
    refused = broken = 0
    while time.perf_counter() < until:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            while time.perf_counter() < until:
                begun = time.perf_counter()
                writer.write(request)
                refused += not await _answered(reader)
                times.append(time.perf_counter() - begun)
            writer.close()
        except (OSError, asyncio.IncompleteReadError):
            broken += 1
    return refused, broken


async def _answered(reader: asyncio.StreamReader) -> bool:
    """Read an answer; whether its status is 200."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
    if lines.get(b"transfer-encoding", b"").strip() == b"chunked":
        while size := int((await reader.readline()).strip() or b"0", 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        await reader.readexactly(int(lines.get(b"content-length", b"0")))
    return head.split(b" ", 2)[1] == b"200"
