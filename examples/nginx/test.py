"""Drives nginx with ngx_http_tori_module over HTTP: test.py MODULE SCRATCH, with TORI_LIB set; see test.sh.

What nginx answers is compared, byte for byte, with what the library says of the same bytes in this process.
"""

import contextlib
import ctypes
import http.client
import itertools
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = sorted(path for path in (ROOT / "tests/fixtures").iterdir() if path.is_file())
PAPER = (ROOT / "tests/fixtures/two_column.pdf").read_bytes()
NOTE = (ROOT / "tests/fixtures/note.md").read_bytes()
TEXT = (ROOT / "tests/fixtures/plain.txt").read_bytes()
# Half a second of one core's work, and over ten with admin_mode.
LONG = TEXT * 800
ENDLESS = TEXT * 8000

MODULE, SCRATCH = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])

HTTP_STATUS = {
    "TORI_E_LIMIT": 413,
    "TORI_E_FORMAT": 422,
    "TORI_E_ENCRYPTED": 422,
    "TORI_E_UNSUPPORTED": 422,
}


class Library:
    """libtori in this process, with the settings the servers have."""

    def __init__(self, **settings):
        self.lib = ctypes.CDLL(os.path.join(os.environ["TORI_LIB"], "libtori.so.0"))
        pointer = ctypes.c_void_p
        for name in ("tori_config_new", "tori_result_json", "tori_error_json"):
            getattr(self.lib, name).restype = pointer
        self.engine = pointer()
        config = pointer(self.lib.tori_config_new())
        for key, value in settings.items():
            key, value = key.replace("_", ".", 1).encode(), value.encode()
            status = self.lib.tori_config_set(config, key, value, ctypes.c_size_t(len(value)), None)
            assert status == 0, key
        assert self.lib.tori_engine_new(config, ctypes.byref(self.engine), None) == 0
        self.lib.tori_config_free(config)

    def answer(self, document):
        """The HTTP status and the body that are due."""
        result, error, length = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_size_t()
        self.lib.tori_ingest_bytes(
            self.engine, document, ctypes.c_size_t(len(document)), ctypes.byref(result), ctypes.byref(error)
        )
        render, handle = (
            (self.lib.tori_error_json, error) if error else (self.lib.tori_result_json, result)
        )
        body = ctypes.string_at(render(handle, ctypes.byref(length)), length.value)
        self.lib.tori_result_free(result)
        self.lib.tori_error_free(error)
        return (HTTP_STATUS[json.loads(body)["name"]] if error else 200), body


