"""HDF5 files from strangers: what is in the file itself is read, nothing that it points to.

A data set may keep its bytes in any other file, be put together from data sets of other files, or be a
link into one; it may also claim far more than it stores. Such data sets are refused, not followed.
"""

import numpy as np

from ..errors import ReadError
from ..files import check_expansion

# Filters that come with HDF5 itself: deflate, shuffle, fletcher32, szip, nbit, scale-offset, and h5py's lzf.
# Any other is a library that HDF5 would look for and load.
OWN_FILTERS = (1, 2, 3, 4, 5, 6, 32000)


def child(h5py, group, path):
    """The object at ``path`` below ``group``, reached by plain links alone; None if there is none.

    Raises
    ------
    ReadError
        A link that leads elsewhere, in the file or out of it.
    """
    here = group
    for name in filter(None, path.split("/")):
        # asked for as a link: "in" would follow it
        link = here.get(name, getlink=True) if isinstance(here, h5py.Group) else None
        if link is None:
            return None
        if not isinstance(link, h5py.HardLink):
            raise ReadError(
                f"{here.name}/{name} is a link to elsewhere ({type(link).__name__}), which is not "
                "followed; write the file again with the arrays in it"
            )
        here = here[name]
    return here


def array(dataset):
    """The numbers of ``dataset``, all of which must be stored in its own file."""
    name = dataset.name
    if dataset.is_virtual or dataset.external:
        kind = "a virtual data set" if dataset.is_virtual else "stored in another file"
        raise ReadError(
            f"{name} is {kind}, which is not read; write the file again with the arrays in it"
        )
    properties = dataset.id.get_create_plist()
    filters = [properties.get_filter(k)[0] for k in range(properties.get_nfilters())]
    if any(code not in OWN_FILTERS for code in filters):
        raise ReadError(f"{name} needs a filter that is no part of HDF5 (numbers {filters})")
    stored = dataset.id.get_storage_size()
    if dataset.nbytes and not stored:
        raise ReadError(f"{name} has a shape, {dataset.shape}, but nothing is stored in it")
    check_expansion(dataset.nbytes, stored, name)
    return np.asarray(dataset[()])


def text(value):
    """An attribute as text, be it bytes or not."""
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def names(group, attribute):
    """A list of names, which Keras splits over several attributes when it is long."""
    if attribute in group.attrs:
        return [text(name) for name in group.attrs[attribute]]
    found, k = [], 0
    while f"{attribute}{k}" in group.attrs:
        found += [text(name) for name in group.attrs[f"{attribute}{k}"]]
        k += 1
    return found
