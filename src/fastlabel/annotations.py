"""Annotation classes, and the question sheet of classification projects."""
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from fastlabel.endpoint import delete, first, get, pages, post, put
from fastlabel.exceptions import FastLabelInvalidException, FastLabelNotFoundException
from fastlabel.steps import Call, Pages, Resource, Steps, ask
from fastlabel.types import UNSET, AnnotationClass, JsonObjects, Unset


class Annotations(Resource):
    @get("annotations/{annotation_id}")
    def find_annotation(self, annotation_id: str) -> Call[AnnotationClass]:
        """Return an annotation class with its attributes and keypoints."""

    @get("annotations")
    def find_annotation_by_value(self, project: str, value: str) -> Call[AnnotationClass | None]:
        """Return the class with exactly this value, None if there is none.

        The class of a classification project has the value "classification".
        """
        return Call(then=first)

    @get("annotations", max_limit=1000)
    def get_annotations(
        self,
        project: str,
        value: str | None = None,
        offset: int | None = None,
        limit: int = 10,
    ) -> Call[list[AnnotationClass]]:
        """Return up to `limit` annotation classes of a project in their order.

        The default of 10 is part of the older API; at most 1,000 a call.
        """

    @pages("annotations", limit=1000)
    def iter_annotations(self, project: str) -> Pages[AnnotationClass]:
        """Iterate over all annotation classes of a project in their order."""

    @post("annotations")
    def create_annotation(
        self,
        project: str,
        type: str,
        value: str,
        title: str,
        color: str | None = None,
        order: int | None = None,
        attributes: JsonObjects | None = None,
        max_area_count: int | Unset | None = UNSET,
        *,
        keypoints: JsonObjects | None = None,
        idempotency_key: str | None = None,
    ) -> Call[str]:
        """Create an annotation class and return its id.

        Args:
            type: a shape that the project's type takes, such as "bbox".
            value: the name annotations refer to; unique in the project.
            color: "#rrggbb"; by default the next of a fixed cycle.
            order: position from 1; by default the last.
            attributes: {type, name, key, options: [{title, value}]} each; "select", "radio"
                and "checkbox" need options.
            max_area_count: most regions of a segmentation, 1 to 1,000, None for any number;
                the server's default is 1.
            keypoints: of a pose, {key, name, color, edges: [keys]} each.

        Raises:
            FastLabelConflictException: the value is taken.
        """

    @post("annotations/classification")
    def create_classification_annotation(
        self, project: str, attributes: JsonObjects, *, idempotency_key: str | None = None
    ) -> Call[str]:
        """Create the questions of a classification project and return the class's id.

        A project has one such class; `attributes` are as in `create_annotation`.
        """

    @put("annotations/{annotation_id}")
    def update_annotation(
        self,
        annotation_id: str,
        value: str | None = None,
        title: str | None = None,
        color: str | None = None,
        order: int | None = None,
        attributes: JsonObjects | None = None,
        max_area_count: int | Unset | None = UNSET,
        *,
        keypoints: JsonObjects | None = None,
    ) -> Call[str]:
        """Change an annotation class and return its id; what is not given stays.

        `attributes` and `keypoints` replace the whole list. An entry with the `id` or the
        `key` of an existing one changes it; those left out are removed.
        """

    @put("annotations/classification/{annotation_id}")
    def update_classification_annotation(
        self,
        annotation_id: str | None = None,
        attributes: JsonObjects | None = None,
        *,
        project: str | None = None,
    ) -> Steps[str]:
        """Replace the questions of a classification project and return the class's id.

        The class is named by its id or, as projects have only one, by the project's slug.
        Attributes are matched as in `update_annotation`.

        Raises:
            FastLabelNotFoundException: the project has no such class yet.
        """
        if attributes is None:
            raise FastLabelInvalidException("attributes: missing", 422)
        if (annotation_id is None) == (project is None):
            raise FastLabelInvalidException("expected either annotation_id or project", 422)
        if project is not None:
            found = yield from ask(Annotations.find_annotation_by_value, project, "classification")
            if found is None:
                raise FastLabelNotFoundException(
                    f"project {project!r} has no classification class yet; "
                    "create it with create_classification_annotation",
                    404,
                )
            annotation_id = found["id"]
        updated: str = yield Call(
            annotation_id=annotation_id, attributes=list(attributes), project=None
        )
        return updated

    @delete("annotations/{annotation_id}")
    def delete_annotation(self, annotation_id: str) -> Call[None]:
        """Delete an annotation class and all annotations of it."""
