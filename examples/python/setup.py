"""Puts the library into the wheel. Everything else is in pyproject.toml."""

import os
import shutil
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

SONAME = "libtori.so.0"


class WithLibrary(build_py):
    def run(self):
        super().run()
        folder = os.environ.get("TORI_LIB")
        if not folder:
            raise SystemExit(f"set TORI_LIB to the folder that holds {SONAME}, or run wheel.sh, which builds it")
        shutil.copy(Path(folder, SONAME), Path(self.build_lib, "tori", SONAME))


class WithBinary(Distribution):
    def has_ext_modules(self):
        return True


class ForAnyPython(bdist_wheel):
    """The library is for one platform, and for every Python 3 there."""

    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


setup(distclass=WithBinary, cmdclass={"build_py": WithLibrary, "bdist_wheel": ForAnyPython})
