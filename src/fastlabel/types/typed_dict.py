"""TypedDict, from where pydantic can read it."""

import sys

if sys.version_info >= (3, 12):
    from typing import TypedDict
else:
    # pydantic, which describes the API from these types, needs this one before Python 3.12.
    from typing_extensions import TypedDict

__all__ = ["TypedDict"]
