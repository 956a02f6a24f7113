//! A Runtime API loop without dependencies.

use std::{
    collections::HashMap,
    env,
    io::{self, BufRead, BufReader, Write},
    net::TcpStream,
};

const API: &str = "/2018-06-01/runtime/invocation";

/// Answers events with `handler` until the connection is closed.
pub(crate) fn serve(handler: impl Fn(&str) -> String) -> io::Result<()> {
    let address = env::var("AWS_LAMBDA_RUNTIME_API").map_err(io::Error::other)?;
    let stream = TcpStream::connect(&address)?;
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);

    let next = format!("GET {API}/next HTTP/1.1\r\nHost: {address}\r\n\r\n");
    writer.write_all(next.as_bytes())?;
    while let Some((headers, event)) = receive(&mut reader)? {
        let Some(id) = headers.get("lambda-runtime-aws-request-id") else {
            return Err(io::Error::other("an event without a request id"));
        };
        let nonce = headers
            .get("lambda-runtime-invocation-id")
            .map(|it| format!("Lambda-Runtime-Invocation-Id: {it}\r\n"))
            .unwrap_or_default();
        let answer = handler(&event);
        let request = format!(
            "POST {API}/{id}/response HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             {nonce}Content-Length: {}\r\n\r\n{answer}{next}",
            answer.len()
        );
        writer.write_all(request.as_bytes())?;
        if receive(&mut reader)?.is_none() {
            break;
        }
    }
    Ok(())
}

type Message = (HashMap<String, String>, String);

/// One HTTP answer; `None` at the end of the connection.
fn receive(reader: &mut impl BufRead) -> io::Result<Option<Message>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut headers = HashMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some((headers, String::from_utf8_lossy(&body).into_owned())))
}
