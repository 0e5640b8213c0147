"""
How kernels are compiled (编译): once for each kind of array, and once only.

The first run of everything compiles some hundreds of kernels, which takes minutes; what nobody uses is left out of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit, types


def kernel(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """
    Compile a loop over arrays (核): kept on disk, free of the interpreter's lock, the same bytes everywhere.

    Numba would compile a kernel anew for each number that another kernel writes out in a call, as ``0`` and ``1`` in
    ``find(parent, 0)`` and ``find(parent, 1)``; here it is compiled for their type. The entry for callers in C is left out.

    Parameters
    ----------
    function : callable
        The kernel; none if options are given, as in ``@kernel(error_model="numpy")``.
    **options
        Further options of ``numba.njit``.

    Returns
    -------
    callable
        What runs compiled; the function itself where numba is turned off.
    """
    if function is None:
        return lambda loop: kernel(loop, **options)
    made = njit(cache=True, nogil=True, no_cfunc_wrapper=True, **options)(function)
    if hasattr(made, "get_call_template"):
        by_type = made.get_call_template
        made.get_call_template = lambda args, kws: by_type(
            tuple(types.unliteral(one) for one in args), {name: types.unliteral(one) for name, one in kws.items()}
        )
    return made
