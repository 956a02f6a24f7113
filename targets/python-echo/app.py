"""Answers with its event: what a function without any weakness looks like from outside."""


def handler(event, context):
    return event
