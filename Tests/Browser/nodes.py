"""Nodes of the program in folders of their own, for tests that look at them from outside."""

import json
import pathlib
import subprocess


class Node:
    """One data folder, served from `start` to `stop`."""

    def __init__(self, program, folder, name, kind):
        self.program = program
        self.folder = pathlib.Path(folder)
        self.process = None
        self.port = None
        self.run("init", "--name", name, "--kind", kind, "--host", "localhost")

    def run(self, *arguments):
        done = subprocess.run(
            [self.program, "--data", str(self.folder), *arguments],
            capture_output=True, text=True, timeout=900,
        )
        if done.returncode:
            raise AssertionError(f"peerchart {' '.join(arguments[:2])}: {done.stderr.strip()}")
        return done.stdout.strip()

    def json(self, *arguments):
        return json.loads(self.run(*arguments, "--json"))

    def start(self, *arguments):
        log = open(self.folder.with_suffix(".log"), "w")
        self.process = subprocess.Popen(
            [self.program, "--data", str(self.folder), "serve", "--listen", "127.0.0.1:0",
             *arguments],
            stdout=subprocess.PIPE, stderr=log, text=True,
        )
        for line in self.process.stdout:
            if line.startswith("ready https://"):
                self.port = int(line.strip().rsplit(":", 1)[1])
                return self
        raise AssertionError(f"the node did not start; see {log.name}")

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=300)
            self.process = None

    def pair(self, other):
        """The other node accepts this one's invitation."""
        link = self.run("peer", "invite").splitlines()[0]
        other.run("peer", "accept", link)
