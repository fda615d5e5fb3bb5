"""Datasets straight into training code, from a server or from a folder that was pulled.

Neither torch nor Hugging Face's `datasets` is imported before one of these functions is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from fastlabel.client import Client
from fastlabel.exceptions import FastLabelException, FastLabelInvalidException
from fastlabel.types import DatasetType, FilePath

if TYPE_CHECKING:
    from fastlabel.training.targets import TargetName

__all__ = ["collate", "to_huggingface", "torch_dataset"]


def torch_dataset(
    dataset: str | None = None,
    *,
    folder: FilePath | None = None,
    client: Client | None = None,
    version: str | None = None,
    revision_id: str | None = None,
    types: Sequence[DatasetType] | None = None,
    tags: Sequence[str] | None = None,
    licenses: Sequence[str] | None = None,
    kind: str = "image",
    target: TargetName = "detection",
    classes: Sequence[str] | None = None,
    first_label: int | None = None,
    masks: bool = False,
    keypoints: bool | Sequence[str] = False,
    attribute: str | None = None,
    transform: Callable[[Any], Any] | None = None,
    transforms: Callable[[Any, Any], tuple[Any, Any]] | None = None,
    streaming: bool = False,
    cache_dir: FilePath | None = None,
    strict: bool = False,
    quiet: bool = False,
) -> Any:
    """Return a `torch.utils.data.Dataset` of a dataset's objects: pairs of input and target.

    The input is the image as float32 of shape (3, H, W), 0 to 1; a text; or the path of a
    file of another kind. The target is one of

    - `detection`: a dict as torchvision's models take it: `boxes` (N, 4) xyxy float32,
      `labels` (N) int64, `area`, `iscrowd`, `image_id`, and on demand `masks` (N, H, W) uint8
      and `keypoints` (N, K, 3) of x, y and 2 (visible), 1 (occluded) or 0 (not placed);
    - `segmentation`: the class of each pixel, (H, W) int64, 0 where there is none;
    - `classification`: the number of the object's class. Objects without one are left out;
    - `multi-label`: 0 or 1 for each class, float32;
    - `raw`: the object as the API returns it.

    It is read at one revision to the end, whatever becomes of the dataset meanwhile. Classes
    are numbered in the order of their values, sorted over the whole revision: `types` and
    `tags` do not change them, so train and valid agree. `classes` and `class_to_idx` of the
    result say which is which, and `report` what could not be used.

    Args:
        dataset: name of a dataset on the server; or give a `folder`.
        folder: what `fastlabel dataset pull` or `download_dataset_objects` brought.
        client: by default one that takes its settings from the environment.
        types: such as ["train"]; any by default.
        tags, licenses: all of them are on an object.
        kind: `image`, `video`, `audio`, `text`, `pcd` or `dicom`; others are left out.
        classes: values in the order of their numbers; annotations of others are left out.
        first_label: number of the first class; by default 1 for detection and segmentation,
            where 0 is the background, and 0 otherwise.
        keypoints: True, or the keys in the order of the array; sorted by default.
        attribute: key of the attribute of a classification whose value is the class; by
            default the classification's own value is.
        transform: called with the picture of Pillow's, the text or the path.
        transforms: called with that and the target, returns both. Where torchvision is
            installed, boxes and masks are of its types, so that its transforms move them with
            the picture. It has no type for keypoints that may be occluded: they stay.
        streaming: return an `IterableDataset`, which fetches as it goes. The processes of a
            loader share the list. Without `classes` it is read once beforehand for them.
        cache_dir: keeps the files of a server, by their SHA-256. By default the environment
            variable FASTLABEL_CACHE_DIR, else ~/.cache/fastlabel/files; streaming keeps
            files only where it is given.
        strict: raise at the first annotation or object that is left out.
        quiet: do not print to the standard error stream what was left out.

    Raises:
        FastLabelException: torch is not installed.
        FastLabelInvalidException: no such dataset or folder, or an argument that cannot be.
    """
    from fastlabel.training import options
    from fastlabel.training.inputs import READ_AT_ONCE
    from fastlabel.training.survey import Wish
    from fastlabel.training.targets import Raw, target_of

    try:
        from fastlabel.training.pytorch import ObjectDataset, ObjectStream
    except ImportError as error:
        raise FastLabelException(
            "torch_dataset needs PyTorch: pip install 'fastlabel[torch]' installs it"
        ) from error

    where = options.Where(dataset, folder, client, version, revision_id)
    options.check_kind(kind)
    learnt = target_of(target, masks=masks, with_keypoints=bool(keypoints), attribute=attribute)
    if learnt.images_only and kind != "image":
        raise FastLabelInvalidException(f"target: {target} is of images, not of {kind}", 422)
    if classes is not None and isinstance(learnt, Raw):
        raise FastLabelInvalidException("classes: the target raw has all of them", 422)
    wish = Wish(
        learnt,
        options.selection_of(types, tags, licenses),
        kind,
        () if isinstance(learnt, Raw) else classes,
        _keys_of(keypoints),
        first_label,
    )
    are_used_here = kind in READ_AT_ONCE or transform is not None or transforms is not None
    opened = options.opened(
        where, wish, streaming, cache_dir, strict, quiet, paths_leave=not are_used_here
    )
    if opened.records is None:
        return ObjectStream(opened, transform, transforms)
    return ObjectDataset(opened, transform, transforms)


def _keys_of(keypoints: bool | Sequence[str]) -> Sequence[str] | None:
    """Return the keys that are wanted; None: those there are."""
    if isinstance(keypoints, bool):
        return None if keypoints else ()
    return list(keypoints)


def to_huggingface(
    dataset: str | None = None,
    *,
    folder: FilePath | None = None,
    client: Client | None = None,
    version: str | None = None,
    revision_id: str | None = None,
    types: Sequence[DatasetType] | None = None,
    tags: Sequence[str] | None = None,
    licenses: Sequence[str] | None = None,
    kind: str = "image",
    classes: Sequence[str] | None = None,
    by_type: bool = False,
    streaming: bool = False,
    decode: bool = True,
    cache_dir: FilePath | None = None,
    strict: bool = False,
    quiet: bool = False,
) -> Any:
    """Return the objects of a dataset as a `datasets.Dataset` of Hugging Face's.

    Images have the columns of the format `hugging-face`: `image`, `name`, `width`, `height`
    and `objects` (`bbox` as x, y, width, height; `category`; `area`; `annotation`, its JSON).
    Other kinds have `audio`, `video`, `text` or `file` (a path), `name` and `objects`
    (`category`, `start`, `end`, `annotation`). All have `label`, the class of the one
    classification, and `type`, `tags`, `licenses` and `custom_metadata` (JSON).

    The arguments are those of `torch_dataset` but for these:

    Args:
        by_type: return a `DatasetDict` with a split for each type that there is: `train`,
            `validation`, `test` and `none`.
        streaming: return an `IterableDataset`, whose rows have the bytes of the files where
            no `cache_dir` is given.
        decode: let `datasets` open the files when a row is read. Without it rows have paths
            or bytes; sounds and videos need the package torchcodec to be opened.
        cache_dir: keeps rows and files; by default as in `torch_dataset`.

    Raises:
        FastLabelException: the package datasets is not installed.
        FastLabelInvalidException: no such dataset or folder, or an argument that cannot be.
    """
    from fastlabel.training import huggingface, options
    from fastlabel.training.inputs import READ_AT_ONCE
    from fastlabel.training.rows import MEDIA, Rows
    from fastlabel.training.survey import Wish

    huggingface.datasets_of()
    where = options.Where(dataset, folder, client, version, revision_id)
    options.check_kind(kind)
    selection = options.selection_of(types, tags, licenses)
    wish = Wish(Rows(kind), selection, kind, classes, keypoints=())
    are_used_here = kind in (*READ_AT_ONCE, *MEDIA)
    opened = options.opened(
        where, wish, streaming, cache_dir, strict, quiet, paths_leave=not are_used_here
    )
    made = huggingface.Maker(opened, decode)
    if streaming:
        return made.streams_by_type() if by_type else made.stream()
    kept = options.cache_folder(cache_dir)
    return made.tables_by_type(kept) if by_type else made.table(kept)


def collate(batch: Iterable[tuple[Any, ...]]) -> tuple[tuple[Any, ...], ...]:
    """Put a batch together without stacking: (inputs, targets), a tuple each.

    For a loader's `collate_fn` where images differ in size, as torchvision's detection models
    take them.
    """
    return tuple(zip(*batch, strict=True))
