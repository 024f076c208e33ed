"""The zip that runs our own engine at Gradescope."""


def write(course, loaded, made):
    raise NotImplementedError
