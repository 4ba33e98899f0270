//! Who may come in: passwords, cookies, tokens, and what an attacker hears.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::http::form;
use crate::support::server::ADMIN_PASSWORD;
use crate::support::{Answer, Backend, Caller, Customer, Person, Server, seconds};

both! {
    a_login_gives_a_token_and_a_guarded_cookie,
    a_wrong_name_and_a_wrong_password_sound_the_same,
    the_forms_of_the_pages_work,
    ten_failed_logins_close_the_account_for_a_while,
    attempts_at_once_count_each_other,
    a_name_that_only_looks_like_anothers_is_not_that_account,
    cookie_borne_writes_need_the_csrf_token_and_the_own_origin,
    bearer_decides_when_both_are_sent,
    a_customers_token_gains_nothing_from_an_administrators_cookie,
    a_logout_ends_the_login_everywhere,
    a_login_that_ends_takes_its_stream_along,
    a_metrics_token_reads_figures_and_nothing_else,
    pages_ask_for_a_login_and_forbid_the_wrong_role,
    a_login_outlives_a_restart,
}

async fn login(caller: &Caller, username: &str, password: &str) -> Answer {
    caller.post("/login", &json!({"username": username, "password": password})).await
}

async fn a_login_gives_a_token_and_a_guarded_cookie(backend: Backend) {
    let server = Server::start(backend).await;
    let answer = login(&server.nobody(), "admin", ADMIN_PASSWORD).await;
    let made = answer.expect(200);
    assert!(made["token"].as_str().is_some_and(|token| token.starts_with("bll_")), "{made}");
    assert!(made["csrfToken"].is_string(), "{made}");
    let user = &made["user"];
    assert_eq!((&user["username"], &user["role"]), (&json!("admin"), &json!("admin")));
    assert!(!answer.body.contains("argon2"), "no hash leaves the server");
    let cookie = answer.header("set-cookie").expect("the cookie");
    assert!(cookie.starts_with("__Host-bannerline="), "{cookie}");
    for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "no {attribute} in {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let second = login(&server.nobody(), "admin", ADMIN_PASSWORD).await.expect(200);
    assert_ne!(second["token"], made["token"], "a login makes a token of its own");
}

