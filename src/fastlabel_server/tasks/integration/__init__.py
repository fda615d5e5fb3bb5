"""Integration by prefix: the labels of a file that was split, put together from its parts."""