class Nginx:
    """A running nginx with a configuration and a folder of its own."""

    def __init__(self, name, workers, server, main="", http="", wrapper=(), single=False):
        self.prefix, self.single = SCRATCH / name, single
        (self.prefix / "html").mkdir(parents=True)
        (self.prefix / "html/page.html").write_text("<p>static</p>\n")
        self.port, self.port2 = free_ports(2)
        user = "user www-data;" if os.geteuid() == 0 else ""
        self.conf = self.prefix / "nginx.conf"
        self.conf.write_text(
            f"""load_module {MODULE};
{user}
{main}
worker_processes {workers};
pid nginx.pid;
error_log error.log info;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    tori_set report.timings false;
    {http}
    server {{
        listen 127.0.0.1:{self.port} backlog=512;
        listen 127.0.0.1:{self.port2} http2;
        root html;
        {server}
    }}
}}
"""
        )
        mode = "daemon off; master_process off;" if single else "daemon off;"
        self.process = subprocess.Popen(
            [*wrapper, *self.command(), "-g", mode], stdout=sys.stderr, stdin=subprocess.DEVNULL
        )
        try:
            wait_for(lambda: self.process.poll() is not None or self.get("/page.html").status == 200, 60, "nginx answers")
            equal(self.process.poll(), None, "nginx's exit status")
        except BaseException:
            self.kill()
            raise

    def command(self):
        return ["nginx", "-p", f"{self.prefix}/", "-c", str(self.conf), "-e", "error.log"]

    def connect(self, timeout=120):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def request(self, method, path, body=None, connection=None):
        own = connection or self.connect()
        try:
            own.request(method, path, body)
            response = own.getresponse()
            response.body = response.read()
            return response
        finally:
            if not connection:
                own.close()

    def get(self, path, connection=None):
        return self.request("GET", path, connection=connection)

    def post(self, path, body, connection=None):
        return self.request("POST", path, body, connection=connection)

    def workers(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def stop(self, number=signal.SIGQUIT, seconds=30):
        if self.single:
            # Without a master nothing wakes a process that the signal reached between its look at the signals and its
            # sleep; valgrind makes that gap wide.
            wait_for(lambda: self.signalled(number), seconds, f"{number.name} ends nginx", pause=1)
        elif self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(seconds)

    def signalled(self, number):
        """Sends the signal, unless the process has ended: whether it has."""
        self.process.send_signal(number)
        return self.process.returncode is not None

    def kill(self):
        if self.process.poll() is None:
            for pid in [*self.workers(), self.process.pid]:
                os.kill(pid, signal.SIGKILL)
            self.process.wait()

    def log(self):
        return (self.prefix / "error.log").read_text()


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def wait_for(condition, seconds, what, pause=0.02):
    """Tries again until the condition holds; the seconds it took."""
    started = time.monotonic()
    while True:
        try:
            if condition():
                return time.monotonic() - started
        except OSError:
            pass
        assert time.monotonic() - started < seconds, f"not within {seconds} s: {what}"
        time.sleep(pause)


def equal(found, expected, what=""):
    assert found == expected, f"{what}: found {str(found)[:300]}, expected {str(expected)[:300]}"


def as_due(response, due, what=""):
    equal((response.status, response.body), due, what)
    equal(response.headers["Content-Type"], "application/json", what)


def cpu_ticks(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def threads(pid):
    return sorted((task / "comm").read_text().strip() for task in pathlib.Path(f"/proc/{pid}/task").iterdir())


def descriptors(pid):
    return len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))


def resident_kib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])


CASES = []


def case(function):
    CASES.append(function)
    return function


PLAIN = Library(report_timings="false")
DUE = {path.name: PLAIN.answer(path.read_bytes()) for path in FIXTURES}
(SCRATCH / "concepts.json").write_text(
    json.dumps({"version": 1, "concepts": [{"name": "gripping beast", "category": "test_category"}]})
)

SERVER = """
location = /concepts { tori; client_max_body_size 16m; }
location = /disk { tori; client_body_in_file_only clean; }
location = /memory { tori; client_body_buffer_size 16m; client_max_body_size 16m; }
location = /small { tori; client_max_body_size 1k; }
location = /limited { tori; tori_set limits.file_bytes 100; }
location = /three { tori; tori_set concepts.top 3; }
location = /database { tori; tori_database ../concepts.json; }
location = /if { tori; tori_set concepts.top 3; if ($arg_quiet) { access_log off; } }
location = /except { tori; limit_except POST { deny all; } }
location = /mirrored { mirror /concepts; proxy_pass http://127.0.0.1:$server_port/concepts; }
location = /mirrored_empty { mirror /three; mirror_request_body off; proxy_pass http://127.0.0.1:$server_port/concepts; }
"""


def wide():
    return Nginx("wide", 2, SERVER)


def narrow(name="narrow", main=""):
    """One worker with one thread: everything is in one process, and there is no room."""
    return Nginx(
        name,
        1,
        """
        client_max_body_size 64m;
        location = /one { tori; tori_max_jobs 1; tori_set admin_mode true; }
        location = /few { tori; tori_max_jobs 4; }
        location = /brief { tori; tori_deadline 300ms; tori_set admin_mode true; }
        location = /concepts { tori; }
        """,
        main=f"env MAX_PARALLEL_WORKERS_OVERRIDE=1; {main}",
    )


