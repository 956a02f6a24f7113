"""Texts that become the source of templates, in the engines of Python."""

from cells import run


def django(text):
    from django.conf import settings
    from django.template import Context, Engine

    if not settings.configured:
        settings.configure()
    return Engine().from_string(text).render(Context({}))


def contexts():
    import airspeed
    import chameleon
    import chevron
    import genshi.template
    import jinja2
    import jinja2.sandbox
    import mako.template
    import pystache
    import tornado.template
    from Cheetah.Template import Template as Cheetah

    def genshi_text(text):
        return genshi.template.NewTextTemplate(text).generate().render()

    engines = {
        "jinja2": lambda text: jinja2.Template(text).render(),
        "jinja2 {{ '@' }}": lambda text: jinja2.Template("<p>" + text + "</p>").render()[3:-4],
        "mako": lambda text: mako.template.Template(text).render(),
        "tornado": lambda text: tornado.template.Template(text).generate().decode(),
        "django": django,
        "chameleon": lambda text: chameleon.PageTextTemplate(text)(),
        "genshi": genshi_text,
        "cheetah": lambda text: str(Cheetah(text)),
        "pystache": lambda text: pystache.render(text, {}),
        "chevron": lambda text: chevron.render(text, {}),
        "airspeed": lambda text: airspeed.Template(text).merge({}),
        "str.format": lambda text: text.format(),
        "safe: jinja2 {{ value }}": lambda text: jinja2.Template("{{ value }}").render(value=text),
    }
    return {name: (lambda cell, it=it: it(cell["text"])) for name, it in engines.items()}


run({"template": contexts})
