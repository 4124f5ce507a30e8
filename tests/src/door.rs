//! A door in a thread of its own on a port of its own, as a process would run it; it stops when dropped.

use actix_web::dev::{Server, ServerHandle};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread;

pub(crate) struct RunningDoor {
    pub address: SocketAddr,
    handle: ServerHandle,
}

impl RunningDoor {
    pub fn open(serve: impl FnOnce(TcpListener) -> Server + Send + 'static) -> RunningDoor {
        RunningDoor::open_at(0, serve)
    }

    /// The same at a stated port; 0 is any.
    pub fn open_at(port: u16, serve: impl FnOnce(TcpListener) -> Server + Send + 'static) -> RunningDoor {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        let address = listener.local_addr().unwrap();
        let (send, receive) = mpsc::channel();
        thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = serve(listener);
                send.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let handle = receive.recv().unwrap();
        RunningDoor { address, handle }
    }

    /// Breaks every connection, and returns once nothing listens any more.
    pub async fn stop(&self) {
        self.handle.stop(false).await;
    }
}

impl Drop for RunningDoor {
    fn drop(&mut self) {
        // The order is given here; nobody needs to see it carried out.
        drop(self.handle.stop(false));
    }
}
