"""Masks: pixels of objects, their outlines and their run-length encoding."""

from __future__ import annotations
