"""Every setting, typed, with its sentence: environment variables that begin with `ONEPLAN_`."""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.mail_server import PORTS
from auth import development
from auth.issuers import Issuer
from auth.sign_in import ehrs
from auth.sign_in.ehrs import Ehr
from auth.sign_in.providers import Provider

MIB = 1024 * 1024
LEAST_SECRET = 32


class Settings(BaseSettings):
    """The whole configuration of one service."""

    model_config = SettingsConfigDict(env_prefix="ONEPLAN_", extra="forbid", frozen=True)

    database: str = Field(
        "sqlite:///var/oneplan.db",
        description="Where the plans are: sqlite:///FILE or postgresql://USER:WORD@HOST/NAME.",
    )
    worker_database: str = Field(
        "", description="The same database for the worker, on PostgreSQL as a role of its own; empty: the service's."
    )
    owner_database: str = Field(
        "", description="The same database for its owner, who brings the schema up to date; empty: the service's."
    )
    host: str = Field("127.0.0.1", description="The address that the service listens on.")
    port: int = Field(8000, ge=0, le=65535, description="The port that the service listens on.")
    base_url: str = Field(
        "", description="The address that clients use, without a path; empty: the Host they asked for."
    )
    production: bool = Field(False, description="Refuse everything that is meant for development: its key, its people.")
    issuers: tuple[Issuer, ...] = Field((), description="Whose tokens are trusted (JSON list; docs/issuers.md).")
    development_key: Path | None = Field(None, description="Where the development key is kept; empty: inside the venv.")
    identity_systems: frozenset[str] = Field(
        frozenset(),
        description="Identifier systems, beside the NHS number and ours, whose values name one person only.",
    )
    charter: Path | None = Field(
        None, description="A charter in place of the built-in one (Markdown, docs/charter.md)."
    )
    origins: frozenset[Annotated[str, StringConstraints(pattern=r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$")]] = Field(
        frozenset(),
        description="The origins whose web pages may use the doors (JSON list of https://host[:port]); none by itself.",
    )
    providers: tuple[Provider, ...] = Field(
        (), description="Where people may sign in by OpenID Connect (JSON list; docs/sign-in.md)."
    )
    ehrs: tuple[Ehr, ...] = Field(
        (), description="The record systems that may open the pages on a patient (JSON list; docs/pages-launch.md)."
    )
    sign_in_idle_minutes: int = Field(30, gt=0, description="After how long without use a session ends, in minutes.")
    sign_in_hours: int = Field(12, gt=0, description="After how long a session ends in any case, in hours.")
    max_body: int = Field(MIB, gt=0, description="The largest body that is taken, in bytes.")
    max_bundle: int = Field(10 * MIB, gt=0, description="The largest Bundle that is taken, in bytes.")

    feed_worker: bool = Field(
        True, description="Work off what is due (coordination, notices, mails) inside `oneplan serve`."
    )
    feed_origins: frozenset[str] = Field(
        frozenset(),
        description='Where notices may be sent (JSON list, as ["https://ehr.example:8443"]); empty: nowhere.',
    )
    feed_loopback: bool = Field(
        False, description="Let notices go to this very machine, and by http: for development, never in production."
    )
    max_subscriptions: int = Field(100, gt=0, description="How many subscriptions one owner may have.")
    subscription_days: int = Field(
        90, gt=0, description="How long a subscription is served after its owner last wrote it, in days."
    )

    mail_server: SecretStr = Field(
        SecretStr(""),
        description="Where mails go out: smtps://USER:WORD@HOST:465, or smtp://...:587 (STARTTLS); empty: nowhere.",
    )
    mail_from: str = Field("", description="The address that mails come from; needed with a mail server.")
    mail_link: str = Field(
        "/care/people/{person}/messages/{entry}", description="Where the link in a mail leads, after the base URL."
    )

    audit_anchor: Annotated[str, StringConstraints(pattern=r"^(https://\S+|[^:]*)$")] = Field(
        "",
        description="Where the heads of the audit are written every minute: a file on another machine, or https://...",
    )

    auth_secret: SecretStr = Field(
        SecretStr(""),
        description="What seals the signing keys in the database, 32 characters or more; needed in production.",
    )
    token_minutes: int = Field(10, ge=5, le=15, description="How long an access token of ours is good, in minutes.")
    refresh_days: int = Field(100, ge=90, description="How long a refresh token is good when it is not used, in days.")
    grant_days: int = Field(366, ge=90, description="After how many days an app with offline_access has to ask anew.")
    session_hours: int = Field(12, gt=0, le=24, description="How long online_access lasts, in hours.")
    registration_token: SecretStr = Field(
        SecretStr(""),
        description="A token with which apps may register (`oneplan client invite` makes one for one app).",
    )
    key_origins: frozenset[str] = Field(
        frozenset(), description="From where the keys of apps that register themselves may be fetched (JSON list)."
    )

    @field_validator("auth_secret", "registration_token")
    @classmethod
    def _nobody_guesses(cls, said: SecretStr) -> SecretStr:
        if said.get_secret_value() and len(said.get_secret_value()) < LEAST_SECRET:
            raise ValueError(f"a secret has at least {LEAST_SECRET} characters")
        return said

    @model_validator(mode="after")
    def _record_systems_stand_apart(self) -> Self:
        ehrs.apart(ehrs.listed(self.ehrs).values(), self.providers)
        return self

    @model_validator(mode="after")
    def _production_trusts_no_development(self) -> Self:
        if self.production and any(issuer.issuer == development.ISSUER for issuer in self.issuers):
            development.refuse_in_production(self.production)
        return self

    @model_validator(mode="after")
    def _production_sends_nothing_to_itself(self) -> Self:
        if self.production and self.feed_loopback:
            raise ValueError("ONEPLAN_FEED_LOOPBACK is for development; this service is in production.")
        return self

    @model_validator(mode="after")
    def _mails_lead_somewhere(self) -> Self:
        server = urlsplit(self.mail_server.get_secret_value())
        if not server.scheme:
            return self
        if server.scheme not in PORTS or not server.hostname:
            raise ValueError("ONEPLAN_MAIL_SERVER is smtps://HOST:PORT or smtp://HOST:PORT, before it USER:WORD@.")
        if "@" not in self.mail_from or not self.base_url:
            raise ValueError("With ONEPLAN_MAIL_SERVER, ONEPLAN_MAIL_FROM and ONEPLAN_BASE_URL are needed.")
        if self.production and server.scheme == "smtp+plain":
            raise ValueError("Mails without encryption are for development; this service is in production.")
        return self

    def trusted(self) -> tuple[Issuer, ...]:
        """The issuers that are believed: those configured, and outside production the development one."""
        if self.production or any(issuer.issuer == development.ISSUER for issuer in self.issuers):
            return self.issuers
        return (*self.issuers, development.issuer(self.development_key))
