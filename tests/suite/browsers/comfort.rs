//! A representative's comfort in real browsers: a whole call by keyboard alone, a picture that is not seen before it is
//! wanted, the figures of the day, the visitor who comes again, and who is blocked.

use serde_json::{Value, json};
use thirtyfour::Key;

use super::{LANDING, both_hear, console, into_the_queue, signs_in, to_the_queue};
use crate::support::browser::{Browser, Devices, Tab};
use crate::support::{Backend, Server, eventually, run, seconds, time_passes};

/// How the customer's picture is drawn: itself, or not at all and a few of its colours in its stead.
const PICTURE: &str = "(() => {
    const video = document.querySelector('[data-testid=remote-video]');
    const canvas = document.querySelector('[data-testid=blurred]');
    const painted = getComputedStyle(video).visibility === 'visible';
    if (!canvas) return painted ? 'seen' : 'nothing';
    const colours = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    const coloured = colours.some((value, index) => index % 4 < 3 && value > 20);
    const few = canvas.width <= 16 && canvas.height <= 16;
    return !painted && few && coloured ? 'blurred' : 'wrong';
})()";

/// Counts the moments at which the customer's picture itself could be seen.
const WATCH_THE_PICTURE: &str = "
    window.__seen_at = 0;
    (function look() {
        const video = document.querySelector('[data-testid=remote-video]');
        if (video?.srcObject && getComputedStyle(video).visibility === 'visible') window.__seen_at += 1;
        requestAnimationFrame(look);
    })();
";

/// Waits until this is so on the page.
async fn becomes(tab: &Tab, script: &str, value: Value) {
    let ask = format!("return {script}");
    eventually(&format!("{script} is {value}"), seconds(20), async || (tab.js(&ask).await == value).then_some(()))
        .await;
}

async fn is(rep: &Tab, activity: &str) {
    becomes(rep, "document.querySelector('[data-testid=activity-now]')?.dataset.activity", json!(activity)).await;
}

/// Where the focus is, and that it can be seen there.
async fn has_visible_focus(tab: &Tab, testid: &str) {
    becomes(tab, "document.activeElement?.dataset?.testid ?? ''", json!(testid)).await;
    let outline = "(() => { const look = getComputedStyle(document.activeElement); \
        return document.activeElement.matches(':focus-visible') \
            && (look.outlineStyle !== 'none' || look.boxShadow !== 'none'); })()";
    becomes(tab, outline, json!(true)).await;
}

/// The customer, who is not painted, plays on: the sound, and the few colours.
async fn is_heard_and_moves(rep: &Tab) {
    let video = "document.querySelector('[data-testid=remote-video]')";
    let colours = "(() => { const canvas = document.querySelector('[data-testid=blurred]'); \
        return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.join(); })()";
    let played = rep.js(&format!("return {video}.currentTime")).await;
    let before = rep.js(&format!("return {colours}")).await;
    becomes(rep, &format!("!{video}.paused && !{video}.muted && {video}.currentTime > {played}"), json!(true)).await;
    becomes(rep, &format!("{colours} !== {before}"), json!(true)).await;
}

