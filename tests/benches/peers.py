#!/usr/bin/env python3
"""Measures the local stack beside other chat servers, by a load generator that knows all of them.

    tests/benches/peers.py FOLDER [PEER[,PEER...]] [MEASUREMENT[,...]] [--reps N] [--secs N]
    tests/benches/peers.py FOLDER --write

FOLDER holds the driver, `bench.py`, whose README says what it needs and what it measures. Without a
peer this stack alone is measured. `cargo build --profile local --workspace --bins` comes before.

`--write` measures nothing: it writes `peers.json`, and the table of the README, from all the results that
the driver keeps. Those should be of one run, on a machine that did nothing else.

The generator makes no unique ids but its text, so it sends that as `client_id`, beside a text of the
same 100 bytes in each message. Events and acks carry both.
"""
import concurrent.futures
import http.client
import json
import os
import platform
import shutil
import statistics
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, sys.argv.pop(1))
import bench  # noqa: E402
import readme  # noqa: E402

PEOPLE = 1_000
PASSWORD = "correct horse"
TOKENS_KEPT = 600  # Seconds; they are good for 900.
RATES = ["Send", "Room", "Connect", "Write", "SignUp", "Login", "LoginAddress", "LoginAccount"]


class Banter(bench.Peer):
    name, port, ws_port = "banter", 58300, 58301
    persists = "yes: DynamoDB's protocol on SQLite, numbered and deduplicated"
    cwd = ROOT

    def __init__(self):
        self.data = os.path.join(bench.RUN, "banter")
        self.people = []

    def cmd(self):
        rates = [flag for rate in RATES for flag in ("--parameter", f"{rate}Rate=off")]
        return [f"{ROOT}/target/local/local", "--no-build", "--log", "error", "--port", str(self.port),
                "--ws-port", str(self.ws_port), "--data", self.data, *rates]

    def setup(self):
        """1,000 people; a room for each ten of them, and one of the first hundred."""
        shutil.rmtree(self.data, ignore_errors=True)
        self.start()
        try:
            self.wait()
            self.each(lambda i: self.call("POST", "/v1/accounts", {"name": f"P{i}", **self.login(i)}))
            self.sign_in()
            rooms = [self.room(first, 10) for first in range(0, PEOPLE, 10)]
            self.rooms = {10: rooms, 100: [self.room(0, 100)]}
        finally:
            self.stop()

    def stop(self):
        bench.stop([self.proc])

    def login(self, i):
        return {"username": f"person{i}", "password": PASSWORD}

    def each(self, work, people=PEOPLE):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            return list(pool.map(work, range(people)))

    def sign_in(self):
        self.people = self.each(lambda i: self.call("POST", "/v1/accounts/login", self.login(i)))
        self.signed_in_at = time.monotonic()

    def room(self, first, size):
        members = [person["user"]["id"] for person in self.people[first:first + size]]
        body = {"type": "group", "name": "Bench", "members": [{"user_id": one} for one in members[1:]]}
        return self.call("POST", "/v1/rooms", body, self.people[first])["id"]

    def call(self, method, path, body=None, person=None):
        headers = {"content-type": "application/json"}
        if person:
            headers["authorization"] = "Bearer " + person["access_token"]
        server = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        server.request(method, path, json.dumps(body or {}), headers)
        answer = server.getresponse()
        found = json.loads(answer.read() or b"{}")
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {found.get('code')}")
        return found

    def address(self, i):
        """Where one person's socket is, with a ticket, which lets in once."""
        return self.call("POST", "/v1/connections/tickets", None, self.people[i])["url"]

    def probe(self):
        """Whether a socket is accepted: of nobody before there are people, and then of the first."""
        try:
            if not self.people:
                return self.call("GET", "/v1/openapi.json") != {}
            path = self.address(0).split(str(self.ws_port), 1)[1]
            return bench.ws_probe(self.ws_port, path, "Sec-WebSocket-Protocol: banter.v1\r\n")
        except OSError:
            return False

    def lg(self, rooms, members):
        if time.monotonic() - self.signed_in_at > TOKENS_KEPT:
            self.sign_in()
        files = {"tokens": self.each(self.address, rooms * members), "room_names": self.rooms[members][:rooms]}
        for name, lines in files.items():
            with open(os.path.join(bench.RUN, f"banter-{name}"), "w") as file:
                file.write("\n".join(lines) + "\n")
        send = {"room_id": "{room}", "client_id": "{text}", "text": "x" * 100, "first_attempt": True}
        return ["url={tok}", "headers=Sec-WebSocket-Protocol: banter.v1",
                "size=64", f"hello={json.dumps({'action': 'hello', 'id': 'h', 'data': {}})}",
                'ready="connection_id"', f"send={json.dumps({'action': 'message.send', 'id': '{i}', 'data': send})}",
                *(f"{name}={os.path.join(bench.RUN, f'banter-{name}')}" for name in files)]


