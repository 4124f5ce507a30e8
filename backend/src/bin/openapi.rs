//! Prints the API's description, which is committed as docs/api/openapi.json.

use std::io::Write;

fn main() -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{}", backend::openapi::json())
}
