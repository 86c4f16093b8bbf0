"""Which passwords are taken, how they are kept, and that a check tells nobody more than yes or no."""

import asyncio

import pytest
from argon2 import PasswordHasher, extract_parameters

from auth.sign_in.common import DEMONSTRATION
from auth.sign_in.passwords import OURS, Passwords, faults
from plan.problem import Problem, Trouble
from tests.support.sign_in import CHEAP, PASSWORD

TAKEN = {
    "no capital, digit or sign is asked for": "an evening by the weir",
    "twelve characters": "kjhwe tzunqp",
    "letters of any script": "пароль для сестры",
    "signs and spaces": "  #+*  {}~  ü ß ",
    "a hundred and twenty-eight characters": "wa" + "xyz" * 42,
}
REFUSED = {
    "eleven characters": "kjhwetzunqp",
    "a hundred and twenty-nine characters": "wa" + "xyz" * 42 + "q",
    "common": "password1234",
    "common with capitals": "Password2024!",
    "common with spaces": "one plan one plan",
    "a row of keys": "qwertyuiopqw",
    "one letter over and over": "aaaaaaaaaaaaaaa",
    "the user name": "nurse.one.at.rx1",
    "the name that others see": "Nurse One of RX1",
    "the made-up password": DEMONSTRATION,
    "two letters over and over": "ab" * 6,
}


@pytest.mark.parametrize("password", TAKEN.values(), ids=TAKEN)
def test_a_password_is_taken(password):
    assert not list(faults(password, "nurse.one.at.rx1", "Nurse One of RX1"))


@pytest.mark.parametrize("password", REFUSED.values(), ids=REFUSED)
def test_a_password_is_refused_with_a_sentence(password):
    told = list(faults(password, "nurse.one.at.rx1", "Nurse One of RX1"))
    assert told
    assert all(sentence.endswith(".") and password not in sentence for sentence in told)


@pytest.fixture
def passwords():
    made = Passwords(CHEAP)
    yield made
    made.close()


async def test_it_is_kept_as_argon2id_with_the_parameters_of_rfc_9106():
    made = Passwords()
    kept = await made.hashed(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await made.right(kept, PASSWORD)
    assert not made.old(kept)
    made.close()


async def test_the_same_password_is_kept_in_another_form_each_time(passwords):
    assert await passwords.hashed(PASSWORD) != await passwords.hashed(PASSWORD)


@pytest.mark.parametrize("said", ["", "An evening by the weir", "an evening by the weir ", "x" * 5000])
async def test_another_password_is_wrong(passwords, said):
    assert not await passwords.right(await passwords.hashed(PASSWORD), said)


@pytest.mark.parametrize("kept", ["", "no hash at all", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"])
async def test_nothing_fits_a_hash_that_is_none(passwords, kept):
    assert not await passwords.right(kept, PASSWORD)
    assert not await passwords.right(kept, "nobody has this password")


async def test_a_letter_that_can_be_written_in_two_ways_is_one_letter(passwords):
    assert await passwords.right(await passwords.hashed("ein abend am müllerwehr"), "ein abend am mu\u0308llerwehr")


async def test_a_hash_of_other_parameters_is_old():
    made = Passwords()
    assert made.old(CHEAP.hash(PASSWORD))
    made.close()


class Watched(PasswordHasher):
    """A hasher that keeps the parameters of each check that it does."""

    def __init__(self) -> None:
        super().__init__(time_cost=2, memory_cost=64, parallelism=1)
        self.done: list[object] = []

    def verify(self, hash, password):  # noqa: A002 - the library's name
        self.done.append(extract_parameters(hash))
        return super().verify(hash, password)


@pytest.mark.parametrize("said", ["a wrong password", "x" * 5000])
async def test_an_unknown_account_costs_the_work_of_a_wrong_password(said):
    hasher = Watched()
    made = Passwords(hasher)
    kept = await made.hashed(PASSWORD)
    assert not await made.right(kept, said)
    assert not await made.right("", said)
    known, unknown = hasher.done
    assert known == unknown == extract_parameters(kept)
    made.close()


async def test_more_than_can_wait_are_told_to_come_again():
    made = Passwords(CHEAP, at_once=1, waiting=2)
    done = await asyncio.gather(*(made.hashed(PASSWORD) for _ in range(5)), return_exceptions=True)
    refused = [one for one in done if isinstance(one, Problem)]
    assert [one.trouble for one in refused] == [Trouble.THROTTLED] * 2
    assert await made.hashed(PASSWORD)
    made.close()


def test_the_parameters_are_the_second_recommended_option():
    assert (OURS.time_cost, OURS.memory_cost, OURS.parallelism, OURS.hash_len, OURS.salt_len) == (3, 65536, 4, 32, 16)
