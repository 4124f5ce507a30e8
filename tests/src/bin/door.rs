//! The clients' door as a process of its own, for tests that kill it: any free port, told on the first line.
#![expect(clippy::print_stdout, reason = "the test reads the address")]

use std::net::{Ipv4Addr, TcpListener};
use workflow::clock::Clock;
use workflow::{Ctx, config};

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let ctx = Ctx::connect(config::from_process()?, Clock::System)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{}", listener.local_addr()?);
    Ok(backend::server(ctx, listener)?.await?)
}