@case
def configuration_is_checked_and_what_is_wrong_named(_):
    prefix = SCRATCH / "check"
    prefix.mkdir()
    conf = prefix / "nginx.conf"

    def check(directives, *named):
        conf.write_text(
            f"load_module {MODULE};\npid nginx.pid;\nerror_log error.log;\nevents {{}}\nhttp {{\n"
            f"server {{\nlisten 127.0.0.1:{free_ports(1)[0]};\nlocation / {{\ntori;\n{directives}\n}}\n}}\n}}\n"
        )
        run = subprocess.run(
            ["nginx", "-t", "-p", f"{prefix}/", "-c", str(conf), "-e", "error.log"], capture_output=True, text=True
        )
        print(f"    {directives} -> {run.stderr.splitlines()[0]}")
        equal(run.returncode == 0, not named, run.stderr)
        for word in named:
            assert word in run.stderr, f"{word} is not in: {run.stderr}"

    check("tori_set limits.pages 10;")
    example = ["-c", str(ROOT / "examples/nginx/nginx.conf"), "-g", f"load_module {MODULE};"]
    run = subprocess.run(["nginx", "-t", "-p", f"{prefix}/", "-e", "error.log", *example], capture_output=True, text=True)
    equal(run.returncode, 0, run.stderr)
    line = "nginx.conf:10"
    check("tori_set limits.pagez 10;", "limits.pagez", "limits.pages", line)
    check("tori_set limits.pages none;", "limits.pages", '"none"', line)
    check("tori_set jobs.patience_ms 10;", "tori_max_jobs", line)
    check("tori_set database.path x;", "tori_database", line)
    check("tori_database /nowhere/concepts.json;", "/nowhere/concepts.json", line)
    check("tori_deadline 0;", "tori_deadline", line)
    check("tori_deadline 25h;", "tori_deadline", line)
    check("tori_max_jobs 0;", "1 and 1024", line)
    check("tori; tori;", "duplicate", line)
    check("tori_set limits.pages;", "tori_set", line)


@case
def fixtures_get_the_librarys_own_answer_in_memory_on_disk_and_in_chunks(server):
    def chunks(document):
        return (document[i : i + 5000] for i in range(0, len(document), 5000))

    for path in FIXTURES:
        document, due = path.read_bytes(), DUE[path.name]
        if due[0] != 200:
            print(f"    {path.name}: {due[0]} {due[1].decode()}")
        for location in ("/concepts", "/disk", "/memory"):
            as_due(server.post(location, document), due, f"{path.name} to {location}")
            # A generator has no length, and goes in chunks.
            as_due(server.post(location, chunks(document)), due, f"{path.name} in chunks to {location}")
        assert str(SCRATCH).encode() not in due[1]
    as_due(server.post("/concepts", LONG), PLAIN.answer(LONG), "a long text")
    as_due(server.post("/concepts", b""), PLAIN.answer(b""), "an empty body")


@case
def corpus_gets_the_librarys_own_answer(server):
    folder = ROOT.parent / "shared/corpus/pdf"
    if not folder.is_dir():
        print("    skipped: there is no corpus")
        return
    files = sorted(path for path in folder.rglob("*.pdf") if path.stat().st_size < 500_000)[::4]
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda path: server.post("/concepts", path.read_bytes()), files)
        for path, answer in zip(files, answers):
            as_due(answer, PLAIN.answer(path.read_bytes()), path.name)
    print(f"    {len(files)} files")


@case
def only_post_is_taken(server):
    connection = server.connect()
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"):
        body = PAPER if method in ("PUT", "PATCH") else None
        response = server.request(method, "/concepts", body, connection=connection)
        equal((response.status, response.headers["Allow"]), (405, "POST"), method)
    as_due(server.post("/concepts", NOTE, connection), DUE["note.md"], "the same connection afterwards")
    connection.close()


@case
def bodies_and_documents_over_a_limit_are_refused(server):
    equal(server.post("/small", PAPER).status, 413)
    limited = server.post("/limited", PAPER)
    found = json.loads(limited.body)
    equal((limited.status, found["name"], found["limit"]), (413, "TORI_E_LIMIT", "limits.file_bytes"))


@case
def one_connection_takes_many_documents(server):
    connection = server.connect()
    for path in itertools.islice(itertools.cycle(FIXTURES), 40):
        as_due(server.post("/concepts", path.read_bytes(), connection), DUE[path.name], path.name)
    connection.close()

    head = b"POST /concepts HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n"
    one = head % len(NOTE) + b"\r\n" + NOTE
    last = head % len(NOTE) + b"Connection: close\r\n\r\n" + NOTE
    with socket.create_connection(("127.0.0.1", server.port), 60) as pipeline:
        pipeline.sendall(one + one + last)
        received = b"".join(iter(lambda: pipeline.recv(65536), b""))
    equal(received.count(DUE["note.md"][1]), 3, "pipelined documents")


