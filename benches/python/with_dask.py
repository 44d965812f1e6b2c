"""The shapes as dask runs them: `delayed` on threads.

A dask graph cannot grow: W5 is one run for the list and a second one for the nodes that map it, and W6 is one run per
node.
"""

import dask
from dask import delayed

import shapes


def build(workload, n):
    if workload == "W5":
        return workload, delayed(shapes.numbers, pure=False)(n)
    if workload == "W6":
        return workload, n
    return workload, shapes.graph(
        workload, n, lambda function, arguments, needs: delayed(function, pure=False)(*arguments, *needs))


def run(built):
    workload, graph = built
    with dask.config.set(scheduler="threads", num_workers=2):
        if workload == "W5":
            mapped = [delayed(shapes.twice, pure=False)(i) for i in graph.compute()]
            return delayed(shapes.total, pure=False)(*mapped).compute()
        if workload == "W6":
            value, found = graph, 0
            while value > 0:
                value = delayed(lambda n: n - 1, pure=False)(value).compute()
                found += value
            return found
        return delayed(shapes.total, pure=False)(*graph).compute()
