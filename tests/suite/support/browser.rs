//! A real Chromium with its own driver and profile, and the tabs in it. Everything is found by `data-testid` and
//! `data-screen`; what the pages do inside is watched by a script that runs before theirs.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, TypingData, WindowHandle};

use super::camera;
use super::server::Folder;
use super::{eventually, seconds, time_passes};

/// A launch and the first question for a camera take up to 7 s on a busy machine.
const PATIENCE: Duration = seconds(30);

/// Records connections, questions for the camera, and breaches of the page's own policy, before the page starts.
const WATCH: &str = "
    window.__seen = { peers: [], asked: 0, errors: [] };
    const Peer = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Peer {
        constructor(...wishes) { super(...wishes); window.__seen.peers.push(this); }
    };
    const devices = navigator.mediaDevices;
    if (devices) {
        const ask = devices.getUserMedia.bind(devices);
        devices.getUserMedia = (wish) => { window.__seen.asked += 1; return ask(wish); };
    }
    addEventListener('error', (event) => window.__seen.errors.push(String(event.message)));
    addEventListener('unhandledrejection', (event) => window.__seen.errors.push(String(event.reason)));
    addEventListener('securitypolicyviolation', (event) =>
        window.__seen.errors.push(`${event.effectiveDirective} forbids ${event.blockedURI}`));
";

/// Chromium can be started without a camera; the microphone has to be taken away here, so that the machine's own is
/// never asked for.
const NO_MICROPHONE: &str = "
    if (navigator.mediaDevices) {
        navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('none', 'NotFoundError'); };
    }
";

