"""A worker that computes."""

from tests.bureau.worker import home as home
from tests.bureau.worker import worker as worker
