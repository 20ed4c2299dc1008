#!/usr/bin/env python3
"""Measures the local stack beside other chat servers, by a load generator that knows all of them.

    tests/benches/peers.py FOLDER [PEER[,PEER...]] [MEASUREMENT[,...]] [--reps N] [--secs N]

FOLDER holds the driver, `bench.py`, whose README says what it needs and what it measures. Without a
peer this stack alone is measured. `cargo build --profile local --workspace --bins` comes before.

The generator makes no unique ids but its text, so it sends that as `client_id`, beside a text of the
same 100 bytes in each message. Events and acks carry both.
"""
import concurrent.futures
import http.client
import json
import os
import shutil
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, sys.argv.pop(1))
import bench  # noqa: E402

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
        send = {"room_id": "{room}", "client_id": "{text}", "text": "x" * 100}
        return ["url={tok}", "headers=Sec-WebSocket-Protocol: banter.v1",
                "size=64", f"hello={json.dumps({'action': 'hello', 'id': 'h', 'data': {}})}",
                'ready="connection_id"', f"send={json.dumps({'action': 'message.send', 'id': '{i}', 'data': send})}",
                *(f"{name}={os.path.join(bench.RUN, f'banter-{name}')}" for name in files)]


bench.PEERS.append(Banter)
if len(sys.argv) < 2 or sys.argv[1].startswith("--"):
    sys.argv.insert(1, Banter.name)
bench.main(bench.PEERS)
