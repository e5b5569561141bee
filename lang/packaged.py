"""The data files of this package: the grammar, its tables, the texts.

Asked of the loader that found the package, so that a wheel that is not unpacked works too;
`importlib.resources` does the same by way of temporary folders and archives, at every start.
"""

from pkgutil import get_data


def packaged(name: str) -> str | None:
    """Give the text of a file by its path in this package, if it is there."""
    try:
        data = get_data("roteiro.lang", name)
    except OSError:
        return None
    return None if data is None else data.decode()
