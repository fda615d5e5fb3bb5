"""FastLabel: label, review and manage training data for AI.

import fastlabel

client = fastlabel.Client()
for task in client.iter_image_tasks(project="cats"):
    print(task["name"], len(task["annotations"]))
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from fastlabel._version import __version__

if TYPE_CHECKING:
    from fastlabel.async_client import AsyncClient
    from fastlabel.bulk import FolderResult
    from fastlabel.client import Client
    from fastlabel.exceptions import (
        FastLabelAuthenticationException,
        FastLabelConflictException,
        FastLabelConnectionException,
        FastLabelException,
        FastLabelInvalidException,
        FastLabelNotFoundException,
        FastLabelPermissionException,
        FastLabelRateLimitException,
    )
    from fastlabel.local_imports import ImportReport
    from fastlabel.training import to_huggingface, torch_dataset

__all__ = [
    "AsyncClient",
    "Client",
    "FastLabelAuthenticationException",
    "FastLabelConflictException",
    "FastLabelConnectionException",
    "FastLabelException",
    "FastLabelInvalidException",
    "FastLabelNotFoundException",
    "FastLabelPermissionException",
    "FastLabelRateLimitException",
    "FolderResult",
    "ImportReport",
    "__version__",
    "to_huggingface",
    "torch_dataset",
]

_PLACES = {
    "AsyncClient": "async_client",
    "FolderResult": "bulk",
    "Client": "client",
    "ImportReport": "local_imports",
    "to_huggingface": "training",
    "torch_dataset": "training",
}
"""Where names are that come when they are first asked for; the rest is of `exceptions`.

Servers, workers and commands use shapes and formats of this package, and never a client.
"""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_PLACES.get(name, 'exceptions')}")
    found = globals()[name] = getattr(module, name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
