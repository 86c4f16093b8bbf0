"""Everybody of Larch Court can sign in, all with one made-up password that is told to everybody (README.md).

Production takes neither the demonstration nor that password, even where a database still has these accounts.
"""

from api.demonstration_data import WORKERS, Worker
from api.sign_in import SignIn
from auth.server.parties import Account
from auth.sign_in.common import DEMONSTRATION
from auth.sign_in.entrance import new_stamp
from auth.sign_in.records import Login
from plan.model import Role, Subject


async def load(sign_in: SignIn) -> bool:
    """Give an account to each who has none; False when all had one. Systems have no password."""
    missing = [worker for worker in WORKERS.values() if not _is_system(worker)]
    missing = [worker for worker in missing if await sign_in.kept.find(worker.worker) is None]
    if not missing:
        return False
    # One hash for all: it is no secret, and two dozen take seconds.
    password = await sign_in.passwords.hashed(DEMONSTRATION)
    for worker in missing:
        await sign_in.kept.add(
            Login(login=worker.worker, account=account_of(worker), stamp=new_stamp(), password=password)
        )
    return True


def account_of(worker: Worker) -> Account:
    """A made-up worker as somebody who signs in."""
    own = worker.role is Role.PERSON
    return Account(
        subject=Subject(worker.worker),
        agency=worker.agency,
        role=worker.role,
        name=worker.name,
        fhir_user=f"Patient/{worker.person}" if own else f"PractitionerRole/{worker.worker}",
        person=worker.person,
    )


def _is_system(worker: Worker) -> bool:
    return worker.scopes.startswith("system/")
