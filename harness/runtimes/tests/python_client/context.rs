//! The context object, and the environment that the client keeps for the function.

use crate::start;
use crate::support::Function;

#[test]
fn describes_itself() {
    let source = "def handler(event, context):\n    return [repr(context), type(context).__module__, list(vars(context)), sorted(n for n in dir(context) if n[0] != '_')]\n";
    let Some(mut function) = start(source) else {
        return;
    };
    let answer: serde_json::Value = serde_json::from_str(&function.respond("{}")).unwrap();
    assert_eq!(
        answer,
        serde_json::json!([
            "LambdaContext([aws_request_id=request-1,log_group_name=/aws/lambda/code,\
             log_stream_name=2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef,function_name=code,\
             memory_limit_in_mb=1024,function_version=$LATEST,\
             invoked_function_arn=arn:aws:lambda:us-east-1:000000000000:function:f,client_context=None,\
             identity=CognitoIdentity([cognito_identity_id=None,cognito_identity_pool_id=None]),tenant_id=None])",
            "awslambdaric.lambda_context",
            [
                "aws_request_id",
                "log_group_name",
                "log_stream_name",
                "function_name",
                "memory_limit_in_mb",
                "function_version",
                "invoked_function_arn",
                "tenant_id",
                "_w3c_fields",
                "client_context",
                "identity",
                "_epoch_deadline_time_in_ms"
            ],
            [
                "aws_request_id",
                "client_context",
                "function_name",
                "function_version",
                "get_remaining_time_in_millis",
                "identity",
                "invoked_function_arn",
                "log",
                "log_group_name",
                "log_stream_name",
                "memory_limit_in_mb",
                "tenant_id",
                "w3c"
            ]
        ])
    );
}

