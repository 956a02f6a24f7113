//! Mail received by SES. Amazon SES developer guide, "Contents of notifications for email receiving".

use serde_json::Value;

use super::{Facts, text};

const MAIL: &str =
    "timestamp:s source:s messageId:s destination:a headersTruncated:b headers:a commonHeaders:o";
const COMMON: &str =
    "returnPath:s from:a date:s to:a messageId:s subject:s cc:a? bcc:a? sender:a? replyTo:a?";
const RECEIPT: &str = "timestamp:s processingTimeMillis:n recipients:a spamVerdict:o virusVerdict:o spfVerdict:o \
    dkimVerdict:o dmarcVerdict:o dmarcPolicy:s? action:o";

pub(super) fn check(event: &Value, facts: &mut Facts) {
    for record in facts.records(event) {
        facts.members("the record", record, "eventSource:s eventVersion:s ses:o");
        facts.equal("eventSource", &record["eventSource"], "aws:ses");
        facts.equal("eventVersion", &record["eventVersion"], "1.0");
        let (mail, receipt) = (&record["ses"]["mail"], &record["ses"]["receipt"]);
        facts.members("ses", &record["ses"], "mail:o receipt:o");
        facts.members("mail", mail, MAIL);
        facts.members("commonHeaders", &mail["commonHeaders"], COMMON);
        facts.members("receipt", receipt, RECEIPT);
        facts.members("action", &receipt["action"], "type:s functionArn:s invocationType:s");
        facts.equal("the type", &receipt["action"]["type"], "Lambda");
        for verdict in ["spamVerdict", "virusVerdict", "spfVerdict", "dkimVerdict", "dmarcVerdict"] {
            facts.members(verdict, &receipt[verdict], "status:s");
            let known = ["PASS", "FAIL", "GRAY", "PROCESSING_FAILED"];
            facts.hold(known.contains(&text(&receipt[verdict]["status"])), "no such verdict");
            // It appears if the mail fails DMARC.
            let failed = text(&receipt["dmarcVerdict"]["status"]) == "FAIL";
            facts.hold(failed || receipt.get("dmarcPolicy").is_none(), "the policy does not show");
        }
        copies(mail, receipt, facts);
    }
}

/// The same text in two places.
fn copies(mail: &Value, receipt: &Value, facts: &mut Facts) {
    facts.equal("recipients", &receipt["recipients"], mail["destination"].clone());
    let common = &mail["commonHeaders"];
    facts.equal("returnPath", &common["returnPath"], mail["source"].clone());
    let list = mail["headers"].as_array().map_or(&[][..], Vec::as_slice);
    for header in list {
        facts.members("the header", header, "name:s value:s");
        let value = text(&header["value"]);
        let plain = value.chars().all(|it| matches!(it, ' '..='~' | '\t')) && value.trim() == value;
        facts.hold(plain, &format!("{value:?} cannot be in a header"));
    }
    let named = |name: &str| {
        let found = list.iter().find(|it| text(&it["name"]).eq_ignore_ascii_case(name));
        found.map_or(Value::Null, |it| it["value"].clone())
    };
    let bracketed = format!("<{}>", text(&mail["source"]));
    facts.equal("Return-Path", &named("Return-Path"), bracketed);
    facts.equal("Subject", &named("Subject"), common["subject"].clone());
    facts.equal("From", &named("From"), common["from"][0].clone());
    facts.equal("To", &named("To"), common["to"][0].clone());
    facts.equal("Date", &named("Date"), common["date"].clone());
    facts.equal("Message-ID", &named("Message-ID"), common["messageId"].clone());
    let all = [&mail["source"], &common["from"][0], &common["to"][0], &mail["destination"][0]];
    for address in all {
        let it = text(address);
        let it = it.rsplit('<').next().unwrap_or(it).trim_end_matches('>');
        let (local, domain) = it.rsplit_once('@').unwrap_or_default();
        let atoms = local.chars().all(|it| it.is_ascii_graphic() && !"()<>[]:;@\\,\"".contains(it));
        let dots = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
        facts.hold(
            atoms && dots && (1..=64).contains(&local.len()) && domain.contains('.'),
            "no such address",
        );
    }
}
