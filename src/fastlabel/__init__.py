"""FastLabel: label, review and manage training data for AI.

import fastlabel

client = fastlabel.Client()
for task in client.iter_image_tasks(project="cats"):
    print(task["name"], len(task["annotations"]))
"""

from __future__ import annotations

from fastlabel._version import __version__
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
