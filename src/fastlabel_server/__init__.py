"""The FastLabel server: REST API, web pages, background workers."""
