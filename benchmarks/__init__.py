"""What the design promises about speed and memory, measured: `python -m benchmarks [NAME ...]`.

Every benchmark is one module with a function `run(bench) -> Table`. Both sides of a comparison
are measured in the same run, on the same machine, through real processes and real files.
"""
