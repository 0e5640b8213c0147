"""
How gunicorn serves the bureau on a server (网页进程): ``gunicorn -c deploy/gunicorn.conf.py bureau.wsgi:application``.

Numbers come from the environment, so that this file need not be edited.
"""

import os

from bureau.settings.environment import whole_number

bind = os.environ.get("BUREAU_BIND", "unix:/run/bureau/pages.sock")
workers = whole_number("BUREAU_WORKERS", min(2 * (os.cpu_count() or 1) + 1, 9))
threads = whole_number("BUREAU_THREADS", 4)  # most of a request is waiting for the database
preload_app = True
timeout = 120  # drawing a sheet takes some seconds, an upload over a slow line longer
graceful_timeout = 30
keepalive = 5
max_requests, max_requests_jitter = 5000, 500  # what leaks is given back
limit_request_line = 8190
accesslog = "-"
access_log_format = '%({x-forwarded-for}i)s "%(m)s %(U)s" %(s)s %(B)s %(M)sms'  # no query: links to a view stay private
errorlog = "-"
loglevel = os.environ.get("BUREAU_LOG", "warning")
umask = 0o007
