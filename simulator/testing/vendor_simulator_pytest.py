"""What pytest loads: the plugin, found by its file.

The wheel has a copy of this file at the top, as `vendor_simulator_pytest`, and the entry point names that. So
pytest imports no package called `simulator` until a test asks for a vendor, and a project may have its own.
"""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

HERE = "vendor_simulator_pytest"


def plugin_file() -> Path:
    """Return where the plugin of the vendor simulator is; raises ImportError."""
    for folder in sys.path:
        file = Path(folder, "simulator", "pytest_plugin.py")
        if file.is_file() and (file.parent / "telephony").is_dir():
            return file.resolve()
    raise ImportError("the package of the vendor simulator is not on the path: install vendor-simulator anew")


def _become(file: Path) -> None:
    """Put the plugin in the place of this module."""
    if (spec := spec_from_file_location(HERE, file)) is not None and spec.loader is not None:
        sys.modules[HERE] = plugin = module_from_spec(spec)
        spec.loader.exec_module(plugin)


if __name__ == HERE:
    _become(plugin_file())
