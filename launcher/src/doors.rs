//! The HTTP doors inside one process: each actix server on a thread with a system of its own.

use actix_web::dev::{Server, ServerHandle};
use anyhow::Context;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// A door that is open.
pub struct Door {
    handle: ServerHandle,
    thread: JoinHandle<()>,
}

/// Binds the address and serves; the server is made on its own thread, because it belongs to that thread's system.
pub async fn open<F, E>(name: &'static str, address: SocketAddr, make: F) -> anyhow::Result<Door>
where
    F: FnOnce(TcpListener) -> Result<Server, E> + Send + 'static,
    E: std::fmt::Display,
{
    let listener = TcpListener::bind(address)
        .with_context(|| format!("{name}: {address} is in use; stop what holds it or choose another address"))?;
    let (tell, told) = oneshot::channel();
    let serve = move || {
        let served: io::Result<()> = actix_web::rt::System::new().block_on(async move {
            match make(listener) {
                Ok(server) => {
                    let _ = tell.send(Ok(server.handle()));
                    server.await
                }
                Err(error) => {
                    let _ = tell.send(Err(error.to_string()));
                    Ok(())
                }
            }
        });
        if let Err(error) = served {
            eprintln!("{name}: {error}");
        }
    };
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(serve)?;
    let handle = told.await.context("the door's thread ended")?.map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
    Ok(Door { handle, thread })
}

impl Door {
    /// Lets requests under way finish, then closes.
    pub async fn close(self) {
        self.handle.stop(true).await;
        if self.thread.join().is_err() {
            eprintln!("a door ended by a panic");
        }
    }
}
