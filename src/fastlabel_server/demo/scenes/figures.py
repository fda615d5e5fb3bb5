"""People drawn over a skeleton of the 17 keypoints of COCO.

A stance is written as angles of the limbs: 0 hangs down, positive towards the right of the
picture, 180 points up. Left and right are the person's own.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from fastlabel_server.demo.scenes.colors import Color, darker, hexa, rounded
from fastlabel_server.demo.scenes.curves import Point, between, ellipse, limb, placed, smooth
from fastlabel_server.demo.scenes.painter import Painter, area, stroke

Facing = Literal["front", "left", "right"]
Skeleton = dict[str, Point]

# Lengths as shares of the body's height.
_TORSO, _NECK, _HEAD = 0.29, 0.062, 0.072
_UPPER_ARM, _FOREARM, _THIGH, _SHIN, _FOOT = 0.165, 0.15, 0.245, 0.24, 0.075
_SHOULDER, _HIP = 0.098, 0.052


@dataclass(frozen=True)
class Stance:
    """Angles in degrees: (upper arm, forearm) and (thigh, shin) of both sides, and the torso's."""

    left_arm: tuple[float, float] = (12, 8)
    right_arm: tuple[float, float] = (-12, -8)
    left_leg: tuple[float, float] = (4, 2)
    right_leg: tuple[float, float] = (-4, -2)
    lean_deg: float = 0
    head_deg: float = 0
    facing: Facing = "front"


@dataclass(frozen=True)
class Outfit:
    skin: Color
    hair: Color
    top: Color
    bottom: Color
    shoes: Color
    hair_style: Literal["short", "bun", "long"] = "short"
    sleeves: Literal["long", "short", "none"] = "short"
    legs: Literal["trousers", "shorts", "skirt"] = "trousers"


def skeleton(stance: Stance, height: float, ground: Point) -> Skeleton:
    """Return the 17 keypoints, and neck, head centre and toes, of a person who stands there.

    The lower foot touches the ground's y, and the hips are above its x.
    """
    turn = {"front": 0.0, "right": 1.0, "left": -1.0}[stance.facing]
    spread = 1.0 if not turn else 0.22
    up = stance.lean_deg + 180
    hips = (0.0, 0.0)
    chest = _step(hips, -up, _TORSO)
    joints: Skeleton = {}
    for side, sign in (("left", 1), ("right", -1)):
        across = sign * spread * (1 if not turn else -turn)
        slope = math.radians(stance.lean_deg)
        shoulder = (chest[0] + across * _SHOULDER * math.cos(slope),
                    chest[1] + across * _SHOULDER * math.sin(slope))  # fmt: skip
        hip = (across * _HIP * math.cos(slope), across * _HIP * math.sin(slope))
        arm = stance.left_arm if side == "left" else stance.right_arm
        leg = stance.left_leg if side == "left" else stance.right_leg
        elbow = _step(shoulder, arm[0], _UPPER_ARM)
        knee = _step(hip, leg[0], _THIGH)
        ankle = _step(knee, leg[1], _SHIN)
        toe_deg = leg[1] + (85 * turn if turn else 38 * sign)
        joints |= {
            f"{side}_shoulder": shoulder,
            f"{side}_elbow": elbow,
            f"{side}_wrist": _step(elbow, arm[1], _FOREARM),
            f"{side}_hip": hip,
            f"{side}_knee": knee,
            f"{side}_ankle": ankle,
            f"{side}_toe": _step(ankle, toe_deg, _FOOT * (1 if turn else 0.62)),
        }
    joints |= _head(chest, stance.lean_deg + stance.head_deg, turn)
    low = max(y for key, (_, y) in joints.items() if key.endswith(("ankle", "toe", "wrist")))
    sole = 0.022
    return {
        key: (ground[0] + x * height, ground[1] + (y - low - sole) * height)
        for key, (x, y) in joints.items()
    }


def _head(chest: Point, tilt_deg: float, turn: float) -> Skeleton:
    centre = _step(chest, -(tilt_deg + 180), _NECK + _HEAD)
    face = {"nose": (0.3 * turn, 0.18)}
    for side, sign in (("left", 1), ("right", -1)):
        if turn:
            face[f"{side}_eye"] = ((0.68 + (0.1 if sign == turn else -0.06)) * turn * 0.9, -0.1)
            face[f"{side}_ear"] = ((-0.12 if sign != -turn else -0.02) * turn, 0.02)
        else:
            face[f"{side}_eye"] = (sign * 0.34, -0.08)
            face[f"{side}_ear"] = (sign * 0.86, 0.04)
    if turn:
        face["nose"] = (0.98 * turn, 0.14)
    points = placed(face.values(), centre, _HEAD, tilt_deg)
    return {"head": centre, "neck": chest, **dict(zip(face, points, strict=True))}


