//! A worker process says whether it works: alive and deaf is not ready (F9, F14).

use crate::{house, kept_by_both_transports};
use acceptance::{Answer, App, Carrier, WorkerProcess, beside, eventually};
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

kept_by_both_transports!(ready: a_worker_is_ready_while_it_works_and_not_while_its_carrier_stands_still);

struct Watched {
    worker: WorkerProcess,
    address: SocketAddr,
}

fn start(app: &App, carrier: &Carrier) -> Watched {
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let program = beside(env!("CARGO_BIN_EXE_inspect"), "worker");
    let listen = address.to_string();
    let worker = app.worker_process(&program, &["--pools", "mail,light"], (carrier, &[("WORKER_LISTEN", &listen)]));
    Watched { worker, address }
}

impl Watched {
    async fn asked(&self, app: &App) -> Option<(u16, Value)> {
        let response = app.api.http.get(format!("http://{}/readyz", self.address)).send().await.ok()?;
        let status = response.status().as_u16();
        Some((status, serde_json::from_str(&response.text().await.ok()?).ok()?))
    }

    async fn becomes(&self, app: &App, wanted: u16) -> Value {
        eventually(&format!("/readyz {wanted}"), async || {
            self.asked(app).await.filter(|(status, _)| *status == wanted).map(|(_, body)| body)
        })
        .await
    }
}

async fn a_worker_is_ready_while_it_works_and_not_while_its_carrier_stands_still(carrier: Carrier) {
    let app = house().await;
    let mut watched = start(&app, &carrier);
    assert_eq!(watched.becomes(&app, 200).await["ready"], true);
    if let Carrier::Redis(redis) = &carrier {
        redis.signal(libc::SIGSTOP);
        // Each pool counts its own ten seconds.
        eventually("both pools are silent", async || {
            let (status, body) = watched.asked(&app).await?;
            let parts: Vec<_> = body["troubles"].as_array()?.iter().filter_map(|one| one["part"].as_str()).collect();
            (status == 503 && parts.contains(&"mail") && parts.contains(&"light")).then_some(())
        })
        .await;
        let alive = Answer::of(app.api.http.get(format!("http://{}/healthz", watched.address))).await;
        assert_eq!(alive.status, 200);
        redis.signal(libc::SIGCONT);
        watched.becomes(&app, 200).await;
    }
    assert!(watched.worker.is_running());
}
