"""Run the bureau's command line by ``python -m bureau`` (平台命令行)."""

from bureau.cli import main

main()
