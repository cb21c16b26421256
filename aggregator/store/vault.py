"""Encryption of account settings at rest.

The newest key encrypts, every key decrypts, so keys are rotated while the program runs
in several processes, each step once all have been started anew with the step before:
put a new key behind the old one; put it in front; run `sahut accounts rotate --keys`.
The old key encrypts nothing from then on. The trail is still checked with it: where it
goes from the list, `sahut audit verify` says so of every line it has sealed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

from aggregator import PlainError
from aggregator.store import discretion, private
from connectors.base import Settings

S = TypeVar("S", bound=Settings)


class VaultError(PlainError):
    """A key is malformed, or none of the keys opens what is stored."""


class Vault:
    """`keys`: url-safe base64 Fernet keys, newest first."""

    def __init__(self, keys: list[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise VaultError(
                "SAHUT_SECRET_KEY is not a list of keys made by `sahut config new-key`"
            ) from error
        discretion.note(map(SecretStr, keys))
        self._newest = keys[0].encode()
        self._every = tuple(key.encode() for key in keys)

    def derived(self, purpose: bytes) -> bytes:
        """A key for another purpose, from which the vault's own cannot be found."""
        return self.every_derived(purpose)[0]

    def every_derived(self, purpose: bytes) -> list[bytes]:
        """The same of every key, the newest first: for what older keys have made."""
        return [
            HKDF(hashes.SHA256(), 32, salt=None, info=purpose).derive(key)
            for key in self._every
        ]

    def seal(self, settings: Settings) -> str:
        """Encrypt every field, secrets included."""
        discretion.note(value for _, value in settings)
        plain = {
            name: value.get_secret_value() if isinstance(value, SecretStr) else value
            for name, value in settings
            if value is not None
        }
        return self._fernet.encrypt(json.dumps(plain, default=str).encode()).decode()

    def open(self, sealed: str, model: type[S]) -> S:
        """The settings as they were sealed. VaultError where no key fits."""
        try:
            plain: dict[str, Any] = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken as error:
            raise VaultError(
                "stored account settings do not open with the keys in SAHUT_SECRET_KEY;"
                " put the key they were saved with back into the list"
            ) from error
        opened = model(**plain)
        discretion.note(value for _, value in opened)
        return opened

    def opens(self, sealed: str) -> bool:
        """Whether one of the keys fits."""
        try:
            self._fernet.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True

    def reseal(self, sealed: str) -> str:
        """The same content under the newest key."""
        return self._fernet.rotate(sealed.encode()).decode()


def load(secret_key: SecretStr | None, data_dir: Path) -> Vault:
    """The vault of this installation; without a configured key one is made and kept
    (mode 600)."""
    if secret_key is not None:
        return Vault(_listed(secret_key.get_secret_value()))
    path = data_dir / "secret.key"
    if not path.exists():
        private.folder(data_dir)
        try:
            file = private.new_file(path)
        except FileExistsError:
            pass  # another process of this installation made it between the two lines
        else:
            with file:
                file.write(Fernet.generate_key())
    return Vault(_listed(path.read_text(encoding="ascii")))


def _listed(keys: str) -> list[str]:
    return [key.strip() for key in keys.strip().split(",")]
