"""An installation of a test's own."""

from tests.bureau.service.serving import begin as begin
from tests.bureau.service.serving import home as home
