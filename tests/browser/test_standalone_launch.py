"""The standalone launch, whole, in a real browser: a small SMART app on the npm fhirclient, sign-in, consent, and back.

The user takes one scope away on the consent screen; the app is told so, and what it does all the same is refused.
SMART App Launch 2.2, "App Launch: Standalone Launch".
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from auth.sign_in.common import DEMONSTRATION
from tests.clients.test_javascript_clients import clients  # noqa: F401 - the fixture that installs fhirclient
from tests.support.served import environment, serving

APP = Path(__file__).parent / "smart_app"
ADAS_NUMBER = "900 000 0009"
SCOPE = "openid fhirUser launch/patient patient/Patient.rs patient/Goal.rs patient/Task.rs"


@contextmanager
def app(library: Path) -> Iterator[str]:
    """The app's own origin: its page at every address, its script and the library."""

    class Files(SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            name = path.partition("?")[0].lstrip("/")
            known = {"app.js": APP / "app.js", "fhir-client.js": library}
            return str(known.get(name, APP / "index.html"))

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def registered(folder: Path, redirect: str) -> str:
    """The app's client id, as `oneplan client add` gives it."""
    command = [str(Path(sys.executable).parent / "oneplan"), "client", "add", "Small app"]
    said = subprocess.run(
        [*command, "--redirect", redirect, "--scope", SCOPE, "--database", f"sqlite:///{folder / 'oneplan.db'}"],
        env=environment(ONEPLAN_DEVELOPMENT_KEY=str(folder / "key.json")),
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    client: str = json.loads(said)["client_id"]
    return client


def test_a_scope_that_is_taken_away_is_not_there_for_the_app(page: Page, tmp_path: Path, clients: Path) -> None:  # noqa: F811 - the fixture
    with app(clients / "node_modules/fhirclient/build/fhir-client.js") as origin:
        settings = {"ONEPLAN_ORIGINS": json.dumps([origin]), "ONEPLAN_DEVELOPMENT_KEY": str(tmp_path / "key.json")}
        with serving(tmp_path, "--demo", **settings) as server:
            client = registered(tmp_path, f"{origin}/back")
            page.goto(f"{origin}/launch?client={client}&iss={server.base}/fhir/R4")
            page.get_by_label("User name").fill("clinician-p10001")
            page.get_by_label("Password").fill(DEMONSTRATION)
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_role("heading", name="Allow Small app?")).to_be_visible()
            page.get_by_role("textbox", name="NHS number").fill(ADAS_NUMBER)
            page.get_by_role("button", name="Find").click()
            expect(page.get_by_role("radio")).to_be_checked()
            page.get_by_label("goals of the person you choose").uncheck()
            page.get_by_role("button", name="Allow").click()
            expect(page.locator("#state")).to_have_text("connected", timeout=30_000)
            assert "patient/Goal" not in page.locator("#scope").inner_text()
            assert "patient/Task.rs" in page.locator("#scope").inner_text()
            shown = {name: page.locator(f"#{name}").inner_text() for name in ("Patient", "Goal", "Task")}
            assert shown == {"Patient": "shown", "Goal": "refused 403", "Task": "shown"}
