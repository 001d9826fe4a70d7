"""A passkey as allauth keeps one, made without a browser; nobody has its key."""

import hashlib
import os
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from tandem.people.models import Account


def made_credential() -> dict[str, Any]:
    """Return what a browser sends of a passkey that it made, of which nobody has the key."""
    key = generate_private_key(SECP256R1()).public_key()
    public = ES256.from_cryptography_key(key)  # type: ignore[no-untyped-call]  # fido2's
    own = AttestedCredentialData.create(Aaguid(bytes(16)), os.urandom(16), public)
    seen = AuthenticatorData.create(
        hashlib.sha256(b"testserver").digest(), AuthenticatorData.FLAG(0x45), 0, own
    )
    client = CollectedClientData.create(
        type=CollectedClientData.TYPE.CREATE, challenge=bytes(32), origin="https://testserver"
    )
    name = websafe_encode(own.credential_id)
    return {
        "id": name,
        "rawId": name,
        "type": "public-key",
        "clientExtensionResults": {"credProps": {"rk": True}},
        "response": {
            "clientDataJSON": websafe_encode(client),
            "attestationObject": websafe_encode(AttestationObject.create("none", seen, {})),
        },
    }


def kept(account: Account, name: str = "Phone") -> Authenticator:
    """Write down a passkey as allauth keeps one."""
    data = {"name": name, "credential": made_credential()}
    return Authenticator.objects.create(user=account, type="webauthn", data=data)
