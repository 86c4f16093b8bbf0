"""The decision: what the account grants becomes a code for the app. It can only be less than what was asked.

RFC 6749 section 4.1.2 (the code: one use, bound to client and redirect), SMART App Launch 2.2 (launch context).
"""

from collections.abc import Sequence

from auth.server import secrets, words
from auth.server.authorize import back
from auth.server.granted import Code, Granted, Waiting
from auth.server.parties import Account, Decision, Pending
from auth.server.server import Server
from auth.server.storage import Deed
from plan.model import EntryId, PersonId, Role
from plan.problem import Problem, Trouble


class Waitings:
    """auth.server.parties.Requests, on the server's storage."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def pending(self, id_: str) -> Pending | None:
        waiting = await self._waiting(id_)
        if waiting is None:
            return None
        launch = waiting.launch
        return Pending(
            id=id_,
            client=waiting.client,
            client_name=waiting.client_name,
            scopes=waiting.scopes,
            patient=launch.patient if launch else None,
            encounter=launch.encounter if launch else None,
            expires=waiting.until // 1000,
            redirect_uri=waiting.redirect_uri,
        )

    async def grant(self, id_: str, account: Account, decision: Decision) -> str:
        """As the protocol says; also raises BAD_VALUE for more than was asked, REQUIRED without the patient that the
        words need, REFUSED when somebody else's launch is decided. Nothing granted is a no.
        """
        waiting = await self._waiting(id_)
        if waiting is None:
            raise Problem(Trouble.NOT_FOUND)
        if not decision.scopes:
            return await self.deny(id_, account)
        granted = await self._granted(id_, waiting, account, decision)
        code = secrets.made()
        kept = Code(grant=granted, redirect_uri=waiting.redirect_uri, challenge=waiting.challenge, nonce=waiting.nonce)
        row = (granted.id, granted.client, granted.subject, 0, granted.until, granted.model_dump_json())
        until = self._server.now() + self._server.terms.code * 1000
        ticket = (secrets.hashed(code), until, kept.model_dump_json())
        if not await self._server.storage.decide(secrets.hashed(id_), self._server.now(), row, ticket):
            raise Problem(Trouble.NOT_FOUND)
        await self._server.witness(_deed("grant", waiting, account, id_, granted.patient))
        return back(waiting.redirect_uri, waiting.issuer, waiting.state, {"code": code})

    async def deny(self, id_: str, account: Account | None) -> str:
        """As the protocol says. Raises NOT_FOUND."""
        taken = await self._server.storage.take("request", secrets.hashed(id_), self._server.now())
        if taken is None:
            raise Problem(Trouble.NOT_FOUND)
        waiting = Waiting.model_validate_json(taken)
        await self._server.witness(_deed("grant", waiting, account, id_, refused="access_denied"))
        said = {"error": "access_denied", "error_description": "the user did not allow it"}
        return back(waiting.redirect_uri, waiting.issuer, waiting.state, said)

    async def _waiting(self, id_: str) -> Waiting | None:
        found = await self._server.storage.peek("request", secrets.hashed(id_))
        if found is None or found[1] or found[2] <= self._server.now():
            return None
        return Waiting.model_validate_json(found[0])

    async def _granted(self, id_: str, waiting: Waiting, account: Account, decision: Decision) -> Granted:
        launch = waiting.launch
        if launch and (launch.subject, launch.agency) != (account.subject, account.agency):
            await self._server.witness(_deed("grant", waiting, account, id_, refused="launch"))
            raise Problem(Trouble.REFUSED, "This app was launched by somebody else. Launch it again yourself.")
        scopes = tuple(dict.fromkeys(decision.scopes))
        if set(scopes) - set(words.within(scopes, waiting.scopes)):
            raise Problem(Trouble.BAD_VALUE, "More is granted than the app has asked for.")
        patient = _patient(waiting, account, decision, scopes)
        lasting = _lasting(scopes)
        now, terms = self._server.now(), self._server.terms
        life = {"offline": terms.grant, "online": terms.session, "": 2 * terms.access + terms.code}[lasting]
        return Granted(
            id=secrets.made(),
            client=waiting.client,
            subject=account.subject,
            agency=account.agency,
            role=account.role,
            name=account.name,
            fhir_user=account.fhir_user,
            person=account.person,
            scopes=scopes,
            patient=patient,
            encounter=_encounter(waiting, decision, scopes) if patient else None,
            banner=launch.banner if launch else True,
            base=waiting.base,
            lasting=lasting,
            at=now,
            until=now + life * 1000,
        )


def _patient(waiting: Waiting, account: Account, decision: Decision, scopes: Sequence[str]) -> PersonId | None:
    """Whose plan the app is about; for a person it is their own, in a launch the one that is open in the EHR."""
    if not (words.about_patient(scopes) or "launch" in scopes):
        return None
    fixed = {known for known in (waiting.launch.patient if waiting.launch else None, account.person) if known}
    chosen = fixed | ({decision.patient} if decision.patient else set())
    if not chosen:
        raise Problem(Trouble.REQUIRED, "The app asks about one person. Choose whose plan it may see.")
    if len(chosen) > 1 or (account.role is Role.PERSON and account.person is None):
        raise Problem(Trouble.BAD_VALUE, "That is not the plan that this request is about.")
    return chosen.pop()


def _encounter(waiting: Waiting, decision: Decision, scopes: Sequence[str]) -> EntryId | None:
    if waiting.launch and decision.encounter not in (None, waiting.launch.encounter):
        raise Problem(Trouble.BAD_VALUE, "That is not the encounter that this launch is about.")
    if not {"launch", "launch/encounter"} & set(scopes):
        return None
    return waiting.launch.encounter if waiting.launch else decision.encounter


def _lasting(scopes: Sequence[str]) -> str:
    return "offline" if "offline_access" in scopes else "online" if "online_access" in scopes else ""


def _deed(
    what: str,
    waiting: Waiting,
    account: Account | None,
    id_: str,
    person: PersonId | None = None,
    refused: str = "",
) -> Deed:
    """The event; a request is named by the hash of its id, which opens nothing."""
    request = secrets.hashed(id_)[:32]
    if account is None:
        return Deed(what=what, client=waiting.client, request=request, refused=refused)
    return Deed(
        what=what,
        client=waiting.client,
        subject=account.subject,
        agency=account.agency,
        role=account.role.value,
        person=person,
        request=request,
        refused=refused,
    )
