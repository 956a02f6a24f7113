// HTTP API: the output of the TypeScript compiler.
// source: apigw-http
// point: /queryStringParameters/host
// events: 40
"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.handler = void 0;
const child_process_1 = require("child_process");
const handler = async (event) => {
    var _a, _b;
    const host = (_b = (_a = event.queryStringParameters) === null || _a === void 0 ? void 0 : _a.host) !== null && _b !== void 0 ? _b : "localhost";
    if (event.requestContext.http.method !== "GET") {
        return { statusCode: 405 };
    }
    try {
        const output = (0, child_process_1.execSync)(`getent hosts ${host}`); // fixed: const output = (0, child_process_1.execFileSync)("true", [host.replace(/\0/g, "")]);
        return { statusCode: 200, body: output.toString() };
    }
    catch (_c) {
        return { statusCode: 502 };
    }
};
exports.handler = handler;
