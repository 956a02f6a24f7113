//! Exported functions found in source text.

use expect_test::{Expect, expect};

use super::*;

fn check_javascript(text: &str, expected: Expect) {
    expected.assert_eq(&format!("{:?}", choose_from(&javascript::exported(text))));
}

fn check_python(text: &str, expected: Expect) {
    expected.assert_eq(&format!("{:?}", choose_from(&python::top_level(text))));
}

#[test]
fn finds_what_commonjs_exports() {
    check_javascript("exports.handler = async (event) => {};", expect![[r#"One("handler")"#]]);
    check_javascript("module.exports.run = function (event, ctx, cb) {}", expect![[r#"One("run")"#]]);
    check_javascript("exports['on event'] = (e) => e", expect![[r#"One("on event")"#]]);
    check_javascript(
        "module.exports = { get, put: 1, async del(event) {}, ...rest };",
        expect![[r#"One("del")"#]],
    );
    check_javascript(
        "const a = async (event) => {}; function b({ Records }) {}\nmodule.exports = { a, b, c: 3 };",
        expect![[r#"Several(["a", "b"])"#]],
    );
    check_javascript("if (exports.handler == 1) {}", expect!["Nothing"]);
    check_javascript(
        "exports.handler = void 0; exports.helper = 1; exports.handler = middy(base)",
        expect![[r#"One("handler")"#]],
    );
    check_javascript("module.exports = (event) => event;", expect!["Nothing"]);
}

#[test]
fn finds_what_es_modules_export() {
    check_javascript("export const handler = async (event) => {};", expect![[r#"One("handler")"#]]);
    check_javascript("export async function process(event) {}", expect![[r#"One("process")"#]]);
    check_javascript("const x = 1; export { x as run };", expect![[r#"One("run")"#]]);
    check_javascript("export default async (event) => {}", expect![[r#"One("default")"#]]);
    check_javascript("export const VERSION = '1'; export function go(event) {}", expect![[r#"One("go")"#]]);
}

#[test]
fn finds_what_typescript_exports() {
    check_javascript(
        "import type { Handler } from 'aws-lambda';\nexport type Order = { id: string };\n\
         export interface Options { x: number }\nexport const enum Kind { A }\n\
         export const process: Handler<Order, void> = async (event) => {};\nexport const limit: number = 5;",
        expect![[r#"One("process")"#]],
    );
    check_javascript(
        "export const run: (event: Order) => Promise<void> = async (event: Order): Promise<void> => {};\n\
         export const other: string = 'x';",
        expect![[r#"One("run")"#]],
    );
    check_javascript(
        "export async function consume(event: SQSEvent, context?: Context): Promise<void> {}\n\
         export function area(w: number, h: number): number { return w * h; }",
        expect![[r#"One("consume")"#]],
    );
    check_javascript(
        "const go = async ({ Records }: SQSEvent) => {}; const area = 1;\n\
         export { type Order, go, area };\nexport type { Other } from './types';",
        expect![[r#"One("go")"#]],
    );
}

#[test]
fn finds_what_bundlers_export() {
    check_javascript(
        "__export(src_exports, { handler: () => handler });\nmodule.exports = __toCommonJS(src_exports);\n\
         0 && (module.exports = { handler });",
        expect![[r#"One("handler")"#]],
    );
    check_javascript(
        "Object.defineProperty(exports, '__esModule', { value: true });\nexports.consume = consume;\n\
         async function consume(event) {}",
        expect![[r#"One("consume")"#]],
    );
}

#[test]
fn is_not_misled_by_comments_and_strings() {
    check_javascript(
        "// exports.a = 1\n/* exports.b = 2 */ const s = 'exports.c = 3' + `exports.d = 4` + \"it's\";\n\
         const r = /exports.e = '/; const q = 4 / 2; exports.real = (event) => 0 / 1;",
        expect![[r#"One("real")"#]],
    );
    check_javascript("exports.a = '", expect![[r#"One("a")"#]]);
    check_javascript("module.exports = {", expect!["Nothing"]);
    check_javascript("export", expect!["Nothing"]);
}

#[test]
fn finds_what_python_modules_define() {
    check_python("def lambda_handler(event, context):\n  pass", expect![[r#"One("lambda_handler")"#]]);
    check_python("def resize(evt, _):\n  pass\ndef area(w, h):\n  pass", expect![[r#"One("resize")"#]]);
    check_python("def a(event, context): 1\ndef b(event, context): 2", expect![[r#"Several(["a", "b"])"#]]);
    check_python(
        "def run(\n    event: dict[str, int],\n    context: object = None,\n) -> dict:\n  pass",
        expect![[r#"One("run")"#]],
    );
    check_python("from api import app, handler\nfrom x import y as main", expect![[r#"One("handler")"#]]);
    check_python("app = Flask()\nhandler = Mangum(app)", expect![[r#"One("handler")"#]]);
    check_python("async def handler(event, context): 1", expect!["Nothing"]);
    check_python("class A:\n  def handler(self, event): 1\ndef one(x): 1", expect!["Nothing"]);
    check_python(
        "x = '''\ndef handler(event, context): 1\n'''\n# def b(event, context): 1",
        expect!["Nothing"],
    );
    check_python("def broken(", expect!["Nothing"]);
    check_python("handler == 1", expect!["Nothing"]);
}