@case
def http2_gets_the_same(server):
    paper, url = str(ROOT / "tests/fixtures/two_column.pdf"), f"http://127.0.0.1:{server.port2}/concepts"
    one = subprocess.run(
        ["curl", "-sS", "--http2-prior-knowledge", "-w", "%{http_version} %{http_code}", "--data-binary", f"@{paper}", url],
        capture_output=True,
    )
    equal(one.stdout, DUE["two_column.pdf"][1] + b"2 200", one.stderr)
    # Eight streams of each connection at once.
    many = subprocess.run(
        ["h2load", "-n", "48", "-c", "2", "-m", "8", "-d", paper, url], capture_output=True, text=True
    )
    summary = re.search(r"^status codes: .*", many.stdout, re.MULTILINE)[0]
    print(f"    {summary}")
    equal(summary, "status codes: 48 2xx, 0 3xx, 0 4xx, 0 5xx", many.stdout)


@case
def settings_are_inherited_and_overridden(server):
    report = json.loads(server.post("/three", PAPER).body)
    equal(len(report["concepts"]), 3)
    assert "timings_ms" not in report
    equal(len(json.loads(server.post("/if?quiet=1", PAPER).body)["concepts"]), 3)
    as_due(server.post("/except", PAPER), DUE["two_column.pdf"], "inside limit_except")
    equal(server.get("/except").status, 403)
    report = json.loads(server.post("/database", b"A gripping beast is a motif. " * 20).body)
    equal(report["database"]["concepts"], 1)
    assert {"gripping beast"} <= {concept["label"].lower() for concept in report["concepts"]}


@case
def subrequests_with_and_without_a_body_do_no_harm(server):
    as_due(server.post("/mirrored", PAPER), DUE["two_column.pdf"])
    as_due(server.post("/mirrored_empty", PAPER), DUE["two_column.pdf"])
    refused = r'the input is empty.*subrequest: "/three"'
    wait_for(lambda: re.search(refused, server.log()), 20, "the subrequest without a body is refused")


@case
def master_starts_no_thread_and_workers_the_librarys(server):
    pid = server.process.pid
    equal(len(threads(pid)), 1, "threads of the master")
    print(f"    worker: {threads(server.workers()[0])}")
    started = [threads(pid) for pid in server.workers()]
    assert any("tori-exec-0" in names for names in started), started


@case
def static_files_are_served_meanwhile(server):
    stop = threading.Event()
    taken = []

    def load():
        while not stop.is_set():
            taken.append(server.post("/concepts", PAPER).status)

    connection = server.connect()
    quiet = latencies(server, connection)
    clients = [threading.Thread(target=load) for _ in range(4)]
    for client in clients:
        client.start()
    busy = latencies(server, connection)
    stop.set()
    for client in clients:
        client.join()
    connection.close()
    equal(set(taken), {200})
    print(f"    GET of a static file: {shown(quiet)}; with {len(taken)} documents meanwhile: {shown(busy)}")


def latencies(server, connection):
    times = []
    for _ in range(400):
        started = time.perf_counter()
        equal(server.get("/page.html", connection).status, 200)
        times.append((time.perf_counter() - started) * 1e3)
        time.sleep(0.005)
    return times


def shown(times):
    return f"median {statistics.median(times):.2f} ms, max {max(times):.2f} ms"


@case
def reload_under_load_loses_no_request(server):
    before = server.workers()
    stop = threading.Event()
    answers = []

    def load():
        while not stop.is_set():
            try:
                answers.append(server.post("/concepts", PAPER))
            except (OSError, http.client.HTTPException) as error:
                answers.append(error)

    clients = [threading.Thread(target=load) for _ in range(6)]
    for client in clients:
        client.start()
    for _ in range(5):
        time.sleep(0.4)
        server.process.send_signal(signal.SIGHUP)
    time.sleep(0.4)
    stop.set()
    for client in clients:
        client.join()
    for answer in answers:
        assert not isinstance(answer, Exception), answer
        as_due(answer, DUE["two_column.pdf"])
    wait_for(lambda: len(server.workers()) == 2, 20, "old workers are gone")
    assert not set(before) & set(server.workers())
    print(f"    {len(answers)} documents during 5 reloads")