/// From the login to the end of the wrap-up without a click, and without a script that acts for the person.
#[test]
fn the_keyboard_alone_gets_through_a_whole_call() {
    run(async {
        let server = Server::with(Backend::Sqlite, &[("BANNERLINE_FORM", "short")]).await;
        server.sets_queue("offer_seconds = 120, wrap_up_seconds = 300").await;
        server.rep("rita").await;
        let admin = server.admin().await;
        admin.api.put("/admin/api/campaigns/5", &json!({"outcomes": ["Sold", "Not interested"]})).await.expect(200);
        let (of_customer, of_rep) = (Browser::launch(Devices::Fake).await, Browser::launch(Devices::Fake).await);
        let rep = of_rep.tab(&server.url("/rep")).await;
        rep.reaches("login").await;
        rep.tabs_to("username").await;
        rep.strikes("rita").await;
        rep.strikes(Key::Tab).await;
        rep.strikes("the password of rita").await;
        rep.strikes(Key::Enter).await;
        rep.reaches("ready").await;
        rep.js("addEventListener('pointerdown', () => { window.__touched = true; }, true)").await;
        rep.js(WATCH_THE_PICTURE).await;
        rep.shows("today-talk", "–").await;
        rep.shows("today-rating", "–").await;

        rep.strikes_with_control('s').await;
        has_visible_focus(&rep, "activity").await;
        rep.strikes(Key::Down).await;
        is(&rep, "available").await;
        rep.pictures("rep-today").await;
        // Away from the list, which would keep the focus when it rings.
        rep.tabs_to("keys").await;
        rep.strikes(Key::Enter).await;
        rep.shows("keys-dialog", "Show or blur").await;
        rep.strikes(Key::Escape).await;

        let customer = of_customer.tab(&server.url(LANDING)).await;
        into_the_queue(&customer, "Ada").await;
        rep.shows("ringing-earlier", "First call").await;
        has_visible_focus(&rep, "accept").await;
        rep.pictures("rep-ringing-first").await;
        rep.strikes(Key::Enter).await;
        for tab in [&customer, &rep] {
            tab.reaches("conversation").await;
        }
        both_hear(&customer, &rep).await;
        becomes(&rep, PICTURE, json!("blurred")).await;
        is_heard_and_moves(&rep).await;
        rep.pictures("rep-blurred").await;

        rep.strikes_with_control('m').await;
        becomes(&rep, "document.querySelector('[data-testid=mute]').getAttribute('aria-pressed')", json!("true")).await;
        rep.strikes_with_control('m').await;
        rep.tabs_to("reveal").await;
        rep.pictures("rep-reveal-focus").await;
        becomes(&rep, "window.__seen_at", json!(0)).await;
        rep.strikes(Key::Space).await;
        becomes(&rep, PICTURE, json!("seen")).await;
        becomes(&rep, "window.__seen_at > 0", json!(true)).await;
        has_visible_focus(&rep, "blur").await;
        rep.pictures("rep-revealed").await;
        let end = "return document.querySelector('[data-testid=end]').getBoundingClientRect().bottom";
        let end = rep.on_a_small_phone(end).await.as_f64().expect("pixels");
        assert!(end < 667.0, "who is on a call scrolls to end it: {end}");
        // Away and back, it is as it was chosen.
        rep.strikes_with_control('h').await;
        rep.reaches("held").await;
        customer.reaches("held").await;
        rep.strikes_with_control('h').await;
        rep.reaches("conversation").await;
        becomes(&rep, PICTURE, json!("seen")).await;
        rep.strikes_with_control('l').await;
        becomes(&rep, PICTURE, json!("blurred")).await;
        rep.strikes_with_control('h').await;
        rep.reaches("held").await;
        rep.strikes_with_control('h').await;
        rep.reaches("conversation").await;
        becomes(&rep, PICTURE, json!("blurred")).await;

        rep.strikes_with_control('e').await;
        rep.reaches("wrapUp").await;
        customer.reaches("ended").await;
        rep.tabs_to("disposition-1").await;
        rep.strikes(Key::Space).await;
        rep.tabs_to("notes").await;
        rep.strikes("Wants the blue one").await;
        rep.shows("notes-status", "Saved").await;
        rep.tabs_to("wrap-up-done").await;
        has_visible_focus(&rep, "wrap-up-done").await;
        rep.pictures("rep-wrap-up-keyboard").await;
        rep.strikes(Key::Enter).await;
        rep.reaches("ready").await;
        is(&rep, "available").await;
        rep.shows("today-answered", "1").await;
        assert_eq!(rep.js("return window.__touched ?? false").await, json!(false), "no pointer was used");
        rep.is_unharmed().await;

        comes_again_and_is_blocked(&server, &of_customer, &customer, &rep).await;
        customer.is_unharmed().await;
        rep.is_unharmed().await;
        of_customer.quit().await;
        of_rep.quit().await;
    });
}

