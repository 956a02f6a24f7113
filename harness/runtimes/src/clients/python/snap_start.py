# What a function wants called around a SnapStart snapshot. The order is that of
# awslambdaric/lambda_runtime_hooks_runner.py 4.2.2.
# By name: the function may have brought a registry of its own.
from snapshot_restore_py import get_after_restore, get_before_snapshot


def run_before_snapshot():
    calls = get_before_snapshot()
    while calls:
        # The last one comes first.
        func, args, kwargs = calls.pop()
        func(*args, **kwargs)


def run_after_restore():
    for func, args, kwargs in get_after_restore():
        func(*args, **kwargs)
