"""JSON laid out by libraries is that of the standard library's own indentation."""

import io
import json

import numpy as np
import pytest

from fastlabel.formats.jsontext import laid_out, write_list

VALUES = [
    {},
    [],
    {"a": [], "b": {}, "": [[]]},
    {"猫": '\n\t"\\,:[{ \u2028 \x7f', "b": [True, None, -0.0, 1.5, 3]},
    [{"segmentation": [[0.1, 2, 1e22], [1.0]], "attributes": {"list": [{"a": [1]}]}}],
    {"beyond 64 bits": 2**70, "猫": [2**64, -(2**64)]},
]


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_the_layout_is_that_of_the_standard_library(value):
    assert laid_out(value).decode() == json.dumps(value, indent=4, ensure_ascii=False)


@pytest.mark.parametrize("beside", [1, 2**70])
def test_numbers_of_numpy_are_numbers(beside):
    value = {"a": [np.float64(0.5), np.int64(3), np.float32(0.25)], "b": beside}
    assert json.loads(laid_out(value)) == {"a": [0.5, 3, 0.25], "b": beside}


def test_what_has_no_form_in_json_is_named():
    with pytest.raises(TypeError, match=r"\{'x'\} has no form in JSON"):
        laid_out({"a": {"x"}})


@pytest.mark.parametrize("lists", [[], [[]], [[{"a": [1]}, 2], [], ["x"]]])
def test_many_lists_are_written_as_one(lists):
    file = io.BytesIO(b'{\n    "all": ')
    file.seek(0, io.SEEK_END)
    write_list(file, lists)
    joined = [item for items in lists for item in items]
    assert file.getvalue().decode() + "\n}" == json.dumps({"all": joined}, indent=4)
