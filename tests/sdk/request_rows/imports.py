"""Histories of imports, buckets and what they bring, and what comes in ZIPs beside tasks."""

from __future__ import annotations

from sdk.request_rows.base import Reading, Writing

CLOUDS = (("aws_s3", "aws-s3"), ("gcp", "gcp"), ("azure", "azure"))

READING: list[Reading] = [
    ("find_history", ("h1",), {}, "tasks/import/histories/h1"),
    ("get_histories", ("cats",), {}, "tasks/import/histories?project=cats&limit=100"),
    ("iter_histories", ("cats",), {}, "tasks/import/histories?project=cats&limit=1000"),
    ("get_appendix_data", ("cats",), {}, "contents/export/appendix?project=cats&limit=10000"),
    ("iter_appendix_data", ("cats",), {}, "contents/export/appendix?project=cats&limit=10000"),
    ("get_task_appendix_data", ("cats", "a"), {},
     "tasks/appendix?project=cats&taskName=a&limit=10000"),
    *(
        (f"get_{cloud}_import_status_by_project", ("cats",), {},
         f"tasks/import/status/{path}/cats")
        for cloud, path in CLOUDS
    ),
]  # fmt: skip

WRITING: list[Writing] = [
    ("update_aws_s3_storage", ("cats", "b", "eu-west-1"), {}, "PUT storages/aws-s3/cats",
     {"bucketName": "b", "bucketRegion": "eu-west-1"}),
    ("update_aws_s3_storage", ("cats", "b", "eu-west-1", "in"), {}, "PUT storages/aws-s3/cats",
     {"bucketName": "b", "bucketRegion": "eu-west-1", "prefix": "in"}),
    ("update_gcp_storage", ("cats", "b", "in"), {}, "PUT storages/gcp/cats",
     {"bucketName": "b", "prefix": "in"}),
    ("update_azure_storage", ("cats", "b"), {}, "PUT storages/azure/cats", {"bucketName": "b"}),
    ("cancel_import", ("h1",), {}, "POST tasks/import/histories/h1/cancel", {}),
    *(
        (f"create_task_from_{cloud}", ("cats",), {}, f"POST tasks/{path}",
         {"project": "cats", "status": "registered", "priority": 0})
        for cloud, path in CLOUDS
    ),
]  # fmt: skip
