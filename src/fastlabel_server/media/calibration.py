"""Calibrations of cameras, as they come beside the pictures of a point cloud.

- `.yaml`, `.yml`: YAML of the core schema, and what OpenCV's FileStorage writes as YAML 1.0:
  its head `%YAML:1.0`, and tags such as `!!opencv-matrix`, which mean nothing here.
- `.txt`: KITTI, `P0: 7.07e+02 0.00e+00 ...` in each line; values that are no numbers stay text.

Source: https://yaml.org/spec/1.2.2/#103-core-schema,
https://docs.opencv.org/4.x/dd/d74/tutorial_file_input_output_with_xml_yml.html,
https://www.cvlibs.net/datasets/kitti/setup.php
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, ClassVar, Final

import orjson
import yaml  # type: ignore[import-untyped]

from fastlabel.modalities import FileError

FORMATS: Final = {".yaml": "yml", ".yml": "yml", ".txt": "kitti"}
"""By extension."""
MAX_BYTES: Final = 256 * 1024
"""Most bytes of a calibration; real ones have some thousand."""
TAG: Final = "tag:yaml.org,2002:"


@dataclass(frozen=True)
class Calibration:
    format: str
    value: Any
    """JSON; the whole text where it cannot be parsed."""


def is_calibration(name: str) -> bool:
    """Tell whether a file is one, by its name."""
    return PurePosixPath(name).suffix.lower() in FORMATS


def check_size(name: str, size_bytes: int) -> None:
    """Refuse a file that is too large for a calibration.

    Raises:
        FileError: names the file and the limit.
    """
    if size_bytes > MAX_BYTES:
        raise FileError(f"{name}: a calibration has up to {MAX_BYTES:,} bytes, got {size_bytes:,}")


def read(name: str, data: bytes) -> Calibration:
    """Read a calibration; what cannot be parsed is kept as text, for people.

    Raises:
        FileError: not text, or too large.
    """
    check_size(name, len(data))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(f"{name}: a calibration is UTF-8 text; {error}") from error
    format_ = FORMATS[PurePosixPath(name).suffix.lower()]
    parse = {"yml": _yaml, "kitti": _kitti}[format_]
    try:
        value = parse(text)
        # It refuses what is nested too deeply to be written or read again.
        orjson.dumps(value)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        value = text
    return Calibration(format_, value)


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Builds nothing but JSON, and each part of it once."""

    # The core schema in place of YAML 1.1, to which `1e-5` is a text and `no` is false.
    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}
    yaml_constructors: ClassVar[dict[str, Any]] = {
        f"{TAG}{name}": yaml.SafeLoader.yaml_constructors[f"{TAG}{name}"]
        for name in ("null", "bool", "str", "seq", "map")
    }
    yaml_multi_constructors: ClassVar[dict[str, Any]] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            # A few of them, each of lists of others, stand for more than any memory holds.
            raise yaml.YAMLError("a calibration has no aliases")
        return super().compose_node(parent, index)


def _integer(loader: Any, node: Any) -> int:
    return int(loader.construct_scalar(node))


def _number(loader: Any, node: Any) -> float:
    return float(loader.construct_scalar(node))


def _untagged(loader: Any, _tag: str, node: Any) -> Any:
    """Read a part with a tag of somebody's own as if it had none."""
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


# Integers before numbers: the first that matches counts.
for _name, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(f"{TAG}{_name}", re.compile(rf"(?:{_pattern})\Z"), [*_first, ""])
_Loader.add_constructor(f"{TAG}int", _integer)
_Loader.add_constructor(f"{TAG}float", _number)
_Loader.add_multi_constructor("", _untagged)


def _yaml(text: str) -> Any:
    """Read YAML as JSON.

    Raises:
        YAMLError, ValueError: it is none, or more than JSON can say.
    """
    # OpenCV writes a colon where YAML has a space.
    head, _, rest = text.partition("\n")
    loader = _Loader(rest if head.startswith("%YAML:") else text)
    try:
        return _json(loader.get_single_data())
    finally:
        loader.dispose()


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_json(item) for item in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError("integers have up to 64 bits")
    return value


def _kitti(text: str) -> dict[str, Any]:
    """Read lines of `key: numbers`.

    Raises:
        ValueError: another line, or a key that is there already.
    """
    found: dict[str, Any] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        key, colon, values = line.partition(":")
        if not colon or not key.strip() or key in found:
            raise ValueError(f"expected `key: numbers`, got {line!r}")
        try:
            found[key] = [float(value) for value in values.split()]
        except ValueError:
            found[key] = values.strip()
    return found