def _step(start: Point, angle_deg: float, length: float) -> Point:
    angle = math.radians(angle_deg)
    return (start[0] + math.sin(angle) * length, start[1] + math.cos(angle) * length)


def paint_person(p: Painter, joints: Skeleton, stance: Stance, outfit: Outfit) -> None:
    """Paint a person: the far side first, then the body and head, then the near side."""
    height = _height(joints)
    near, far = ("right", "left") if stance.facing == "right" else ("left", "right")
    side_on = stance.facing != "front"
    dim = _dimmed(outfit) if side_on else outfit
    raised = {
        side: joints[f"{side}_elbow"][1] < joints[f"{side}_shoulder"][1] for side in (near, far)
    }
    if outfit.hair_style == "long":
        _long_hair(p, joints, stance, outfit, height)
    _arm(p, joints, far, dim, height) if side_on or not raised[far] else None
    _leg(p, joints, far, dim, height)
    _leg(p, joints, near, outfit, height)
    if outfit.legs == "skirt":
        _skirt(p, joints, outfit, height)
    neck = limb(joints["neck"], joints["head"], 0.05 * height, 0.045 * height)
    p.fill(neck, darker(outfit.skin, 0.14))
    _torso(p, joints, outfit, height, side_on)
    _paint_head(p, joints, stance, outfit, height)
    if not side_on and raised[far]:
        _arm(p, joints, far, outfit, height)
    _arm(p, joints, near, outfit, height)


def _height(joints: Skeleton) -> float:
    """Return the body's height from the torso, which no stance bends."""
    hips = between(joints["left_hip"], joints["right_hip"], 0.5)
    return math.dist(hips, joints["neck"]) / _TORSO


def _dimmed(outfit: Outfit) -> Outfit:
    return replace(
        outfit,
        skin=darker(outfit.skin, 0.18),
        top=darker(outfit.top, 0.22),
        bottom=darker(outfit.bottom, 0.22),
    )


def mirrored(stance: Stance) -> Stance:
    """Return the stance as a mirror shows it: the left side does what the right one did."""
    facing: dict[Facing, Facing] = {"front": "front", "left": "right", "right": "left"}
    swapped = {
        f"{side}_{part}": tuple(-angle for angle in getattr(stance, f"{other}_{part}"))
        for side, other in (("left", "right"), ("right", "left"))
        for part in ("arm", "leg")
    }
    return Stance(
        **swapped,
        lean_deg=-stance.lean_deg,
        head_deg=-stance.head_deg,
        facing=facing[stance.facing],
    )


def _tube(p: Painter, a: Point, b: Point, widths: tuple[float, float], color: Color) -> None:
    mask = p.fill(limb(a, b, *widths), color)
    if widths[0] > 7:
        p.relief(mask, max(1.5, widths[0] * 0.3), 0.55, darker(color, 0.75))


def _leg(p: Painter, joints: Skeleton, side: str, outfit: Outfit, height: float) -> None:
    hip, knee, ankle, toe = (joints[f"{side}_{part}"] for part in ("hip", "knee", "ankle", "toe"))
    lower = outfit.bottom if outfit.legs == "trousers" else outfit.skin
    upper = outfit.skin if outfit.legs == "skirt" else outfit.bottom
    shoe = limb(between(ankle, toe, -0.22), toe, 0.046 * height, 0.034 * height)
    _tube(p, knee, ankle, (0.062 * height, 0.04 * height), lower)
    p.fill(shoe, outfit.shoes)
    if outfit.legs == "shorts":
        _tube(p, hip, knee, (0.092 * height, 0.064 * height), outfit.skin)
        _tube(p, hip, between(hip, knee, 0.62), (0.102 * height, 0.088 * height), upper)
    else:
        _tube(p, hip, knee, (0.1 * height, 0.066 * height), upper)


def _arm(p: Painter, joints: Skeleton, side: str, outfit: Outfit, height: float) -> None:
    shoulder, elbow, wrist = (joints[f"{side}_{part}"] for part in ("shoulder", "elbow", "wrist"))
    sleeve = {"long": 1.0, "short": 0.6, "none": 0.0}[outfit.sleeves]
    hand = between(elbow, wrist, 1.12)
    p.fill(ellipse(*hand, 0.021 * height, 0.019 * height), outfit.skin)
    fore = outfit.top if sleeve == 1 else outfit.skin
    _tube(p, elbow, wrist, (0.046 * height, 0.031 * height), fore)
    _tube(p, shoulder, elbow, (0.058 * height, 0.046 * height), fore)
    if sleeve:
        end = between(shoulder, elbow, min(1, sleeve))
        _tube(p, shoulder, end, (0.066 * height, 0.056 * height), outfit.top)