@case
def reloads_leave_the_master_as_it_was(server):
    pid = server.process.pid

    def reload(times):
        for _ in range(times):
            before = set(server.workers())
            server.process.send_signal(signal.SIGHUP)
            wait_for(lambda: len(server.workers()) == 2 and not before & set(server.workers()), 20, "new workers")
        return descriptors(pid), resident_kib(pid)

    warm, after = reload(5), reload(20)
    print(f"    descriptors and KiB of the master: {warm}, 20 reloads later {after}")
    equal(after[0], warm[0], "descriptors")
    assert after[1] < warm[1] * 1.1, (warm, after)
    equal(len(threads(pid)), 1, "threads of the master")


@case
def descriptors_and_memory_stay_flat(server):
    documents = [path.read_bytes() for path in FIXTURES]

    def rounds(count):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda i: server.post("/concepts", documents[i % len(documents)]), range(count)))
        wait_for(lambda: len({descriptors(pid) for pid in server.workers()}) == 1, 10, "all connections are closed")
        return {pid: (descriptors(pid), resident_kib(pid)) for pid in server.workers()}

    warm, after = rounds(300), rounds(500)
    print(f"    descriptors and KiB of each worker: {list(warm.values())}, 500 documents later {list(after.values())}")
    for pid, (count, kib) in after.items():
        equal(count, warm[pid][0], "descriptors")
        assert kib < warm[pid][1] * 1.1 + 1024, (warm, after)


@case
def a_full_worker_refuses_at_once(_, server):
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda _: server.post("/few", LONG), range(40)))
    due = PLAIN.answer(LONG)
    refused = [answer for answer in answers if answer.status != 200]
    for answer in answers:
        if answer.status == 200:
            as_due(answer, due)
    for answer in refused:
        found = json.loads(answer.body)
        equal((answer.status, answer.headers["Retry-After"]), (503, "1"))
        equal((found["name"], found["allowed"], found["limit"]), ("TORI_E_BUSY", 4, "tori_max_jobs"))
    print(f"    {len(answers) - len(refused)} taken, {len(refused)} refused: {refused[0].body.decode()}")
    assert 0 < len(refused) <= 36
    as_due(server.post("/few", NOTE), DUE["note.md"], "afterwards")


@case
def a_deadline_ends_a_document(_, server):
    late = server.post("/brief", ENDLESS)
    print(f"    {late.status} {late.body.decode()}")
    found = json.loads(late.body)
    equal((late.status, found["name"], found["limit"]), (504, "TORI_E_TIMEOUT", "jobs.deadline_ms"))
    as_due(server.post("/concepts", NOTE), DUE["note.md"], "afterwards")


