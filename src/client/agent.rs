//! The program on the other end, as far as its `User-Agent` tells: the kind of device, the browser, and whether it is a bot.

use serde::Serialize;
use woothee::parser::Parser;

/// The longest agent text that is stored, in characters.
pub const KEPT_CHARS: usize = 512;

/// What sort of device a page is shown on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    /// Fits in a hand.
    Phone,
    /// Needs two.
    Tablet,
    /// Stands on a desk or a lap.
    Computer,
    /// A television, a console, a program, a bot, or anybody's guess.
    Other,
}

impl Device {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Phone, Self::Tablet, Self::Computer, Self::Other];

    /// The word that is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Tablet => "tablet",
            Self::Computer => "computer",
            Self::Other => "other",
        }
    }
}

/// A `User-Agent`, understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Agent {
    /// What sort of device it is.
    pub device: Device,
    /// The browser, or the app whose own browser it is.
    pub browser: Option<String>,
    /// The operating system, without its version.
    pub os: Option<String>,
    /// A program that looks at pages by itself: known by name, or it says so.
    pub bot: bool,
}

/// Reads a `User-Agent`; one that is missing or makes no sense is `other`, never an error.
#[must_use]
pub fn parse(text: &str) -> Agent {
    let text = cut(text);
    let found = Parser::new().parse(text).unwrap_or_default();
    let known = |name: &str| (!name.is_empty() && name != "UNKNOWN").then(|| name.to_owned());
    // woothee takes the phones of one maker for crawlers, see `is_bot_word`.
    let bot = text.split(|c: char| !c.is_ascii_alphanumeric()).any(is_bot_word)
        || (found.category == "crawler" && !text.to_ascii_lowercase().contains("cubot"));
    if bot {
        return Agent { device: Device::Other, browser: known(found.name), os: None, bot };
    }
    let os = os(found.os, text);
    Agent {
        device: device(found.category, text),
        browser: app(text).map(ToOwned::to_owned).or_else(|| known(found.name)),
        os: os.map(ToOwned::to_owned),
        bot,
    }
}

/// The text as it is stored: at most [`KEPT_CHARS`] characters, control characters made visible as blanks.
#[must_use]
pub fn kept(text: &str) -> String {
    cut(text).chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn cut(text: &str) -> &str {
    text.char_indices().nth(KEPT_CHARS).map_or(text, |(end, _)| &text[..end])
}

/// Programs whose names do not end in "bot", "crawler" or "spider", by single words of their `User-Agent`.
///
/// A headless browser is not among them: it is a browser, and people test their own pages with it. Neither are plain HTTP
/// libraries, which say nothing about who uses them.
const BOTS: &[&str] = &[
    "archiver",
    "bingpreview",
    "embedly",
    "externalagent",
    "facebookcatalog",
    "facebookexternalhit",
    "feedfetcher",
    "googleother",
    "grapeshot",
    "iframely",
    "inspectiontool",
    "lighthouse",
    "mediapartners",
    "pagespeed",
    "pingdom",
    "prerender",
    "proximic",
    "skypeuripreview",
    "slurp",
    "statuscake",
    "vkshare",
    "whatsapp",
];

fn is_bot_word(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    // "CUBOT X30" is a phone.
    let says_so = word.ends_with("bot") && word != "cubot" || word.ends_with("crawler") || word.ends_with("spider");
    says_so || BOTS.contains(&word.as_str())
}

/// Apps that open an advertisement in a browser of their own, where a camera is often out of reach.
const APPS: &[(&str, &str)] = &[
    ("Instagram ", "Instagram app"),
    ("[FBAN/", "Facebook app"),
    ("[FB_IAB/", "Facebook app"),
    ("FBAV/", "Facebook app"),
    ("BytedanceWebview", "TikTok app"),
    ("musical_ly", "TikTok app"),
    ("trill_", "TikTok app"),
    ("Snapchat/", "Snapchat app"),
    ("[Pinterest/", "Pinterest app"),
    ("LinkedInApp", "LinkedIn app"),
    (" Line/", "LINE app"),
    ("MicroMessenger/", "WeChat app"),
];

fn app(text: &str) -> Option<&'static str> {
    APPS.iter().find(|(mark, _)| text.contains(mark)).map(|&(_, name)| name)
}

fn device(category: &str, text: &str) -> Device {
    let android = text.contains("Android");
    // An Android tablet is an Android without "Mobile"; a television is one too, but says so.
    let television = ["TV", "BRAVIA", "AFT"].iter().any(|mark| text.contains(mark));
    if text.contains("iPad") || text.contains("Tablet") || text.contains("Kindle") {
        Device::Tablet
    } else if android && television && !text.contains("Mobile") {
        Device::Other
    } else if android && !text.contains("Mobile") {
        Device::Tablet
    } else {
        match category {
            "pc" => Device::Computer,
            "smartphone" | "mobilephone" => Device::Phone,
            _ => Device::Other,
        }
    }
}

