//! What arrives at the pages over their connections: sound and picture, sound alone, or nothing at all.

use serde_json::{Value, json};

use super::browser::Tab;
use super::{seconds, time_passes};

/// What arrived so far over the open connections of the page, or over one of them in the order in which they were made:
/// audio packets and decoded frames.
const RECEIVED: &str = "
    const [only] = arguments;
    return (async () => {
        let audio = 0, frames = 0;
        const open = window.__seen.peers.filter((peer) => peer.connectionState !== 'closed');
        for (const peer of only === null ? open : [open[only]]) {
            for (const report of (await peer.getStats()).values()) {
                if (report.type !== 'inbound-rtp') continue;
                if (report.kind === 'audio') audio += report.packetsReceived;
                if (report.kind === 'video') frames += report.framesDecoded;
            }
        }
        return [audio, frames];
    })();
";

/// How the page's open connections are.
const STATES: &str = "
    return window.__seen.peers.map((peer) => peer.connectionState).filter((state) => state !== 'closed');
";

/// What is to arrive somewhere in two seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Media {
    SoundAndPicture,
    Sound,
    Nothing,
}

impl Media {
    /// Whether it is what arrived: audio packets and frames. They come at 50 and at 10 a second.
    fn is(self, arrived: (i64, i64)) -> bool {
        match self {
            Self::SoundAndPicture => arrived.0 >= 60 && arrived.1 >= 15,
            Self::Sound => arrived.0 >= 60,
            Self::Nothing => arrived == (0, 0),
        }
    }
}

/// What is to arrive at a tab, over one of its open connections in the order in which they were made, or over all of them.
pub struct Side<'a> {
    tab: &'a Tab,
    connection: Option<usize>,
    media: Media,
}

impl Tab {
    /// Sound is to arrive.
    pub const fn hears(&self) -> Side<'_> {
        Side { tab: self, connection: None, media: Media::Sound }
    }

    /// Sound and picture are to arrive.
    pub const fn sees(&self) -> Side<'_> {
        Side { tab: self, connection: None, media: Media::SoundAndPicture }
    }

    /// Sound and picture are to arrive over this connection.
    pub const fn sees_over(&self, connection: usize) -> Side<'_> {
        Side { tab: self, connection: Some(connection), media: Media::SoundAndPicture }
    }

    /// Nothing at all is to arrive over this connection, which stays connected.
    pub const fn gets_nothing_over(&self, connection: usize) -> Side<'_> {
        Side { tab: self, connection: Some(connection), media: Media::Nothing }
    }

    /// Audio packets and frames that have arrived so far; `None` where there is no such connection.
    pub async fn received(&self, connection: Option<usize>) -> Option<(i64, i64)> {
        let both = self.js_with(RECEIVED, vec![json!(connection)]).await;
        both[0].as_i64().zip(both[1].as_i64())
    }
}

impl Side<'_> {
    async fn fits(&self, arrived: Option<(i64, i64)>) -> bool {
        if !arrived.is_some_and(|arrived| self.media.is(arrived)) {
            return false;
        }
        // Silent because it is on hold, not because it is gone.
        match (self.media, self.connection) {
            (Media::Nothing, Some(connection)) => self.states().await[connection] == json!("connected"),
            _ => true,
        }
    }

    /// Whether there is sound or picture where there is to be none. Fewer than before is another connection's count.
    fn breaks_silence(&self, arrived: Option<(i64, i64)>) -> bool {
        self.media == Media::Nothing && arrived.is_some_and(|(packets, frames)| packets > 0 || frames > 0)
    }

    async fn states(&self) -> Value {
        self.tab.js(STATES).await
    }
}

/// Waits until all of this is so in about the same two seconds.
pub async fn flows(sides: &[Side<'_>]) {
    let mut arrived = Vec::new();
    for round in 0..10 {
        arrived = received_in_two_seconds(sides).await;
        let mut fit = true;
        for (side, arrived) in sides.iter().zip(&arrived) {
            fit &= side.fits(*arrived).await;
            // What was under way when it was stopped may still arrive in the first rounds.
            assert!(round < 2 || !side.breaks_silence(*arrived), "{arrived:?} came where nothing was to come");
        }
        if fit {
            return;
        }
    }
    let mut said = Vec::new();
    for (side, arrived) in sides.iter().zip(arrived) {
        let (media, connection, states) = (side.media, side.connection, side.states().await);
        said.push(format!(
            "{media:?} over {connection:?}: came {arrived:?}, packets and frames; open connections: {states}"
        ));
    }
    panic!("in the last 2 s:\n{}", said.join("\n"));
}

/// What arrives at each in two seconds; `None` where there is no such connection, which is neither silence nor sound.
async fn received_in_two_seconds(sides: &[Side<'_>]) -> Vec<Option<(i64, i64)>> {
    let mut before = Vec::new();
    for side in sides {
        before.push(side.tab.received(side.connection).await);
    }
    time_passes(seconds(2)).await;
    let mut arrived = Vec::new();
    for (side, before) in sides.iter().zip(before) {
        let after = side.tab.received(side.connection).await;
        arrived.push(before.zip(after).map(|(before, after)| (after.0 - before.0, after.1 - before.1)));
    }
    arrived
}
