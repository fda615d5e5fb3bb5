"""Projects: their settings, people and metadata."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from fastlabel.endpoint import delete, first, get, pages, post, put
from fastlabel.steps import Call, Pages, Resource
from fastlabel.types import Project, ProjectRole, Workflow


class Projects(Resource):
    @get("projects/{project_id}")
    def find_project(self, project_id: str) -> Call[Project]:
        """Return a project.

        Raises:
            FastLabelNotFoundException: no project of this user has the id.
        """

    @get("projects")
    def find_project_by_slug(self, slug: str) -> Call[Project | None]:
        """Return the project with exactly this slug, None if there is none."""
        return Call(then=first)

    @get("projects", max_limit=1000)
    def get_projects(
        self, slug: str | None = None, offset: int | None = None, limit: int = 100
    ) -> Call[list[Project]]:
        """Return up to `limit` projects, oldest first; at most 1,000 a call.

        Members see only projects that were shared with them.
        """

    @pages("projects", limit=1000)
    def iter_projects(self) -> Pages[Project]:
        """Iterate over all projects the user may see, oldest first."""

    @get("projects/map/id-slug", max_limit=1000)
    def get_project_id_slug_map(
        self, offset: int | None = None, limit: int = 1000
    ) -> Call[dict[str, str]]:
        """Return the slugs of up to `limit` projects by their ids; at most 1,000 a call."""

    @post("projects")
    def create_project(
        self,
        type: str,
        name: str,
        slug: str,
        is_pixel: bool = False,
        job_size: int = 10,
        workflow: Workflow = "two_step",
        external_workflow: Workflow = "two_step",
        *,
        idempotency_key: str | None = None,
    ) -> Call[str]:
        """Create a project and return its id.

        Args:
            type: such as "image_bbox"; it settles the kind of tasks and classes.
            slug: names the project in all other calls; unique in the workspace.
            is_pixel: segmentations run along the borders of pixels.
            job_size: how many tasks an annotator gets at once.
            workflow: "three_step" adds the status "approved", "custom" has custom statuses.

        Raises:
            FastLabelConflictException: the slug is taken.
        """

    @put("projects/{project_id}")
    def update_project(
        self,
        project_id: str,
        name: str | None = None,
        slug: str | None = None,
        job_size: int | None = None,
        workflow: Workflow | None = None,
        external_workflow: Workflow | None = None,
    ) -> Call[str]:
        """Change a project and return its id; what is not given stays."""

    @delete("projects/{project_id}")
    def delete_project(self, project_id: str) -> Call[None]:
        """Delete a project with its classes, tags and tasks."""

    @post(
        "projects/copy",
        names={"project_id": "id", "project_name": "name", "project_slug": "slug"},
    )
    def copy_project(
        self,
        project_id: str,
        project_name: str | None = None,
        project_slug: str | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Call[str]:
        """Copy a project's settings, classes and metadata, not its tasks; return the new id.

        The server chooses a free name and slug where none is given.
        """

    @put("projects/{project_id}/metadata")
    def update_project_metadata(
        self,
        project_id: str,
        external_code_1: str | None,
        external_code_2: str | None,
        external_code_3: str | None,
    ) -> Call[str]:
        """Set the three external codes, None clears one; return the id of their record."""

    @put("projects-users")
    def update_project_user_permission(
        self, project: str, email: str, role: ProjectRole
    ) -> Call[bool]:
        """Give a user a role in a project; "none" takes it away."""
