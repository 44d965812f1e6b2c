"""The workloads, as in `benches/workload.rs`: the shapes, and the expected result of each."""

LAYER = 100
MODULUS = 1_000_003
WORKLOADS = ["W1", "W2", "W3", "W4", "W5", "W6"]


def parents(layer, place):
    """The three nodes of the previous layer that a node depends on."""
    mask = (1 << 64) - 1
    seed = (layer * LAYER + place) ^ 0x9E37_79B9_7F4A_7C15
    found = []
    for _ in range(3):
        seed = (seed * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) & mask
        found.append((seed >> 33) % LAYER)
    return found


def expected(workload, n):
    """The expected result of a run over `n` nodes."""
    if workload == "W4":
        before = [1] * LAYER
        for layer in range(1, n // LAYER):
            before = [sum(before[at] for at in parents(layer, place)) % MODULUS for place in range(LAYER)]
        return sum(before)
    return {"W1": n, "W2": sum(range(n)), "W3": 2 * n, "W5": n * (n - 1), "W6": sum(range(n))}[workload]


# The functions of the nodes.


def next_of(n):
    return n + 1


def constant(n):
    return n


def twice(n):
    return n * 2


def three(a, b, c):
    return (a + b + c) % MODULUS


def numbers(n):
    return list(range(n))


def total(*all_of_them):
    return sum(all_of_them)


def graph(workload, n, add):
    """Builds one of the shapes that are known beforehand: `add(function, arguments, needs)` returns a handle, and the
    function takes the arguments and then the outputs of the nodes in `needs`. Returns the handles whose sum is the
    result."""
    if workload == "W1":
        last = add(constant, [1], [])
        for _ in range(1, n):
            last = add(next_of, [], [last])
        return [last]
    if workload == "W2":
        return [add(constant, [i], []) for i in range(n)]
    if workload == "W3":
        first = add(constant, [1], [])
        return [add(total, [], [add(twice, [], [first]) for _ in range(n)])]
    if workload == "W4":
        before = [add(constant, [1], []) for _ in range(LAYER)]
        for layer in range(1, n // LAYER):
            before = [add(three, [], [before[at] for at in parents(layer, place)]) for place in range(LAYER)]
        return before
    raise ValueError(f"{workload} is not known beforehand")
