"""Any series of changes of a dataset against a plain dict: nothing that was is ever different."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fastlabel_server.auth import Caller
from fastlabel_server.datasets import diffs, drafts, objects, queries, revisions
from fastlabel_server.datasets.changes import Change, File, State
from fastlabel_server.datasets.diffs import Ends
from fastlabel_server.datasets.drafts import Draft
from fastlabel_server.datasets.labels import Document, document_of
from fastlabel_server.datasets.operations import push, restore
from fastlabel_server.datasets.queries import Filter
from fastlabel_server.db import Database
from fastlabel_server.errors import NotFound
from fastlabel_server.jobs.handlers import HANDLERS
from fastlabel_server.settings import Settings
from fastlabel_server.storage import Storage
from fastlabel_server.tables import (
    Dataset,
    DatasetFile,
    DatasetLabels,
    DatasetObject,
    DatasetPush,
    DatasetState,
    DatasetVersion,
    new_id,
)
from jobs.chunks import run_to_end
from jobs.rows import Rows

HANDLER = HANDLERS["revise_dataset"]
EXAMPLES = 25
NAMES = ("a.jpg", "b.jpg", "c/d.jpg", "e.jpg", "猫.jpg")
FILES = 3
BOX = {"type": "bbox", "value": "cat", "points": [1, 2, 3, 4], "id": "box"}
LABELS: tuple[tuple[list[Any], dict[str, Any]], ...] = (
    ([], {}),
    ([BOX], {}),
    ([{**BOX, "points": [1.0, 2, 3, 4]}], {}),
    ([BOX], {"k": "v"}),
)
Wanted = dict[str, Any] | None
Snapshot = Mapping[str, Mapping[str, Any]]

whole: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "file": st.integers(0, FILES - 1),
        "labels": st.sampled_from(range(len(LABELS))),
        "type": st.sampled_from(["none", "train"]),
        "tags": st.sampled_from([(), ("x",), ("x", "y")]),
        "licenses": st.sampled_from([(), ("MIT",)]),
    }
)
some = whole.flatmap(
    lambda state: st.sets(st.sampled_from(sorted(state))).map(
        lambda names: {"changed": {name: state[name] for name in names}}
    )
)
wanted = st.dictionaries(st.sampled_from(NAMES), whole | some | st.none(), max_size=4)
commands = st.one_of(
    st.tuples(st.just("request"), wanted),
    st.tuples(st.just("job"), wanted),
    st.tuples(st.just("dropped job"), wanted),
    st.tuples(st.just("push"), wanted),
    st.tuples(st.just("restore"), st.integers(0, 20)),
    st.tuples(st.just("version"), st.integers(0, 20)),
)


@dataclass
class Model:
    """What a dataset is to be: all its revisions, each a dict of objects by their names."""

    snapshots: list[Snapshot] = field(default_factory=lambda: [{}])
    order: list[str] = field(default_factory=list)
    """Names as they first came."""
    versions: dict[str, int] = field(default_factory=dict)

    @property
    def head(self) -> Snapshot:
        return self.snapshots[-1]

    def valid(self, changes: Mapping[str, Wanted]) -> dict[str, Wanted]:
        """Leave out what changes or removes an object that is not there."""
        return {
            name: change
            for name, change in changes.items()
            if name in self.head or (change is not None and "changed" not in change)
        }

    def apply(self, changes: Mapping[str, Wanted]) -> None:
        following = dict(self.head)
        for name, change in changes.items():
            if change is None:
                following.pop(name, None)
            else:
                following[name] = {**following.get(name, {}), **change.get("changed", change)}
        self.become(following)

    def become(self, following: Snapshot) -> None:
        for name in following:
            if name not in self.order:
                self.order.append(name)
        if following != self.head:
            self.snapshots.append(following)


@dataclass
class World:
    """A dataset in a database, with files that its objects may have."""

    settings: Settings
    database: Database
    dataset_id: str
    number: int
    files: Sequence[File]
    caller: Caller

    def document(self, labels: int) -> Document | None:
        return document_of(*LABELS[labels])

    def asked(self, change: Wanted) -> State | Change | None:
        if change is None:
            return None
        given = dict(change.get("changed", change))
        if "file" in given:
            given["file"] = self.files[given["file"]]
        if "labels" in given:
            given["document"] = self.document(given.pop("labels"))
        return Change(**given) if "changed" in change else State(**given)

    def locked(self, session: Session) -> Dataset:
        return session.execute(select(Dataset).where(Dataset.number == self.number)).scalar_one()

    def request(self, changes: Mapping[str, Wanted]) -> None:
        with self.database.write() as session:
            draft = Draft.of_request(self.locked(session))
            draft.stage(session, {name: self.asked(each) for name, each in changes.items()})
            draft.publish(session, None, "update")

    def job(self, changes: Mapping[str, Wanted], *, dropped: bool) -> None:
        """Make each change in a transaction of its own."""
        job_id = new_id()
        with self.database.write() as session:
            Draft.of_job(session, self.locked(session), job_id)
        for name, change in changes.items():
            with self.database.write() as session:
                draft = Draft.of_job(session, self.locked(session), job_id)
                draft.stage(session, {name: self.asked(change)})
                draft.keep()
        with self.database.write() as session:
            if dropped:
                drafts.drop_draft(session, self.number, job_id)
            else:
                draft = Draft.of_job(session, self.locked(session), job_id)
                draft.publish(session, None, "split")

    def operate(self, operation: str, arguments: Mapping[str, Any]) -> None:
        job_id = new_id()
        with self.database.write() as session:
            Draft.of_job(session, self.locked(session), job_id)
        payload = {
            "dataset": self.number,
            "job": job_id,
            "operation": operation,
            "arguments": arguments,
            "author": None,
            "message": "",
        }
        run_to_end(HANDLER, self.settings, self.database, payload)

    def push(self, changes: Mapping[str, Wanted]) -> None:
        with self.database.write() as session:
            entries = {name: self.asked(each) for name, each in changes.items()}
            found = Rows(session).push(self.locked(session), entries)
        self.operate("push", {"push": found.id})
        with self.database.read() as session:
            assert session.get(DatasetPush, found.id) is None

    def shown(self, name: str, state: Mapping[str, Any]) -> dict[str, Any]:
        """Return what an object of a model shows."""
        annotations, metadata = LABELS[state["labels"]]
        defaults = {"attributes": [], "keypoints": [], "rotation": 0, "confidenceScore": -1}
        return {
            "name": name,
            "sha256": self.files[state["file"]].sha256,
            "size": self.files[state["file"]].size,
            "type": state["type"],
            "tags": list(state["tags"]),
            "licenses": list(state["licenses"]),
            "annotations": [{**each, **defaults} for each in annotations],
            "customMetadata": metadata,
        }

    def read(self, session: Session, number: int) -> list[dict[str, Any]]:
        """Return the objects of a revision, a few a page."""
        dataset = self.locked(session)
        found: list[Any] = []
        while page := queries.page(
            session,
            dataset,
            number,
            Filter(),
            limit=2,
            after=found[-1].DatasetObject.seq if found else 0,
        ):
            found += page
        return [_comparable(objects.rendered(row)) for row in found]


def _comparable(shown: Any) -> dict[str, Any]:
    """Leave out what a model cannot foresee."""
    hidden = ("id", "kind", "width", "height", "createdAt", "updatedAt")
    kept = {name: value for name, value in shown.items() if name not in hidden}
    kept["annotations"] = [
        {name: value for name, value in each.items() if name not in ("title", "color")}
        for each in shown["annotations"]
    ]
    return kept


def carry_out(world: World, model: Model, command: str, argument: Any) -> None:
    """Do the same to the dataset and to the model."""
    if command == "restore":
        number = argument % len(model.snapshots)
        world.operate("restore", {"revision": number + 1})
        model.become(model.snapshots[number])
        return
    if command == "version":
        number = argument % len(model.snapshots)
        name = f"v{len(model.versions)}"
        with world.database.write() as session:
            row = DatasetVersion(dataset_number=world.number, name=name, revision=number + 1)
            session.add(row)
        model.versions[name] = number
        return
    changes = model.valid(argument)
    if len(changes) < len(argument) and command == "request":
        with pytest.raises(NotFound):
            world.request(argument)
    match command:
        case "request":
            world.request(changes)
        case "push":
            # Its objects are taken in the order of their names.
            changes = dict(sorted(changes.items()))
            world.push(changes)
        case _:
            world.job(changes, dropped=command == "dropped job")
    if command != "dropped job":
        model.apply(changes)


def check_revisions(world: World, model: Model, session: Session) -> list[str]:
    """Compare every revision with the model; return their content hashes."""
    dataset = world.locked(session)
    assert dataset.head == len(model.snapshots)
    assert (dataset.draft_job, dataset.draft, dataset.draft_hash) == (None, None, None)
    hashes, before = [], {}
    for number, snapshot in enumerate(model.snapshots, 1):
        expected = [world.shown(name, snapshot[name]) for name in model.order if name in snapshot]
        assert world.read(session, number) == expected, number
        row = revisions.find_number(session, dataset, number)
        assert (row.object_count, row.size) == (
            len(snapshot),
            sum(each["size"] for each in expected),
        )
        both = before.keys() & snapshot.keys()
        assert (row.added, row.removed, row.changed) == (
            len(snapshot.keys() - both),
            len(before.keys() - both),
            sum(before[name] != snapshot[name] for name in both),
        )
        assert revisions.find(session, dataset, revision_id=row.id[:12]) == number
        hashes.append(row.content_sha256)
        before = snapshot
    for name, index in model.versions.items():
        assert revisions.find(session, dataset, version=name) == index + 1
    return hashes


def check_diff(world: World, model: Model, session: Session, base: int, target: int) -> None:
    dataset = world.locked(session)
    ids = [revisions.find_number(session, dataset, each + 1).id for each in (base, target)]
    found = diffs.diff(session, world.caller, world.dataset_id, Ends(*ids), 0, 1000)
    old, new = model.snapshots[base], model.snapshots[target]
    expected = {}
    for name in model.order:
        if old.get(name) != new.get(name):
            expected[name] = (
                "added" if name not in old else "removed" if name not in new else "changed"
            )
    assert {each["name"]: each["change"] for each in found["objects"]} == expected
    assert [each["name"] for each in found["objects"]] == list(expected), "in their order"
    for kind in ("added", "removed", "changed"):
        assert found[kind] == list(expected.values()).count(kind)  # type: ignore[literal-required]
    for each in found["objects"]:
        name = each["name"]
        for side, snapshot in (("before", old), ("after", new)):
            shown = each[side]  # type: ignore[literal-required]
            wanted = world.shown(name, snapshot[name]) if name in snapshot else None
            assert (shown and _comparable(shown)) == wanted
        fields = {"file": "file", "annotations": "labels", "customMetadata": "labels"}
        for shown_name in each["fields"]:
            key = fields.get(shown_name, shown_name)
            assert old[name][key] != new[name][key], (name, shown_name)
        assert each["fields"] or each["change"] != "changed"


def check_rows(world: World, model: Model, session: Session) -> None:
    """A change writes one state, and what was dropped has left nothing."""

    def count(table: type[Any]) -> int:
        return session.scalar(select(func.count()).where(table.dataset_number == world.number)) or 0

    states = 0
    for before, snapshot in zip(model.snapshots, model.snapshots[1:], strict=False):
        states += sum(before.get(name) != state for name, state in snapshot.items())
    assert count(DatasetState) == states
    assert count(DatasetObject) == len(model.order)
    ever = [state for snapshot in model.snapshots for state in snapshot.values()]
    assert count(DatasetFile) == len({state["file"] for state in ever})
    assert count(DatasetLabels) == len({state["labels"] for state in ever} - {0})


@pytest.fixture
def new_world(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], World]:
    """Make datasets in one database, changed by jobs with one object a chunk."""
    monkeypatch.setattr(push, "ENTRIES", 1)
    monkeypatch.setattr(restore, "OBJECTS", 1)
    monkeypatch.setattr(diffs, "WINDOW", 2)
    storage = Storage.from_url(settings.storage)
    with database.write() as session:
        rows = Rows(session)
        files = [rows.file(storage, b"x" * (each + 1)) for each in range(FILES)]

    def new() -> World:
        with database.write() as session:
            row = Rows(session).dataset()
            caller = Caller("", "", "", "", row.workspace_id, is_owner=True, credential_id="")
            return World(settings, database, row.id, row.number, files, caller)

    return new


@hypothesis.settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(series=st.lists(commands, min_size=1, max_size=8), data=st.data())
def test_any_series_of_changes_is_that_of_a_dict(
    new_world: Callable[[], World], series: list[tuple[str, Any]], data: st.DataObject
) -> None:
    world, model = new_world(), Model()
    for command, argument in series:
        carry_out(world, model, command, argument)
    with world.database.read() as session:
        hashes = check_revisions(world, model, session)
        check_rows(world, model, session)
        numbers = st.integers(0, len(model.snapshots) - 1)
        for _ in range(2):
            base, target = data.draw(numbers), data.draw(numbers)
            check_diff(world, model, session, base, target)
            check_diff(world, model, session, target, base)
    for one, other in itertools.combinations(range(len(hashes)), 2):
        same = model.snapshots[one] == model.snapshots[other]
        assert (hashes[one] == hashes[other]) == same
    # The same objects in another dataset, in another order, by one change.
    twin = replace(new_world(), files=world.files)
    twin.request(dict(sorted(model.head.items(), reverse=True)))
    with world.database.read() as session:
        dataset = twin.locked(session)
        assert revisions.find_number(session, dataset, dataset.head).content_sha256 == hashes[-1]
