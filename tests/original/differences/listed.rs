//! Single answers in which ours differs from the original.

use super::Listed;

pub(super) const ALL: &[Listed] = &[
    Listed {
        why: "an allowed method is named once",
        answers: &[(
            "odd paths",
            21,
            "Allow: POST; Allow: POST",
            "HTTP/1.1 405 Method Not Allowed [Allow: POST; Content-Length: 0]",
        )],
    },
    Listed {
        why: "a path that is none is refused before anybody finds words for it",
        answers: &[
            (
                "odd paths",
                33,
                "400 Bad Request",
                "HTTP/1.1 400 Bad Request [Connection: close; Content-Length: 0]",
            ),
            (
                "odd paths",
                34,
                "400 Bad Request",
                "HTTP/1.1 400 Bad Request [Connection: close; Content-Length: 0]",
            ),
        ],
    },
    Listed {
        why: "a method that nobody knows is refused as one that is not allowed here, and the allowed one is named",
        answers: &[
            (
                "odd methods",
                1,
                "405 Method Not Allowed",
                "HTTP/1.1 405 Method Not Allowed [Allow: GET; Content-Length: 0]",
            ),
            (
                "odd methods",
                2,
                "405 Method Not Allowed",
                "HTTP/1.1 405 Method Not Allowed [Allow: GET; Content-Length: 0]",
            ),
            (
                "odd methods",
                5,
                "405 Method Not Allowed",
                "HTTP/1.1 405 Method Not Allowed [Allow: GET; Content-Length: 0]",
            ),
            (
                "odd methods",
                6,
                "405 Method Not Allowed",
                "HTTP/1.1 405 Method Not Allowed [Allow: GET; Content-Length: 0]",
            ),
        ],
    },
    Listed {
        why: "a call that comes before its state machine is there is answered; the original panics and drops the connection",
        answers: &[
            ("before any event", 2, "closed", "no answer"),
            (
                "before any event",
                5,
                "closed",
                r#"HTTP/1.1 403 Forbidden [Content-Length: 156; Content-Type: application/json] {"errorMessage":"State transition from Ready to InitError failed for runtime. Error: State transition is not allowed","errorType":"InvalidStateTransition"}\n"#,
            ),
            (
                "before any event",
                6,
                "200 OK",
                r#"HTTP/1.1 403 Forbidden [Content-Length: 100; Content-Type: application/json] {"errorMessage":"Extension registration closed already","errorType":"Extension.RegistrationClosed"}\n"#,
            ),
            (
                "started: answers",
                1,
                "closed",
                r#"HTTP/1.1 400 Bad Request [Content-Length: 69; Content-Type: application/json] {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}\n"#,
            ),
            (
                "started: answers",
                2,
                "closed",
                r#"HTTP/1.1 400 Bad Request [Content-Length: 69; Content-Type: application/json] {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}\n"#,
            ),
            (
                "Started: response",
                1,
                "closed",
                r#"HTTP/1.1 400 Bad Request [Content-Length: 69; Content-Type: application/json] {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}\n"#,
            ),
            (
                "Started: error",
                1,
                "closed",
                r#"HTTP/1.1 400 Bad Request [Content-Length: 69; Content-Type: application/json] {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}\n"#,
            ),
            (
                "Started: response of no bytes",
                1,
                "closed",
                r#"HTTP/1.1 400 Bad Request [Content-Length: 69; Content-Type: application/json] {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}\n"#,
            ),
            (
                "InitError: response",
                2,
                "closed",
                r#"HTTP/1.1 400 Bad Request [Content-Length: 69; Content-Type: application/json] {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}\n"#,
            ),
            (
                "InitError: error",
                2,
                "closed",
                r#"HTTP/1.1 400 Bad Request [Content-Length: 69; Content-Type: application/json] {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}\n"#,
            ),
            (
                "InitError: response of no bytes",
                2,
                "closed",
                r#"HTTP/1.1 400 Bad Request [Content-Length: 69; Content-Type: application/json] {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}\n"#,
            ),
        ],
    },
    Listed {
        why: "an answer with the nonce of another delivery is refused with 410, as the service does; the original does not know nonces",
        answers: &[
            (
                "nonce of another delivery",
                2,
                "202 Accepted",
                r#"HTTP/1.1 410 Gone [Content-Length: 62; Content-Type: application/json] {"errorMessage":"Invoke timeout","errorType":"InvokeTimeout"}\n"#,
            ),
            (
                "nonce of another delivery",
                3,
                "403 Forbidden",
                r#"HTTP/1.1 202 Accepted [Content-Length: 16; Content-Type: application/json] {"status":"OK"}\n"#,
            ),
        ],
    },
    Listed {
        why: "while an answer is being read another call is refused at once; the original lets it wait",
        answers: &[
            (
                "InvocationResponse: response",
                3,
                "no answer",
                r#"HTTP/1.1 403 Forbidden [Content-Length: 178; Content-Type: application/json] {"errorMessage":"State transition from InvocationResponse to InvocationResponse failed for runtime. Error: State transition is not allowed","errorType":"InvalidStateTransition"}\n"#,
            ),
            (
                "InvocationResponse: error",
                3,
                "no answer",
                r#"HTTP/1.1 403 Forbidden [Content-Length: 183; Content-Type: application/json] {"errorMessage":"State transition from InvocationResponse to InvocationErrorResponse failed for runtime. Error: State transition is not allowed","errorType":"InvalidStateTransition"}\n"#,
            ),
            (
                "InvocationResponse: response to another",
                3,
                "no answer",
                r#"HTTP/1.1 400 Bad Request [Content-Length: 69; Content-Type: application/json] {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}\n"#,
            ),
            (
                "InvocationResponse: error of another",
                3,
                "no answer",
                r#"HTTP/1.1 400 Bad Request [Content-Length: 69; Content-Type: application/json] {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}\n"#,
            ),
            (
                "InvocationResponse: response to an id in percent code",
                3,
                "no answer",
                r#"HTTP/1.1 400 Bad Request [Content-Length: 69; Content-Type: application/json] {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}\n"#,
            ),
            (
                "InvocationResponse: response of no bytes",
                3,
                "no answer",
                r#"HTTP/1.1 403 Forbidden [Content-Length: 178; Content-Type: application/json] {"errorMessage":"State transition from InvocationResponse to InvocationResponse failed for runtime. Error: State transition is not allowed","errorType":"InvalidStateTransition"}\n"#,
            ),
            (
                "while an answer is being read",
                3,
                "no answer",
                r#"HTTP/1.1 403 Forbidden [Content-Length: 178; Content-Type: application/json] {"errorMessage":"State transition from InvocationResponse to InvocationResponse failed for runtime. Error: State transition is not allowed","errorType":"InvalidStateTransition"}\n"#,
            ),
        ],
    },
    Listed {
        why: "the end of a process that initializes is told as the service tells it; the original's document is empty",
        answers: &[
            (
                "exit 0 before next",
                1,
                "502 (Runtime.ExitError)",
                r#"invoker: 200 Unhandled (Runtime.ExitError) {"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID1 Error: Runtime exited without providing a reason"}"#,
            ),
            (
                "exit 3 before next",
                1,
                "502 (Runtime.ExitError)",
                r#"invoker: 200 Unhandled (Runtime.ExitError) {"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID1 Error: Runtime exited with error: exit status 3"}"#,
            ),
            (
                "exit 255 before next",
                1,
                "502 (Runtime.ExitError)",
                r#"invoker: 200 Unhandled (Runtime.ExitError) {"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID1 Error: Runtime exited with error: exit status 255"}"#,
            ),
            (
                "SIGSEGV before next",
                1,
                "502 (Runtime.ExitError)",
                r#"invoker: 200 Unhandled (Runtime.ExitError) {"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID1 Error: Runtime exited with error: signal: segmentation fault"}"#,
            ),
            (
                "SIGABRT before next",
                1,
                "502 (Runtime.ExitError)",
                r#"invoker: 200 Unhandled (Runtime.ExitError) {"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID1 Error: Runtime exited with error: signal: aborted"}"#,
            ),
            (
                "SIGKILL before next",
                1,
                "502 (Runtime.ExitError)",
                r#"invoker: 200 Unhandled (Runtime.ExitError) {"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID1 Error: Runtime exited with error: signal: killed"}"#,
            ),
            (
                "SIGTERM before next",
                1,
                "502 (Runtime.ExitError)",
                r#"invoker: 200 Unhandled (Runtime.ExitError) {"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID1 Error: Runtime exited with error: signal: terminated"}"#,
            ),
        ],
    },
    Listed {
        why: "what has been posted stands, whatever the process does then; the original adds an error, or waits for its timeout",
        answers: &[
            ("exit 0 after an answer", 3, "502 (Runtime.ExitError) 1", "invoker: 200 1"),
            (
                "exit 0 after an error",
                3,
                "502 (Runtime.ExitError) {}",
                "invoker: 200 Unhandled (Runtime.Unknown) {}",
            ),
            (
                "exit 0 after an odd mode",
                3,
                "502 (Runtime.ExitError)",
                r#"invoker: 200 Unhandled (Runtime.InvalidResponseModeHeader) {"errorType":"Runtime.InvalidResponseModeHeader","errorMessage":"RequestId: ID1 Error: Invalid function response mode \\"other\\""}"#,
            ),
            ("exit 3 after an answer", 3, "502 (Runtime.ExitError) 1", "invoker: 200 1"),
            (
                "exit 3 after an error",
                3,
                "502 (Runtime.ExitError) {}",
                "invoker: 200 Unhandled (Runtime.Unknown) {}",
            ),
            (
                "exit 3 after an odd mode",
                3,
                "502 (Runtime.ExitError)",
                r#"invoker: 200 Unhandled (Runtime.InvalidResponseModeHeader) {"errorType":"Runtime.InvalidResponseModeHeader","errorMessage":"RequestId: ID1 Error: Invalid function response mode \\"other\\""}"#,
            ),
            ("SIGSEGV after an answer", 3, "502 (Runtime.ExitError) 1", "invoker: 200 1"),
            (
                "SIGSEGV after an error",
                3,
                "502 (Runtime.ExitError) {}",
                "invoker: 200 Unhandled (Runtime.Unknown) {}",
            ),
            (
                "SIGSEGV after an odd mode",
                3,
                "502 (Runtime.ExitError)",
                r#"invoker: 200 Unhandled (Runtime.InvalidResponseModeHeader) {"errorType":"Runtime.InvalidResponseModeHeader","errorMessage":"RequestId: ID1 Error: Invalid function response mode \\"other\\""}"#,
            ),
            ("timeout after an answer", 3, "200 Task timed out after 1.00 seconds", "invoker: 200 1"),
            (
                "timeout after an error",
                3,
                "200 (Runtime.Unknown) Task timed out after 1.00 seconds",
                "invoker: 200 Unhandled (Runtime.Unknown) {}",
            ),
            (
                "timeout after an init error",
                2,
                "200 (Runtime.My) Task timed out after 1.00 seconds",
                r#"invoker: 200 Unhandled (Runtime.My) {"errorType":"E"}"#,
            ),
            (
                "timeout after an odd mode",
                3,
                "200 (Runtime.InvalidResponseModeHeader) Task timed out after",
                r#"invoker: 200 Unhandled (Runtime.InvalidResponseModeHeader) {"errorType":"Runtime.InvalidResponseModeHeader","errorMessage":"RequestId: ID1 Error: Invalid function response mode \\"other\\""}"#,
            ),
        ],
    },
    Listed {
        why: r#"streamed answers may have 200 MB (AWS "Response streaming"); the original buffers them"#,
        answers: &[
            (
                "a stream beyond the limit",
                2,
                "413 Request Entity Too Large",
                r#"HTTP/1.1 202 Accepted [Content-Length: 16; Content-Type: application/json] {"status":"OK"}\n"#,
            ),
            (
                "a stream beyond the limit",
                3,
                r#"200 (Function.ResponseSizeTooLarge) {"errorType":"Function.R"#,
                "invoker: 200 111111111111…111111111111 (6291556 bytes, e02520f4f2b38dd9)",
            ),
        ],
    },
    Listed {
        why: "an error document beyond the limit is refused like an answer beyond it; the original panics",
        answers: &[
            (
                "an error document of 6291557 bytes",
                2,
                "closed",
                r#"HTTP/1.1 413 Request Entity Too Large [Content-Length: 110; Content-Type: application/json] {"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"}\n"#,
            ),
            (
                "an error document of 6291557 bytes",
                3,
                "no answer",
                r#"invoker: 200 Unhandled (Function.ResponseSizeTooLarge) {"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}"#,
            ),
            (
                "an error document of 7340032 bytes",
                2,
                "closed",
                r#"HTTP/1.1 413 Request Entity Too Large [Content-Length: 110; Content-Type: application/json] {"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"}\n"#,
            ),
            (
                "an error document of 7340032 bytes",
                3,
                "no answer",
                r#"invoker: 200 Unhandled (Function.ResponseSizeTooLarge) {"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}"#,
            ),
        ],
    },
    Listed {
        why: "a body that nobody asked for is read to its end, and the connection stays; the original closes it after 256 KiB",
        answers: &[
            (
                "a request to read that has a body",
                3,
                "200 OK",
                "HTTP/1.1 200 OK [Content-Length: 4; Content-Type: text/plain; charset=utf-8] pong",
            ),
            (
                "a request to read that has a body",
                4,
                "closed",
                "HTTP/1.1 200 OK [Content-Length: 4; Content-Type: text/plain; charset=utf-8] pong",
            ),
            (
                "bodies for an unknown path",
                4,
                "404 Not Found",
                r#"HTTP/1.1 404 Not Found [Content-Length: 19; Content-Type: text/plain; charset=utf-8; X-Content-Type-Options: nosniff] 404 page not found\n"#,
            ),
            (
                "bodies for an unknown path",
                5,
                "closed",
                "HTTP/1.1 200 OK [Content-Length: 4; Content-Type: text/plain; charset=utf-8] pong",
            ),
            (
                "bodies for an unknown id",
                4,
                "400 Bad Request",
                r#"HTTP/1.1 400 Bad Request [Content-Length: 69; Content-Type: application/json] {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}\n"#,
            ),
            (
                "bodies for an unknown id",
                5,
                "closed",
                "HTTP/1.1 200 OK [Content-Length: 4; Content-Type: text/plain; charset=utf-8] pong",
            ),
        ],
    },
    Listed {
        why: "the length of a refusal's body is told",
        answers: &[
            (
                "a cause of 1100 KiB",
                2,
                "431 Request Header Fields Too Large",
                "HTTP/1.1 431 Request Header Fields Too Large [Connection: close; Content-Length: 35; Content-Type: text/plain; charset=utf-8] 431 Request Header Fields Too Large",
            ),
            (
                "a head of 1060000 bytes",
                2,
                "431 Request Header Fields Too Large",
                "HTTP/1.1 431 Request Header Fields Too Large [Connection: close; Content-Length: 35; Content-Type: text/plain; charset=utf-8] 431 Request Header Fields Too Large",
            ),
        ],
    },
    Listed {
        why: "hyper takes up to 100 headers and paths up to 64 KiB; clients of Lambda have ten, and paths of 100 bytes",
        answers: &[
            (
                "101 headers",
                2,
                "200 OK",
                "HTTP/1.1 431 Request Header Fields Too Large [Connection: close; Content-Type: text/plain; charset=utf-8] 431 Request Header Fields Too Large",
            ),
            (
                "300 headers",
                2,
                "200 OK",
                "HTTP/1.1 431 Request Header Fields Too Large [Connection: close; Content-Type: text/plain; charset=utf-8] 431 Request Header Fields Too Large",
            ),
            (
                "a path of 100,000 bytes",
                2,
                "404 Not Found",
                "HTTP/1.1 431 Request Header Fields Too Large [Connection: close; Content-Type: text/plain; charset=utf-8] 431 Request Header Fields Too Large",
            ),
            (
                "an id of 100,000 bytes",
                2,
                "400 Bad Request",
                "HTTP/1.1 431 Request Header Fields Too Large [Connection: close; Content-Type: text/plain; charset=utf-8] 431 Request Header Fields Too Large",
            ),
        ],
    },
    Listed {
        why: "what is no JSON, too large or cannot travel is refused before the function sees it, as the service does",
        answers: &[
            (
                "an event beyond it",
                1,
                "no answer",
                r#"invoker: 413 RequestTooLargeException {"Type":"User","message":"6291557 byte payload is too large for the RequestResponse invocation type (limit 6291556 bytes)"}"#,
            ),
            ("an event beyond it", 2, "200 OK", "no answer"),
            (
                "client context: no JSON",
                1,
                "no answer",
                r#"invoker: 400 InvalidRequestContentException {"Type":"User","message":"Could not parse the client context: not JSON: expected value at line 1 column 1"}"#,
            ),
            ("client context: no JSON", 2, "200 OK", "no answer"),
            (
                "client context: nothing",
                1,
                "no answer",
                r#"invoker: 400 InvalidRequestContentException {"Type":"User","message":"Could not parse the client context: not JSON: EOF while parsing a value at line 1 column 0"}"#,
            ),
            ("client context: nothing", 2, "200 OK", "no answer"),
            (
                "client context: with a line break",
                1,
                "no answer",
                r#"invoker: 400 InvalidRequestContentException {"Type":"User","message":"Could not parse the client context: '\\\\n' cannot travel in a header"}"#,
            ),
            ("client context: with a line break", 2, "200 OK", "no answer"),
            (
                "client context: with DEL",
                1,
                "no answer",
                r#"invoker: 400 InvalidRequestContentException {"Type":"User","message":"Could not parse the client context: '\\\\u{7f}' cannot travel in a header"}"#,
            ),
            ("client context: with DEL", 2, "200 OK", "no answer"),
            (
                "events that are no JSON",
                1,
                "no answer",
                r#"invoker: 400 InvalidRequestContentException {"Type":"User","message":"Could not parse request body into json: key must be a string at line 1 column 2"}"#,
            ),
            ("events that are no JSON", 2, "200 OK", "no answer"),
            (
                "an event of no bytes",
                1,
                "no answer",
                r#"invoker: 400 InvalidRequestContentException {"Type":"User","message":"Could not parse request body into json: EOF while parsing a value at line 1 column 0"}"#,
            ),
            ("an event of no bytes", 2, "200 OK", "no answer"),
        ],
    },
    Listed {
        why: "members of documents have one name; the original's language takes them in any case",
        answers: &[
            (
                "cause in a header: with names in capitals",
                3,
                "200 (Runtime.Unknown) {}",
                "invoker: 200 Unhandled (Runtime.Unknown, cause refused) {}",
            ),
            (
                "cause within: with names in capitals",
                3,
                r#"200 (Runtime.Unknown) {"errorMessage":"","errorType":"T"}"#,
                r#"invoker: 200 Unhandled (Runtime.Unknown, cause refused) {"errorMessage":"","errorType":"T"}"#,
            ),
            (
                "an extension's document: events in capitals",
                1,
                "403 Forbidden",
                r#"HTTP/1.1 200 OK [Content-Length: 62; Content-Type: application/json; Lambda-Extension-Identifier: EXTENSION1] {"functionName":"f","functionVersion":"$LATEST","handler":""}\n"#,
            ),
        ],
    },
    Listed {
        why: "an init error is told as an error of the function, as the service does; the original says 502",
        answers: &[
            (
                "an init error's document: text",
                2,
                "502 (Runtime.My) oops",
                "invoker: 200 Unhandled (Runtime.My) oops",
            ),
            (
                "an init error's document: nothing",
                2,
                "502 (Runtime.My)",
                "invoker: 200 Unhandled (Runtime.My)",
            ),
            (
                "an init error's document: bytes",
                2,
                "502 (Runtime.My) ��",
                "invoker: 200 Unhandled (Runtime.My) ��",
            ),
        ],
    },
    Listed {
        why: "the error at the end of a stream is heard; the original drops trailers",
        answers: &[
            ("a stream that fails midway", 3, "200 abc", "invoker: 200 Unhandled (Runtime.Late) abc"),
            ("a stream's trailers: a type alone", 3, "200 abc", "invoker: 200 Unhandled (Runtime.Late) abc"),
            (
                "a stream's trailers: a document alone",
                3,
                "200 abc",
                "invoker: 200 Unhandled (Runtime.Unknown) abc",
            ),
            (
                "a stream's trailers: an unknown type",
                3,
                "200 abc",
                "invoker: 200 Unhandled (Runtime.Unknown) abc",
            ),
            ("a stream's trailers: no base64", 3, "200 abc", "invoker: 200 Unhandled (Runtime.Late) abc"),
        ],
    },
    Listed {
        why: "an answer that breaks off is refused and ends its invocation; the original waits for the timeout, or takes the part that it has",
        answers: &[
            (
                "a stream's trailers: a bad line",
                2,
                "closed",
                r#"HTTP/1.1 400 Bad Request [Content-Length: 89; Content-Type: application/json] {"errorMessage":"HTTP request detected as truncated","errorType":"TruncatedHTTPRequest"}\n"#,
            ),
            (
                "a stream's trailers: a bad line",
                3,
                "no answer",
                r#"invoker: 200 Unhandled (Runtime.TruncatedResponse) {"errorType":"Runtime.TruncatedResponse","errorMessage":"RequestId: ID1 Error: Response was truncated"}"#,
            ),
            (
                "a stream's trailers: a large one",
                3,
                "no answer",
                r#"invoker: 200 Unhandled (Runtime.TruncatedResponse) {"errorType":"Runtime.TruncatedResponse","errorMessage":"RequestId: ID1 Error: Response was truncated"}"#,
            ),
            (
                "an answer that breaks off",
                3,
                "no answer",
                r#"invoker: 200 Unhandled (Runtime.TruncatedResponse) {"errorType":"Runtime.TruncatedResponse","errorMessage":"RequestId: ID1 Error: Response was truncated"}"#,
            ),
            (
                "a stream that breaks off",
                3,
                "no answer",
                r#"invoker: 200 Unhandled (Runtime.TruncatedResponse) {"errorType":"Runtime.TruncatedResponse","errorMessage":"RequestId: ID1 Error: Response was truncated"}"#,
            ),
            (
                "an answer that ends early, and is waited for",
                2,
                "closed",
                r#"HTTP/1.1 400 Bad Request [Content-Length: 89; Content-Type: application/json] {"errorMessage":"HTTP request detected as truncated","errorType":"TruncatedHTTPRequest"}\n"#,
            ),
            ("an answer that ends early, and is waited for", 3, "403 Forbidden", "no answer"),
            (
                "an error that ends early, and is waited for",
                2,
                "202 Accepted",
                r#"HTTP/1.1 400 Bad Request [Content-Length: 89; Content-Type: application/json] {"errorMessage":"HTTP request detected as truncated","errorType":"TruncatedHTTPRequest"}\n"#,
            ),
            (
                "an error that breaks off",
                3,
                "200 (Runtime.Unknown)",
                r#"invoker: 200 Unhandled (Runtime.TruncatedResponse) {"errorType":"Runtime.TruncatedResponse","errorMessage":"RequestId: ID1 Error: Response was truncated"}"#,
            ),
        ],
    },
    Listed {
        why: "a Cognito identity is delivered; the original has no way to be told of one",
        answers: &[(
            "Cognito identity",
            1,
            "200 OK",
            r#"HTTP/1.1 200 OK [Content-Length: 2; Content-Type: application/json; Lambda-Runtime-Aws-Request-Id: ID1; Lambda-Runtime-Cognito-Identity: {"cognitoIdentityId":"i","cognitoIdentityPoolId":"p"}; Lambda-Runtime-Deadline-Ms: TIME; Lambda-Runtime-Invocation-Id: NEW; Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:012345678912:function:f; Lambda-Runtime-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0] {}"#,
        )],
    },
    Listed {
        why: "the caller's trace is delivered, as the service does; the original drops it",
        answers: &[
            (
                "trace that is none",
                1,
                "200 OK",
                "HTTP/1.1 200 OK [Content-Length: 2; Content-Type: application/json; Lambda-Runtime-Aws-Request-Id: ID1; Lambda-Runtime-Deadline-Ms: TIME; Lambda-Runtime-Invocation-Id: NEW; Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:012345678912:function:f; Lambda-Runtime-Trace-Id: oops] {}",
            ),
            (
                "trace",
                1,
                "200 OK",
                "HTTP/1.1 200 OK [Content-Length: 2; Content-Type: application/json; Lambda-Runtime-Aws-Request-Id: ID1; Lambda-Runtime-Deadline-Ms: TIME; Lambda-Runtime-Invocation-Id: NEW; Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:012345678912:function:f; Lambda-Runtime-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1] {}",
            ),
        ],
    },
    Listed {
        why: "the parser's own words about a document that is none",
        answers: &[
            (
                "an extension's document: none",
                1,
                "403 Forbidden",
                r#"HTTP/1.1 403 Forbidden [Content-Length: 88; Content-Type: application/json] {"errorMessage":"expected value at line 1 column 1","errorType":"InvalidRequestFormat"}\n"#,
            ),
            (
                "an extension's document: nothing",
                1,
                "403 Forbidden",
                r#"HTTP/1.1 403 Forbidden [Content-Length: 99; Content-Type: application/json] {"errorMessage":"EOF while parsing a value at line 1 column 0","errorType":"InvalidRequestFormat"}\n"#,
            ),
            (
                "an extension's document: a list",
                1,
                "403 Forbidden",
                r#"HTTP/1.1 403 Forbidden [Content-Length: 80; Content-Type: application/json] {"errorMessage":"a list is no registration","errorType":"InvalidRequestFormat"}\n"#,
            ),
            (
                "an extension's document: a string",
                1,
                "403 Forbidden",
                r#"HTTP/1.1 403 Forbidden [Content-Length: 125; Content-Type: application/json] {"errorMessage":"invalid type: string \\"a\\", expected struct Request at line 1 column 3","errorType":"InvalidRequestFormat"}\n"#,
            ),
            (
                "an extension's document: events of another type",
                1,
                "403 Forbidden",
                r#"HTTP/1.1 403 Forbidden [Content-Length: 127; Content-Type: application/json] {"errorMessage":"invalid type: string \\"INVOKE\\", expected a sequence at line 1 column 18","errorType":"InvalidRequestFormat"}\n"#,
            ),
            (
                "an extension's document: events of numbers",
                1,
                "403 Forbidden",
                r#"HTTP/1.1 403 Forbidden [Content-Length: 119; Content-Type: application/json] {"errorMessage":"invalid type: integer `1`, expected a string at line 1 column 12","errorType":"InvalidRequestFormat"}\n"#,
            ),
            (
                "an extension's document: more",
                1,
                "403 Forbidden",
                r#"HTTP/1.1 403 Forbidden [Content-Length: 93; Content-Type: application/json] {"errorMessage":"trailing characters at line 1 column 4","errorType":"InvalidRequestFormat"}\n"#,
            ),
        ],
    },
    Listed {
        why: "extensions are told of the trace, since there always is one",
        answers: &[
            (
                "an extension's event",
                3,
                "200 OK",
                r#"HTTP/1.1 200 OK [Content-Length: 294; Content-Type: application/json; Lambda-Extension-Event-Identifier: NEW] {"eventType":"INVOKE","deadlineMs":TIME,"requestId":"ID1","invokedFunctionArn":"arn:aws:lambda:us-east-1:012345678912:function:f","tracing":{"type":"X-Amzn-Trace-Id","value":"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0"}}"#,
            ),
            (
                "an extension asks twice",
                3,
                "200 OK",
                r#"HTTP/1.1 200 OK [Content-Length: 294; Content-Type: application/json; Lambda-Extension-Event-Identifier: NEW] {"eventType":"INVOKE","deadlineMs":TIME,"requestId":"ID1","invokedFunctionArn":"arn:aws:lambda:us-east-1:012345678912:function:f","tracing":{"type":"X-Amzn-Trace-Id","value":"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0"}}"#,
            ),
        ],
    },
    Listed {
        why: "identifiers are compared as they were given out; the original's language reads UUIDs in other forms too",
        answers: &[
            (
                "identifiers in other forms",
                1,
                "403 Forbidden",
                r#"HTTP/1.1 403 Forbidden [Content-Length: 106; Content-Type: application/json] {"errorMessage":"Invalid Lambda-Extension-Identifier","errorType":"Extension.InvalidExtensionIdentifier"}\n"#,
            ),
            (
                "identifiers in other forms",
                2,
                "403 Forbidden",
                r#"HTTP/1.1 403 Forbidden [Content-Length: 106; Content-Type: application/json] {"errorMessage":"Invalid Lambda-Extension-Identifier","errorType":"Extension.InvalidExtensionIdentifier"}\n"#,
            ),
            (
                "identifiers in other forms",
                3,
                "403 Forbidden",
                r#"HTTP/1.1 403 Forbidden [Content-Length: 106; Content-Type: application/json] {"errorMessage":"Invalid Lambda-Extension-Identifier","errorType":"Extension.InvalidExtensionIdentifier"}\n"#,
            ),
            (
                "identifiers in other forms",
                4,
                "403 Forbidden",
                r#"HTTP/1.1 403 Forbidden [Content-Length: 125; Content-Type: application/json] {"errorMessage":"Unknown extension AAAAAAAA-AAAA-4AAA-8AAA-AAAAAAAAAAAA","errorType":"Extension.UnknownExtensionIdentifier"}\n"#,
            ),
        ],
    },
    Listed {
        why: "hyper is more lenient than the original's language in what harms nobody",
        answers: &[
            (
                "no host",
                1,
                "400 Bad Request: missing required Host header",
                "HTTP/1.1 200 OK [Content-Length: 4; Content-Type: text/plain; charset=utf-8] pong",
            ),
            ("no host", 2, "closed", "no answer"),
            (
                "empty lines before a request",
                1,
                "400 Bad Request",
                "HTTP/1.1 200 OK [Content-Length: 4; Content-Type: text/plain; charset=utf-8] pong",
            ),
            ("empty lines before a request", 2, "closed", "no answer"),
            ("100-continue of a request that is refused", 1, "400 Bad Request", "HTTP/1.1 100 Continue []"),
            (
                "an expectation that nobody knows",
                1,
                "417 Expectation Failed",
                "HTTP/1.1 200 OK [Content-Length: 4; Content-Type: text/plain; charset=utf-8] pong",
            ),
            ("an expectation that nobody knows", 2, "closed", "no answer"),
            (
                "malformed: a length and chunks",
                1,
                "202 Accepted",
                r#"HTTP/1.1 202 Accepted [Connection: close; Content-Length: 16; Content-Type: application/json] {"status":"OK"}\n"#,
            ),
            ("malformed: a length and chunks", 2, "no answer", "closed"),
            (
                "malformed: chunked twice",
                1,
                "501 Not Implemented",
                r#"HTTP/1.1 202 Accepted [Content-Length: 16; Content-Type: application/json] {"status":"OK"}\n"#,
            ),
            ("malformed: chunked twice", 2, "closed", "no answer"),
            (
                "malformed: two hosts",
                1,
                "400 Bad Request",
                "HTTP/1.1 200 OK [Content-Length: 4; Content-Type: text/plain; charset=utf-8] pong",
            ),
            ("malformed: two hosts", 2, "closed", "no answer"),
            (
                "malformed: an odd host",
                1,
                "400 Bad Request: malformed Host header",
                "HTTP/1.1 200 OK [Content-Length: 4; Content-Type: text/plain; charset=utf-8] pong",
            ),
            ("malformed: an odd host", 2, "closed", "no answer"),
            (
                "malformed: a bad percent code",
                1,
                "400 Bad Request",
                r#"HTTP/1.1 404 Not Found [Content-Length: 19; Content-Type: text/plain; charset=utf-8; X-Content-Type-Options: nosniff] 404 page not found\n"#,
            ),
            ("malformed: a bad percent code", 2, "closed", "no answer"),
            (
                "malformed: a path without a slash",
                1,
                "400 Bad Request",
                r#"HTTP/1.1 404 Not Found [Content-Length: 19; Content-Type: text/plain; charset=utf-8; X-Content-Type-Options: nosniff] 404 page not found\n"#,
            ),
            ("malformed: a path without a slash", 2, "closed", "no answer"),
        ],
    },
    Listed {
        why: "what is no proper request is refused with 400 or by closing, whatever is wrong with it; the original has more words and statuses",
        answers: &[
            (
                "the preface of HTTP/2",
                1,
                "405 Method Not Allowed",
                "HTTP/1.1 400 Bad Request [Connection: close; Content-Type: text/plain; charset=utf-8] 400 Bad Request",
            ),
            ("a request of which only half is sent", 1, "400 Bad Request", "closed"),
            (
                "malformed: a bad version",
                1,
                "505 HTTP Version Not Supported: unsupported protocol version",
                "HTTP/1.1 400 Bad Request [Connection: close; Content-Type: text/plain; charset=utf-8] 400 Bad Request",
            ),
            (
                "malformed: a bad length",
                1,
                "400 Bad Request",
                "HTTP/1.1 400 Bad Request [Connection: close; Content-Length: 0]",
            ),
            ("malformed: a bad chunk", 1, "202 Accepted", "closed"),
            (
                "malformed: another coding",
                1,
                "501 Not Implemented",
                "HTTP/1.1 400 Bad Request [Connection: close; Content-Length: 0]",
            ),
            (
                "malformed: identity",
                1,
                "501 Not Implemented",
                "HTTP/1.1 400 Bad Request [Connection: close; Content-Type: text/plain; charset=utf-8] 400 Bad Request",
            ),
            ("malformed: a chunk beyond all", 1, "202 Accepted", "closed"),
            (
                "malformed: a folded header",
                1,
                "200 OK",
                "HTTP/1.1 400 Bad Request [Connection: close; Content-Type: text/plain; charset=utf-8] 400 Bad Request",
            ),
            ("malformed: a folded header", 2, "no answer", "closed"),
            (
                "malformed: a space before the colon",
                1,
                "400 Bad Request: invalid header name",
                "HTTP/1.1 400 Bad Request [Connection: close; Content-Type: text/plain; charset=utf-8] 400 Bad Request",
            ),
            (
                "malformed: HTTP/1.2",
                1,
                "200 OK",
                "HTTP/1.1 400 Bad Request [Connection: close; Content-Type: text/plain; charset=utf-8] 400 Bad Request",
            ),
            ("malformed: HTTP/1.2", 2, "no answer", "closed"),
        ],
    },
    Listed {
        why: "whoever has closed its side while it waits is taken for gone, so that dead connections do not pile up; the original sends the event all the same",
        answers: &[("a runtime that is half closed while it waits", 5, "200 OK", "closed")],
    },
];
