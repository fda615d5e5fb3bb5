"""Colours for what was given none."""

from __future__ import annotations

COLORS = (
    "#e41a1c", "#377eb8", "#4daf4a", "#984ea3", "#ff7f00", "#a65628",
    "#f781bf", "#1b9e77", "#d95f02", "#7570b3", "#66a61e", "#e6ab02",
)  # fmt: skip
"""ColorBrewer's Set1 and Dark2."""
