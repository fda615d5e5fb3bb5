"""Write `async_client.pyi`: the declared methods as type checkers see them on an AsyncClient.

Run after changing a declared method: `python tests/sdk/async_stub.py`.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import subprocess
import sys
import textwrap
from collections import defaultdict
from pathlib import Path

import fastlabel.async_client
from fastlabel.client import Resources

STUB = Path(fastlabel.async_client.__file__).with_suffix(".pyi")
IMPORTED_FROM = (
    "collections.abc",
    "pathlib",
    "types",
    "typing",
    "fastlabel.types",
    "fastlabel.bulk",
    "fastlabel.dataset_folder.reports",
    "fastlabel.datasets",
    "fastlabel.dataset_revisions",
    "fastlabel.exports",
    "fastlabel.formats.report",
    "fastlabel.http",
    "fastlabel.lerobot",
    "fastlabel.local_imports",
    "fastlabel.masks",
    "fastlabel.server_exports",
)
HEAD = '"""Written by tests/sdk/async_stub.py from the declared methods; do not edit it."""\n\n'


def stub() -> str:
    """Return the stub as it should be, formatted."""
    names = sorted(name for name in dir(Resources) if not name.startswith("_"))
    declared = [_asynchronous(getattr(Resources, name).__wrapped__) for name in names]
    written = [node for node in _own_class().body if isinstance(node, ast.stmt)]
    methods = [*map(_without_body, written), *declared]
    methods = [node for node in methods if not getattr(node, "name", "").startswith("_run")]
    body = [node for node in methods if getattr(node, "name", "") != "_iterate"]
    attribute = ast.parse("api: AsyncHttp").body[0]
    cls = ast.ClassDef("AsyncClient", [], [], [attribute, *body], [])
    text = HEAD + _imports(cls) + ast.unparse(ast.fix_missing_locations(cls))
    ruff = Path(sys.executable).with_name("ruff")
    for step in (["check", "--select", "I", "--fix-only", "--quiet"], ["format"]):
        command = [ruff, *step, "--stdin-filename", STUB, "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
        text = done.stdout
    return text


def _own_class() -> ast.ClassDef:
    tree = ast.parse(inspect.getsource(fastlabel.async_client))
    (cls,) = (node for node in tree.body if isinstance(node, ast.ClassDef))
    del cls.body[0]  # the docstring, which editors take from the module itself
    return cls


def _asynchronous(prepare: object) -> ast.stmt:
    """Turn `def f(...) -> Call[R]` into `async def f(...) -> R`."""
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(prepare))).body
    assert isinstance(function, ast.FunctionDef)
    assert isinstance(function.returns, ast.Subscript)
    assert isinstance(function.returns.value, ast.Name)
    kind, result = function.returns.value.id, function.returns.slice
    function.decorator_list = []
    if kind == "Pages":
        function.returns = ast.Subscript(ast.Name("AsyncIterator"), result)
        return _without_body(function)
    coroutine = ast.AsyncFunctionDef(function.name, function.args, [], [], result)
    return _without_body(coroutine)


def _without_body(node: ast.stmt) -> ast.stmt:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        node.body = [ast.Expr(ast.Constant(...))]
    return node


def _imports(cls: ast.ClassDef) -> str:
    names = {node.id for node in ast.walk(cls) if isinstance(node, ast.Name)} - {"api"}
    by_module = defaultdict(list)
    for name in sorted(names - set(dir(builtins))):
        module = next(m for m in IMPORTED_FROM if hasattr(importlib.import_module(m), name))
        by_module[module].append(name)
    lines = [f"from {m} import {', '.join(by_module[m])}\n" for m in IMPORTED_FROM if by_module[m]]
    return "".join(lines) + "\n"


if __name__ == "__main__":
    STUB.write_text(stub(), encoding="utf-8")
