"""What a benchmark found: rows of two sides, their ratio, and the budget they are held to."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from rich.table import Table as ShownTable


@dataclass(frozen=True)
class Row:
    """One measurement of ours, beside that of the other side where there is one."""

    work: str
    ours: float
    unit: str
    other: float | None = None
    ratio: float | None = None
    budget: str = ""
    met: bool | None = None


def faster(
    work: str,
    ours: float,
    other: float,
    unit: str,
    *,
    at_least: float | None = None,
    under: float | None = None,
) -> Row:
    """Ours against another program: the ratio says how many times it takes what ours takes.

    The budget is either a ratio, or a limit of ours.
    """
    ratio = other / ours
    if at_least is not None:
        return Row(work, ours, unit, other, ratio, f"{at_least:g} times", ratio >= at_least)
    return replace(alone(work, ours, unit, under=under), other=other, ratio=ratio)


def slower(work: str, ours: float, base: float, unit: str, *, under: float) -> Row:
    """A harder case of ours against an easier one: the ratio says what the harder one costs."""
    ratio = ours / base
    return Row(work, ours, unit, base, ratio, f"under {under:g} times", ratio < under)


def alone(work: str, ours: float, unit: str, *, under: float | None = None) -> Row:
    """A figure with nothing to compare it with but its budget."""
    if under is None:
        return Row(work, ours, unit)
    return Row(work, ours, unit, budget=f"under {under:g} {unit}", met=ours < under)


@dataclass
class Table:
    """The rows of one benchmark."""

    title: str
    other: str = ""
    """Who or what the other side is."""
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def shown(self) -> ShownTable:
        """Return the table for a terminal, notes below it."""
        shown = ShownTable(
            title=self.title, title_justify="left", caption="\n".join(self.notes) or None
        )
        shown.caption_justify = "left"
        shown.add_column("work")
        shown.add_column("ours", justify="right")
        shown.add_column(self.other, justify="right")
        shown.add_column("ratio", justify="right")
        shown.add_column("budget")
        for row in self.rows:
            shown.add_row(
                row.work,
                f"{_number(row.ours)} {row.unit}",
                "" if row.other is None else f"{_number(row.other)} {row.unit}",
                "" if row.ratio is None else _number(row.ratio),
                row.budget + {None: "", True: ": met", False: ": MISSED"}[row.met],
            )
        return shown

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