fn os<'a>(found: &'a str, text: &str) -> Option<&'a str> {
    match found {
        "" | "UNKNOWN" => None,
        "iPhone" | "iPod" => Some("iOS"),
        "iPad" => Some("iPadOS"),
        "Mac OSX" => Some("macOS"),
        windows if windows.starts_with("Windows Phone") => Some("Windows Phone"),
        windows if windows.starts_with("Windows") => Some("Windows"),
        // woothee calls every Linux the same.
        "Linux" if text.contains("Android") => Some("Android"),
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAFARI_IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";
    const SAFARI_IPAD: &str = "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1";
    const CHROME_ANDROID: &str = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36";
    const CHROME_TABLET: &str =
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";
    const CHROME_WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";
    const CHROME_LINUX: &str =
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";
    const EDGE: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0";
    const FIREFOX_MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0";
    const SAMSUNG: &str = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36";
    const CUBOT: &str = "Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/100.0.0.0 Mobile Safari/537.36";
    const HEADLESS: &str =
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/130.0.0.0 Safari/537.36";

    #[test]
    fn devices_browsers_and_systems() {
        for (text, device, browser, os) in [
            (SAFARI_IPHONE, Device::Phone, "Safari", "iOS"),
            (SAFARI_IPAD, Device::Tablet, "Safari", "iPadOS"),
            (CHROME_ANDROID, Device::Phone, "Chrome", "Android"),
            (CHROME_TABLET, Device::Tablet, "Chrome", "Android"),
            (CHROME_WINDOWS, Device::Computer, "Chrome", "Windows"),
            (CHROME_LINUX, Device::Computer, "Chrome", "Linux"),
            (EDGE, Device::Computer, "Edge", "Windows"),
            (FIREFOX_MAC, Device::Computer, "Firefox", "macOS"),
            (SAMSUNG, Device::Phone, "SamsungBrowser", "Android"),
            (CUBOT, Device::Phone, "Chrome", "Android"),
            (HEADLESS, Device::Computer, "Chrome", "Linux"),
        ] {
            let agent = parse(text);
            assert_eq!(
                (agent.device, agent.browser.as_deref(), agent.os.as_deref(), agent.bot),
                (device, Some(browser), Some(os), false),
                "{text}"
            );
        }
    }

    #[test]
    fn the_browsers_inside_apps_have_the_apps_name() {
        for (text, browser) in [
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22B83 [FBAN/FBIOS;FBAV/489.0.0;FBDV/iPhone15,2]",
                "Facebook app",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22B83 Instagram 356.0.0.0 (iPhone15,2; iOS 18_1)",
                "Instagram app",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-S911B Build/UP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0.0.0 Mobile Safari/537.36 trill_360 BytedanceWebview/d8a21c6",
                "TikTok app",
            ),
        ] {
            let agent = parse(text);
            assert_eq!(
                (agent.device, agent.browser.as_deref(), agent.bot),
                (Device::Phone, Some(browser), false),
                "{text}"
            );
        }
    }

    #[test]
    fn bots_are_known_even_in_the_clothes_of_a_browser() {
        for text in [
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36",
            "AdsBot-Google (+http://www.google.com/adsbot.html)",
            "Mediapartners-Google",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
            "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
            "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
            "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)",
            "Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36 Chrome-Lighthouse",
            "WhatsApp/2.23.20.0 A",
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "peer39_crawler/1.0",
            "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
        ] {
            let agent = parse(text);
            assert!(agent.bot, "{text}");
            assert_eq!((agent.device, agent.os), (Device::Other, None), "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_other() {
        for text in ["", "-", "curl/8.5.0", "python-requests/2.32", "\u{1f600}\u{0}\n", "<script>alert(1)</script>"] {
            let agent = parse(text);
            assert_eq!((agent.device, agent.bot), (Device::Other, false), "{text:?}");
        }
        assert_eq!(parse(""), Agent { device: Device::Other, browser: None, os: None, bot: false });
    }

    #[test]
    fn a_television_is_no_tablet() {
        let text = "Mozilla/5.0 (Linux; Android 12; BRAVIA 4K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/98.0.0.0 Safari/537.36";
        assert_eq!(parse(text).device, Device::Other);
    }

    #[test]
    fn kept_up_to_512_characters() {
        assert_eq!(kept("short"), "short");
        assert_eq!(kept(&"ä".repeat(512)), "ä".repeat(512));
        assert_eq!(kept(&"ä".repeat(513)), "ä".repeat(512));
        assert_eq!(kept("a\r\nb\tc"), "a  b c");
        assert!(!parse(&format!("{}Googlebot", "x ".repeat(300))).bot, "nothing behind the cut is read");
    }

    #[test]
    fn words_on_the_wire() {
        for device in [Device::Phone, Device::Tablet, Device::Computer, Device::Other] {
            assert_eq!(serde_json::to_value(device).unwrap(), device.as_str());
        }
    }
}
