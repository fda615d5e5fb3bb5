"""Datasets: objects, their revisions, and the ways in and out."""
