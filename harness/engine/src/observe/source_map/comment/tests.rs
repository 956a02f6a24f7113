//! Comments at the ends of bundles.

use super::*;

#[test]
fn the_last_comment_counts() {
    let check = |code: &str, expected: Option<&str>| assert_eq!(url(code), expected, "{code:?}");
    check("a();\n//# sourceMappingURL=a.js.map", Some("a.js.map"));
    check("a();\r\n//# sourceMappingURL=a.js.map\r\n\r\n", Some("a.js.map"));
    check("a();//# sourceMappingURL=a.js.map", Some("a.js.map"));
    check("//@ sourceMappingURL=old.js.map", Some("old.js.map"));
    check("/*# sourceMappingURL=a.js.map */", Some("a.js.map"));
    check("//# sourceMappingURL=one.map\n//# sourceMappingURL=two.map", Some("two.map"));
    check("//# sourceMappingURL=a.js.map\n//# debugId=1234\n// built by hand\n", Some("a.js.map"));
    check("//# sourceMappingURL=a.js.map\na();", None);
    check("const it = '//# sourceMappingURL=a.js.map';", None);
    check("const it = `\n//# sourceMappingURL=${name}`;", None);
    check("//# sourceMappingURL=\n", None);
    check("//# sourceMappingURL=a b", None);
    check("", None);
}

#[test]
fn inline_maps_are_decoded() {
    let check = |url: &str, expected: &str| {
        assert_eq!(inline(url, 100).unwrap().unwrap(), expected.as_bytes(), "{url}");
    };
    check("data:application/json;base64,e30=", "{}");
    check("data:application/json;charset=utf-8;base64,e30", "{}");
    check("DATA:application/json;BASE64,e30%3D", "{}");
    check("data:application/json,%7B%7D", "{}");
    check("data:application/json;charset=utf-8,{}", "{}");
    check("data:,{}", "{}");
    assert_eq!(inline("data:application/json;base64,!", 100), Some(Err(Unusable::Encoding)));
    assert_eq!(inline("data:application/json", 100), Some(Err(Unusable::Encoding)));
    assert_eq!(inline(&format!("data:,{}", "a".repeat(200)), 100), Some(Err(Unusable::TooLarge)));
    assert_eq!(inline("a.js.map", 100), None);
    assert_eq!(inline("https://192.0.2.1/a.js.map", 100), None);
}

#[test]
fn files_lie_in_the_functions_folder() {
    let check = |url: &str, folder: &str, expected: Option<&str>| {
        assert_eq!(file(url, Path::new(folder)).as_deref(), expected.map(Path::new), "{url}");
    };
    check("a.js.map", "", Some("a.js.map"));
    check("./a.js.map?v=1#x", "lib", Some("lib/a.js.map"));
    check("../maps/my%20a.js.map", "lib", Some("maps/my a.js.map"));
    check("../a.js.map", "", None);
    check("lib/../../a.js.map", "", None);
    check("..%2f..%2fa.js.map", "lib", None);
    check("/etc/passwd", "", None);
    check("%2fetc/passwd", "", None);
    check("//192.0.2.1/a.js.map", "", None);
    check("https://192.0.2.1/a.js.map", "", None);
    check("file:///etc/passwd", "", None);
}
