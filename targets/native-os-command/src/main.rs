//! A function without a language runtime that greets by way of a shell. Deliberately weak.
//!
//! The name comes from the query string or from a JSON body.

mod json;
mod runtime;

use std::{io, process::Command};

use json::{Value, quote};

fn main() -> io::Result<()> {
    runtime::serve(|event| {
        let greeting = requested_name(event).map(|name| greet(&name));
        let greeting = greeting.unwrap_or_else(|| "nobody to greet".to_owned());
        let body = quote(&format!("{{\"greeting\":{}}}", quote(&greeting)));
        format!("{{\"statusCode\":200,\"body\":{body}}}")
    })
}

fn requested_name(event: &str) -> Option<String> {
    let event = Value::parse(event)?;
    let in_query = event.get("queryStringParameters").and_then(|it| it.get("name"));
    let body = event.get("body").and_then(Value::text).and_then(Value::parse);
    let in_body = body.as_ref().and_then(|it| it.get("name"));
    in_query.or(in_body).and_then(Value::text).map(str::to_owned)
}

fn greet(name: &str) -> String {
    // Weak: `name` becomes part of a shell command.
    match Command::new("sh").args(["-c", &format!("echo hello {name}")]).output() {
        Ok(output) => String::from_utf8_lossy(&output.stdout).trim_end().to_owned(),
        Err(error) => error.to_string(),
    }
}
