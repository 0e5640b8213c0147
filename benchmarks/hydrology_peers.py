"""
The tools that hydrology.py compares with: what they are, how they are installed, how one is run (参比软件).

    python benchmarks/hydrology_peers.py --install [NAME ...]     each into an environment of its own
    python benchmarks/hydrology_peers.py                          what is there

Environments lie under ``~/.cache/shuibao-benchmarks`` or where SHUIBAO_BENCHMARKS says. GRASS and SAGA are programs: they
are used if they are found (Debian: ``apt-get install grass-core saga``).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("SHUIBAO_BENCHMARKS", Path.home() / ".cache" / "shuibao-benchmarks"))


@dataclass(frozen=True)
class Peer:
    """
    A tool.

    ``needs``: what pip installs. ``program``: its command, if it is one. ``bytes_per_cell``: memory it is known to take.
    ``gdal``: it needs the Python bindings of GDAL from the system. ``caches``: it keeps compiled kernels on disk, so that a
    process before the measured one compiles them, whose memory does not count.
    """

    name: str
    title: str
    licence: str
    bytes_per_cell: float
    needs: tuple[str, ...] = ()
    program: str = ""
    gdal: bool = False
    caches: bool = False

    @property
    def python(self) -> Path:
        """Return the Python that has this tool."""
        if not self.needs:
            return Path(sys.executable)
        return CACHE / self.name / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def missing(self) -> str:
        """Return why the tool cannot be run here; nothing if it can."""
        if self.program and not shutil.which(self.program):
            return f"{self.program} is not installed"
        if not self.python.exists():
            return "not installed: python benchmarks/hydrology_peers.py --install"
        return ""

    def version(self) -> str:
        """Return its version as it is installed."""
        if self.program:
            done = subprocess.run([self.program, "--version"], capture_output=True, text=True, check=False)
            return next((word for word in (done.stdout + done.stderr).split() if word[0].isdigit()), "")
        name = self.needs[0].split("=")[0].split("<")[0] if self.needs else self.name
        code = f"import importlib.metadata as m; print(m.version({name!r}))"
        done = subprocess.run([str(self.python), "-c", code], capture_output=True, text=True, check=False)
        return done.stdout.strip()


OURS = Peer("shuibao", "shuibao", "Apache-2.0", 30.0, caches=True)

PEERS = {
    peer.name: peer
    for peer in (
        Peer("topotoolbox", "TopoToolbox", "GPL-3.0", 56.0, ("topotoolbox==0.0.12",)),
        Peer("whitebox", "Whitebox Workflows", "MIT/Apache-2.0", 60.0, ("whitebox-workflows==2.0.6", "numpy")),
        Peer("pyflwdir", "PyFlwDir", "MIT", 53.0, ("pyflwdir==0.5.12",), caches=True),
        Peer("pysheds", "pysheds", "GPL-3.0", 76.0, ("pysheds==0.5", "numpy<2.3"), caches=True),
        Peer("overflow", "overflow", "MIT", 6.0, ("overflow-hydro==0.5.0",), gdal=True),
        Peer("grass", "GRASS", "GPL-2.0", 50.0, program="grass"),
        Peer("saga", "SAGA", "GPL-2.0", 24.0, program="saga_cmd"),
    )
}


def install(peer: Peer) -> str:
    """Make the environment of a peer anew; return what went wrong, or nothing."""
    if not peer.needs:
        return peer.missing()
    folder = CACHE / peer.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    base = _python_with_gdal() if peer.gdal else sys.executable
    if not base:
        return "no Python with GDAL's bindings (Debian: apt-get install python3-gdal)"
    make = [base, "-m", "venv", "--without-pip", *(["--system-site-packages"] if peer.gdal else []), str(folder)]
    fill = [sys.executable, "-m", "pip", "--quiet", "--python", str(peer.python), "install", *peer.needs]
    for command in (make, fill):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            shutil.rmtree(folder, ignore_errors=True)
            return done.stderr.strip()[-300:]
    return ""


def _python_with_gdal() -> str:
    """Return a Python outside this environment that can import GDAL, or nothing."""
    for found in ("/usr/bin/python3", shutil.which("python3") or "", sys.executable):
        if found and Path(found).exists():
            done = subprocess.run([found, "-c", "import osgeo.gdal_array"], capture_output=True, check=False)
            if done.returncode == 0:
                return found
    return ""


def available_bytes() -> float:
    """Return how much memory is free for a process; endless where the system does not say."""
    facts = Path("/proc/meminfo")
    if not facts.exists():
        return float("inf")
    line = next(line for line in facts.read_text().splitlines() if line.startswith("MemAvailable"))
    return float(line.split()[1]) * 1024


def run_tool(peer: Peer, job: dict[str, Any], timeout: float) -> dict[str, Any]:
    """Run one tool's job in a process of its own; what goes wrong with it is in the answer, under ``error``."""
    if reason := peer.missing():
        return {"skipped": reason}
    need = peer.bytes_per_cell * job["size"] ** 2
    if need > 0.85 * available_bytes():
        return {"skipped": f"needs about {need / 1e9:.0f} GB of memory, {available_bytes() / 1e9:.0f} GB are free"}
    folder = Path(job["work"])
    folder.mkdir(parents=True, exist_ok=True)
    job = {**job, "tool": peer.name, "answer": str(folder / "answer.json")}
    (folder / "job.json").write_text(json.dumps(job))
    answer = Path(job["answer"])
    answer.unlink(missing_ok=True)
    command = [str(peer.python), str(HERE / "hydrology_worker.py"), str(folder / "job.json")]
    log = folder / "log.txt"
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            status = None
    found: dict[str, Any] = json.loads(answer.read_text()) if answer.exists() else {}
    if status is None:
        found.setdefault("error", f"not done after {timeout:.0f} s")
    elif status != 0 and not found:
        found["error"] = f"the process ended with {status}: {log.read_text()[-200:].strip()}"
    return found


def main() -> None:
    """Install peers, or say which are there."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--install", nargs="*", metavar="NAME", help="install these peers, all if none is named")
    given = words.parse_args()
    for peer in PEERS.values():
        if given.install is not None and (not given.install or peer.name in given.install):
            problem = install(peer)
            if problem:
                print(f"{peer.name:12} {problem}")
                continue
        print(f"{peer.name:12} {peer.missing() or peer.version()}  {peer.licence}")


if __name__ == "__main__":
    main()
