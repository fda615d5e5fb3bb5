"""People who dance, run and stretch, labelled with the 17 keypoints of COCO."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from fastlabel_server.demo.samples import Json, SampleProject, answers, choice
from fastlabel_server.demo.scenes.colors import BLACK, WHITE, Color, darker, hexa, lighter, vertical
from fastlabel_server.demo.scenes.curves import Point, blob, box, ellipse
from fastlabel_server.demo.scenes.figures import (
    Outfit,
    Skeleton,
    Stance,
    hidden_keypoints,
    mirrored,
    paint_person,
    skeleton,
)
from fastlabel_server.demo.scenes.model import Label, Picture, encoded
from fastlabel_server.demo.scenes.moods import GOLDEN, MORNING
from fastlabel_server.demo.scenes.painter import Grade, Painter, Thing, area, stroke
from fastlabel_server.demo.scenes.scenery import HEIGHT, WIDTH, paint_sky, paint_tree

KEYPOINTS = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder",
    "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee",
    "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip
EDGES = (
    ("nose", "left_eye"), ("nose", "right_eye"), ("left_eye", "left_ear"),
    ("right_eye", "right_ear"), ("left_ear", "left_shoulder"), ("right_ear", "right_shoulder"),
    ("left_shoulder", "right_shoulder"), ("left_shoulder", "left_elbow"),
    ("left_elbow", "left_wrist"), ("right_shoulder", "right_elbow"),
    ("right_elbow", "right_wrist"), ("left_shoulder", "left_hip"), ("right_shoulder", "right_hip"),
    ("left_hip", "right_hip"), ("left_hip", "left_knee"), ("left_knee", "left_ankle"),
    ("right_hip", "right_knee"), ("right_knee", "right_ankle"),
)  # fmt: skip
_STANCES: dict[str, Stance] = {
    "tree": Stance((158, 196), (-158, -196), (2, 1), (-58, 58)),
    "warrior": Stance((92, 90), (-92, -90), (46, 46), (-66, -6), head_deg=-4),
    "star": Stance((132, 138), (-132, -138), (38, 30), (-38, -30)),
    "side_bend": Stance((150, 132), (-40, 26), (14, 12), (-14, -12), lean_deg=-18, head_deg=-6),
    "disco": Stance((142, 150), (-46, 34), (26, -2), (-14, -16), lean_deg=-5, head_deg=8),
    "wave": Stance((96, 150), (-96, -28), (12, 10), (-34, 6), lean_deg=6),
    "arabesque": Stance((-86, -82), (104, 98), (-88, -94), (4, 2), 30, -20, "right"),
    "leap": Stance((-96, -98), (106, 112), (-78, -84), (80, 82), 10, -4, "right"),
    "run": Stance((62, 150), (-58, 34), (-22, -86), (58, -18), 14, -6, "right"),
    "sprint": Stance((-64, 28), (66, 152), (64, -26), (-28, -74), 18, -10, "right"),
    "stretch": Stance((128, 140), (58, 62), (-38, -40), (66, 2), 12, -4, "right"),
}


def _studio(p: Painter, rng: Random) -> None:
    wall = hexa("#e5d8cb")
    p.fill(area(box(0, 0, WIDTH, 620)), vertical(lighter(wall, 0.3), wall))
    for x in (70, 470, 870):
        p.fill(box(x - 12, 68, x + 352, 492), hexa("#f6f0e6"))
        view = p.fill(area(box(x, 80, x + 340, 480)), vertical(hexa("#a9cfe2"), hexa("#e6efe4")))
        for k in range(5):
            tree = blob(rng, x + 30 + k * 76, 480, 60, 80)
            p.tint(area(tree).within(view), hexa("#8fb08a"), 0.6)
        for bar in (box(x + 166, 80, x + 174, 480), box(x, 276, x + 340, 284)):
            p.fill(bar, hexa("#f6f0e6"))
    _boards(p, 600, hexa("#c99b6d"))
    p.fill(box(0, 590, WIDTH, 604), hexa("#f2e9dc"))
    for x in (40, 440, 840):
        beam = area([(x + 60, 612), (x + 370, 612), (x + 250, HEIGHT), (x - 110, HEIGHT)])
        p.tint(beam.blurred(12), hexa("#fff2cf"), 0.28)


def _boards(p: Painter, top: float, wood: Color) -> None:
    p.fill(area(box(0, top, WIDTH, HEIGHT)), vertical(darker(wood, 0.12), wood, lighter(wood, 0.1)))
    for k in range(-14, 15):
        far, near = WIDTH / 2 + k * 62, WIDTH / 2 + k * 118
        p.tint(stroke([(far, top), (near, HEIGHT)], 1.6), darker(wood, 0.6), 0.3)


def _stage(p: Painter, rng: Random) -> None:
    night = hexa("#2a2146")
    p.fill(area(box(0, 0, WIDTH, HEIGHT)), vertical(darker(night, 0.5), night, hexa("#4c3568")))
    for k in range(26):
        x = k * 52 - 20
        fold = area(box(x, 0, x + 26, 610)).blurred(9)
        p.tint(fold, hexa("#7c3b63") if k % 2 else BLACK, 0.34)
    _boards(p, 604, hexa("#6e5577"))
    for x, color in ((260, "#ff9fb0"), (640, "#ffe2a8"), (1020, "#9fc6ff")):
        cone = area([(x - 16, -20), (x + 16, -20), (x + 190, 740), (x - 190, 740)])
        p.tint(cone.blurred(18), hexa(color), 0.24)
        p.tint(area(ellipse(x, 740, 200, 46)).blurred(14), hexa(color), 0.4)
    for _ in range(46):
        mote = ellipse(rng.uniform(0, WIDTH), rng.uniform(0, 600), rng.uniform(1, 3))
        p.tint(area(mote).blurred(1), WHITE, 0.4)


def _beach(p: Painter, rng: Random) -> None:
    paint_sky(p, rng, GOLDEN, 470)
    p.fill(
        area(box(0, 460, WIDTH, 620)), vertical(hexa("#e7b58c"), hexa("#6f9fae"), hexa("#8fc0bd"))
    )
    for _ in range(70):
        x, y = rng.gauss(230, 130), rng.uniform(468, 600)
        p.tint(area(ellipse(x, y, rng.uniform(10, 40), 1.5)), hexa("#fff2cf"), 0.5)
    p.fill(area([(0, 612), (400, 594), (900, 616), (WIDTH, 600), (WIDTH, HEIGHT), (0, HEIGHT)]),
           vertical(hexa("#e2c295"), hexa("#efd5a8"), hexa("#d9b685")))  # fmt: skip
    foam = [(0, 610), (400, 592), (900, 614), (WIDTH, 598)]
    p.tint(stroke(foam, 8).blurred(3), WHITE, 0.8)


def _park(p: Painter, rng: Random) -> None:
    paint_sky(p, rng, MORNING, 600)
    for level, color in ((430, "#a9c6a8"), (470, "#8fb487")):
        hill = blob(rng, rng.uniform(300, 900), level + 190, 980, 210, 0.06)
        p.fill(area(hill, box(0, level + 90, WIDTH, 660)), hexa(color))
    for x in (80, 250, 470, 820, 1010, 1210):
        paint_tree(p, rng, x, 560 + rng.uniform(-8, 10), rng.uniform(190, 270), hexa("#6f9a57"))
    p.fill(box(0, 560, WIDTH, HEIGHT), vertical(hexa("#8cb465"), hexa("#a4c274")))
    p.fill(
        [(0, 660), (WIDTH, 640), (WIDTH, 800), (0, 812)], vertical(hexa("#d08a6a"), hexa("#c4775a"))
    )
    for share in (0.04, 0.5, 0.96):
        path = [(0, 660 + 152 * share), (WIDTH, 640 + 160 * share)]
        p.tint(stroke(path, 4), WHITE, 0.7)


# Who is in each picture: stance, x, ground y, height, facing the other way, lifted by.
_PLACES: tuple[tuple[str, str, str, Callable[[Painter, Random], None], tuple[Any, ...]], ...] = (
    ("yoga-tree", "yoga", "completed", _studio, (
        ("tree", 330, 800, 520, False, 0), ("tree", 930, 800, 540, True, 0))),
    ("yoga-warrior", "yoga", "completed", _studio, (("warrior", 640, 800, 560, False, 0),)),
    ("ballet", "dance", "reviewed", _stage, (
        ("arabesque", 380, 770, 500, False, 0), ("leap", 910, 745, 480, True, 70))),
    ("disco", "dance", "completed", _stage, (
        ("disco", 260, 765, 500, False, 0), ("wave", 640, 790, 510, False, 0),
        ("side_bend", 1020, 765, 500, True, 0))),
    ("beach-jump", "sport", "sent_back", _beach, (
        ("star", 360, 800, 450, False, 90), ("star", 880, 800, 470, False, 60))),
    ("morning-run", "sport", "completed", _park, (
        ("run", 330, 780, 430, False, 0), ("sprint", 830, 785, 440, False, 0))),
    ("stretching", "sport", "registered", _park, (
        ("stretch", 350, 790, 460, False, 0), ("side_bend", 900, 785, 450, False, 0))),
    ("rehearsal", "dance", "registered", _studio, (
        ("wave", 250, 780, 500, True, 0), ("arabesque", 620, 800, 500, True, 0),
        ("disco", 1060, 785, 505, False, 0))),
)  # fmt: skip
_OUTFITS = (
    Outfit(hexa("#f0c6a2"), hexa("#5b3b28"), hexa("#4f7f9e"), hexa("#2f3a52"), hexa("#f2efe8"),
           "bun", "none"),
    Outfit(hexa("#8a5a3c"), hexa("#1f1d24"), hexa("#e0b354"), hexa("#3d3550"), hexa("#e8e2d8"),
           "short", "short", "shorts"),
    Outfit(hexa("#dca27a"), hexa("#2f2624"), hexa("#c25d78"), hexa("#8f3f60"), hexa("#f0d9d2"),
           "long", "none", "skirt"),
    Outfit(hexa("#b57a55"), hexa("#3a2a20"), hexa("#5f8f72"), hexa("#34483f"), hexa("#ece6da"),
           "bun", "long"),
    Outfit(hexa("#f3cfae"), hexa("#a9743f"), hexa("#d9735b"), hexa("#47395c"), hexa("#f2efe8"),
           "short", "short"),
)  # fmt: skip


def _person(p: Painter, place: tuple[Any, ...], outfit: Outfit) -> tuple[Thing, Skeleton, Stance]:
    name, x, y, height, turned, lift = place
    stance = mirrored(_STANCES[name]) if turned else _STANCES[name]
    ground: Point = (x, y - lift)
    joints = skeleton(stance, height, ground)
    xs = [joint[0] for joint in joints.values()]
    middle, wide = (min(xs) + max(xs)) / 2, (max(xs) - min(xs)) / 2
    p.tint(area(ellipse(middle, y, wide, 12)).blurred(9 + lift * 0.1), (24, 18, 40), 0.45)
    with p.thing() as thing:
        paint_person(p, joints, stance, outfit)
    return thing, joints, stance


def _annotation(p: Painter, thing: Thing, joints: Skeleton, stance: Stance, activity: str) -> Label:
    pixels = p.visible(thing)
    hidden = hidden_keypoints(joints, stance)
    keypoints = []
    for key in KEYPOINTS:
        x, y = joints[key]
        seen = key not in hidden and pixels.getpixel((int(x), int(y))) == 255
        keypoints.append({"key": key, "value": [round(x, 1), round(y, 1), int(seen)]})
    annotation: Json = {
        "type": "pose_estimation",
        "value": "person",
        "keypoints": keypoints,
        "attributes": answers(activity=activity),
    }
    return Label(annotation, pixels)


def pictures() -> Iterator[Picture]:
    """Paint eight pictures with one to three people each."""
    for number, (name, activity, status, paint_place, people) in enumerate(_PLACES):
        p = Painter()
        paint_place(p, Random(60 + number))  # noqa: S311
        found = [
            _person(p, place, _OUTFITS[(number + k * 2) % len(_OUTFITS)])
            for k, place in enumerate(people)
        ]
        yield Picture(
            f"{name}.jpg",
            p.finish(Grade(vignette=0.24)),
            tuple(_annotation(p, *person, activity) for person in found),
            status=status,
            tags=(activity,),
        )


def _keypoint(key: str) -> Json:
    side = key.split("_")[0]
    linked = [b for a, b in EDGES if a == key] + [a for a, b in EDGES if b == key]
    return {
        "key": key,
        "name": key.replace("_", " ").capitalize(),
        "color": {"left": "#3bb273", "right": "#e4572e"}.get(side, "#f2b134"),
        "edges": linked,
    }


PROJECT = SampleProject(
    name="Dancers",
    slug="dancers",
    type="image_pose_estimation",
    classes=(
        {
            "type": "pose_estimation",
            "value": "person",
            "title": "Person",
            "color": "#2e86ab",
            "attributes": [choice("radio", "activity", "Activity", "yoga", "dance", "sport")],
            "keypoints": [_keypoint(key) for key in KEYPOINTS],
        },
    ),
    tasks=encoded(pictures),
)
