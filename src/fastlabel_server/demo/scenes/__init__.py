"""Sample projects of pictures made here, with labels known to the pixel."""

from fastlabel_server.demo.scenes import avenue, bakery, dancers, islands, street, weather

SCENES = (street, bakery, islands, dancers, weather, avenue)
"""Modules with a `PROJECT` and the `pictures` that its tasks are made of."""
