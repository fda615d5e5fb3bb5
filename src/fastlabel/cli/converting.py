"""`fastlabel convert`: a dataset of one format into another, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from fastlabel.cli.common import BAD, READ, WRITTEN, refusals
from fastlabel.exceptions import FastLabelInvalidException
from fastlabel.formats.base import Format

PROJECT_TYPES = {
    "image": "image_all",
    "text": "text_ner",
    "audio": "audio_segmentation",
    "pcd": "pcd_cuboid",
}
"""What the labels of a dataset are taken for, by modality, where nobody says."""


def convert(
    source_format: Annotated[str, typer.Argument(metavar="FROM", help=f"One of: {READ}.")],
    target_format: Annotated[str, typer.Argument(metavar="TO", help=f"One of: {WRITTEN}.")],
    source: Annotated[Path, typer.Argument(help="The dataset: a file or a folder.")],
    target: Annotated[Path, typer.Argument(help="The folder to write to.")],
    project_type: Annotated[
        str, typer.Option(help="What the labels are, as projects are called.")
    ] = "",
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first bad row or loss.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print no report.")] = False,
) -> None:
    """Convert a dataset from one format into another; no server is needed.

    Example: fastlabel convert coco yolo annotations.json labels

    Ends with 1 where rows were bad and passed over, and with 2 where nothing could be
    written, or something would be lost and --strict is given.
    """
    from fastlabel import formats
    from fastlabel.formats.image_sizes import with_size

    with refusals():
        chosen = project_type or _project_type(formats.find(source_format), target_format)
        found, read_report = formats.read(source_format, source, strict=strict)
        files = {one.task["name"]: one.file for one in found}
        report = formats.write(
            target_format,
            (with_size(one).task for one in found),
            target,
            project_type=chosen,
            open_file=lambda task: _opened(files[task["name"]], task),
            strict=strict,
        )
    for problem in read_report.bad:
        typer.echo(problem, err=True)
    if not quiet:
        typer.echo(f"read {read_report}")
        typer.echo(report)
    if read_report.bad:
        raise typer.Exit(BAD)


def _project_type(source: Format, target_format: str) -> str:
    from fastlabel import formats

    target = formats.find(target_format)
    for modality in source.modalities:
        if modality in target.modalities and modality in PROJECT_TYPES:
            return PROJECT_TYPES[modality]
    raise FastLabelInvalidException(
        f"{source.title} holds labels of {', '.join(source.modalities)}, "
        f"{target.title} of {', '.join(target.modalities)}",
        422,
    )


def _opened(file: Path | None, task: Any) -> BinaryIO:
    if file is None:
        raise FastLabelInvalidException(f"{task['name']}: there is no such file", 422)
    return file.open("rb")
