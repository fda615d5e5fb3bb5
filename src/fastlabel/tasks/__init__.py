"""The methods for tasks, one module per kind."""
