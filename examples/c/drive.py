"""Uses serve as clients do, good ones and bad ones: drive.py SERVE LIBTORI FIXTURES."""

import concurrent.futures
import contextlib
import ctypes
import http.client
import json
import random
import re
import resource
import signal
import socket
import subprocess
import sys
import time
import traceback
from pathlib import Path

SERVE, LIBTORI, FIXTURES = sys.argv[1], sys.argv[2], Path(sys.argv[3])
# Threads take turns, or one that computes would keep the one that reads waiting for minutes.
VALGRIND = [
    "valgrind", "--quiet", "--fair-sched=yes", "--leak-check=full", "--show-leak-kinds=definite,indirect",
    "--errors-for-leak-kinds=definite,indirect", "--error-exitcode=9",
]
PAPER = (FIXTURES / "groff.pdf").read_bytes()
# With all of its parts read, seconds of work on the fastest machine: it is under way while a test looks and acts.
LONG = (FIXTURES / "plain.txt").read_bytes() * 9000
WHOLE = ("--set", "admin_mode=true")
# The status each fixture gets; None stands for 200 and the bytes of a plain call.
EXPECTED = {
    "two_column.pdf": None, "groff.pdf": None, "report.pdf": None, "rotated.pdf": None, "scanned.pdf": None,
    "blank.pdf": None, "truncated.pdf": None, "encrypted_owner.pdf": None, "note.md": None, "plain.txt": None,
    "encrypted_user.pdf": (422, "TORI_E_ENCRYPTED"), "empty.pdf": (422, "TORI_E_FORMAT"),
    "garbage.bin": (422, "TORI_E_FORMAT"), "not_a_pdf.pdf": (415, "TORI_E_UNSUPPORTED"),
}


class Server:
    """A server of its own, ended by SIGTERM; it must end well and give every document back."""

    def __init__(self, *options, wrapper=(), files=None):
        limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))) if files else None
        self.process = subprocess.Popen(
            [*wrapper, SERVE, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=limit
        )
        line = self.process.stdout.readline()
        found = re.fullmatch(r"listening on http://127\.0\.0\.1:(\d+)\n", line)
        assert found, line + self.process.stderr.read()
        self.port = int(found[1])

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.end()
        else:
            self.process.kill()
            self.process.communicate()

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=300)
        assert self.process.returncode == 0 and not err, (self.process.returncode, out, err)
        found = re.fullmatch(r"ended: \d+ answered, \d+ refused or failed, (\d+) cancelled, (\d+) bytes kept\n", out)
        assert found and found[2] == "0", out
        self.cancelled = int(found[1])

    def connect(self):
        return contextlib.closing(socket.create_connection(("127.0.0.1", self.port), timeout=300))

    def raw(self, request):
        """All that comes back for these bytes until the server closes."""
        with self.connect() as client:
            client.sendall(request)
            return everything(client)

    def call(self, method, path, body=None, **headers):
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        try:
            client.request(method, path, body, headers)
            response = client.getresponse()
            return response, response.read()
        finally:
            client.close()

    def health(self):
        response, body = self.call("GET", "/health")
        assert response.status == 200
        return json.loads(body)

    def wait_until(self, condition):
        end = time.monotonic() + 300
        while not condition(self.health()):
            assert time.monotonic() < end, self.health()
            time.sleep(0.01)


def everything(client):
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := client.recv(65536):
            parts.append(part)
    return b"".join(parts)


