"""Run the command line by ``python -m shuibao`` (命令行)."""

from shuibao.cli import main

main()