@case
def a_client_that_goes_gives_its_document_up(_, server):
    (worker,) = server.workers()
    for kind, port in (("HTTP/1.1", server.port), ("HTTP/2", server.port2)):
        version = "--http1.1" if kind == "HTTP/1.1" else "--http2-prior-knowledge"
        client = subprocess.Popen(
            ["curl", "-sS", version, "-H", "Expect:", "--data-binary", "@-", f"http://127.0.0.1:{port}/one"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        client.stdin.write(ENDLESS)
        client.stdin.close()
        wait_for(lambda: begun(server, worker, 1), 20, "the document is being taken in")
        equal(server.post("/one", NOTE).status, 503, "another document meanwhile")
        client.kill()
        client.wait()
        let_go = wait_for(lambda: server.post("/one", NOTE).status == 200, 5, "its place is free")

        def idle():
            before = cpu_ticks(worker)
            time.sleep(0.3)
            return cpu_ticks(worker) - before <= 3

        stopped = wait_for(idle, 5, "the library's thread has stopped")
        print(f"    {kind}: place free after {let_go * 1e3:.0f} ms, thread seen idle after {stopped * 1e3:.0f} ms")
    as_due(server.post("/concepts", PAPER), DUE["two_column.pdf"], "afterwards")


@case
def quit_finishes_what_was_begun(_, server):
    with ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(server.post, "/concepts", LONG) for _ in range(3)]
        (worker,) = server.workers()
        wait_for(lambda: begun(server, worker, 3), 20, "the documents have arrived")
        equal(server.stop(signal.SIGQUIT), 0, "nginx's exit status")
        for answer in answers:
            as_due(answer.result(), PLAIN.answer(LONG))


def begun(server, worker, count):
    """Whether so many documents have arrived and are being taken in: their files are mapped."""
    return pathlib.Path(f"/proc/{worker}/maps").read_text().count(f"{server.prefix}/body/") >= count


@case
def an_end_that_does_not_wait_gives_up_what_was_begun(_, __):
    # At once, and when the time for a quiet end is over.
    for number, main in ((signal.SIGTERM, ""), (signal.SIGQUIT, "worker_shutdown_timeout 300ms;")):
        server = narrow(f"ended{number:d}", main)
        try:
            (worker,) = server.workers()
            with ThreadPoolExecutor(1) as pool:
                answer = pool.submit(server.post, "/one", ENDLESS)
                wait_for(lambda: begun(server, worker, 1), 20, "the document has arrived")
                started = time.monotonic()
                equal(server.stop(number), 0, "nginx's exit status")
                print(f"    {number.name} {main} ended after {(time.monotonic() - started) * 1e3:.0f} ms")
                assert isinstance(answer.exception(), (OSError, http.client.HTTPException)), answer
            clean(server)
            assert "still being taken in" not in server.log(), server.log()
        finally:
            server.kill()


@case
def valgrind_finds_nothing(_, __):
    report, suppressions = SCRATCH / "valgrind.log", SCRATCH / "valgrind.supp"
    # What nginx does not free itself: its environment and its connections.
    suppressions.write_text(
        """
        {
          environment
          Memcheck:Leak
          fun:malloc
          fun:ngx_alloc
          fun:ngx_set_environment
        }
        {
          connections
          Memcheck:Leak
          fun:malloc
          fun:ngx_alloc
          obj:*/nginx
          fun:ngx_single_process_cycle
        }
        """
    )
    server = Nginx(
        "valgrind",
        1,
        "location = /concepts { tori; client_max_body_size 64m; } location = /database { tori; tori_database ../concepts.json; }",
        wrapper=["valgrind", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect", "--error-exitcode=99"]
        + [f"--log-file={report}", f"--suppressions={suppressions}"],
        single=True,
    )
    try:
        for name in ("note.md", "groff.pdf", "garbage.bin"):
            as_due(server.post("/concepts", (ROOT / "tests/fixtures" / name).read_bytes()), DUE[name], name)
        server.post("/database", NOTE)
        connection = server.connect()
        connection.request("POST", "/concepts", LONG)
        wait_for(lambda: begun(server, server.process.pid, 1), 60, "the document has arrived")
        connection.close()
        wait_for(lambda: "prematurely closed" in server.log(), 60, "the client is seen to be gone")
        as_due(server.post("/concepts", NOTE), DUE["note.md"], "afterwards")
        status = server.stop(signal.SIGQUIT, 120)
        summary = report.read_text()
        print("    " + "\n    ".join(re.findall(r"==\d+== (.*(?:lost:|SUMMARY).*)", summary)))
        equal(status, 0, summary[-3000:])
        clean(server)
    finally:
        server.kill()


def clean(server):
    bad = [line for line in server.log().splitlines() if re.search(r"\[(alert|crit|emerg)\]|exited on signal", line)]
    equal(bad, [], "the error log")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped before the end"))
    servers = []
    passed = failed = 0
    try:
        servers += [wide(), narrow()]
        for one in CASES:
            print(f"{one.__name__}", flush=True)
            try:
                one(*servers[: one.__code__.co_argcount])
                passed += 1
            except Exception:
                failed += 1
                print("    FAILED")
                traceback.print_exc(file=sys.stdout)
        for server in servers:
            print(f"{server.prefix.name}: quits, error log clean", flush=True)
            try:
                equal(server.stop(signal.SIGQUIT), 0)
                clean(server)
                passed += 1
            except Exception:
                failed += 1
                traceback.print_exc(file=sys.stdout)
    finally:
        for server in servers:
            server.kill()
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
