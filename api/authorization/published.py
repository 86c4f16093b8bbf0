"""What everybody may know of the authorization server: its addresses, what it does, its public keys, its looks.

SMART App Launch 2.2 "Conformance", OpenID Connect Discovery 1.0, RFC 8414. Nothing is promised that is not done.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api import door
from api.authorization.asked import json_answer, place
from auth.server import clients, words

CAPABILITIES = (
    *("launch-ehr", "launch-standalone", "authorize-post"),
    *("client-public", "client-confidential-symmetric", "client-confidential-asymmetric"),
    *("sso-openid-connect", "context-banner", "context-style"),
    *("context-ehr-patient", "context-ehr-encounter", "context-standalone-patient"),
    *("permission-offline", "permission-online", "permission-patient", "permission-user"),
    *("permission-v1", "permission-v2"),
)
SCOPES = (*words.PLAIN, "patient/*.cruds", "user/*.cruds", "system/*.cruds", "patient/*.read", "user/*.read")
STYLE = {
    "color_background": "#ffffff",
    "color_error": "#b00020",
    "color_highlight": "#005eb8",
    "color_modal_backdrop": "#000000",
    "color_success": "#007f3b",
    "color_text": "#212b32",
    "dim_border_radius": "4px",
    "dim_font_size": "16px",
    "dim_spacing_size": "16px",
    "font_family_body": "Arial, sans-serif",
    "font_family_heading": "Arial, sans-serif",
}
"""SMART App Launch 2.2, "Styling"."""


_PUBLIC = ("token_endpoint", "revocation_endpoint")
_PROVED = (*_PUBLIC, "introspection_endpoint")


def _common(issuer: str) -> dict[str, Any]:
    """What every kind of discovery says."""
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/auth/jwks",
        "authorization_endpoint": f"{issuer}/auth/authorize",
        "token_endpoint": f"{issuer}/auth/token",
        "introspection_endpoint": f"{issuer}/auth/introspect",
        "revocation_endpoint": f"{issuer}/auth/revoke",
        "registration_endpoint": f"{issuer}/auth/register",
        "grant_types_supported": [*clients.GRANTS],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "scopes_supported": [*SCOPES],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "introspection_endpoint_auth_methods_supported": [way for way in clients.METHODS if way != "none"],
        **{f"{name}_auth_methods_supported": [*clients.METHODS] for name in _PUBLIC},
        **{f"{name}_auth_signing_alg_values_supported": [*clients.ALGORITHMS] for name in _PROVED},
    }


async def smart(request: Request) -> Response:
    """`.well-known/smart-configuration` of one FHIR door."""
    return json_answer(_common(place(request).issuer) | {"capabilities": [*CAPABILITIES]})


async def openid(request: Request) -> Response:
    """OpenID Connect Discovery, which serves as RFC 8414 metadata too."""
    said = {
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["iss", "aud", "sub", "exp", "iat", "auth_time", "nonce", "name", "fhirUser"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }
    return json_answer(_common(place(request).issuer) | said)


async def jwks(request: Request) -> Response:
    """The public keys, old ones too as long as their tokens are out."""
    return json_answer({"keys": await door.service_of(request).server.ring.published()})


async def style(request: Request) -> Response:
    """How an app may look like us."""
    return json_answer(STYLE)
