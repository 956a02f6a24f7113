"""Arithmetic on text, without evaluating code."""

import ast
import operator

LONGEST = 200
LARGEST = 10**12

BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
UNARY = {ast.UAdd: operator.pos, ast.USub: operator.neg}


class BadExpression(ValueError):
    """The text is not arithmetic, or too much of it."""


def calculate(text):
    if not isinstance(text, str) or len(text) > LONGEST:
        raise BadExpression("calc must be a text of at most %d characters" % LONGEST)
    try:
        tree = ast.parse(text.strip(), mode="eval")
    # Too deep, too long a number, half a surrogate pair, a zero byte.
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise BadExpression("calc is not an expression")
    return evaluate(tree.body)


def evaluate(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return limited(node.value)
    if isinstance(node, ast.UnaryOp) and type(node.op) in UNARY:
        return UNARY[type(node.op)](evaluate(node.operand))
    if isinstance(node, ast.BinOp) and type(node.op) in BINARY:
        left, right = evaluate(node.left), evaluate(node.right)
        try:
            return limited(BINARY[type(node.op)](left, right))
        except ArithmeticError:
            raise BadExpression("calc has no result")
    raise BadExpression("calc may hold numbers, + - * / // % and parentheses")


def limited(number):
    # Also false for a number that is not a number.
    if abs(number) <= LARGEST:
        return number
    raise BadExpression("a number in calc is too large")
