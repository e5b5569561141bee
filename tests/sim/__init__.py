"""The deterministic simulator; see README.md beside this file."""

from tests.sim.runs import run, run_seed

__all__ = ["run", "run_seed"]
