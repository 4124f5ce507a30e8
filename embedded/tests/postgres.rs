//! The private cluster keeps its data and its single owner through every way of stopping it.
#![expect(clippy::unwrap_used, reason = "a failing test should panic")]

use std::{
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
};

use embedded::postgres::{Cluster, ClusterOptions};

async fn start(dir: &Path) -> anyhow::Result<Cluster> {
    Cluster::start(dir, ClusterOptions::for_tests()).await
}

async fn count(cluster: &Cluster) -> String {
    cluster.run_sql("clinic", "SELECT count(*) FROM visit").await.unwrap().trim().to_owned()
}

async fn with_one_visit(dir: &Path) -> Cluster {
    let cluster = start(dir).await.unwrap();
    cluster.create_database("clinic").await.unwrap();
    cluster.run_sql("clinic", "CREATE TABLE visit (id int)").await.unwrap();
    cluster.run_sql("clinic", "INSERT INTO visit VALUES (1)").await.unwrap();
    cluster
}

#[tokio::test]
async fn a_stopped_cluster_starts_again_with_its_data() {
    let dir = tempfile::tempdir().unwrap();
    with_one_visit(dir.path()).await.stop().await.unwrap();

    let again = start(dir.path()).await.unwrap();
    again.create_database("clinic").await.unwrap();
    assert_eq!(count(&again).await, "1");
}

#[tokio::test]
async fn a_killed_server_restarts_with_what_was_committed() {
    let dir = tempfile::tempdir().unwrap();
    let cluster = with_one_visit(dir.path()).await;
    cluster.kill().await.unwrap();
    assert!(cluster.run_sql("clinic", "SELECT 1").await.is_err());
    cluster.restart().await.unwrap();
    assert_eq!(count(&cluster).await, "1");
}

#[tokio::test]
async fn a_second_owner_is_refused_while_the_first_runs() {
    let dir = tempfile::tempdir().unwrap();
    let first = start(dir.path()).await.unwrap();
    let error = start(dir.path()).await.err().unwrap().to_string();
    assert!(error.contains("already in use by process"), "{error}");
    drop(first);
    start(dir.path()).await.unwrap();
}

#[tokio::test]
async fn tokio_postgres_connects_through_the_url_and_the_cluster_is_utf8_without_tcp() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("with space & sign");
    open_to_all(dir.path());
    let cluster = start(&data).await.unwrap();
    let (client, connection) = tokio_postgres::connect(&cluster.url("postgres"), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let setting = async |name: &str| -> String { client.query_one(&format!("SHOW {name}"), &[]).await.unwrap().get(0) };
    assert_eq!(setting("server_encoding").await, "UTF8");
    assert_eq!(setting("lc_collate").await, "C");
    assert_eq!(setting("listen_addresses").await, "");
    assert_eq!(setting("timezone").await, "UTC");
}

#[tokio::test]
async fn a_data_directory_with_a_long_path_gets_a_short_socket_path() {
    let dir = tempfile::tempdir().unwrap();
    open_to_all(dir.path());
    let cluster = start(&dir.path().join("x".repeat(120))).await.unwrap();
    assert_eq!(cluster.run_sql("postgres", "SELECT 2").await.unwrap().trim(), "2");
}

#[tokio::test]
async fn a_database_is_copied_from_its_template() {
    let dir = tempfile::tempdir().unwrap();
    let cluster = with_one_visit(dir.path()).await;
    cluster.create_database_from("copy", "clinic").await.unwrap();
    assert_eq!(cluster.run_sql("copy", "SELECT count(*) FROM visit").await.unwrap().trim(), "1");
    assert!(cluster.create_database("x; DROP DATABASE clinic").await.is_err());
}

#[tokio::test]
async fn a_cluster_of_another_version_is_refused_before_the_server_is_started() {
    let dir = tempfile::tempdir().unwrap();
    start(dir.path()).await.unwrap().stop().await.unwrap();
    std::fs::write(dir.path().join("cluster/PG_VERSION"), "9\n").unwrap();
    let error = start(dir.path()).await.err().unwrap().to_string();
    assert!(error.contains("made by PostgreSQL 9"), "{error}");
}

#[tokio::test]
async fn a_cluster_whose_owner_was_killed_starts_at_once_with_its_data() {
    let dir = tempfile::tempdir().unwrap();
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "hold_a_cluster_for_the_kill_test", "--ignored", "--nocapture"])
        .current_dir(dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(owner.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains("HOLDING")));
    owner.kill().unwrap();
    owner.wait().unwrap();

    let cluster = start(dir.path()).await.unwrap();
    assert_eq!(count(&cluster).await, "1");
}

/// The other half of the test above: it holds the cluster of its working directory until killed.
#[tokio::test]
#[ignore = "started by a_cluster_whose_owner_was_killed_starts_at_once_with_its_data"]
async fn hold_a_cluster_for_the_kill_test() {
    let cluster = with_one_visit(&std::env::current_dir().unwrap()).await;
    println!("HOLDING");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    drop(cluster);
}

/// The cluster's account must be able to pass through a directory that root made.
fn open_to_all(dir: &Path) {
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o755)).unwrap();
}
