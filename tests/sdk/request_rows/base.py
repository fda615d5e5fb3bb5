"""What a row is, and arguments that several resources take, each with its form in a request."""

from __future__ import annotations

from typing import Any, TypeAlias

Reading: TypeAlias = tuple[str, tuple[Any, ...], dict[str, Any], str]
"""A method, its arguments, and the target of the GET."""
Writing: TypeAlias = tuple[str, tuple[Any, ...], dict[str, Any], str, Any]
"""A method, its arguments, verb and target, and the body in JSON."""

PAGE = {"offset": 20, "limit": 10}
FILTERS = {
    "status": "approved",
    "external_status": "registered",
    "tags": ["t1", "t 2"],
    "task_name": "a/b.jpg",
}
SENT_FILTERS = "status=approved&externalStatus=registered&tags=t1&tags=t%202&taskName=a%2Fb.jpg"
PEOPLE = {"assignee": "ann", "external_approver": None, "workflow_3_user": "bob"}
SENT_PEOPLE = {"assignee": "ann", "externalApprover": None, "workflow3User": "bob"}
STATE = ("completed", "skipped", 10)
SENT_STATE = {"status": "completed", "externalStatus": "skipped", "priority": 10, "tags": ["t"]}
ATTRIBUTES = [{"key": "kind", "value": "tabby"}]
METADATAS = [{"key": "camera", "value": "left"}]
CLASS_ATTRIBUTES = [{"id": "1", "type": "text", "name": "Kind", "key": "kind", "title": "x"}]
LABEL = {"type": "x", "value": "cat", "points": [1, 2]}
FETCHED = {**LABEL, "id": "1", "title": "Cat", "color": "#ffffff", "content": "b"}