# Of the table: what stands above, and the measurement, its figure and decimals.
COLUMNS = [
    ("p50 ms", "latency", "p50_ms", 1),
    ("p99 ms", "latency", "p99_ms", 1),
    ("1 × 100 a second", "flood100", "delivered_per_s", 0),
    ("20 × 10 a second", "flood20x10", "delivered_per_s", 0),
    ("burst: never came", "burst", "missing", 0),
    ("memory, MiB", "rss0", "rss_mib", 0),
    ("with 1,000 connections", "rss1000", "rss_mib", 0),
    ("start s", "cold", "ready_s", 2),
]


def write():
    """Puts what was measured last beside this program, and as a table into the README."""
    peers = {}
    for file in sorted(os.listdir(bench.RES)):
        with open(os.path.join(bench.RES, file)) as lines:
            found = [json.loads(line) for line in lines]
        figures = {}
        for _, kind, key, _ in COLUMNS:
            values = [one[key] for one in found if one["kind"] == kind and key in one]
            if values:
                figures[f"{kind} {key}"] = {"median": statistics.median(values), "values": values}
        stolen = [one["steal_pct"] for one in found if "steal_pct" in one]
        peers[found[0]["peer"]] = {"figures": figures, "most_stolen_percent": max(stolen, default=0)}
    if not peers:
        raise SystemExit(f"{bench.RES} has no results")
    machine = {"processor": processor(), "cores": os.cpu_count(), "kernel": platform.release()}
    folder = os.path.join(ROOT, "tests", "benches")
    with open(os.path.join(folder, "peers.json"), "w") as file:
        json.dump({"machine": machine, "peers": peers}, file, indent=2, sort_keys=True)
        file.write("\n")
    titles = ["", *(title for title, *_ in COLUMNS)]
    lines = ["| " + " | ".join(titles) + " |", "|---|" + "--:|" * len(COLUMNS)]
    for name, peer in sorted(peers.items(), key=lambda one: (one[0] != Banter.name, one[0])):
        cells = [cell(peer["figures"].get(f"{kind} {key}"), digits) for _, kind, key, digits in COLUMNS]
        lines.append("| " + " | ".join([name, *cells]) + " |")
    stolen = max(peer["most_stolen_percent"] for peer in peers.values())
    lines += ["", f"Medians, and the least and the most. Measured on {machine['processor']}, {machine['cores']} cores, "
              f"Linux {machine['kernel']}; its host took up to {stolen:.1f} % of it away."]
    readme.put("peers", "\n".join(lines))


def cell(figure, digits):
    """A median, and between what the figures lay."""
    if figure is None:
        return "–"
    least, most = min(figure["values"]), max(figure["values"])
    median, least, most = (f"{value:,.{digits}f}" for value in (figure["median"], least, most))
    return median if least == most else f"{median} ({least} – {most})"


def processor():
    """The name of this machine's processor."""
    with open("/proc/cpuinfo") as lines:
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


bench.PEERS.append(Banter)
if "--write" in sys.argv:
    write()
else:
    if len(sys.argv) < 2 or sys.argv[1].startswith("--"):
        sys.argv.insert(1, Banter.name)
    bench.main(bench.PEERS)
