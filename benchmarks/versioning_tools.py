"""Other ways to keep versions of a dataset, put through the same changes by their own means.

DVC and git keep files: a folder of small ones, a thousand in each folder, which are added and
committed; one of them is changed, added and committed; the two commits are compared, and the
first one is checked out. git's store is measured once it is packed, which its time leaves out.
DVC's commits are of git too, as it is meant to be used; its cache takes a file as a link where
the file system can, else as a copy. Delta Lake keeps rows: a table of names, hashes, types and
annotations, of which one is updated.

lakeFS cannot run here: it is a server in Go, and its packages on PyPI are clients of one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.compat.venvs import environment_python

from benchmarks.workbench import Workbench

FILES = os.environ.get("BENCHMARK_FILES")
"""Of DVC and git; by default a tenth of the objects: a million files keep both busy for an hour."""
DVC = "dvc==3.67.1"
DELTA = "deltalake==1.6.6"
ARROW = "pyarrow>=18"
PER_FOLDER = 1000
SCRIPT = Path(__file__).parent / "scripts" / "delta_versions.py"
QUIET = ("-c", "gc.auto=0", "-c", "user.name=bench", "-c", "user.email=bench@example.com")


@dataclass(frozen=True)
class Measured:
    """What a tool took."""

    name: str
    noun: str
    """What it has instead of objects."""
    objects: int
    create_s: float
    create_bytes: int
    """On disk, beside the working copy."""
    change_s: float
    change_bytes: int
    diff_s: float
    restore_s: float


def measure(bench: Workbench, objects: int) -> tuple[list[Measured], list[str]]:
    """Return the figures of every tool that can run, and why others could not."""
    files = int(FILES) if FILES else max(objects // 10, 1)
    notes = ["lakeFS is left out: a server that PyPI does not have"]
    if files < objects:
        notes.append(f"DVC and git have {files:,} files: BENCHMARK_FILES gives them more")
    runs: dict[str, Callable[[], Measured]] = {
        "git": lambda: _git(bench.folder("datasets-git"), files),
        "DVC": lambda: _dvc(bench.folder("datasets-dvc"), files),
        "Delta Lake": lambda: _delta(bench.folder("datasets-delta"), objects),
    }
    found = []
    for name, run in runs.items():
        try:
            found.append(run())
        except (OSError, RuntimeError) as error:
            notes.append(f"{name} is left out: {str(error)[-300:]}")
    return found, notes


def _git(folder: Path, files: int) -> Measured:
    version = _run(folder.parent, "git", "--version").split()[2]
    _write(folder / "data", files)
    _run(folder, "git", "init", "--quiet")
    store = folder / ".git"

    def commit(what: str) -> None:
        _run(folder, "git", *QUIET, "add", what)
        _run(folder, "git", *QUIET, "commit", "--quiet", "--message", what)

    return _measure_files(
        f"git {version}",
        folder,
        files,
        store=(store,),
        create=lambda: commit("data"),
        change=lambda changed: commit(str(changed.relative_to(folder))),
        diff=lambda: _run(folder, "git", "diff", "--name-status", "HEAD~1", "HEAD"),
        restore=lambda: _run(folder, "git", "checkout", "--quiet", "HEAD~1"),
        pack=lambda: _run(folder, "git", "gc", "--quiet"),
    )


def _dvc(folder: Path, files: int) -> Measured:
    python = environment_python("dvc", (DVC,))
    _write(folder / "data", files)
    _run(folder, "git", "init", "--quiet")
    dvc = (str(python), "-m", "dvc")
    _run(folder, *dvc, "init", "--quiet")
    for setting in ("core.analytics", "core.check_update"):
        _run(folder, *dvc, "config", setting, "false")
    _run(folder, *dvc, "config", "cache.type", "reflink,hardlink,copy")

    def commit() -> None:
        _run(folder, *dvc, "add", "--quiet", "data")
        _run(folder, "git", *QUIET, "add", "data.dvc", ".gitignore", ".dvc")
        _run(folder, "git", *QUIET, "commit", "--quiet", "--message", "data")

    def restore() -> None:
        _run(folder, "git", "checkout", "--quiet", "HEAD~1")
        _run(folder, *dvc, "checkout", "--quiet")

    return _measure_files(
        DVC.replace("==", " ").replace("dvc", "DVC"),
        folder,
        files,
        store=(folder / ".git", folder / ".dvc"),
        create=commit,
        change=lambda _: commit(),
        diff=lambda: _run(folder, *dvc, "diff", "--json", "HEAD~1", "HEAD"),
        restore=restore,
    )


def _measure_files(
    name: str,
    folder: Path,
    files: int,
    *,
    store: tuple[Path, ...],
    create: Callable[[], None],
    change: Callable[[Path], None],
    diff: Callable[[], str],
    restore: Callable[[], object],
    pack: Callable[[], object] = lambda: None,
) -> Measured:
    begin = time.perf_counter()
    create()
    create_s = time.perf_counter() - begin
    pack()
    created = _disk_bytes(store)
    changed = _path(folder / "data", files // 2)
    was = changed.read_text()
    # Unlinked first: the file may be a link to the tool's own copy.
    changed.unlink()
    changed.write_text(was.replace("class", "other"))
    begin = time.perf_counter()
    change(changed)
    change_s = time.perf_counter() - begin
    change_bytes = _disk_bytes(store) - created
    begin = time.perf_counter()
    told = diff()
    diff_s = time.perf_counter() - begin
    if changed.name not in told:
        raise RuntimeError(f"{name}: the difference does not name {changed.name}: {told[:500]}")
    begin = time.perf_counter()
    restore()
    restore_s = time.perf_counter() - begin
    if changed.read_text() != was:
        raise RuntimeError(f"{name}: {changed} is not what it was")
    shutil.rmtree(folder)
    return Measured(
        name, "files", files, create_s, created, change_s, change_bytes, diff_s, restore_s
    )


def _delta(folder: Path, rows: int) -> Measured:
    python = environment_python("deltalake", (DELTA, ARROW))
    answer = _run(folder.parent, str(python), "-I", str(SCRIPT), str(folder), str(rows))
    found = json.loads(answer.splitlines()[-1])
    return Measured(f"Delta Lake {DELTA.partition('==')[2]}", "rows", rows, **found)


def _write(folder: Path, files: int) -> None:
    """Write small files that are all different."""
    for number in range(files):
        path = _path(folder, number)
        if number % PER_FOLDER == 0:
            path.parent.mkdir(parents=True)
        path.write_text(f'{{"value": "class-{number % 10}", "points": [{number}, 1, 2, 3]}}\n')


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number // PER_FOLDER:04}" / f"{number:07}.json"


def _disk_bytes(folders: tuple[Path, ...]) -> int:
    """Return what files take on the disk: whole blocks, a link to the same file once."""
    found = subprocess.run(
        ["du", "--summarize", "--block-size=1", *folders],
        capture_output=True,
        text=True,
        check=True,
    )
    return sum(int(line.split()[0]) for line in found.stdout.splitlines())


def _run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:4])}: {(done.stderr or done.stdout)[-2000:]}")
    return done.stdout
