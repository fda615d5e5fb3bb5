"""Object stores: a folder, or a bucket of a cloud, all behind one protocol.

Credentials and endpoints of the clouds come from the environment, under the names that the
clouds' own tools read. Nothing here takes a host from elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, S3Store

from fastlabel_server.stores.base import (
    Bucket,
    BucketDenied,
    BucketError,
    BucketMissing,
    BucketUnavailable,
    ObjectMissing,
    ObjectTooLarge,
    Store,
    StoredObject,
)
from fastlabel_server.stores.cloud import Cloud, reason
from fastlabel_server.stores.folder import Folder
from fastlabel_server.stores.odd_keys import OddKeys

if TYPE_CHECKING:
    from obstore.store import AzureConfig, ClientConfig, RetryConfig, S3Config

__all__ = [
    "BUCKET_KINDS",
    "Bucket",
    "BucketDenied",
    "BucketError",
    "BucketMissing",
    "BucketUnavailable",
    "CloudKind",
    "Folder",
    "ObjectMissing",
    "ObjectTooLarge",
    "Store",
    "StoredObject",
    "open_bucket",
]

CloudKind = Literal["aws-s3", "gcp", "azure"]

BUCKET_KINDS: Final[Mapping[str, str]] = {
    "aws-s3": "S3 bucket",
    "gcp": "Google Cloud Storage bucket",
    "azure": "Azure container",
}
# The account of every emulator of Azure, and where obstore looks for one.
# Source: https://learn.microsoft.com/azure/storage/common/storage-use-azurite
_AZURE_EMULATOR: Final[AzureConfig] = {
    "endpoint": "http://127.0.0.1:10000/devstoreaccount1",
    "account_name": "devstoreaccount1",
    "account_key": (
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
    ),
}
# Short enough that a request answers 503 while its user still waits.
_RETRIES: RetryConfig = {"max_retries": 4, "retry_timeout": timedelta(seconds=30)}


@lru_cache(maxsize=256)
def open_bucket(kind: CloudKind, name: str, region: str | None = None) -> Bucket:
    """Return a bucket; each is opened once, so that its connections are used again.

    Raises:
        BucketUnavailable: the environment's settings for this cloud are missing or wrong.
    """
    where = f"{BUCKET_KINDS[kind]} {name!r}"
    try:
        return _OPENERS[kind](name, region, where, os.environ)
    except (BaseError, ValueError) as error:
        raise BucketUnavailable(f"{where}: {reason(error)}") from error


def _open_s3(name: str, region: str | None, where: str, env: Mapping[str, str]) -> Bucket:
    endpoint = _first(env, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
    region = region or _first(env, "AWS_REGION", "AWS_DEFAULT_REGION") or "us-east-1"
    config: S3Config = {"region": region}
    odd = {"bucket": name, "region": region}
    if endpoint:
        config["endpoint"] = odd["endpoint"] = endpoint
    store = S3Store(name, config=config, client_options=_client(endpoint), retry_config=_RETRIES)
    return Cloud(store, where, OddKeys("s3", odd, where, is_sorted=True), is_sorted=True)


def _open_gcs(name: str, _region: str | None, where: str, env: Mapping[str, str]) -> Bucket:
    if emulator := env.get("STORAGE_EMULATOR_HOST"):
        from fastlabel_server.stores.gcs_emulator import GcsEmulator

        url = emulator if "://" in emulator else f"http://{emulator}"
        return GcsEmulator(url, name, where)
    endpoint = env.get("GOOGLE_BASE_URL")
    store = GCSStore(name, client_options=_client(endpoint), retry_config=_RETRIES)
    odd = {"bucket": name}
    if endpoint:
        odd["endpoint"] = endpoint
    if token := env.get("GOOGLE_BEARER_TOKEN"):
        odd["token"] = token
    return Cloud(store, where, OddKeys("gcs", odd, where, is_sorted=True), is_sorted=True)


def _open_azure(name: str, _region: str | None, where: str, env: Mapping[str, str]) -> Bucket:
    config = _azure_config(env)
    options = _client(config.get("endpoint"))
    store = AzureStore(name, config=config, client_options=options, retry_config=_RETRIES)
    # Azure knows where to go on only from a marker that it gave itself.
    odd_keys = OddKeys("azblob", _odd_azure(name, config), where, is_sorted=False)
    return Cloud(store, where, odd_keys, is_sorted=False)


_OPENERS: Final[Mapping[str, Callable[[str, str | None, str, Mapping[str, str]], Bucket]]] = {
    "aws-s3": _open_s3,
    "gcp": _open_gcs,
    "azure": _open_azure,
}


def _azure_config(env: Mapping[str, str]) -> AzureConfig:
    """Return the account: obstore reads no connection string, and not all of Azure's names."""
    text = env.get("AZURE_STORAGE_CONNECTION_STRING", "")
    pairs = (part.partition("=") for part in text.split(";") if part)
    given = {name.strip(): value for name, _, value in pairs}
    account = given.get("AccountName") or _first(
        env, "AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT"
    )
    config: AzureConfig = {}
    if given.get("UseDevelopmentStorage", "").lower() == "true":
        config["use_emulator"] = True
    if account:
        config["account_name"] = account
    if key := given.get("AccountKey") or _first(
        env, "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_KEY"
    ):
        config["account_key"] = key
    if token := given.get("SharedAccessSignature"):
        config["sas_key"] = token
    if endpoint := given.get("BlobEndpoint") or _first(
        env, "AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT", "AZURE_STORAGE_SERVICE_ENDPOINT"
    ):
        config["endpoint"] = endpoint.rstrip("/")
    elif account and "EndpointSuffix" in given:
        config["endpoint"] = f"https://{account}.blob.{given['EndpointSuffix']}"
    return config


def _odd_azure(name: str, config: AzureConfig) -> dict[str, str]:
    """Return the same account in OpenDAL's words."""
    if config.get("use_emulator"):
        config = _AZURE_EMULATOR
    account = config.get("account_name", "")
    odd = {
        "container": name,
        "endpoint": config.get("endpoint") or f"https://{account}.blob.core.windows.net",
        "account_name": account,
    }
    if key := config.get("account_key"):
        odd["account_key"] = key
    if token := config.get("sas_key"):
        odd["sas_token"] = str(token).removeprefix("?")
    return odd


def _client(endpoint: str | None) -> ClientConfig:
    return {
        # Unencrypted only where the operator wrote so.
        "allow_http": bool(endpoint and endpoint.startswith("http://")),
        "connect_timeout": timedelta(seconds=5),
        "read_timeout": timedelta(seconds=60),
        # For a whole answer with its body: someone may watch a video of 250 MB meanwhile.
        "timeout": timedelta(hours=1),
    }


def _first(env: Mapping[str, str], *names: str) -> str | None:
    return next((env[name] for name in names if env.get(name)), None)
