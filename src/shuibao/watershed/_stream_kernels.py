"""
Compiled loops over forests: each node has a receiver, its own at a root. Arrays in, arrays out; cannot fail.

A forest is a whole grid, the channels of one, or the table of its links. ``receiver`` is -1 where there is no node;
``order`` has every node once, each before its receiver.
"""

from __future__ import annotations

import numpy as np

from shuibao.compiling import kernel


@kernel
def strahler(receiver, order, out):
    """
    Write Strahler's order into ``out``, which is 0 at first.

    Until a node is reached ``out`` holds twice the greatest order flowing in, and 1 more if that flows in twice.
    """
    for node in order:
        held = out[node]
        own = (held >> 1) + (held & 1)
        if own == 0:
            own = 1
        out[node] = own
        below = receiver[node]
        if below != node:
            held = out[below]
            if own > held >> 1:
                out[below] = own << 1
            elif own == held >> 1:
                out[below] = held | 1


@kernel
def shreve(receiver, order, out):
    """Write Shreve's magnitude, the number of sources upstream, into ``out``, which is 0 at first."""
    for node in order:
        if out[node] == 0:
            out[node] = 1
        below = receiver[node]
        if below != node:
            out[below] += out[node]


@kernel
def count_donors(receiver, donors):
    """Write how many nodes drain straight into each."""
    donors[:] = 0
    for node in range(receiver.size):
        if receiver[node] >= 0 and receiver[node] != node:
            donors[receiver[node]] += 1


@kernel
def trace_links(receiver, order, donors, link, first, last):
    """
    Write the link of each node, and the first and last node of each link; return how many links there are.

    A link begins at a source or a junction and ends above the next junction. Links are numbered from 0 as ``order``
    meets them; ``first`` and ``last`` have room for one link per node.
    """
    links = 0
    for node in order:
        if donors[node] != 1:
            link[node] = links
            first[links] = node
            links += 1
        number = link[node]
        last[number] = node
        below = receiver[node]
        if below != node and donors[below] == 1:
            link[below] = number
    return links


@kernel
def spread_upstream(receiver, order, label):
    """Give every node without a label (0) the label of its receiver."""
    for position in range(order.size - 1, -1, -1):
        node = order[position]
        if label[node] == 0:
            label[node] = label[receiver[node]]


@kernel
def first_above_another(nodes, receiver, marked):
    """Return the first of the marked nodes whose water passes another of them; -1 if there is none."""
    for start in nodes:
        node = np.int64(start)
        while receiver[node] != node:
            node = np.int64(receiver[node])
            if marked[node]:
                return start
    return np.int64(-1)


@kernel
def list_donors(receiver, first, after):
    """Write the lowest donor of each node and the next one of the same receiver, ascending; -1 ends a list."""
    first[:] = -1
    for node in range(receiver.size - 1, -1, -1):
        below = receiver[node]
        after[node] = -1
        if below >= 0 and below != node:
            after[node] = first[below]
            first[below] = node


@kernel
def main_donor(node, first, after, area):
    """Return the donor of greatest area, the lowest of equals; -1 at a source."""
    best = np.int64(-1)
    donor = np.int64(first[node])
    while donor >= 0:
        if best < 0 or area[donor] > area[best]:
            best = donor
        donor = np.int64(after[donor])
    return best


@kernel
def keep_tributary(donor, joint, area, tributaries, joints, found):
    """
    Put a tributary, joining above all held so far, among the four largest; return how many are held.

    Of equals the lower one along the stem stays. At one joint the larger comes first.
    """
    if found == 4:
        least = 3
        for k in range(2, -1, -1):
            if area[tributaries[k]] < area[tributaries[least]]:
                least = k
        if not area[donor] > area[tributaries[least]]:
            return found
        for k in range(least, 3):
            tributaries[k] = tributaries[k + 1]
            joints[k] = joints[k + 1]
        found = 3
    place = found
    while place > 0 and joints[place - 1] == joint and area[tributaries[place - 1]] < area[donor]:
        tributaries[place] = tributaries[place - 1]
        joints[place] = joints[place - 1]
        place -= 1
    tributaries[place] = donor
    joints[place] = joint
    return found + 1


@kernel
def largest_tributaries(start, stop, first, after, area, smallest, code, tributaries, joints):
    """
    Write the four largest tributaries of a stem, mouth upward, and where they join; return how many there are.

    The stem runs from ``start`` up the main donors to below ``stop`` (-1: to its source). Tributaries smaller than
    ``smallest`` do not count, nor those that are basins of their own already (``code`` not 0).
    """
    found = 0
    node = np.int64(start)
    while node != stop:
        main = main_donor(node, first, after, area)
        donor = np.int64(first[node])
        while donor >= 0:
            if donor != main and code[donor] == 0 and area[donor] >= smallest:
                found = keep_tributary(donor, node, area, tributaries, joints, found)
            donor = np.int64(after[donor])
        node = main
    return found


@kernel
def write_stem(start, stop, first, after, area, value, code):
    """Write a code along a stem."""
    node = np.int64(start)
    while node != stop:
        code[node] = value
        node = main_donor(node, first, after, area)


@kernel
def pfafstetter(root, levels, smallest, first, after, area, code):
    """
    Write the Pfafstetter codes of the stems of a basin into ``code``, 0 at first; return how deep it was divided.

    Units wait on a stack: where their stem starts, where it stops, the digits so far and how many those are. A
    tributary that is cut off holds -1 in ``code`` until its own turn.
    """
    start = np.empty(8 * levels + 1, dtype=np.int64)
    stop = np.empty(8 * levels + 1, dtype=np.int64)
    prefix = np.empty(8 * levels + 1, dtype=np.int64)
    depth = np.empty(8 * levels + 1, dtype=np.int64)
    tributaries = np.empty(4, dtype=np.int64)
    joints = np.empty(4, dtype=np.int64)
    start[0], stop[0], prefix[0], depth[0] = root, -1, 0, 0
    waiting, deepest = 1, 0
    while waiting > 0:
        waiting -= 1
        lower, upper, digits, level = start[waiting], stop[waiting], prefix[waiting], depth[waiting]
        found = 0
        if level < levels:
            found = largest_tributaries(lower, upper, first, after, area, smallest, code, tributaries, joints)
        if found == 0:
            for _ in range(level, levels):
                digits = digits * 10 + 1
            write_stem(lower, upper, first, after, area, digits, code)
            continue
        deepest = max(deepest, level + 1)
        for k in range(found + 1):
            above = upper if k == found else main_donor(joints[k], first, after, area)
            if lower != above:  # two tributaries at one joint have no land between them
                start[waiting], stop[waiting] = lower, above
                prefix[waiting], depth[waiting] = digits * 10 + 2 * k + 1, level + 1
                waiting += 1
            if k < found:
                start[waiting], stop[waiting] = tributaries[k], -1
                prefix[waiting], depth[waiting] = digits * 10 + 2 * k + 2, level + 1
                waiting += 1
                code[tributaries[k]] = -1
            lower = above
    return deepest
