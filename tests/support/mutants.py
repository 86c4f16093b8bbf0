"""Judges what `make mutate` has run: how many of the mutants of the decision module no test minded, and which."""

import json
import subprocess
import sys
from pathlib import Path

STATS = Path("mutants/mutmut-cicd-stats.json")
LEAST = 0.95
"""Of all mutants, how many must be killed. Every survivor is explained in docs/access.md."""
FEWEST = 100
"""With fewer mutants than this the run has not looked at the whole module."""


def judged(stats: dict[str, int]) -> tuple[str, bool]:
    """The sentence about a run, and whether it is good enough."""
    total, killed = stats["total"], stats["killed"] + stats["timeout"]
    good = total >= FEWEST and killed >= LEAST * total and not stats["check_was_interrupted_by_user"]
    return f"{killed} of {total} mutants of auth/access.py were killed; at least {LEAST:.0%} must be.", good


def main() -> int:
    """Print the sentence, and every mutant that lives; 1 when it is not good enough."""
    if not STATS.exists():
        print("The run has left no figures: the tests fail without a mutant, or it was interrupted.")
        return 1
    said, good = judged(json.loads(STATS.read_text("utf-8")))
    print(said)
    listed = subprocess.run(
        [Path(sys.executable).with_name("mutmut"), "results"], capture_output=True, text=True, check=False
    )
    print(listed.stdout.strip())
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
