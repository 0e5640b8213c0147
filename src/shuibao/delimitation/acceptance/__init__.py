"""
Acceptance of a result package, ours or anybody's (成果验收).

Nothing about a package is relied on: it is opened without running or following anything in it, read whatever state it
is in, and gone through file by file, shape by shape, value by value. Each fault has a stable name, a place and a way to
mend it.
"""

from shuibao.delimitation.acceptance.checking import check_layer, check_package
from shuibao.delimitation.acceptance.fault import Fault, FaultKind, Report, fault_kinds

__all__ = ["Fault", "FaultKind", "Report", "check_layer", "check_package", "fault_kinds"]
