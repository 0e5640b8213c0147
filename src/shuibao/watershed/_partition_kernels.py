"""Compiled loops that cut channels and paint pieces. Arrays in, arrays out; no files, no units, no checks; cannot fail."""

from __future__ import annotations

import numpy as np

from shuibao.compiling import kernel

OUTLET = 9


@kernel
def opposite(code):
    """Return the D8 code that points back, for codes 1..8."""
    return (code + 3) % 8 + 1


@kernel
def on_the_right(side, upstream, downstream):
    """
    Return whether what comes from direction ``side`` meets a channel on its right bank, looking downstream.

    ``upstream`` is the code toward the main upstream channel neighbour (0 none), ``downstream`` the code of the
    channel cell itself (9 at an outlet). What is missing is taken to be straight on; with neither all is left.
    """
    if downstream > 8:
        if upstream == 0:
            return False
        downstream = opposite(upstream)
    if upstream == 0:
        upstream = opposite(downstream)
    return (side + 8 - downstream) % 8 < (upstream + 8 - downstream) % 8


@kernel
def link_upstream(receiver, cells, main, first, following):
    """Write the largest tributary of each channel cell, and its tributaries as a list (-1 ends it)."""
    main[:] = -1
    first[:] = -1
    for k in range(receiver.size - 1, -1, -1):
        below = receiver[k]
        if below == k:
            continue
        following[k] = first[below]
        first[below] = k
        if main[below] < 0 or cells[k] >= cells[main[below]]:  # of two alike the first
            main[below] = k


@kernel
def cut(order, receiver, cells, first, following, large, minimum, target, maximum, open_, ends):
    """
    Write what each channel cell carries that no unit upstream has taken, and where units end.

    From the heads down: above a junction what has reached ``target`` is cut off; where the whole would exceed
    ``maximum`` the largest tributaries are, as long as they have ``minimum``. Units end at mouths on large rivers
    and where the channel leaves the land. ``open_`` of a large cell is what reaches it past the other channels.
    """
    ends[:] = 0
    for k in range(order.size):
        cell = order[k]
        rest = cells[cell]
        count = 0
        above = first[cell]
        while above >= 0:
            rest -= cells[above]
            count += 1
            above = following[above]
        if cells[cell] < large:
            above = first[cell]
            while above >= 0:
                if count > 1 and open_[above] >= target:
                    ends[above] = 1
                else:
                    rest += open_[above]
                above = following[above]
            while rest > maximum:
                largest = _largest_open(first[cell], following, open_, ends)
                if largest < 0 or open_[largest] < minimum:
                    break
                ends[largest] = 1
                rest -= open_[largest]
            below = receiver[cell]
            if below == cell or cells[below] >= large:
                ends[cell] = 1
        open_[cell] = rest


@kernel
def _largest_open(above, following, open_, ends):
    """Return the tributary in a list that carries most and is not cut off; -1 if there is none."""
    largest = -1
    while above >= 0:
        if ends[above] == 0 and (largest < 0 or open_[above] > open_[largest]):
            largest = above
        above = following[above]
    return largest


@kernel
def _carry(cell, mouth, receiver, amount, open_):
    """Add to what is carried below a cell, down to a mouth."""
    while cell != mouth:
        cell = receiver[cell]
        open_[cell] += amount


@kernel
def mend_mouths(order, receiver, cells, first, following, large, minimum, maximum, open_, ends, stack):
    """
    Give remainders below ``minimum`` at mouths more land, from the units that drain into them.

    The smallest unit that fits within ``maximum`` is joined; if none does, the cross-section of the largest moves
    upstream until both sides have ``minimum``, just above a junction if there is one.
    """
    for k in range(order.size):
        mouth = order[k]
        below = receiver[mouth]
        if ends[mouth] == 0 or open_[mouth] >= minimum or (below != mouth and cells[below] < large):
            continue
        fits, widest = _units_above(mouth, first, following, maximum - open_[mouth], open_, ends, stack)
        if fits >= 0:
            ends[fits] = 0
            _carry(fits, mouth, receiver, open_[fits], open_)
        elif widest >= 0:
            new = _moved(widest, receiver, first, following, open_[mouth], minimum, maximum, open_, ends)
            if new >= 0:
                ends[widest] = 0
                _carry(widest, mouth, receiver, open_[widest], open_)
                ends[new] = 1
                _carry(new, mouth, receiver, -open_[new], open_)


