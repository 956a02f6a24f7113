//! Which of a function's variables hold a secret, by name and value.

/// Parts of names of secrets.
const NAMES: [&str; 15] = [
    "SECRET",
    "TOKEN",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "API_KEY",
    "APIKEY",
    "ACCESS_KEY",
    "PRIVATE_KEY",
    "PRIVATEKEY",
    "SIGNING_KEY",
    "ENCRYPTION_KEY",
    "MASTER_KEY",
    "AUTH_KEY",
    "CREDENTIAL",
];

/// Names with one of these parts hold what everybody may see.
const PUBLIC: [&str; 2] = ["PUBLIC", "PUBLISHABLE"];

/// Last words of names that tell of a secret (where it is, how long it is good) instead of holding it.
const ABOUT: [&str; 37] = [
    "ALG",
    "ALGORITHM",
    "ARN",
    "AUDIENCE",
    "BUCKET",
    "COOKIE",
    "COUNT",
    "DIR",
    "ENABLED",
    "ENDPOINT",
    "EXPIRATION",
    "EXPIRES",
    "EXPIRY",
    "FIELD",
    "FILE",
    "HEADER",
    "HOST",
    "ID",
    "IDS",
    "ISSUER",
    "LENGTH",
    "LIMIT",
    "NAME",
    "PARAM",
    "PARAMETER",
    "PATH",
    "POLICY",
    "PREFIX",
    "PROVIDER",
    "REGION",
    "SCOPE",
    "STAGE",
    "TABLE",
    "TTL",
    "TYPE",
    "URI",
    "URL",
];

/// Shorter values occur by chance.
const LEAST: usize = 8;

/// Whether the variable holds a secret that can be told from ordinary text where it stands in an output.
pub(crate) fn is_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase().replace(['-', '.'], "_");
    let last = name.rsplit('_').next().unwrap_or(&name);
    NAMES.iter().any(|part| name.contains(part))
        && !PUBLIC.iter().any(|part| name.contains(part))
        && !ABOUT.contains(&last)
        && is_unusual(value.trim())
}

/// Whether `value` is none of what stands in outputs for other reasons: words, numbers, places.
fn is_unusual(value: &str) -> bool {
    let place = value.contains("://")
        || value.starts_with("arn:")
        || ["/", "./", "../", "~"].iter().any(|start| value.starts_with(start));
    value.len() >= LEAST && !place && !is_words(value)
}

/// Whether `value` is made of words and numbers alone, as names of things are: `prod/db-2/password`, `2026-01-31`, `true`.
fn is_words(value: &str) -> bool {
    let parts: Vec<&str> = value.split(['-', '_', '.', '/', ':', ',', ' ']).collect();
    let word = |part: &&str| {
        let letters = part.trim_end_matches(|it: char| it.is_ascii_digit());
        if !letters.chars().all(char::is_alphabetic) {
            return false;
        }
        // `db2`, `v10` in a name of several parts; a single part with digits is a password.
        let numbered =
            parts.len() > 1 && part.len() - letters.len() <= 2 && letters == letters.to_lowercase();
        letters.len() == part.len() || letters.is_empty() || numbered
    };
    parts.iter().all(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_of_secrets() {
        for (name, value) in [
            ("API_KEY", "sk_live_51H8xqk2eZvKYlo2C"),
            ("DB_PASSWORD", "hunter22"),
            ("db.password", "c0rrect horse"),
            ("JWT_SECRET", "123e4567-e89b-12d3-a456-426614174000"),
            ("SLACK_TOKEN", "xoxb-2345678901-AbCdEf9"),
            ("STRIPE-SECRET", "whsec_9aZ+/=="),
            (
                "TLS_PRIVATE_KEY",
                "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n",
            ),
        ] {
            assert!(is_secret(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("TABLE", "sk_live_51H8xqk2eZvKYlo2C"),
            ("NEXT_PUBLIC_API_KEY", "sk_live_51H8xqk2eZvKYlo2C"),
            ("SECRET_ARN", "sk_live_51H8xqk2eZvKYlo2C"),
            ("API_KEY_ID", "sk_live_51H8xqk2eZvKYlo2C"),
            ("API_KEY", "short1"),
            ("DB_SECRET", "prod/db-2/password"),
            ("DB_SECRET", "arn:aws:secretsmanager:us-east-1:123456789012:secret:a-4xQ9"),
            ("TOKEN", "https://login.example.com/oauth2/v2.0"),
            ("TOKEN_SECONDS", "86400000"),
            ("TOKEN_SINCE", "2026-01-31"),
            ("PASSWORD_RULE", "required"),
            ("CREDENTIALS", "/opt/credentials9.json"),
            ("CSRF_TOKEN", "X-CSRF-Token"),
        ] {
            assert!(!is_secret(name, value), "{name}={value}");
        }
    }
}
