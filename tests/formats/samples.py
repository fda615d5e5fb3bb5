"""Tasks to export."""

from __future__ import annotations

from fastlabel import formats


def annotation(kind, points, value="cat", **more):
    return {"type": kind, "value": value, "color": "#b36d18", "points": points, **more}


def task(*annotations, name="a.jpg", size_wh=(100, 80)):
    return {
        "name": name,
        "width": size_wh[0],
        "height": size_wh[1],
        "annotations": list(annotations),
    }


def write_coco(tasks, classes, path, **options):
    return formats.write(
        "coco", tasks, path.parent, classes=classes, file_name=path.name, **options
    )