def post(body, *fields):
    head = ["POST / HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def status(response):
    assert response.startswith(b"HTTP/1.1 "), response[:80]
    return int(response[9:12])


def plain_results():
    """What tori_ingest_bytes gives for each fixture, without timings."""
    tori = ctypes.CDLL(LIBTORI)
    tori.tori_config_new.restype = tori.tori_result_json.restype = ctypes.c_void_p
    config, engine = ctypes.c_void_p(tori.tori_config_new()), ctypes.c_void_p()
    assert tori.tori_config_set(config, b"report.timings", b"false", ctypes.c_size_t(5), None) == 0
    assert tori.tori_engine_new(config, ctypes.byref(engine), None) == 0
    results = {}
    for name, expected in EXPECTED.items():
        data, result = (FIXTURES / name).read_bytes(), ctypes.c_void_p()
        called = tori.tori_ingest_bytes(engine, data, ctypes.c_size_t(len(data)), ctypes.byref(result), None)
        assert (called == 0) == (expected is None), (name, called)
        if expected is None:
            length = ctypes.c_size_t()
            results[name] = ctypes.string_at(tori.tori_result_json(result, ctypes.byref(length)), length.value)
            tori.tori_result_free(result)
    tori.tori_engine_free(engine)
    tori.tori_config_free(config)
    return results


def check_answer(name, response, body, plain):
    if EXPECTED[name] is None:
        assert response.status == 200 and body == plain[name], (name, response.status, body[:200])
    else:
        assert (response.status, json.loads(body)["name"]) == EXPECTED[name], (name, response.status, body)


def sixty_documents_at_once_equal_plain_calls():
    plain, latencies = plain_results(), []
    names = [list(EXPECTED)[i % len(EXPECTED)] for i in range(60)]
    with Server() as server, concurrent.futures.ThreadPoolExecutor(60) as clients:
        work = [clients.submit(server.call, "POST", "/", (FIXTURES / name).read_bytes()) for name in names]
        while not all(each.done() for each in work):
            begin = time.monotonic()
            server.health()
            latencies.append(1000 * (time.monotonic() - begin))
            time.sleep(0.002)
        for name, each in zip(names, work):
            check_answer(name, *each.result(), plain)
    latencies.sort()
    print(f"/health meanwhile: {len(latencies)} calls, median {latencies[len(latencies) // 2]:.1f} ms, "
          f"longest {latencies[-1]:.1f} ms, this client's own time included")


def one_connection_carries_many_requests():
    with Server() as server:
        client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
        socket_used = None
        for name in ("note.md", "garbage.bin", "groff.pdf", "empty.pdf", "plain.txt"):
            client.request("POST", "/", (FIXTURES / name).read_bytes())
            response = client.getresponse()
            check = EXPECTED[name][0] if EXPECTED[name] else 200
            assert response.status == check and response.read()
            assert client.sock is not None and socket_used in (None, client.sock)
            socket_used = client.sock
        client.close()
        # All at once in one piece: the answers come in order.
        last = b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        answers = server.raw(post(PAPER) + b"HEAD /health HTTP/1.1\r\nHost: a\r\n\r\n\r\n" + post(b"%PDF-1.7 x") + last)
        assert re.findall(rb"HTTP/1\.1 (\d+)", answers) == [b"200", b"200", b"422", b"200"], answers[-600:]
        # Byte by byte.
        with server.connect() as client:
            for byte in post(b"# One\n\nSupport vector machines.\n", "Connection: close"):
                client.sendall(bytes([byte]))
            assert status(everything(client)) == 200


def wrong_requests_get_their_status():
    cases = {
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n": 405,
        b"POST /health HTTP/1.1\r\nHost: a\r\n\r\n": 405,
        b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n": 404,
        b"GET http://a/health?x=1 HTTP/1.1\r\nHost: a\r\n\r\n": 200,
        b"GET /health HTTP/1.0\r\n\r\n": 200,
        b"GET /health HTTP/1.1\r\n\r\n": 400,
        b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n": 400,
        b"GET /health HTTP/2.0\r\nHost: a\r\n\r\n": 505,
        b"GET /health\r\n\r\n": 400,
        b"GET  /health HTTP/1.1\r\nHost: a\r\n\r\n": 400,
        b"GET /health HTTP/1.1\r\nHost: a\r\nName : b\r\n\r\n": 400,
        b"GET /health HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n": 400,
        b"GET /health HTTP/1.1\r\nHost: a\nX: b\r\n\r\n": 400,
        b"GET /health HTTP/1.1\r\nHost: a\0\r\n\r\n": 400,
        b"GET /" + 9000 * b"x" + b" HTTP/1.1\r\nHost: a\r\n\r\n": 431,
        b"POST / HTTP/1.1\r\nHost: a\r\n\r\n": 411,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n": 501,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc": 400,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd": 400,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\n": 400,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3x\r\n\r\n": 400,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n": 413,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n": 413,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n": 422,
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\nContent-Length: 1\r\n\r\na": 417,
    }
    with Server("--body", "4096", "--patience", "300") as server:
        for request, expected in cases.items():
            answer = server.raw(request)
            assert status(answer) == expected, (request[:80], answer)
            head, _, body = answer.partition(b"\r\n\r\n")
            assert expected in (200,) or json.loads(body)["message"], answer
        assert b"Allow: POST" in server.raw(b"PUT / HTTP/1.1\r\nHost: a\r\n\r\n")
        # Far more than is allowed is being sent while the refusal comes: it still arrives.
        response, body = server.call("POST", "/", bytes(1 << 20))
        assert response.status == 413 and "4096" in json.loads(body)["message"]


def continue_is_said_before_the_body():
    with Server("--body", "100000") as server, server.connect() as client:
        head, body = post(PAPER, "Expect: 100-continue", "Connection: close")[: -len(PAPER)], PAPER
        client.sendall(head)
        interim = client.recv(1000)
        assert interim == b"HTTP/1.1 100 Continue\r\n\r\n", interim
        client.sendall(body)
        assert status(everything(client)) == 200
        # Who asks first is told before a byte is sent in vain.
        answer = server.raw(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 100001\r\n\r\n")
        assert status(answer) == 413 and b"100 Continue" not in answer


def slow_clients_are_sent_away():
    with Server("--patience", "300") as server:
        assert server.raw(b"") == b""
        assert status(server.raw(b"POST / HTTP/1.1\r\nHost:")) == 408
        assert status(server.raw(post(PAPER)[:-100])) == 408
        # One that sends, but never takes the answers.
        with server.connect() as client:
            client.settimeout(5)
            with contextlib.suppress(OSError):
                while True:
                    client.sendall(100 * b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
        server.wait_until(lambda health: health["connections"] == 1 and health["bytes"] == 0)


def clients_that_go_away_take_their_jobs_along():
    with Server(*WHOLE) as server:
        with contextlib.ExitStack() as stack:
            for _ in range(6):
                stack.enter_context(server.connect()).sendall(post(LONG))
            server.wait_until(lambda health: health["documents"] == 6)
        server.wait_until(lambda health: health["documents"] == 0 and health["bytes"] == 0)
        # In the middle of the body, and of the head.
        with server.connect() as client:
            client.sendall(post(PAPER)[:5000])
        with server.connect() as client:
            client.sendall(b"POST / HT")
        assert server.call("POST", "/", PAPER)[0].status == 200
    assert server.cancelled == 6


def deadlines_are_kept():
    with Server(*WHOLE, "--deadline", "50") as server:
        with concurrent.futures.ThreadPoolExecutor(16) as clients:
            for response, body in clients.map(lambda _: server.call("POST", "/", LONG[: len(LONG) // 3]), range(16)):
                assert response.status == 504 and json.loads(body)["name"] == "TORI_E_TIMEOUT", body
        server.wait_until(lambda health: health["bytes"] == 0)


def what_is_too_much_is_told_to_come_later():
    with Server("--jobs", "1") as server, concurrent.futures.ThreadPoolExecutor(30) as clients:
        answers = list(clients.map(lambda _: server.call("POST", "/", PAPER), range(30)))
        codes = {response.status for response, _ in answers}
        assert codes == {200, 503}, codes
        for response, body in answers:
            if response.status == 503:
                assert response.headers["Retry-After"] and json.loads(body)["name"] == "TORI_E_BUSY"
    with Server("--memory", str(2 * len(PAPER))) as server:
        with server.connect() as first:
            first.sendall(post(PAPER)[:-1])
            server.wait_until(lambda health: health["bytes"] > 0)
            response, _ = server.call("POST", "/", PAPER)
            assert response.status == 503 and response.headers["Retry-After"]
        server.wait_until(lambda health: health["bytes"] == 0)
        assert server.call("POST", "/", PAPER)[0].status == 200


def more_clients_than_places_wait():
    for options in ({"files": 24}, {}):
        places = () if options else ("--connections", "4")
        with Server(*places, "--patience", "1000", **options) as server, contextlib.ExitStack() as stack:
            clients = [stack.enter_context(server.connect()) for _ in range(40)]
            for client in clients:
                client.sendall(post(b"# One\n\nSupport vector machines.\n", "Connection: close"))
            for client in clients:
                assert status(everything(client)) == 200


def noise_does_no_harm():
    whole = post(PAPER, "Expect: 100-continue") + b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
    with Server("--patience", "200") as server, concurrent.futures.ThreadPoolExecutor(16) as clients:
        def one(seed):
            chance = random.Random(seed)
            noise = bytearray(whole if chance.random() < 0.8 else chance.randbytes(chance.randrange(1, 20000)))
            for _ in range(chance.randrange(8)):
                noise[chance.randrange(min(len(noise), 150))] = chance.randrange(256)
            with server.connect() as client:
                with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                    client.sendall(noise[: chance.randrange(len(noise) + 1)])
                if chance.random() < 0.5:
                    answer = everything(client)
                    assert answer == b"" or answer.startswith(b"HTTP/1.1 "), answer
        list(clients.map(one, range(300)))
        server.wait_until(lambda health: health["documents"] == 0 and health["bytes"] == 0)
        assert server.call("POST", "/", PAPER)[0].status == 200


def the_end_waits_for_what_is_under_way():
    with Server(*WHOLE, "--patience", "2000") as server, server.connect() as idle, server.connect() as half:
        half.sendall(post(PAPER)[:-10])
        with server.connect() as working:
            working.sendall(post(LONG[: len(LONG) // 3]))
            server.wait_until(lambda health: health["documents"] == 1)
            server.process.send_signal(signal.SIGTERM)
            assert everything(idle) == b""
            half.sendall(PAPER[-10:])
            for client in (half, working):
                answer = everything(client)
                assert status(answer) == 200 and b"Connection: close" in answer
        try:
            server.connect()
            raise AssertionError("a client was let in")
        except ConnectionRefusedError:
            pass
    # A second one does not wait.
    with Server(*WHOLE) as server, server.connect() as client:
        client.sendall(post(LONG))
        server.wait_until(lambda health: health["documents"] == 1)
        for stop in (signal.SIGTERM, signal.SIGINT):
            server.process.send_signal(stop)
            time.sleep(0.3)
        assert everything(client) == b""
        server.end()
        assert server.cancelled == 1


def wrong_options_are_named():
    for options, says in (
        (["--bogus", "1"], "--bogus"), (["--port"], "--port"), (["--port", "70000"], "0 to 65535"),
        (["--body", "-1"], "--body"), (["--jobs", "0"], "--jobs"), (["--jobs", "1x"], "--jobs"),
        (["--set"], "--set"), (["--set", "report.text"], "KEY=VALUE"), (["--set", "report.txet=true"], "report.txet"),
        (["--set", "admin_mode=2"], "admin_mode"),
    ):
        ended = subprocess.run([SERVE, *options], capture_output=True, text=True, timeout=300)
        assert ended.returncode == 2 and says in ended.stderr, ended
    with Server() as server:
        ended = subprocess.run([SERVE, "--port", str(server.port)], capture_output=True, text=True, timeout=300)
        assert ended.returncode == 1 and "cannot listen" in ended.stderr, ended


def valgrind_finds_no_error_and_no_leak():
    # Under valgrind ten megabytes may take their time to be read, and their concepts much more.
    slow = ("--patience", "300000", "--deadline", "600000")
    with Server(*WHOLE, *slow, wrapper=VALGRIND) as server:
        with concurrent.futures.ThreadPoolExecutor(8) as clients:
            names = ["groff.pdf", "encrypted_user.pdf", "garbage.bin", "note.md", "empty.pdf", "truncated.pdf"]
            work = [clients.submit(server.call, "POST", "/", (FIXTURES / name).read_bytes()) for name in names]
            assert {each.result()[0].status for each in work} == {200, 422}
        with contextlib.ExitStack() as stack:
            for _ in range(3):
                stack.enter_context(server.connect()).sendall(post(LONG[: len(LONG) // 3]))
            server.wait_until(lambda health: health["documents"] == 3)
        assert status(server.raw(b"nonsense\r\n\r\n")) == 400
        with server.connect() as client:
            client.sendall(post(PAPER)[:100])
            server.health()


def main():
    failed = 0
    tests = [
        sixty_documents_at_once_equal_plain_calls,
        one_connection_carries_many_requests,
        wrong_requests_get_their_status,
        continue_is_said_before_the_body,
        slow_clients_are_sent_away,
        clients_that_go_away_take_their_jobs_along,
        deadlines_are_kept,
        what_is_too_much_is_told_to_come_later,
        more_clients_than_places_wait,
        noise_does_no_harm,
        the_end_waits_for_what_is_under_way,
        wrong_options_are_named,
        valgrind_finds_no_error_and_no_leak,
    ]
    for test in tests:
        try:
            test()
        except Exception:
            failed += 1
            print(f"FAILED: {test.__name__}\n{traceback.format_exc()}", file=sys.stderr)
    print(f"{len(tests) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