/// The rules of accessibility that a program can look after.
const AXE: &str = include_str!("../../vendor/axe-core/axe.min.js");
const VIOLATIONS: &str = "
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    return axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] }).then((found) =>
        found.violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html).join(' | ')}`));
";

/// A colour on its way to another one stands in no picture.
const END_TRANSITIONS: &str =
    "document.getAnimations().filter(one => one instanceof CSSTransition).forEach(one => one.finish())";

/// The elements that reach beyond the window's right side.
const TOO_WIDE: &str = "
    const wide = screen.width;
    const scrolls = (one) => one.closest('.scroll, .heat-scroll, pre, canvas');
    const far = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > wide + 1 && !scrolls(one));
    return far.slice(0, 8).map((one) => `${one.tagName} ${one.className} ${Math.round(one.getBoundingClientRect().right)}`);
";

/// What camera and microphone the browser has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Devices {
    /// Working ones, and the person says yes.
    Fake,
    /// Working ones, and the person says no.
    Denied,
    /// A microphone alone.
    NoCamera,
    /// None at all.
    Missing,
}

/// One Chromium, ended with its driver when dropped.
pub struct Browser {
    devices: Devices,
    // Dropped in this order: the session ends the browser, then the driver ends, then the profile goes.
    driver: WebDriver,
    _process: Driver,
    _profile: Folder,
}

/// The driver's process.
struct Driver(Child);

impl Driver {
    /// The process and its port; none when it ended before it named one.
    fn start() -> Option<(Self, String)> {
        let started = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut process =
            Self(started.expect("chromedriver is not installed: apt-get install chromium chromium-driver"));
        let output = BufReader::new(process.0.stdout.take().expect("a pipe"));
        let port = output.lines().map_while(Result::ok).find_map(|line| {
            let said = line.strip_prefix("ChromeDriver was started successfully on port ")?;
            Some(said.trim_end_matches('.').to_owned())
        })?;
        Some((process, port))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Browser {
    pub async fn launch(devices: Devices) -> Self {
        // It takes a free port of one IP version, and ends when the other has that one taken: another is free.
        let (process, port) = (0..5).find_map(|_| Driver::start()).expect("chromedriver names its port");

        let profile = Folder::new();
        let mut wishes = DesiredCapabilities::chrome();
        let folder = format!("--user-data-dir={}", profile.0.display());
        let common = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--allow-loopback-in-peer-connection",
            "--window-size=1280,900",
            // A machine without a mouse would be shown the pages as a touch screen is.
            "--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4",
            &folder,
        ];
        let film = profile.0.join("camera.y4m");
        std::fs::write(&film, camera::film()).expect("the film is written");
        let film = format!("--use-file-for-fake-video-capture={}", film.display());
        let of_devices: &[&str] = match devices {
            Devices::Fake => &["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", &film],
            Devices::Denied => &["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream=deny", &film],
            Devices::NoCamera | Devices::Missing => {
                &["--use-fake-device-for-media-stream=device-count=0", "--use-fake-ui-for-media-stream"]
            }
        };
        for flag in common.iter().chain(of_devices) {
            wishes.add_arg(flag).expect("a flag");
        }
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), wishes).await.expect("Chromium starts");
        Self { devices, driver, _process: process, _profile: profile }
    }

    /// The tab the browser starts with, at this address.
    pub async fn tab(&self, url: &str) -> Tab {
        let window = self.driver.window().await.expect("a window");
        self.opened(window, url).await
    }

    /// One more tab, at this address.
    pub async fn new_tab(&self, url: &str) -> Tab {
        let window = self.driver.new_tab().await.expect("a tab");
        self.opened(window, url).await
    }

    async fn opened(&self, window: WindowHandle, url: &str) -> Tab {
        let tab = Tab { driver: self.driver.clone(), window };
        let before = if self.devices == Devices::Missing { NO_MICROPHONE } else { "" };
        tab.cdp("Page.addScriptToEvaluateOnNewDocument", json!({"source": format!("{before}{WATCH}")})).await;
        tab.coarse().await;
        tab.goto(url).await;
        tab
    }

    /// Ends the browser.
    pub async fn quit(self) {
        self.driver.clone().quit().await.expect("Chromium ends");
    }
}

/// One tab of a browser.
pub struct Tab {
    driver: WebDriver,
    window: WindowHandle,
}

impl Tab {
    pub async fn goto(&self, url: &str) {
        self.focus().await;
        self.driver.goto(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    pub async fn reload(&self) {
        self.focus().await;
        self.driver.refresh().await.expect("the page reloads");
    }

    /// Waits until the page shows this screen.
    pub async fn reaches(&self, screen: &str) {
        let mut shown = Value::Null;
        for _ in 0..PATIENCE.as_millis() / 100 {
            shown = self.js("return document.body?.dataset.screen ?? ''").await;
            if shown == json!(screen) {
                return;
            }
            time_passes(Duration::from_millis(100)).await;
        }
        panic!("the page shows {shown}, not {screen:?}; it said {}", self.js("return window.__seen?.errors").await);
    }

    /// Clicks what a person would click, once it is there and enabled.
    pub async fn click(&self, testid: &str) {
        eventually(&format!("{testid} can be clicked"), PATIENCE, async || {
            self.element(testid).await?.click().await.ok()
        })
        .await;
    }

    /// Types into a field.
    pub async fn types(&self, testid: &str, text: &str) {
        // A dialog's fields are there a moment before they can be reached.
        let field = eventually(&format!("{testid} can be emptied"), PATIENCE, async || {
            let field = self.element(testid).await?;
            field.clear().await.ok().map(|()| field)
        })
        .await;
        // The driver types no characters beyond the basic plane; a paste does the same to the page.
        let script = "const [field, text] = arguments; field.focus(); document.execCommand('insertText', false, text);";
        let arguments = vec![field.to_json().expect("an element"), json!(text)];
        self.driver.execute(script, arguments).await.expect("the text is typed");
    }

    /// Chooses from a list.
    pub async fn chooses(&self, testid: &str, value: &str) {
        let list = self.find(testid).await;
        let script = "const [list, value] = arguments; list.value = value; \
            list.dispatchEvent(new Event('change', { bubbles: true })); return list.value === value;";
        let arguments = vec![list.to_json().expect("an element"), json!(value)];
        let chosen = self.driver.execute(script, arguments).await.expect("a choice");
        assert_eq!(chosen.json(), &json!(true), "{value} is not in {testid}");
    }

    /// Presses a key where the focus is put first.
    pub async fn presses_on(&self, testid: &str, key: Key) {
        self.find(testid).await.send_keys(key + "").await.unwrap_or_else(|error| panic!("{testid}: {error}"));
    }

    /// From the next page on, the browser asks for this language.
    pub async fn speaks(&self, language: &str) {
        self.cdp("Network.enable", json!({})).await;
        self.cdp("Network.setExtraHTTPHeaders", json!({"headers": {"Accept-Language": language}})).await;
    }

    /// The text a person reads there.
    pub async fn reads(&self, testid: &str) -> String {
        self.find(testid).await.text().await.expect("a text")
    }

    /// Waits until a person reads this there.
    pub async fn shows(&self, testid: &str, text: &str) {
        eventually(&format!("{testid} shows {text:?}"), PATIENCE, async || {
            self.element(testid).await?.text().await.ok()?.contains(text).then_some(())
        })
        .await;
    }

    /// The value of a script.
    pub async fn js(&self, script: &str) -> Value {
        self.js_with(script, Vec::new()).await
    }

    /// The value of a script that has arguments.
    pub async fn js_with(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.focus().await;
        self.driver.execute(script, arguments).await.map_or(Value::Null, |value| value.json().clone())
    }

    /// Closes the tab, as a person does: the page can say goodbye.
    pub async fn close(self) {
        self.focus().await;
        self.driver.close_window().await.expect("the tab closes");
    }

    /// Presses Ctrl+Shift and this letter.
    pub async fn presses(&self, letter: char) {
        let event = format!(
            "document.dispatchEvent(new KeyboardEvent('keydown', \
                {{ code: 'Key{letter}', ctrlKey: true, shiftKey: true, bubbles: true, cancelable: true }}))"
        );
        self.js(&event).await;
    }

    /// Presses keys as a keyboard does: they go wherever the focus is.
    pub async fn strikes(&self, key: impl Into<TypingData>) {
        self.focus().await;
        self.driver.action_chain().send_keys(key).perform().await.expect("a key is pressed");
    }

    /// Holds Ctrl and Shift, and presses this letter.
    pub async fn strikes_with_control(&self, letter: char) {
        self.focus().await;
        let chain =
            self.driver.action_chain().key_down(Key::Control).key_down(Key::Shift).send_keys(letter.to_string());
        chain.key_up(Key::Shift).key_up(Key::Control).perform().await.expect("keys are pressed");
    }

    /// Presses Tab until the focus is there.
    pub async fn tabs_to(&self, testid: &str) {
        let mut passed = Vec::new();
        for _ in 0..60 {
            let focus = self.js("return document.activeElement?.dataset?.testid ?? ''").await;
            if focus == json!(testid) {
                return;
            }
            passed.push(focus);
            self.strikes(Key::Tab).await;
        }
        panic!("{testid} is not reached by Tab, which goes {passed:?}");
    }

    /// Whether there is such an element.
    pub async fn has(&self, testid: &str) -> bool {
        self.element(testid).await.is_some()
    }

    /// How often the page asked for camera or microphone since it was loaded.
    pub async fn asked(&self) -> i64 {
        self.js("return window.__seen.asked").await.as_i64().expect("a count")
    }

    /// No script failed, and nothing broke the page's policy.
    pub async fn is_unharmed(&self) {
        assert_eq!(self.js("return window.__seen.errors").await, json!([]));
    }

    /// Nothing on the screen breaks the rules of WCAG 2.2 AA, as far as a program can tell.
    async fn is_accessible(&self, name: &str) {
        if self.js("return typeof window.axe").await == json!("undefined") {
            self.js(AXE).await;
        }
        let violations = self.js(VIOLATIONS).await;
        assert_eq!(violations, json!([]), "{name}");
    }

    /// Pictures of the screen as it is: wide and narrow, light and dark. Each screen that is pictured is looked at for its
    /// accessibility too.
    pub async fn pictures(&self, name: &str) {
        self.photographed(name, false).await;
    }

    /// The same of the page from its top to its end.
    pub async fn pictures_of_all(&self, name: &str) {
        self.photographed(name, true).await;
    }

    async fn photographed(&self, name: &str, all: bool) {
        // Away from the button that was clicked last: nothing is to look hovered.
        self.cdp("Input.dispatchMouseEvent", json!({"type": "mouseMoved", "x": 0, "y": 0})).await;
        for (width, height) in [(1280, 900), (375, 812)] {
            self.sized(width, height).await;
            if all {
                let whole = self.js("return document.documentElement.scrollHeight").await;
                self.sized(width, whole.as_i64().expect("a height")).await;
            }
            for scheme in ["light", "dark"] {
                // Reduced motion too: a colour on its way from one scheme to the other would be in the picture.
                let still = json!({"name": "prefers-reduced-motion", "value": "reduce"});
                let feature = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}, still]});
                self.cdp("Emulation.setEmulatedMedia", feature).await;
                // One that was on its way before would go on at its own pace.
                self.js(END_TRANSITIONS).await;
                // Not the window's own width: on a phone that grows with a page that is too wide.
                let wide = self.js("return document.documentElement.scrollWidth").await;
                let fits = wide.as_i64().is_some_and(|pixels| pixels <= width);
                let beyond = if fits { json!([]) } else { self.js(TOO_WIDE).await };
                assert!(fits, "{name} is {wide} px wide at {width} px: {beyond}");
                if (width > 1000) == (scheme == "light") {
                    self.is_accessible(name).await;
                }
                let picture = self.driver.screenshot_as_png().await.expect("a picture");
                std::fs::write(pictures().join(format!("{name}-{width}-{scheme}.png")), picture).expect("a file");
            }
        }
        self.coarse().await;
        self.cdp("Emulation.setEmulatedMedia", json!({"features": []})).await;
    }

    /// What a script answers on a small phone, at the top of the page.
    pub async fn on_a_small_phone(&self, script: &str) -> Value {
        self.sized(375, 667).await;
        self.js("scrollTo(0, 0)").await;
        let answer = self.js(script).await;
        self.coarse().await;
        answer
    }

    /// A quarter of the pixels for the same page: nobody looks, and without a graphics card each is painted by a processor.
    async fn coarse(&self) {
        let size = json!({"width": 1280, "height": 900, "deviceScaleFactor": 0.5, "mobile": false});
        self.cdp("Emulation.setDeviceMetricsOverride", size).await;
    }

    async fn sized(&self, width: i64, height: i64) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
        self.cdp("Emulation.setDeviceMetricsOverride", size).await;
    }

    async fn cdp(&self, method: &str, parameters: Value) {
        self.focus().await;
        self.driver.cdp().send_raw(method, parameters).await.unwrap_or_else(|error| panic!("{method}: {error}"));
    }

    async fn focus(&self) {
        self.driver.switch_to_window(self.window.clone()).await.expect("the tab is still there");
    }

    async fn element(&self, testid: &str) -> Option<WebElement> {
        self.focus().await;
        self.driver.find(By::Css(format!("[data-testid='{testid}']"))).await.ok()
    }

    async fn find(&self, testid: &str) -> WebElement {
        eventually(&format!("{testid} is there"), PATIENCE, async || self.element(testid).await).await
    }
}

/// Where the pictures go: `target/screenshots`.
fn pictures() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder").join("screenshots");
    std::fs::create_dir_all(&folder).expect("a folder for the pictures");
    folder
}