def _torso(p: Painter, joints: Skeleton, outfit: Outfit, height: float, side_on: bool) -> None:
    ls, rs, lh, rh = (
        joints[key] for key in ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
    )
    grow = 0.34 if side_on else 0.14
    chest, hips = between(ls, rs, 0.5), between(lh, rh, 0.5)
    waist = between(chest, hips, 0.66)
    width = max(math.dist(ls, rs), 0.1 * height if side_on else 0)
    along = ((hips[0] - chest[0]) / height / _TORSO, (hips[1] - chest[1]) / height / _TORSO)
    across = (along[1], -along[0])

    def at(base: Point, share: float, down: float = 0) -> Point:
        return (base[0] + across[0] * width * share + along[0] * down * height,
                base[1] + across[1] * width * share + along[1] * down * height)  # fmt: skip

    half = 0.5 + grow
    outline = smooth([
        at(chest, 0.16, -0.03), at(chest, half * 0.86, -0.018), at(chest, half, 0.03),
        at(chest, half * 0.84, 0.1), at(waist, 0.42), at(hips, 0.5 if side_on else 0.46, 0.01),
        at(hips, 0.3, 0.045), at(hips, -0.3, 0.045), at(hips, -0.5 if side_on else -0.46, 0.01),
        at(waist, -0.42), at(chest, -half * 0.84, 0.1), at(chest, -half, 0.03),
        at(chest, -half * 0.86, -0.018), at(chest, -0.16, -0.03),
    ], steps=5)  # fmt: skip
    mask = p.fill(outline, rounded(outfit.top, 0.12))
    p.relief(mask, 0.03 * height, 0.6, darker(outfit.top, 0.75))
    if outfit.legs != "skirt":
        belt = area(
            [at(hips, 1, -0.012), at(hips, -1, -0.012), at(hips, -1, 0.1), at(hips, 1, 0.1)]
        )
        p.tint(belt.within(mask), outfit.bottom, 1)


def _skirt(p: Painter, joints: Skeleton, outfit: Outfit, height: float) -> None:
    left, right = joints["left_hip"], joints["right_hip"]
    hems = [between(joints[f"{s}_hip"], joints[f"{s}_knee"], 0.82) for s in ("left", "right")]
    hems.sort()
    sides = sorted((left, right))
    pad = 0.06 * height
    middle = between(hems[0], hems[1], 0.5)
    outline = smooth([
        (sides[0][0] - 0.03 * height, sides[0][1] - 0.05 * height),
        (sides[1][0] + 0.03 * height, sides[1][1] - 0.05 * height),
        (hems[1][0] + pad, hems[1][1]), (middle[0], middle[1] + 0.035 * height),
        (hems[0][0] - pad, hems[0][1]),
    ], steps=6)  # fmt: skip
    mask = p.fill(outline, rounded(outfit.bottom, 0.15))
    p.relief(mask, 0.03 * height, 0.7, darker(outfit.bottom, 0.7))


def _long_hair(p: Painter, joints: Skeleton, stance: Stance, outfit: Outfit, height: float) -> None:
    head, turn = joints["head"], {"front": 0, "right": -1, "left": 1}[stance.facing]
    tilt = stance.lean_deg + stance.head_deg
    shape = [(-1.05, -0.4), (0, -1.2), (1.05, -0.4), (1.1, 0.9), (0.75, 1.7), (-0.75, 1.7),
             (-1.1, 0.9)]  # fmt: skip
    lock = placed([(x * (0.7 if turn else 1) + turn * 0.5, y) for x, y in shape],
                  head, _HEAD * height, tilt)  # fmt: skip
    p.fill(smooth(lock), darker(outfit.hair, 0.2))