#[test]
fn tells_what_headers_say() {
    let source = "def handler(event, c):\n    return [repr(c.client_context), repr(c.identity), c.w3c(), c.tenant_id, c.invoked_function_arn]\n";
    let variables = [("AWS_EXECUTION_ENV", "AWS_Lambda_python3.12")];
    let Some(mut function) = Function::start_with(&[("app.py", source)], "app.handler", "python", &variables)
    else {
        return;
    };
    let mut check = |headers: &[(&str, &str)], expected: &str| {
        function.send_with("{}", headers);
        assert_eq!(function.answer().1, expected, "{headers:?}");
    };
    let client = "Lambda-Runtime-Client-Context";
    let nobody = "CognitoIdentity([cognito_identity_id=None,cognito_identity_pool_id=None])";
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    check(
        &[
            (
                client,
                r#"{"custom":{"a":1},"env":{"b":"ä"},"client":{"installation_id":"i","app_title":"t","x":1},"y":2}"#,
            ),
            ("Lambda-Runtime-Cognito-Identity", r#"{"cognitoIdentityId":"i","cognitoIdentityPoolId":"p"}"#),
            ("Lambda-Runtime-Aws-Tenant-Id", "tä"),
            ("Lambda-Runtime-Invoked-Function-Arn", "arn:ä"),
        ],
        r#"["ClientContext([custom={'a': 1},env={'b': 'ä'},client=Client([installation_id=i,app_title=t,app_version_name=None,app_version_code=None,app_package_name=None])])", "CognitoIdentity([cognito_identity_id=i,cognito_identity_pool_id=p])", {}, "tä", "arn:ä"]"#,
    );
    // The trace context travels in the client context, and is taken out of it.
    check(
        &[(client, r#"{"w3c":{"traceparent":"00-1","tracestate":3,"baggage":"b","x":"y"},"custom":1}"#)],
        &format!(
            r#"["ClientContext([custom=1,env=None,client=None])", "{nobody}", {{"traceparent": "00-1", "baggage": "b"}}, null, "{arn}"]"#
        ),
    );
    let empty = r#"["ClientContext([custom=None,env=None,client=None])""#;
    for text in ["{}", r#"{"w3c":3}"#, r#"{"a":NaN,"client":null}"#] {
        check(&[(client, text)], &format!(r#"{empty}, "{nobody}", {{}}, null, "{arn}"]"#));
    }
    for text in ["", "null"] {
        check(&[(client, text)], &format!(r#"["None", "{nobody}", {{}}, null, "{arn}"]"#));
    }
    check(
        &[("Lambda-Runtime-Invoked-Function-Arn", ""), ("Lambda-Runtime-Aws-Tenant-Id", "")],
        &format!(r#"["None", "{nobody}", {{}}, null, ""]"#),
    );
}

#[test]
fn reports_headers_that_it_cannot_read() {
    let Some(mut function) = start("def handler(event, context):\n    return 1\n") else {
        return;
    };
    let mut check = |name: &str, text: &str, error_type: &str, message: &str| {
        function.send_with("{}", &[(name, text)]);
        let (kind, body) = function.answer();
        assert_eq!(kind, "error", "{body}");
        let error: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(error["errorType"], error_type, "{body}");
        assert!(error["errorMessage"].as_str().unwrap().starts_with(message), "{body}");
    };
    let client = "Lambda-Runtime-Client-Context";
    let cognito = "Lambda-Runtime-Cognito-Identity";
    let unreadable = "Runtime.LambdaContextUnmarshalError";
    check(client, "{", unreadable, "Unable to parse Client Context JSON: Expecting property name");
    check(
        cognito,
        "x",
        unreadable,
        "Unable to parse Cognito Identity JSON: Expecting value: line 1 column 1 (char 0)",
    );
    check(client, "[1]", "AttributeError", "'list' object has no attribute 'get'");
    check(client, r#"{"client":"s"}"#, "AttributeError", "'str' object has no attribute 'get'");
    check(cognito, "0", "AttributeError", "'int' object has no attribute 'get'");
    check(cognito, "[]", "AttributeError", "'list' object has no attribute 'get'");
}

#[test]
fn counts_down() {
    let source = "def handler(event, context):\n    return [context._epoch_deadline_time_in_ms, context.get_remaining_time_in_millis()]\n";
    let Some(mut function) = start(source) else {
        return;
    };
    for (text, expected) in [("1", "[1, 0]"), ("12abc", "[12, 0]"), ("x", "[0, 0]")] {
        function.send_with("{}", &[("Lambda-Runtime-Deadline-Ms", text)]);
        assert_eq!(function.answer().1, expected, "{text}");
    }
    let in_an_hour = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis() + 3_600_000;
    function.send_with("{}", &[("Lambda-Runtime-Deadline-Ms", &in_an_hour.to_string())]);
    let (deadline, remaining): (u128, u32) = serde_json::from_str(&function.answer().1).unwrap();
    assert_eq!(deadline, in_an_hour);
    assert!((3_500_000..=3_600_000).contains(&remaining), "{remaining}");
}

#[test]
fn shows_the_environment_as_it_is_now() {
    let source = "import os\ndef handler(event, context):\n    found = [context.function_name, context.log_group_name]\n    if event == 1:\n        os.environ['AWS_LAMBDA_FUNCTION_NAME'] = 'other'\n        del os.environ['AWS_LAMBDA_LOG_GROUP_NAME']\n    if event == 2:\n        os.environ = {'AWS_LAMBDA_FUNCTION_NAME': 'mine'}\n    return found\n";
    let Some(mut function) = start(source) else {
        return;
    };
    assert_eq!(function.respond("0"), r#"["code", "/aws/lambda/code"]"#);
    assert_eq!(function.respond("1"), r#"["code", "/aws/lambda/code"]"#);
    assert_eq!(function.respond("2"), r#"["other", null]"#);
    assert_eq!(function.respond("0"), r#"["mine", null]"#);
}

#[test]
fn sets_the_trace_id_for_each_invocation() {
    let source = "import os\ndef handler(event, context):\n    found = os.environ.get('_X_AMZN_TRACE_ID')\n    if event == 1:\n        os.environ['_X_AMZN_TRACE_ID'] = 'mine'\n    if event == 2:\n        del os.environ['_X_AMZN_TRACE_ID']\n    if event == 3:\n        os.environ = {}\n    return found\n";
    let variables = [("_X_AMZN_TRACE_ID", "initial")];
    let Some(mut function) = Function::start_with(&[("app.py", source)], "app.handler", "python", &variables)
    else {
        return;
    };
    let mut check = |event: &str, trace_id: &str, expected: &str| {
        function.send_with(event, &[("Lambda-Runtime-Trace-Id", trace_id)]);
        assert_eq!(function.answer().1, expected, "{event} {trace_id}");
    };
    check("0", "", "null");
    check("0", "one", "\"one\"");
    check("1", "one", "\"one\"");
    check("2", "one", "\"one\"");
    check("0", "one", "\"one\"");
    check("0", "two", "\"two\"");
    check("3", "", "null");
    check("0", "three", "\"three\"");
    check("0", "three", "\"three\"");
}

#[test]
fn can_be_copied_and_sent_to_other_processes() {
    let source = "import copy, multiprocessing, pickle\nfrom awslambdaric.lambda_context import LambdaContext\ndef child(pipe, context):\n    pipe.send([context.aws_request_id, isinstance(context, LambdaContext)])\ndef handler(event, context):\n    there, here = multiprocessing.Pipe()\n    process = multiprocessing.get_context('spawn').Process(target=child, args=(here, context))\n    process.start()\n    here.close()\n    answer = there.recv()\n    process.join()\n    c = pickle.loads(pickle.dumps(context))\n    d = copy.deepcopy(context)\n    return [answer, repr(c) == repr(d) == repr(context), isinstance(context, LambdaContext)]\n";
    let Some(mut function) = start(source) else {
        return;
    };
    assert_eq!(function.respond("{}"), r#"[["request-1", true], true, true]"#);
}

#[test]
fn leaves_the_process_as_python_starts_it() {
    // Neither faulthandler nor anything else is switched on, and the recursion limit is Python's.
    let source = "import faulthandler, signal, sys, threading\ndef handler(event, context):\n    frame, depth = sys._getframe(), 0\n    while frame:\n        frame, depth = frame.f_back, depth + 1\n    return [faulthandler.is_enabled(), signal.getsignal(signal.SIGTERM) == signal.SIG_DFL, sys.excepthook is sys.__excepthook__, threading.active_count(), threading.current_thread().name, sys.getrecursionlimit(), depth]\n";
    let Some(mut function) = start(source) else {
        return;
    };
    // /var/runtime/bootstrap.py of AWS's images: <module>, main; awslambdaric: main, run,
    // handle_event_request; then the handler.
    assert_eq!(function.respond("{}"), r#"[false, true, true, 1, "MainThread", 1000, 6]"#);
}
