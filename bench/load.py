"""A small load generator: a bounded list of requests over a few connections, loopback only."""

import socket
import statistics
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

HOST = "bench.invalid"


@dataclass(frozen=True)
class Outcome:
    """What one round measured."""

    seconds: float
    latencies: list[float]
    statuses: Counter

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Latency in milliseconds below which `share` of the requests stayed."""
        return 1000 * sorted(self.latencies)[min(len(self.latencies) - 1, int(share * len(self.latencies)))]

    @property
    def median_ms(self) -> float:
        return 1000 * statistics.median(self.latencies)


def fire(port: int, paths: Sequence[str], connections: int, cookie: str = "") -> Outcome:
    """Send every path once, shared out over `connections` threads; return what was seen."""
    queue = iter(list(paths))
    lock, latencies, statuses = threading.Lock(), [], Counter()

    def work() -> None:
        while True:
            with lock:
                path = next(queue, None)
            if path is None:
                return
            began = time.perf_counter()
            status = _get(port, path, cookie)
            took = time.perf_counter() - began
            with lock:
                latencies.append(took)
                statuses[status] += 1

    began = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Outcome(time.perf_counter() - began, latencies, statuses)


def _get(port: int, path: str, cookie: str) -> int:
    extra = f"Cookie: {cookie}\r\n" if cookie else ""
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept-Encoding: gzip\r\n{extra}Connection: close\r\n\r\n".encode()
        )
        first = connection.recv(65536)
        while connection.recv(65536):
            pass
    return int(first[9:12] or 0)  # 0: the server closed without an answer
