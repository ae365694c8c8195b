"""The file store on obstore: a folder, or any S3-compatible store."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, S3Store

from market.kit.errors import NotFound

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Config


class ObjectStore:
    """Implements kit.files.FileStore."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def put(self, key: str, data: bytes) -> None:
        """Keep `data` under `key`; written aside and moved into place, so that no half file is ever seen."""
        obstore.put(self._store, key, data)

    def get(self, key: str) -> bytes:
        """Give the bytes; raises NotFound."""
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except (NotFoundError, FileNotFoundError):
            raise NotFound from None

    def exists(self, key: str) -> bool:
        """Whether there is something under `key`."""
        try:
            obstore.head(self._store, key)
        except (NotFoundError, FileNotFoundError):
            return False
        return True

    def delete(self, key: str) -> None:
        """Forget `key`; nothing happens when it is not there."""
        if self.exists(key):
            obstore.delete(self._store, key)


def folder_store(folder: Path) -> ObjectStore:
    """Files in a folder of this machine."""
    return ObjectStore(LocalStore(folder, mkdir=True))


def s3_store(url: str) -> ObjectStore:
    """Files in a bucket: `s3://KEY:SECRET@bucket/prefix?endpoint=https://...&region=...`.

    Without a key in the address, the usual AWS environment variables and instance roles are used.
    """
    parts = urlsplit(url)
    options = {name: values[0] for name, values in parse_qs(parts.query).items()}
    bucket = parts.hostname or parts.netloc
    config: S3Config = {"region": options.get("region", "us-east-1")}
    if parts.username:
        config["access_key_id"] = unquote(parts.username)
        config["secret_access_key"] = unquote(parts.password or "")
    client: ClientConfig = {"timeout": timedelta(seconds=20), "connect_timeout": timedelta(seconds=3)}
    if endpoint := options.get("endpoint"):
        config["endpoint"] = endpoint
        config["virtual_hosted_style_request"] = False
        client["allow_http"] = endpoint.startswith("http://")
    return ObjectStore(
        S3Store(
            bucket,
            prefix=parts.path.strip("/") or None,
            config=config,
            client_options=client,
            retry_config={
                "max_retries": 2,
                "retry_timeout": timedelta(seconds=5),
            },  # a page waits for it; a job retries
        )
    )
