//! The command line where it could do harm: locking everybody out, making databases by mistake, losing a password.

use std::process::Output;

use crate::support::server::{ADMIN_PASSWORD, Folder};
use crate::support::{Backend, Person, Server, run, seconds};
use serde_json::json;

both! {
    somebody_who_was_disabled_can_be_let_in_again,
    the_last_administrator_cannot_be_locked_out,
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Runs a command that must succeed; what it said.
fn done(server: &Server, arguments: &[&str], input: &str) -> String {
    let output = server.cli(arguments, input);
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    said(&output)
}

/// Runs a command that must be refused in one line; the line.
fn refused(server: &Server, arguments: &[&str]) -> String {
    let output = server.cli(arguments, "");
    let line = said(&output);
    assert!(!output.status.success() && line.lines().count() == 1, "{arguments:?}: {line}");
    line
}

async fn somebody_who_was_disabled_can_be_let_in_again(backend: Backend) {
    let server = Server::start(backend).await;
    server.person("mara", "marketer").await;
    done(&server, &["user", "disable", "mara"], "");
    let changed = done(&server, &["user", "password", "mara"], "another password of mara\n");
    assert!(changed.contains("still disabled"), "{changed}");
    let login = json!({"username": "mara", "password": "another password of mara"});
    server.nobody().post("/login", &login).await.refused(401);
    done(&server, &["user", "enable", "mara"], "");
    Person::logs_in(&server, "mara", "another password of mara").await;
    assert!(refused(&server, &["user", "enable", "nobody"]).contains("nobody"));
}

async fn the_last_administrator_cannot_be_locked_out(backend: Backend) {
    let server = Server::start(backend).await;
    assert!(refused(&server, &["user", "disable", "admin"]).contains("last administrator"));
    Person::logs_in(&server, "admin", ADMIN_PASSWORD).await;
    server.person("anna", "admin").await;
    done(&server, &["user", "disable", "admin"], "");
    server.nobody().post("/login", &json!({"username": "admin", "password": ADMIN_PASSWORD})).await.refused(401);
    assert!(refused(&server, &["user", "disable", "anna"]).contains("last administrator"));
}

#[test]
fn a_command_that_only_looks_makes_no_database() {
    let server = Server::bare(Folder::new(), &[]);
    for arguments in [&["user", "list"][..], &["token", "list"], &["user", "disable", "admin"]] {
        let line = refused(&server, arguments);
        assert!(line.contains("bannerline.db"), "{line}");
    }
    assert!(!server.folder.0.join("data").exists(), "a database was made");
}

/// The first password is printed once: a start that fails must not use it up.
#[test]
fn a_taken_port_is_said_before_anything_is_written() {
    run(async {
        let other = Server::start(Backend::Sqlite).await;
        let mut server = Server::bare(Folder::new(), &[]);
        server.port = other.port;
        server.spawn();
        assert!(!server.ends(seconds(20)).await.success(), "two servers on one port");
        let log = server.log();
        assert!(log.contains("ROCKET_PORT") && log.contains(&other.port.to_string()), "{log}");
        assert!(!server.folder.0.join("data").exists(), "a database was made");
    });
}
