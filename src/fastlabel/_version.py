"""The one version of the distribution: SDK, server and web app are released together."""

__version__ = "0.4.0"