@kernel
def _units_above(mouth, first, following, room, open_, ends, stack):
    """Return the smallest unit that drains into a remainder and fits in ``room``, and the largest; -1 if none."""
    fits, widest = -1, -1
    stack[0] = mouth
    depth = 1
    while depth > 0:
        depth -= 1
        above = first[stack[depth]]
        while above >= 0:
            if ends[above] == 0:
                stack[depth] = above
                depth += 1
            else:
                if widest < 0 or open_[above] > open_[widest]:
                    widest = above
                if open_[above] <= room and (fits < 0 or open_[above] < open_[fits]):
                    fits = above
            above = following[above]
    return fits, widest


@kernel
def _moved(section, receiver, first, following, rest, minimum, maximum, open_, ends):
    """Return the cell upstream of a cross-section that leaves enough on both sides; -1 if there is none."""
    whole = rest + open_[section]
    found = -1
    above = _largest_open(first[section], following, open_, ends)
    while above >= 0 and open_[above] >= minimum:
        left = whole - open_[above]
        if left > maximum:
            break
        if left >= minimum:
            if found < 0:
                found = above
            if following[first[receiver[above]]] >= 0:  # just above a junction
                return above
        above = _largest_open(first[above], following, open_, ends)
    return found


@kernel
def number_units(order, receiver, cells, large, ends, piece):
    """Write the number of the unit of each channel cell from the mouths up; 0 on large rivers. Return the last."""
    last = 0
    for k in range(order.size - 1, -1, -1):
        cell = order[k]
        if cells[cell] >= large:
            piece[cell] = 0
        elif ends[cell] == 1:
            last += 1
            piece[cell] = last
        else:
            piece[cell] = piece[receiver[cell]]
    return last


@kernel
def number_stations(order, receiver, cells, main, first, following, large, open_, quantum, station, stem):
    """
    Write station and stem of each cell of large rivers from the mouths up; -1 elsewhere. Return how many of each.

    A station ends where a channel comes in, and where ``quantum`` cells of slope have drained into it.
    """
    stations, stems = 0, 0
    gathered = 0
    station[:] = -1
    for k in range(order.size - 1, -1, -1):
        mouth = order[k]
        if cells[mouth] < large or station[mouth] >= 0:
            continue
        cell = mouth
        while cell >= 0 and cells[cell] >= large:
            below = receiver[cell]
            if cell == mouth or gathered >= quantum or following[first[below]] >= 0:
                stations += 1
                gathered = 0
            gathered += open_[cell]
            station[cell] = stations - 1
            stem[cell] = stems
            cell = main[cell]
        stems += 1
    return stations, stems


@kernel
def paint(direction, step, order, seed, left, right, upstream, label):
    """
    Write the piece of every land cell, from the outlets up.

    ``seed`` holds the position of each seed in the tables, -1 elsewhere. A seed cell takes the piece on its left;
    another cell the piece through which its water first meets a seed.
    """
    for k in range(order.size - 1, -1, -1):
        cell = order[k]
        at = seed[cell]
        if at >= 0:
            label[cell] = left[at]
            continue
        code = np.int64(direction[cell])
        below = cell + step[code]
        at = seed[below]
        if at < 0:
            label[cell] = label[below]
        elif on_the_right(opposite(code), np.int64(upstream[at]), np.int64(direction[below])):
            label[cell] = right[at]
        else:
            label[cell] = left[at]
