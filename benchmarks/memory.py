"""Memory of processes as Linux accounts for it, read from /proc; megabytes are 10^6 bytes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
SAMPLE_INTERVAL_S = 0.05


@dataclass
class Peaks:
    """The highest values seen while a block ran, in megabytes."""

    resident_mb: float = 0.0
    """Of the process alone, by the kernel's own high-water mark."""
    private_mb: float = 0.0
    """Of the process alone, sampled: without files mapped into memory, which can be dropped."""
    tree_mb: float = 0.0
    """Of the process and its descendants together, sampled: pages they share count twice."""


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process, 0 if it has ended."""
    return _status_mb(pid, "VmRSS")


def tree_resident_mb(pid: int) -> float:
    """Return the resident memory of a process and its descendants, shared pages counted twice."""
    return sum(resident_mb(member) for member in tree(pid))


def tree_proportional_mb(pid: int) -> float:
    """Return the memory of a process and its descendants, each shared page counted once."""
    return sum(_proportional_mb(member) for member in tree(pid))


def tree(pid: int) -> list[int]:
    """Return the ids of a process and all its descendants."""
    children: dict[int, list[int]] = {}
    for stat in PROC.glob("[0-9]*/stat"):
        try:
            # The second field is the program's name in brackets and may hold spaces.
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    members = [pid]
    for member in members:
        members += children.get(member, [])
    return members


@contextmanager
def watched(pid: int) -> Iterator[Peaks]:
    """Watch a process while the block runs; the peaks are complete at its end."""
    # 5 resets the high-water mark: what the process held before the block does not count.
    (PROC / str(pid) / "clear_refs").write_text("5")
    peaks = Peaks()
    done = threading.Event()

    def sample() -> None:
        while not done.wait(SAMPLE_INTERVAL_S):
            peaks.private_mb = max(peaks.private_mb, _status_mb(pid, "RssAnon"))
            peaks.tree_mb = max(peaks.tree_mb, tree_resident_mb(pid))

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        yield peaks
    finally:
        done.set()
        sampler.join()
        peaks.resident_mb = _status_mb(pid, "VmHWM")


def _status_mb(pid: int, field: str) -> float:
    return _kilobytes(PROC / str(pid) / "status", field) * 1024 / 1e6


def _proportional_mb(pid: int) -> float:
    return _kilobytes(PROC / str(pid) / "smaps_rollup", "Pss") * 1024 / 1e6


def _kilobytes(path: Path, field: str) -> int:
    try:
        lines = path.read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    for line in lines:
        if line.startswith(f"{field}:"):
            return int(line.split()[1])
    return 0
