//! The command line where it could do harm: locking everybody out, making databases by mistake, losing a password.

use std::process::Output;

use crate::support::server::{ADMIN_PASSWORD, Folder};
use crate::support::{Backend, Person, Server, run, seconds};
use serde_json::json;

both! {
    somebody_who_was_disabled_can_be_let_in_again,
    the_last_administrator_cannot_be_locked_out,
    people_can_be_changed_on_the_command_line,
    campaigns_can_be_changed_on_the_command_line,
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

async fn people_can_be_changed_on_the_command_line(backend: Backend) {
    let server = Server::start(backend).await;
    server.rep("rita").await;
    let set =
        ["user", "set", "rita", "--capacity", "3", "--skill", "French", "--skill", "税", "--display-name", "Rita Ö"];
    let line = done(&server, &set, "");
    assert!(line.contains("Rita Ö") && line.contains("callers 3") && line.contains("french, 税"), "{line}");
    assert!(done(&server, &["user", "list"], "").contains(line.trim()), "the list says the same");
    let line = done(&server, &["user", "set", "RITA", "--skill", ""], "");
    assert!(!line.contains("skills") && line.contains("callers 3"), "only the skills are gone: {line}");
    assert!(refused(&server, &["user", "set", "rita", "--capacity", "6"]).contains("from 1 to 5"));
    assert!(refused(&server, &["user", "set", "rita", "--skill", "two words"]).contains("one word"));
    assert!(refused(&server, &["user", "set", "nobody", "--capacity", "2"]).contains("there is no user nobody"));
    assert!(refused(&server, &["user", "set", "admin", "--role", "rep"]).contains("last administrator"));
    let line = done(&server, &["user", "set", "rita", "--role", "marketer"], "");
    assert!(line.starts_with("marketer") && !line.contains("callers"), "{line}");
    assert!(refused(&server, &["user", "set", "rita", "--capacity", "2"]).contains("does not take calls"));
}

async fn campaigns_can_be_changed_on_the_command_line(backend: Backend) {
    let server = Server::with(backend, &[("BANNERLINE_PUBLIC_URL", "https://help.example.com")]).await;
    server.nobody().get("/?campaignId=seen&bannerId=7").await.expect_status(200);
    let set =
        ["campaign", "set", "5", "--name", "Spring 🌱", "--colour", "#FFD400", "--form", "none", "--outcome", "Sold"];
    assert!(done(&server, &set, "").contains("Spring 🌱"));
    done(&server, &["banner", "set", "5", "a&b", "--name", "Skyscraper"], "");
    let list = done(&server, &["campaign", "list"], "");
    let rows: Vec<&str> = list.lines().map(str::trim).collect();
    assert_eq!(rows.len(), 4, "{list}");
    assert!(rows[0].starts_with('5') && rows[0].ends_with("Spring 🌱") && rows[1].ends_with("Skyscraper"), "{list}");
    assert!(rows[2].starts_with("seen") && rows[2].ends_with("(unregistered)") && rows[3].starts_with('7'), "{list}");

    let links = done(&server, &["campaign", "links", "5"], "");
    for link in [
        "Revive Adserver        https://help.example.com/?campaignId=5&bannerId={bannerid}",
        "Google Ads             https://help.example.com/?campaignId=5&bannerId={creative}",
        "Meta                   https://help.example.com/?campaignId=5&bannerId={{ad.id}}",
        "Microsoft Advertising  https://help.example.com/?campaignId=5&bannerId={AdId}",
        "TikTok                 https://help.example.com/?campaignId=5&bannerId=__CID__",
        "banner a&b             https://help.example.com/?campaignId=5&bannerId=a%26b",
    ] {
        assert!(links.lines().any(|line| line == link), "no {link} in\n{links}");
    }
    let page = server.nobody().get("/?campaignId=5&bannerId=3").await.body;
    assert!(page.contains("data-form=\"none\"") && page.contains("/colours/ffd400.css"), "{page}");

    for (arguments, reason) in [
        (&["campaign", "set", "5", "--colour", "yellow"][..], "six hexadecimal digits"),
        (&["campaign", "set", "5", "--form", "long"], "none, short or full"),
        (&["campaign", "set", "{campaignid}", "--name", "x"], "macro"),
        (&["campaign", "set", "ä", "--name", "x"], "visible ASCII"),
        (&["banner", "set", "5", "", "--name", "x"], "visible ASCII"),
    ] {
        let line = refused(&server, arguments);
        assert!(line.contains(reason), "{arguments:?}: {line}");
    }
    done(&server, &["campaign", "set", "5", "--name", "", "--colour", ""], "");
    assert!(!server.nobody().get("/?campaignId=5&bannerId=3").await.body.contains("/colours/"));
    assert!(done(&server, &["campaign", "list"], "").contains("(unregistered)"));
}

#[test]
fn a_command_that_only_looks_makes_no_database() {
    let server = Server::bare(Folder::new(), &[]);
    for arguments in [&["user", "list"][..], &["token", "list"], &["user", "disable", "admin"], &["campaign", "list"]] {
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
