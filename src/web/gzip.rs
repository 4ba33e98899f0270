//! Pages pressed together as they come, for clients that ask for it.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

/// Pages on their way to a client, as they are or pressed.
pub enum Press {
    /// As they are.
    Off,
    /// As gzip, one member for all of them. On the heap: it carries a window of what went before.
    Gzip(Box<GzEncoder<Vec<u8>>>),
}

impl Press {
    /// For a client that asked for it, or not.
    #[must_use]
    pub fn new(asked_for: bool) -> Self {
        if asked_for {
            // The least effort: a reader at the other end of a fast line waits for the effort.
            Self::Gzip(Box::new(GzEncoder::new(Vec::new(), Compression::fast())))
        } else {
            Self::Off
        }
    }

    /// What is sent of this page. All of it can be read at the other end before the next one comes.
    ///
    /// # Errors
    /// Never, but for a thread that is not there.
    pub async fn page(self, page: Vec<u8>) -> io::Result<(Vec<u8>, Self)> {
        let Self::Gzip(mut encoder) = self else { return Ok((page, Self::Off)) };
        // Milliseconds of work, which others would wait for on this thread.
        let pressing = tokio::task::spawn_blocking(move || {
            encoder.write_all(&page)?;
            encoder.flush()?;
            Ok((std::mem::take(encoder.get_mut()), Self::Gzip(encoder)))
        });
        pressing.await?
    }

    /// What is sent at the end of all.
    ///
    /// # Errors
    /// Never: it is memory that is written to.
    pub fn end(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Off => Ok(Vec::new()),
            Self::Gzip(encoder) => encoder.finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    #[tokio::test]
    async fn each_page_can_be_read_before_the_next() {
        let (mut press, mut sent) = (Press::new(true), Vec::new());
        for number in 0..3_u8 {
            let page: Vec<u8> = (0..100_000_u32).map(|at| (at % 251).to_le_bytes()[0] ^ number).collect();
            let (pressed, rest) = press.page(page.clone()).await.unwrap();
            assert!(pressed.len() < page.len() / 4);
            sent.extend(pressed);
            press = rest;
            let mut read = vec![0; page.len() * (usize::from(number) + 1)];
            GzDecoder::new(&*sent).read_exact(&mut read).unwrap();
            assert!(read.ends_with(&page));
        }
        let mut whole = Vec::new();
        assert!(GzDecoder::new(&*sent).read_to_end(&mut whole).is_err(), "without its end it is not whole");
        sent.extend(press.end().unwrap());
        whole.clear();
        assert_eq!(GzDecoder::new(&*sent).read_to_end(&mut whole).unwrap(), 300_000);
    }

    #[tokio::test]
    async fn who_did_not_ask_gets_pages_as_they_are() {
        let (page, press) = Press::new(false).page(b"page".to_vec()).await.unwrap();
        assert_eq!((page, press.end().unwrap()), (b"page".to_vec(), Vec::new()));
    }
}
