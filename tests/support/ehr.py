"""A record system on this machine: its authorization server, one FHIR Patient and a page with a frame; made without the
code under test.

It keeps to SMART App Launch 2.2 ("App Launch: EHR launch"): a handle is good once, `aud` is its FHIR address, and the
token answer says whose record is open. `lie` makes it break one rule, for the tests of what is refused.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import urlencode

from tests.support import oidc
from tests.support.oidc import CLIENT, SECRET, Provider
from tests.support.world import NHS

TOKEN = "an-access-token-of-the-record-system"
PATIENT = "their-patient-7"


@dataclass
class Ehr(Provider):
    """The record system: who is open there, what it was asked, and what stands on its page."""

    launches: set[str] = field(default_factory=set)
    patient: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    frame: str = ""

    @property
    def iss(self) -> str:
        return f"{self.base}/fhir"

    def opens(self, nhs_number: str | None, born: str | None, **more: Any) -> None:
        """Somebody's record is open there."""
        numbers = [{"system": NHS, "value": nhs_number}] if nhs_number else []
        said = {"resourceType": "Patient", "id": PATIENT, "identifier": numbers, "birthDate": born, **more}
        self.patient = {name: value for name, value in said.items() if value is not None}

    def launch(self, handle: str = "handle-1") -> dict[str, str]:
        """How it opens an app: the parameters of the address."""
        self.launches.add(handle)
        return {"iss": self.iss, "launch": handle}

    def answer(self, method: str, path: str, form: dict[str, str], proof: str) -> tuple[int, Any]:
        if path == "/page":
            return 200, f'<!doctype html><title>Record</title><iframe src="{escape(self.frame)}"></iframe>'.encode()
        if path == "/fhir/.well-known/smart-configuration":
            self.asked.append((path, form, proof))
            return self._smart()
        if path == f"/fhir/Patient/{PATIENT}":
            self.asked.append((path, form, proof))
            return (200, self.patient) if proof == f"Bearer {TOKEN}" else (401, {})
        return super().answer(method, path, form, proof)

    def _smart(self) -> tuple[int, Any]:
        status, said = self._described({}, "")
        if not isinstance(said, dict):
            return status, said
        return status, {"code_challenge_methods_supported": ["S256"], "capabilities": ["launch-ehr"], **said}

    def _authorize(self, form: dict[str, str], proof: str) -> tuple[int, Any]:
        assert form["aud"] == self.iss
        assert "launch" in form["scope"].split()
        if form.get("launch") not in self.launches:
            said = {"error": "invalid_request", "state": form["state"]}
            return 302, f"{form['redirect_uri']}?{urlencode(said)}"
        self.launches.remove(form["launch"])
        return super()._authorize(form, proof)

    def _token(self, form: dict[str, str], proof: str) -> tuple[int, Any]:
        status, said = super()._token(form, proof)
        if status != oidc.OK:
            return status, said
        return status, {**said, "access_token": TOKEN, "patient": PATIENT, **self.context}


def ehr() -> AbstractContextManager[Ehr]:
    """The record system on a port of its own, until the end of the block."""
    return oidc.standing(Ehr)


def setting(of: Ehr, **more: Any) -> dict[str, Any]:
    """How a deployment names it."""
    said = {"name": "ward", "title": "Ward System", "iss": of.iss, "client_id": CLIENT, "client_secret": SECRET}
    return {**said, "agency": "RX1", **more}
