"""A worker that computes, beside a browser."""

from tests.bureau.worker import home as home
from tests.bureau.worker import worker as worker
