"""How the names of files end, by what the probes find in them."""

from __future__ import annotations

import io

import pytest

from fastlabel.modalities.objects import OBJECT_FILES
from fastlabel_server.media import EXTENSIONS, PROBES, extension_of
from media.scans import scan
from media_files import sample

ENDINGS = [(rule, ending) for rule in OBJECT_FILES for ending in rule.extensions]


@pytest.mark.parametrize(("rule", "ending"), ENDINGS, ids=lambda one: getattr(one, "modality", one))
def test_what_an_object_can_be_has_an_ending_that_objects_can_have(rule, ending):
    data = scan(1) if ending == ".dcm" else sample(ending)
    found = PROBES[rule.modality].measure(io.BytesIO(data), f"a{ending}", rule, 10**6)
    assert extension_of(found.media_type) == {".jpeg": ".jpg"}.get(ending, ending)


def test_no_ending_is_one_that_objects_cannot_have():
    assert set(EXTENSIONS.values()) <= {ending for _, ending in ENDINGS}
    assert extension_of("application/zip") is None
