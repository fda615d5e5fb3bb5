"""What users of the official clients do, one function a scenario; runs inside their environments.

Nothing here imports pytest or our own packages: only the official client, Pillow, which comes
with it, and the standard library.
"""
