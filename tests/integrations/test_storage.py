"""Where bytes lie: one contract for a folder and for an S3 store (moto's server)."""

import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from moto.server import ThreadedMotoServer

from market.integrations.storage import folder_store, s3_store
from market.kit.errors import NotFound
from market.kit.files import FileStore, Upload, save_upload, storage_key

KEY = "blobs/ab/abcdef"


@pytest.fixture(scope="module")
def s3_address() -> Iterator[str]:
    """An S3 server with a bucket."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    urlopen(Request(f"http://{host}:{port}/ponte-files", method="PUT"), timeout=10).close()
    yield f"http://{host}:{port}"
    server.stop()


def _url(endpoint: str, prefix: str) -> str:
    return f"s3://KEY:SE%2FCRET@ponte-files/{prefix}?endpoint={endpoint}&region=eu-west-1"


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    """A store of each kind, empty."""
    if request.param == "folder":
        return folder_store(tmp_path / "files")
    return s3_store(_url(request.getfixturevalue("s3_address"), tmp_path.name))


@pytest.mark.parametrize("data", [b"hello", b"", b"\x00\xff" * 3_000_000])
def test_what_is_kept_comes_back_byte_for_byte(store, data):
    """Small, empty and large."""
    store.put(KEY, data)
    assert store.exists(KEY)
    assert data == store.get(KEY)


def test_the_same_key_again_replaces(store):
    """The newest bytes are those that come back."""
    store.put(KEY, b"old and longer")
    store.put(KEY, b"new")
    assert b"new" == store.get(KEY)


def test_what_is_not_there_is_no_page(store):
    """A missing file is a 404, not a fault; forgetting it is nothing."""
    assert not store.exists(KEY)
    with pytest.raises(NotFound):
        store.get(KEY)
    store.delete(KEY)


def test_forgotten_is_gone(store):
    """Deleted bytes do not come back, their neighbours stay."""
    store.put(KEY, b"one")
    store.put(KEY + "0", b"two")
    store.delete(KEY)
    assert (False, b"two") == (store.exists(KEY), store.get(KEY + "0"))


def test_an_upload_lies_under_its_hash(store):
    """What a person brings is found by what it is."""
    blob = save_upload(store, Upload("../a.txt", "text/html", b"hello"))
    assert "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" == blob.sha256
    assert b"hello" == store.get(storage_key(blob.sha256))


@pytest.mark.parametrize("key", ["../outside", "blobs/../../outside", "/etc/ponte"])
def test_no_key_leads_out_of_the_folder(tmp_path, key):
    """Whatever a key says, nothing is written beside the folder."""
    store = folder_store(tmp_path / "files")
    try:
        store.put(key, b"x")
    except Exception:
        assert not store.exists("outside")
    assert ["files"] == [path.name for path in tmp_path.iterdir()]
    assert not Path("/etc/ponte").exists()


def test_two_sites_share_a_bucket_by_their_prefix(s3_address):
    """What lies under one prefix is not seen under another."""
    one, other = s3_store(_url(s3_address, "one")), s3_store(_url(s3_address, "other"))
    one.put(KEY, b"x")
    assert (True, False) == (one.exists(KEY), other.exists(KEY))


def test_the_setting_chooses_the_store(make_wired, s3_address):
    """STORAGE_URL is all that it takes; without it files lie in DATA_DIR."""
    wired = make_wired(STORAGE_URL=_url(s3_address, "setting"))
    wired.gateways[FileStore].put(KEY, b"x")
    assert b"x" == s3_store(_url(s3_address, "setting")).get(KEY)
    plain = make_wired()
    plain.gateways[FileStore].put(KEY, b"y")
    assert b"y" == (plain.settings.data_dir / "files" / KEY).read_bytes()


def test_a_store_that_is_away_is_an_error_and_not_an_empty_file():
    """A refused connection never reads as `no such file`."""
    store = s3_store("s3://KEY:SECRET@ponte-files?endpoint=http://127.0.0.1:9")
    with pytest.raises(Exception) as told:
        store.exists(KEY)
    assert not isinstance(told.value, NotFound)
