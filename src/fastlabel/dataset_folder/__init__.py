"""Datasets in folders of this machine: brought there, and what changed there sent back."""
