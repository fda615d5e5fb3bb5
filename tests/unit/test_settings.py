"""Settings: every one from its environment variable, with defaults, and one secret."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fastlabel_server.settings import Settings


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Start from an environment that says nothing."""
    for name in Settings.__dataclass_fields__:
        monkeypatch.delenv(f"FASTLABEL_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_an_empty_environment_means_sqlite_and_a_folder_in_the_data_directory(
    tmp_path: Path,
) -> None:
    settings = Settings.from_env()
    data_dir = tmp_path / "fastlabel-data"
    assert settings.data_dir == data_dir
    assert settings.database == f"sqlite:///{data_dir}/fastlabel.sqlite3"
    assert settings.storage == f"file://{data_dir}/objects"
    assert (settings.rate_limit, settings.rate_limit_window) == (10_000, 600)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("data_dir", "/srv/fastlabel", Path("/srv/fastlabel")),
        ("database_url", "postgresql://db/x", "postgresql://db/x"),
        ("public_url", "https://labels.example.com", "https://labels.example.com"),
        ("rate_limit", "0", 0),
        ("max_body", "1000", 1000),
        ("heartbeat_interval", "0.5", 0.5),
        ("log_level", "debug", "debug"),
    ],
)
def test_a_variable_named_like_the_setting_sets_it(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object
) -> None:
    monkeypatch.setenv(f"FASTLABEL_{name.upper()}", text)
    assert getattr(Settings.from_env(), name) == value


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASTLABEL_RATE_LIMIT", "")
    assert Settings.from_env().rate_limit == 10_000


def test_an_argument_wins_over_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FASTLABEL_DATA_DIR", "/srv/fastlabel")
    assert Settings.from_env(data_dir=tmp_path / "mine").data_dir == tmp_path / "mine"
    assert Settings.from_env(data_dir=None).data_dir == Path("/srv/fastlabel")


def test_a_variable_that_holds_nonsense_is_named_with_its_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FASTLABEL_THREADS", "many")
    with pytest.raises(ValueError, match=r"FASTLABEL_THREADS='many': .* int"):
        Settings.from_env()


def test_an_unknown_log_level_is_refused_with_those_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Users saw `serve` end with a KeyError from inside the logging library."""
    monkeypatch.setenv("FASTLABEL_LOG_LEVEL", "loud")
    with pytest.raises(ValueError, match=r"FASTLABEL_LOG_LEVEL='loud': expected debug, info"):
        Settings.from_env()


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_a_postgresql_url_gets_the_driver_that_is_installed(scheme: str) -> None:
    settings = Settings(database_url=f"{scheme}://user:pw@db:5432/labels")
    assert settings.database == "postgresql+psycopg://user:pw@db:5432/labels"


def test_the_secret_is_made_once_kept_private_and_wins_where_it_is_given(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")
    secret = settings.with_secret().secret_key
    assert len(secret) >= 32
    assert settings.with_secret().secret_key == secret
    assert (tmp_path / "new" / "secret-key").stat().st_mode & 0o077 == 0
    assert Settings(data_dir=tmp_path, secret_key="given").with_secret().secret_key == "given"


def test_processes_that_start_together_agree_on_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        starts = [
            pool.submit(lambda: Settings(data_dir=tmp_path).with_secret().secret_key)
            for _ in range(64)
        ]
        assert len({start.result() for start in starts}) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]