/// The same browser calls again: earlier calls at the ring and on the card; then it is blocked, and waits behind a later one.
async fn comes_again_and_is_blocked(server: &Server, browser: &Browser, customer: &Tab, rep: &Tab) {
    customer.click("again").await;
    customer.reaches("devices").await;
    customer.click("request").await;
    rep.shows("ringing-earlier", "1 earlier call").await;
    rep.shows("ringing-earlier", "Sold").await;
    rep.pictures("rep-ringing-again").await;
    rep.click("accept").await;
    rep.reaches("conversation").await;
    rep.shows("customer-earlier", "with rita").await;
    rep.pictures_of_all("rep-earlier").await;
    rep.click("block").await;
    rep.pictures("rep-block").await;
    rep.types("block-reason", "Shouts").await;
    rep.click("block-confirm").await;
    rep.reaches("wrapUp").await;
    rep.shows("notice", "Ada is blocked until").await;
    rep.shows("blocked-until", "Blocked until").await;
    customer.reaches("ended").await;
    rep.pictures("rep-blocked").await;

    let stranger = Browser::launch(Devices::Fake).await;
    customer.click("again").await;
    customer.reaches("devices").await;
    customer.click("request").await;
    customer.reaches("waiting").await;
    customer.shows("position", "1").await;
    let other = stranger.tab(&server.url(LANDING)).await;
    to_the_queue(&other, "talk", "Ben").await;
    other.reaches("waiting").await;
    customer.shows("position", "2").await;
    let words = customer.js("return document.body.innerText").await;
    assert!(words.as_str().is_some_and(|words| !words.to_lowercase().contains("block")), "{words}");
    rep.shows("queue-list", "Blocked").await;
    rep.pictures_of_all("rep-queue-blocked").await;
    rep.click("wrap-up-done").await;
    rep.shows("ringing", "Ben").await;
    rep.click("accept").await;
    rep.reaches("conversation").await;
    rep.click("end").await;
    rep.reaches("wrapUp").await;
    rep.click("wrap-up-done").await;
    rep.shows("ringing", "Ada").await;
    rep.shows("blocked", "Blocked").await;
    rep.pictures("rep-ringing-blocked").await;
    stranger.quit().await;
    lifted(server, browser).await;
}

/// The floor shows who is blocked, and lifts it.
async fn lifted(server: &Server, browser: &Browser) {
    server.person("sam", "supervisor").await;
    let floor = browser.new_tab(&server.url("/login?next=/floor")).await;
    signs_in(&floor, "sam", "floor").await;
    floor.shows("list-waiting", "Blocked").await;
    floor.shows("list-blocks", "Shouts").await;
    floor.pictures_of_all("floor-blocks").await;
    let button = "return document.querySelector('[data-testid=list-blocks] button').dataset.testid";
    let lift = floor.js(button).await;
    floor.click(lift.as_str().expect("the button's name")).await;
    floor.types("reason", "They said sorry").await;
    floor.pictures("floor-lift").await;
    floor.click("dialog-save").await;
    floor.shows("said", "Ada is not blocked any more").await;
    becomes(&floor, "document.querySelector('[data-testid=list-blocks]')", Value::Null).await;
    floor.is_unharmed().await;
}

/// The newest console has the calls, the one before it says so and can have them back; a call that goes on goes along.
/// Chosen once, customers are seen from the beginning, in every tab.
#[test]
fn a_second_console_supersedes_the_first() {
    run(async {
        let server = Server::start(Backend::Sqlite).await;
        let (of_customer, of_rep) = (Browser::launch(Devices::Fake).await, Browser::launch(Devices::Fake).await);
        let first = console(&server, of_rep.tab(&server.url("/rep")).await, "rita").await;
        first.click("always-show").await;
        let customer = of_customer.tab(&server.url(LANDING)).await;
        into_the_queue(&customer, "Ada").await;
        first.click("next").await;
        for tab in [&customer, &first] {
            tab.reaches("conversation").await;
        }
        becomes(&first, PICTURE, json!("seen")).await;
        let second = of_rep.new_tab(&server.url("/rep")).await;
        second.reaches("conversation").await;
        first.reaches("superseded").await;
        first.shows("superseded", "open in another tab").await;
        first.shows("superseded", "Your call with Ada goes on there").await;
        first.pictures("rep-superseded-call").await;
        both_hear(&customer, &second).await;
        becomes(&second, PICTURE, json!("seen")).await;
        time_passes(seconds(3)).await;
        second.reaches("conversation").await;

        first.click("use-here").await;
        first.reaches("conversation").await;
        second.reaches("superseded").await;
        both_hear(&customer, &first).await;
        first.shows("customer-name", "Ada").await;
        first.click("end").await;
        customer.reaches("ended").await;
        first.reaches("ready").await;
        for tab in [&first, &second, &customer] {
            tab.is_unharmed().await;
        }
        of_customer.quit().await;
        of_rep.quit().await;
    });
}
