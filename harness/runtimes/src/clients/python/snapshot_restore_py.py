# Registry of the calls that a function wants around a snapshot; the managed runtime offers it under
# this name. Interface: snapshot_restore_py 1.0.0 on PyPI.
before_snapshot = []
after_restore = []


def register_before_snapshot(func, *args, **kwargs):
    """Can also be used as a decorator."""
    before_snapshot.append((func, args, kwargs))
    return func


def register_after_restore(func, *args, **kwargs):
    """Can also be used as a decorator."""
    after_restore.append((func, args, kwargs))
    return func


def get_before_snapshot():
    return before_snapshot


def get_after_restore():
    return after_restore
