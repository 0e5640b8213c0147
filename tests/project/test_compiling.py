"""A kernel is compiled once for each kind of array, not for each number that is written out."""

from __future__ import annotations

import numpy as np
import pytest
from numba import config, typeof, types

from shuibao.compiling import kernel


@kernel
def _counted(values, start, doubled):
    """Return how many values there are from one on."""
    return (values.size - start) * (2 if doubled else 1)


@kernel
def _asked(values):
    """Ask for the count with numbers that are written out, and with one that is not."""
    return _counted(values, 0, False) + _counted(values, 1, True) + _counted(values, values.size, False)


@kernel(error_model="numpy")
def _parted(one, other):
    """Divide, by nothing as well."""
    return one / other


@pytest.mark.skipif(bool(config.DISABLE_JIT), reason="nothing is compiled")
def test_a_kernel_is_compiled_for_types_and_not_for_the_numbers_of_a_call() -> None:
    assert _asked(np.zeros(3)) == 7
    for start, doubled in ((0, False), (1, True)):  # as a kernel asks that is not on disk yet
        _counted.get_call_template((typeof(np.zeros(3)), types.literal(start), types.literal(doubled)), {})
    assert len(_counted.signatures) == 1
    assert "Literal" not in str(_counted.signatures)


@pytest.mark.skipif(bool(config.DISABLE_JIT), reason="nothing is compiled")
def test_a_kernel_keeps_the_options_it_is_given() -> None:
    assert _parted(1.0, 0.0) == np.inf


@pytest.mark.skipif(bool(config.DISABLE_JIT), reason="nothing is compiled")
def test_a_kernel_is_kept_and_free_of_the_lock() -> None:
    assert _parted.targetoptions["nogil"]
    assert _parted.stats.cache_path
