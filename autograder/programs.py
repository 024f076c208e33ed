"""The programs that were installed with this package: nbgrader, otter, alembic, jupyter."""

import os
import sys
from pathlib import Path


def environment(**extra: str) -> dict[str, str]:
    """This process's environment, in which they are found first, activated or not; and more."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return os.environ | {"PATH": path} | extra