async fn a_wrong_name_and_a_wrong_password_sound_the_same(backend: Backend) {
    let server = Server::start(backend).await;
    let nobody = server.nobody();
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    let mut bodies = Vec::new();
    for _ in 0..5 {
        for (name, times) in [("admin", &mut known), ("nobody-of-this-name", &mut unknown)] {
            let answer = login(&nobody, name, "not the password").await;
            bodies.push(answer.refused(401));
            times.push(answer.took());
        }
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:#?}");
    known.sort();
    unknown.sort();
    // An unknown name must cost a hash as well; the lower half of both is free of hiccups.
    let (known, unknown) = (known[1], unknown[1]);
    assert!(unknown > known / 3 && known > unknown / 3, "known {known:?}, unknown {unknown:?}");
    for broken in [json!({}), json!({"username": "admin"}), json!({"username": 1, "password": 2})] {
        nobody.post("/login", &broken).await.refused(400);
    }
    login(&nobody, "admin", &"x".repeat(1_000_000)).await.refused_one_of(&[400, 401, 413]);
    login(&nobody, "' OR 1=1 --", "x").await.refused(401);
}

async fn the_forms_of_the_pages_work(backend: Backend) {
    let server = Server::start(backend).await;
    let nobody = server.nobody();
    let post = async |password: &str, next: &str| {
        let fields = [("username", "admin"), ("password", password), ("next", next)];
        nobody.send(form(nobody.request("POST", "/login"), &fields)).await
    };
    let nexts = [("/rep", "/rep"), ("/dashboard", "/dashboard")];
    for (next, place) in nexts {
        let answer = post(ADMIN_PASSWORD, next).await;
        answer.expect_status(303);
        assert_eq!(answer.header("location"), Some(place));
        assert!(answer.header("set-cookie").is_some());
    }
    // Only paths of our own: anywhere else would make the login a signpost for thieves.
    for elsewhere in ["https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)", "rep\r\nX: y"] {
        let answer = post(ADMIN_PASSWORD, elsewhere).await;
        answer.expect_status(303);
        let place = answer.header("location").expect("a place to go");
        assert!(
            place.starts_with('/') && !place.starts_with("//") && !place.contains('\\'),
            "{elsewhere:?} leads to {place}"
        );
    }
    let refused = post("wrong", "/rep").await;
    refused.expect_status(401);
    assert!(refused.header("content-type").unwrap_or_default().starts_with("text/html"), "the page again");
    assert!(!refused.body.contains("wrong\""), "the password is not repeated");
    nobody.get("/login?next=/rep").await.expect_status(200);
}

async fn ten_failed_logins_close_the_account_for_a_while(backend: Backend) {
    let server = Server::start(backend).await;
    server.person("mara", "marketer").await;
    let nobody = server.nobody();
    for _ in 0..10 {
        login(&nobody, "mara", "not the password").await.refused(401);
    }
    let closed = login(&nobody, "mara", "not the password").await;
    closed.refused(429);
    assert!(closed.header("retry-after").is_some(), "when to come back");
    login(&nobody, "mara", "the password of mara").await.refused(429);
    login(&nobody, "MARA", "the password of mara").await.refused_one_of(&[401, 429]);
    login(&nobody, "admin", ADMIN_PASSWORD).await.expect(200);
}

async fn attempts_at_once_count_each_other(backend: Backend) {
    let server = Server::start(backend).await;
    server.person("mara", "marketer").await;
    let nobody = server.nobody();
    login(&nobody, "mara", "the password of mara").await.expect(200);
    let answers = join_all((0..30).map(|_| login(&nobody, "mara", "not the password"))).await;
    let tried = answers.iter().filter(|answer| answer.status == 401).count();
    assert!((10..=11).contains(&tried), "{tried} passwords were tried");
    assert!(answers.iter().all(|answer| [401, 429].contains(&answer.status)), "401 or 429");
    login(&nobody, "mara", "the password of mara").await.refused(429);
}

/// Databases differ in what they take for the same text: MariaDB pads with spaces, and folds accents unless told not to.
async fn a_name_that_only_looks_like_anothers_is_not_that_account(backend: Backend) {
    let server = Server::start(backend).await;
    let nobody = server.nobody();
    for lookalike in ["admin\t", " admin", "admin\u{a0}", "\u{e1}dmin", "adm\u{131}n", "\u{ff41}dmin"] {
        login(&nobody, lookalike, ADMIN_PASSWORD).await.refused(401);
    }
    for _ in 0..10 {
        login(&nobody, "admin ", ADMIN_PASSWORD).await.refused(401);
    }
    login(&nobody, "admin", ADMIN_PASSWORD).await.expect(200);

    // The case of a name is no name of its own, so nobody gets ten tries for each way to write it.
    for spelling in ["admin", "Admin", "ADMIN", "aDmIn", "admiN"] {
        for _ in 0..2 {
            login(&nobody, spelling, "not the password").await.refused(401);
        }
    }
    for spelling in ["admin", "ADMIN", "adMin"] {
        login(&nobody, spelling, ADMIN_PASSWORD).await.refused(429);
    }
    login(&nobody, "admin ", ADMIN_PASSWORD).await.refused(401);
}

async fn cookie_borne_writes_need_the_csrf_token_and_the_own_origin(backend: Backend) {
    let server = Server::start(backend).await;
    let (rep, other) = (server.rep("rita").await, server.rep("rosa").await);
    let nobody = server.nobody();
    let own = server.url("");
    let write = async |csrf: Option<&str>, origin: Option<&str>| {
        let mut request = nobody.request("POST", "/rep/alive").header("Cookie", &rep.cookie).json(&json!({}));
        if let Some(csrf) = csrf {
            request = request.header("X-CSRF-Token", csrf);
        }
        if let Some(origin) = origin {
            request = request.header("Origin", origin);
        }
        nobody.send(request).await
    };
    write(Some(&rep.csrf), None).await.expect(204);
    write(Some(&rep.csrf), Some(&own)).await.expect(204);
    for (csrf, origin) in [
        (None, None),
        (None, Some(own.as_str())),
        (Some(""), None),
        (Some(other.csrf.as_str()), None),
        (Some(rep.csrf.as_str()), Some("https://example.org")),
        (Some(rep.csrf.as_str()), Some("null")),
    ] {
        write(csrf, origin).await.refused(403);
    }
    // Reading with the cookie needs neither.
    nobody.send(nobody.request("GET", "/rep").header("Cookie", &rep.cookie)).await.expect_status(200);
}

async fn bearer_decides_when_both_are_sent(backend: Backend) {
    let server = Server::start(backend).await;
    let (rep, marketer) = (server.rep("rita").await, server.person("mara", "marketer").await);
    let both = async |bearer: &Person, cookie: &Person| {
        let request = bearer.api.request("POST", "/rep/alive").header("Cookie", &cookie.cookie);
        bearer.api.send(request.json(&json!({}))).await
    };
    let (by_rep, by_marketer) = (both(&rep, &marketer).await, both(&marketer, &rep).await);
    by_rep.expect(204);
    by_marketer.refused(403);
    let garbage = server.bearer("bll_nothing");
    let request = garbage.request("POST", "/rep/alive").header("Cookie", &rep.cookie).header("X-CSRF-Token", &rep.csrf);
    garbage.send(request.json(&json!({}))).await.refused(401);
}

async fn a_customers_token_gains_nothing_from_an_administrators_cookie(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = server.admin().await;
    let (customer, stranger) = (Customer::waits(&server, "5", "3").await, Customer::waits(&server, "5", "3").await);
    let before = customer.view().await;
    let end = async |caller: &Caller| {
        let request = caller.request("POST", &customer.path("/end")).header("Cookie", &admin.cookie);
        caller.send(request.header("X-CSRF-Token", &admin.csrf).json(&json!({}))).await
    };
    end(&stranger.api).await.refused(404);
    let after = customer.view().await;
    for field in ["state", "outcome", "epoch", "eventNumber", "position"] {
        assert_eq!(after[field], before[field], "{field} after a stranger's attempt");
    }
    // It was the token that decided: the cookie alone may do it.
    assert_eq!(end(&server.nobody()).await.expect(200)["state"], "ended");
}

async fn a_logout_ends_the_login_everywhere(backend: Backend) {
    let server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    let second = Person::logs_in(&server, "rita", "the password of rita").await;
    rep.api.post("/logout", &json!({})).await.expect(204);
    rep.api.post("/rep/alive", &json!({})).await.refused(401);
    let nobody = server.nobody();
    let with_cookie =
        nobody.request("POST", "/rep/alive").header("Cookie", &rep.cookie).header("X-CSRF-Token", &rep.csrf);
    nobody.send(with_cookie.json(&json!({}))).await.refused(401);
    second.api.post("/rep/alive", &json!({})).await.expect(204);

    let request =
        nobody.request("POST", "/logout").header("Cookie", &second.cookie).header("X-CSRF-Token", &second.csrf);
    let answer = nobody.send(form(request, &[])).await;
    answer.expect_status(303);
    assert_eq!(answer.header("location"), Some("/login"));
    second.api.post("/rep/alive", &json!({})).await.refused(401);
}

async fn a_login_that_ends_takes_its_stream_along(backend: Backend) {
    let server = Server::start(backend).await;
    let mut staff = Vec::new();
    for name in ["disabled", "logged-out", "renewed", "staying"] {
        let rep = server.rep(name).await;
        let mut stream = rep.stream().await;
        stream.next("state").await;
        staff.push((rep, stream));
    }
    let cli = |arguments: &[&str], input: &str| assert!(server.cli(arguments, input).status.success(), "{arguments:?}");
    cli(&["user", "disable", "disabled"], "");
    staff[1].0.api.post("/logout", &json!({})).await.expect(204);
    cli(&["user", "password", "renewed"], "another password\n");
    // Noticed at the next heartbeat; the second is for one that was on its way.
    for (rep, stream) in &mut staff[..3] {
        stream.closed(seconds(11)).await;
        rep.api.post("/rep/alive", &json!({})).await.refused(401);
    }
    staff[3].1.next("heartbeat").await;
}

async fn a_metrics_token_reads_figures_and_nothing_else(backend: Backend) {
    let server = Server::start(backend).await;
    let token = server.bearer(&server.api_token("warehouse"));
    token.get("/getAverageMetrics/5/3").await.expect(200);
    token.get("/getFullMetrics/5").await.expect(200);
    token.delete("/help/queue").await.refused(403);
    token.post("/rep/alive", &json!({})).await.refused(403);
    let twice = server.cli(&["token", "add", "warehouse"], "");
    assert!(!twice.status.success(), "a second token of one name would be the same in every list");
    let log = server.log();
    assert!(!log.contains("blm_") && !log.contains("bll_") && !log.contains("blc_"), "tokens are in the log");
}

async fn pages_ask_for_a_login_and_forbid_the_wrong_role(backend: Backend) {
    let server = Server::start(backend).await;
    let (rep, marketer) = (server.rep("rita").await, server.person("mara", "marketer").await);
    let nobody = server.nobody();
    for (path, next) in [("/rep", "next=%2Frep"), ("/dashboard", "next=%2Fdashboard")] {
        let answer = nobody.get(path).await;
        answer.expect_status(303);
        let place = answer.header("location").expect("a place to go");
        assert!(
            place.starts_with("/login?") && (place.contains(next) || place.contains(&next.replace("%2F", "/"))),
            "{place}"
        );
    }
    let visit =
        async |path: &str, who: &Person| nobody.send(nobody.request("GET", path).header("Cookie", &who.cookie)).await;
    visit("/rep", &rep).await.expect_status(200);
    visit("/rep", &marketer).await.expect_status(403);
    visit("/dashboard", &marketer).await.expect_status(200);
    visit("/dashboard", &rep).await.expect_status(403);
    let page = visit("/rep", &rep).await;
    assert!(page.header("cache-control").unwrap_or_default().contains("no-store"), "a page of the staff is not kept");
}

async fn a_login_outlives_a_restart(backend: Backend) {
    let mut server = Server::start(backend).await;
    let rep = server.rep("rita").await;
    server.kill_9();
    server.launch().await;
    rep.api.post("/rep/alive", &json!({})).await.expect(204);
    let admin: Value = login(&server.nobody(), "admin", ADMIN_PASSWORD).await.expect(200);
    assert_eq!(admin["user"]["role"], "admin", "the administrator is made once");
}
