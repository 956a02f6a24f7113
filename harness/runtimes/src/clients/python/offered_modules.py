# Modules that the managed runtime offers to functions, beside the standard library: those of them
# that belong to the client. What the function brings itself comes first.
import sys
import types

# Not imported: `importlib.machinery` must not be there just because somebody else wanted it.
ModuleSpec = type(sys.__spec__)

# Names that can be imported, and the file beside this one that they come from.
OFFERED = {
    "snapshot_restore_py": "snapshot_restore_py",
    "awslambdaric": None,
    "awslambdaric.lambda_context": "lambda_context",
}


class Offer(object):
    """Finder and loader. It is the last one that Python asks."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in OFFERED:
            return None
        is_package = OFFERED[name] is None
        return ModuleSpec(name, Offer, is_package=is_package)

    @staticmethod
    def create_module(spec):
        file = OFFERED[spec.name]
        return types.ModuleType(spec.name) if file is None else part(file)

    @staticmethod
    def exec_module(module):
        pass


def offer():
    sys.meta_path.append(Offer)
