"""Pages for people: built files and nothing else, with a policy that keeps them on this host."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from yingji_map.web import pages


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """Return a client of pages whose build is in a folder of this test."""
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "app" / "assets").mkdir(parents=True)
    for name in ("index.html", "docs.html", "assets/worker-1.mjs"):
        (tmp_path / "app" / name).write_text(name)
    monkeypatch.setattr(pages, "APP_DIR", tmp_path / "app")
    app = FastAPI(docs_url=None)
    app.include_router(pages.router)
    return TestClient(app)


@pytest.mark.parametrize(("address", "file"), [("/", "index.html"), ("/docs", "docs.html")])
def test_a_page_may_talk_to_this_host_only(client: TestClient, address: str, file: str) -> None:
    answer = client.get(address)

    policy = answer.headers["content-security-policy"]
    assert answer.text == file
    assert policy.startswith("default-src 'self';")
    assert "http" not in policy


def test_a_module_worker_is_javascript_and_kept_for_good(client: TestClient) -> None:
    answer = client.get("/assets/worker-1.mjs")

    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("name", ["..%2Findex.html", "..%2F..%2Fsecret.txt", "absent.js"])
def test_only_built_files_are_given(client: TestClient, name: str) -> None:
    assert client.get(f"/assets/{name}").status_code == 404


def test_an_unbuilt_page_says_what_to_run(client: TestClient) -> None:
    (pages.APP_DIR / "index.html").unlink()

    answer = client.get("/")

    assert answer.status_code == 503
    assert "make frontend" in answer.text
