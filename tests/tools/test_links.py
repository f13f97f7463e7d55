"""Links are found in texts, and those that do not answer are named."""

import http.server
import json
import threading

import pytest

import links


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        codes = {"/here": 200, "/refused": 403}
        self.send_response(codes.get(self.path, 404))
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def address():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_dead_links_are_named_with_their_files(address, tmp_path, capsys):
    (tmp_path / "book").mkdir()
    cells = [
        {"cell_type": "markdown", "source": [f"[a]({address}/here), ", f"[b]({address}/gone)."]},
        {"cell_type": "code", "source": [f"url = '{address}/in-code'"]},
    ]
    (tmp_path / "book" / "one.ipynb").write_text(json.dumps({"cells": cells}))
    (tmp_path / "README.md").write_text(f"<{address}/refused> and {address}/gone.")
    assert links.main(tmp_path) == 1
    said = capsys.readouterr().out
    assert f"{address}/gone\n    404" in said
    assert "in one.ipynb, README.md" in said
    assert "3 addresses, 1 of them dead" in said


def test_a_host_that_is_not_there_is_a_problem(address):
    assert links.problem("http://127.0.0.1:9/")
    assert not links.problem(f"{address}/here")
