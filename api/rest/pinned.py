"""What stands in openapi/ for partners to read: the interface description and the charter, reviewed as a difference.

`python -m api.rest.pinned --update` writes both anew; a test compares them on every run.
"""

import json
import sys
from pathlib import Path

from api.rest import app
from api.rest.openapi import document
from plan.charter import as_table

SHELF = Path(__file__).parents[2] / "openapi"
_CHARTER = """\
# The charter

What the agencies agreed: `-` nothing, `r` read, `c` contribute (read; add entries; change the agency's own), `m` manage
(change any entry); with `*` only where the person has consented.

"""


def pinned() -> dict[str, str]:
    """What should stand in openapi/ now, by file name."""
    described = json.dumps(document(app(None).routes), indent=2, ensure_ascii=False)
    return {"rest.json": f"{described}\n", "charter.md": _CHARTER + as_table()}


def main(arguments: list[str], shelf: Path = SHELF) -> int:
    """Compare, or with --update write; 1 when something differs."""
    differs = 0
    for name, said in pinned().items():
        file = shelf / name
        if "--update" in arguments:
            file.write_text(said, encoding="utf-8")
        elif not file.exists() or file.read_text(encoding="utf-8") != said:
            differs = 1
            sys.stderr.write(f"{name} differs: run python -m api.rest.pinned --update\n")
    return differs


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
