"""Video and audio that belong together: a player for each, and one time line."""

from __future__ import annotations

from fastlabel_server.web.views.audio import stage
from fastlabel_server.web.views.base import View

VIEW = View("views/players.html", stage)
