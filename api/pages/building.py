"""Builds the styles and scripts of the pages from their npm packages, and lets nothing lead to another host.

`python -m api.pages.building` fetches the packages with npm, by the versions and hashes of web/package-lock.json;
`--packages FOLDER` takes a node_modules that is there already. The licensed font that the styles would fetch from a
host of the NHS is dropped: the system's own is used.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from api.pages.theming import themed

HERE = Path(__file__).parent
WEB, BUILT = HERE / "web", HERE / "assets"
_NHSUK = "nhsuk-frontend/dist/nhsuk"
FILES: Mapping[str, str] = {
    "nhsuk.css": f"{_NHSUK}/nhsuk-frontend.min.css",
    "nhsuk.js": f"{_NHSUK}/nhsuk-frontend.min.js",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "htmx-sse.js": "htmx.org/dist/ext/hx-sse.min.js",
    "arrow-down.svg": f"{_NHSUK}/assets/images/nhsuk-icon-arrow-down.svg",
    "arrow-up.svg": f"{_NHSUK}/assets/images/nhsuk-icon-arrow-up.svg",
    "arrow-up-down.svg": f"{_NHSUK}/assets/images/nhsuk-icon-arrow-up-down.svg",
    "cross.svg": f"{_NHSUK}/assets/images/nhsuk-icon-cross.svg",
}
"""What is kept, and where in the packages it comes from."""
_FONT = re.compile(r"@font-face\{.*?\}")
_IMAGE = re.compile(r"url\(/assets/images/nhsuk-icon-")
_FAMILY = re.compile(r"Frutiger W01,arial,sans-serif")
_MAP = re.compile(r"\s*(//# sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)\s*\Z")
_ELSEWHERE = re.compile(r"""url\(["']?(?:https?:)?//|@import""")


def styled(css: str) -> str:
    """The styles without what they would fetch from elsewhere. Raises ValueError when something still would."""
    own = _IMAGE.sub("url(", _FAMILY.sub("system-ui,arial,sans-serif", _FONT.sub("", css)))
    if _ELSEWHERE.search(own):
        raise ValueError("The styles load something from another host; look at the new version before it is taken.")
    return themed(own)


def build(packages: Path, into: Path = BUILT) -> None:
    """Write the assets anew. `packages`: a node_modules that holds what web/package.json names."""
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir()
    for name, source in FILES.items():
        text = _MAP.sub("\n", (packages / source).read_text("utf-8"))
        (into / name).write_text(styled(text) if name.endswith(".css") else text, "utf-8")


def fetch(into: Path) -> Path:
    """Fetch the packages below a folder. Raises CalledProcessError, with what npm says on standard error."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(WEB / name, into / name)
    npm = shutil.which("npm") or "npm"
    subprocess.run([npm, "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=into, check=True)  # noqa: S603 - our own words
    return into / "node_modules"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Build the styles and scripts of the pages.")
    parser.add_argument("--packages", type=Path, help="a node_modules that is there already")
    packages = parser.parse_args().packages
    if packages:
        build(packages)
        return
    if shutil.which("npm") is None:
        sys.exit("Node is not here (npm): the service will start and serve its API, and no pages.")
    with tempfile.TemporaryDirectory() as folder:
        build(fetch(Path(folder)))


if __name__ == "__main__":
    main()
