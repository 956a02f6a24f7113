"""Texts that become parts of LDAP filters. Fired: the filter asks for an attribute of that name."""

from cells import run


def contexts():
    from ldap3.operation.search import parse_filter
    from ldap3.utils.conv import escape_filter_chars

    def attributes(node):
        own = node.assertion.get("attr") if node.assertion else None
        return [own] + [it for child in node.elements for it in attributes(child)]

    def asked(text, nonce):
        root = parse_filter(text, None, True, True, None, False)
        names = [it.decode() if isinstance(it, bytes) else it for it in attributes(root)]
        return "fired" if nonce in names else repr(names)

    def filter_of(template):
        return lambda cell: asked(template.replace("@", cell["text"]), cell["nonce"])

    def escaped(cell):
        return asked("(&(uid=" + escape_filter_chars(cell["text"]) + ")(pw=x))", cell["nonce"])

    return {
        "(&(uid=@)(pw=x))": filter_of("(&(uid=@)(pw=x))"),
        "(&(pw=x)(uid=@))": filter_of("(&(pw=x)(uid=@))"),
        "(|(cn=*@*)(mail=x))": filter_of("(|(cn=*@*)(mail=x))"),
        "(&(objectClass=person)(|(cn=@)(sn=x)))": filter_of("(&(objectClass=person)(|(cn=@)(sn=x)))"),
        "(&(|(uid=@))(active=1))": filter_of("(&(|(uid=@))(active=1))"),
        "(&(!(uid=@))(pw=x))": filter_of("(&(!(uid=@))(pw=x))"),
        "(|(@=x)(mail=x))": filter_of("(|(@=x)(mail=x))"),
        "safe: escaped": escaped,
    }


run({"ldap": contexts})
