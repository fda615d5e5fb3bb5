"""Comments on tasks, and their threads."""

from __future__ import annotations

from sdk.request_rows.base import Reading, Writing

READING: list[Reading] = [
    ("get_task_comments", ("cats", "t1"), {}, "comments?project=cats&taskId=t1&limit=100"),
    ("get_task_comments", ("cats", "t1", 20, 10), {},
     "comments?project=cats&taskId=t1&offset=20&limit=10"),
    ("iter_task_comments", ("cats", "t1"), {}, "comments?project=cats&taskId=t1&limit=1000"),
    ("get_project_comments", ("cats",), {}, "comments/threads?project=cats&limit=100"),
    ("get_project_comments", ("cats", "approved", "registered", ["t1", "t 2"], "i1", 20, 10), {},
     "comments/threads?project=cats&taskStatus=approved&taskExternalStatus=registered"
     "&taskTags=t1&taskTags=t%202&issueCategoryId=i1&offset=20&limit=10"),
    ("iter_project_comments", ("cats", "approved", "registered", ["t1"]), {},
     "comments/threads?project=cats&taskStatus=approved&taskExternalStatus=registered"
     "&taskTags=t1&limit=1000"),
]  # fmt: skip

WRITING: list[Writing] = [
    ("create_comment_thread", ("c1", "No."), {}, "POST comments/c1/threads", {"text": "No."}),
    ("update_task_comment_state", ("c1",), {}, "PUT comments/c1", {}),
    ("update_task_comment_state", ("c1", False, "done", 0), {}, "PUT comments/c1",
     {"isResolved": False, "status": "done", "priority": 0}),
    ("update_task_comment", ("h1", "Yes."), {}, "PUT comments/threads/h1", {"text": "Yes."}),
    ("delete_task_comment", ("h1",), {}, "DELETE comments/threads/h1", None),
    ("create_task_comment", ("t1", [1, 2.5], "Why?"), {}, "POST comments",
     {"taskId": "t1", "points": [1, 2.5], "text": "Why?", "type": "text"}),
    ("create_task_comment",
     ("t1", [1], "Why?", "a.jpg", None, "text", 0.5, 3, "done", 0, True, "a1", "#ff0000"), {},
     "POST comments",
     {"taskId": "t1", "points": [1], "text": "Why?", "contentName": "a.jpg", "type": "text",
      "scale": 0.5, "frame": 3, "status": "done", "priority": 0, "isResolved": True,
      "taskAnnotationId": "a1", "color": "#ff0000"}),
    ("create_task_comment", ("t1", [1], "Because."), {"comment_id": "c1", "scale": 2},
     "POST comments/c1/threads", {"text": "Because."}),
]  # fmt: skip