def _paint_head(
    p: Painter, joints: Skeleton, stance: Stance, outfit: Outfit, height: float
) -> None:
    head, tilt = joints["head"], stance.lean_deg + stance.head_deg
    size = _HEAD * height
    turn = {"front": 0, "right": 1, "left": -1}[stance.facing]

    def at(points: list[Point]) -> list[Point]:
        return placed(points, head, size, tilt, flip=turn < 0)

    if outfit.hair_style == "bun":
        p.fill(ellipse(*at([(-0.75 if turn else 0, -1.05)])[0], 0.42 * size), outfit.hair)
    for side in ("left", "right") if not turn else ():
        p.fill(ellipse(*joints[f"{side}_ear"], 0.17 * size, 0.24 * size), darker(outfit.skin, 0.1))
    face = [(-0.84, -0.2), (-0.6, -0.9), (0.1, -1.08), (0.74, -0.8), (0.84, -0.16), (0.78, 0.42),
            (0.42, 0.92), (0, 1.04), (-0.42, 0.92), (-0.78, 0.42)]  # fmt: skip
    if turn:
        face = [(-0.9, -0.1), (-0.66, -0.86), (0, -1.06), (0.6, -0.86), (0.8, -0.3), (0.8, -0.06),
                (1.0, 0.18), (0.82, 0.3), (0.8, 0.62), (0.6, 0.98), (0.1, 0.86),
                (-0.5, 0.72)]  # fmt: skip
    skin = p.fill(smooth(at(face), steps=6), outfit.skin)
    p.relief(skin, max(1.5, 0.3 * size), 0.4, darker(outfit.skin, 0.7))
    _hair(p, at, turn, outfit)
    eyes = [joints[f"{s}_eye"] for s in ("left", "right")]
    if turn:
        near = "right" if turn > 0 else "left"
        eyes = [joints[f"{near}_eye"]]
        p.fill(ellipse(*joints[f"{near}_ear"], 0.17 * size, 0.24 * size), darker(outfit.skin, 0.1))
    for x, y in eyes:
        p.fill(ellipse(x, y, max(0.8, 0.085 * size), max(0.9, 0.11 * size)), hexa("#2a2026"))
    if size < 12:
        return
    p.tint(stroke(at([(-0.46 if not turn else 0.42, -0.32), (-0.2 if not turn else 0.7, -0.37)]),
                  0.07 * size), outfit.hair, 0.8)  # fmt: skip
    if not turn:
        p.tint(stroke(at([(0.2, -0.37), (0.46, -0.32)]), 0.07 * size), outfit.hair, 0.8)
        nose = smooth(at([(-0.02, 0.0), (0.09, 0.2), (-0.04, 0.24)]), closed=False)
        p.tint(stroke(nose, 0.06 * size), darker(outfit.skin, 0.45), 0.7)
    mouth = [(-0.22, 0.5), (0, 0.6), (0.22, 0.5)] if not turn else [(0.48, 0.54), (0.76, 0.5)]
    p.tint(stroke(smooth(at(mouth), closed=False), 0.08 * size), hexa("#9c4a45"), 0.8)
    cheeks = [(-0.5, 0.3), (0.5, 0.3)] if not turn else [(0.42, 0.28)]
    for x, y in at(cheeks):
        p.tint(area(ellipse(x, y, 0.2 * size)).blurred(0.1 * size), hexa("#d9705f"), 0.3)


def _hair(p: Painter, at: Callable[[list[Point]], list[Point]], turn: int, outfit: Outfit) -> None:
    if turn:
        cap = [(0.78, -0.5), (0.3, -0.5), (0.08, -0.2), (-0.05, -0.2), (-0.3, 0.1), (-0.42, 0.66),
               (-0.84, 0.46), (-1.02, -0.2), (-0.7, -0.96), (0, -1.22), (0.62, -1.02)]  # fmt: skip
    else:
        cap = [(-0.84, 0.02), (-0.74, -0.42), (-0.2, -0.62), (0.3, -0.5), (0.72, -0.36),
               (0.86, 0.02), (0.94, -0.4), (0.72, -1.0), (0, -1.26), (-0.72, -1.0),
               (-0.94, -0.4)]  # fmt: skip
    mask = p.fill(smooth(at(cap), steps=6), outfit.hair)
    p.relief(mask, 3, 0.35, darker(outfit.hair, 0.5))


def hidden_keypoints(joints: Skeleton, stance: Stance) -> set[str]:
    """Return the keys that the person's own body covers when seen from the side."""
    if stance.facing == "front":
        return set()
    near, far = ("right", "left") if stance.facing == "right" else ("left", "right")
    height = _height(joints)
    chains = (("shoulder", "elbow", 0.03), ("elbow", "wrist", 0.022), ("hip", "knee", 0.045),
              ("knee", "ankle", 0.028))  # fmt: skip
    covers = [(joints[f"{near}_{a}"], joints[f"{near}_{b}"], w * height) for a, b, w in chains]
    covers.append((joints["neck"], between(joints["left_hip"], joints["right_hip"], 0.5),
                   0.062 * height))  # fmt: skip
    hidden = {f"{far}_{part}" for part in ("eye", "ear", "shoulder", "hip")}
    for part in ("elbow", "wrist", "knee", "ankle"):
        point = joints[f"{far}_{part}"]
        if any(_distance(point, a, b) < width for a, b, width in covers):
            hidden.add(f"{far}_{part}")
    return hidden


def _distance(point: Point, a: Point, b: Point) -> float:
    """Return how far a point is from the stretch between a and b."""
    (x, y), (dx, dy) = (point[0] - a[0], point[1] - a[1]), (b[0] - a[0], b[1] - a[1])
    share = min(1.0, max(0.0, (x * dx + y * dy) / (dx * dx + dy * dy or 1)))
    return math.hypot(x - share * dx, y - share * dy)
