//! Two representatives who talk about a customer, by the clock of the test: who gets a grace, and when a talk was over.

use bannerline::desk::presence::OpenStream;
use bannerline::desk::transfer::Question;
use bannerline::domain::activity::Choice;
use bannerline::domain::ids::{OfferId, RepId, SessionId};
use bannerline::domain::presence::{GRACE_MILLIS, Seat, UNHEARD_MILLIS};

use super::raw::Raw;
use super::{Office, TEN, customer, representative};
use crate::support::Backend;

both! {
    a_colleague_who_is_away_for_a_moment_keeps_the_customer,
    a_talk_goes_on_until_it_is_known_that_the_customer_went,
}

/// Rita asks Rosa about a customer; all three have their pages open.
struct Scene {
    office: Office,
    raw: Raw,
    rita: RepId,
    rosa: RepId,
    session: SessionId,
    offer: OfferId,
    of_rosa: Option<OpenStream>,
    of_customer: Option<OpenStream>,
    _of_rita: OpenStream,
}

async fn opens(office: &Office, seat: Seat) -> OpenStream {
    let mut stream = office.desk.open_stream(seat, None);
    stream.written().await;
    stream
}

impl Scene {
    async fn set(backend: Backend) -> Self {
        let office = Office::open(backend).await;
        office.desk.enter().await.unwrap();
        let (rita, rosa) = (office.rep("rita").await, office.rep("rosa").await);
        let of_rosa = Some(opens(&office, Seat::Rep(rosa)).await);
        office.desk.choose(rosa, &Choice::parse("available", None).unwrap()).await.unwrap();
        let session = office.waiting().await;
        let of_customer = Some(opens(&office, Seat::Customer(session)).await);
        office.desk.claim(rita, false).await.unwrap().expect("a customer");
        for who in [customer(session), representative(rita)] {
            office.desk.joined(&who, session, None).await.unwrap();
        }
        let question = Question { colleague: "rosa", note: None, warm: true };
        office.desk.ask_colleague(&representative(rita), session, None, &question).await.unwrap();
        let (offer, _) = office.desk.offers_to(rosa).await.unwrap().remove(0);
        let raw = office.raw().await;
        let offer = offer.id;
        Self {
            _of_rita: opens(&office, Seat::Rep(rita)).await,
            office,
            raw,
            rita,
            rosa,
            session,
            offer,
            of_rosa,
            of_customer,
        }
    }

    /// A page goes without a word; it is known when this returns.
    async fn closes(&mut self, stream: Option<OpenStream>, open: &str) {
        drop(stream);
        while self.raw.number(open).await > 0 {
            tokio::task::yield_now().await;
        }
    }

    async fn state(&mut self) -> String {
        self.raw.texts(&format!("SELECT state FROM sessions WHERE id = X'{}'", self.session)).await.remove(0)
    }
}

async fn a_colleague_who_is_away_for_a_moment_keeps_the_customer(backend: Backend) {
    let mut scene = Scene::set(backend).await;
    let Scene { rita, rosa, session, offer, .. } = scene;
    scene.office.desk.accept(rosa, offer).await.unwrap();
    // Long enough that nobody remembers a word of hers.
    scene.office.clock.advance(UNHEARD_MILLIS + 5_000);
    let stream = scene.of_rosa.take();
    scene.closes(stream, &format!("SELECT COUNT(*) FROM reps WHERE user_id = X'{rosa}' AND closed_at IS NULL")).await;
    scene.office.clock.advance(1_000);
    scene.office.desk.hand_over(&representative(rita), session, None).await.unwrap();
    scene.office.clock.advance(2_000);
    scene.office.desk.reap(TEN).await.unwrap();
    assert_eq!(scene.state().await, "offered", "she has a grace to come back");
    scene.office.clock.advance(UNHEARD_MILLIS);
    scene.office.desk.reap(TEN).await.unwrap();
    assert_ne!(scene.state().await, "offered", "which ends");
}

async fn a_talk_goes_on_until_it_is_known_that_the_customer_went(backend: Backend) {
    let mut scene = Scene::set(backend).await;
    let Scene { rosa, session, offer, .. } = scene;
    let stream = scene.of_customer.take();
    let open = format!("SELECT COUNT(*) FROM sessions WHERE id = X'{session}' AND closed_at IS NULL");
    scene.closes(stream, &open).await;
    scene.office.clock.advance(5_000);
    scene.office.desk.accept(rosa, offer).await.unwrap();
    scene.office.clock.advance(GRACE_MILLIS);
    scene.office.desk.reap(TEN).await.unwrap();
    assert_eq!(scene.state().await, "ended");
    let now = scene.office.desk.now();
    let since = format!("SELECT activity_since FROM reps WHERE user_id = X'{rosa}'");
    assert_eq!(scene.raw.number(&since).await, now.millis(), "she talked until then");
    let since = "SELECT ended_at FROM sessions";
    assert_eq!(
        scene.raw.number(since).await,
        now.plus_millis(-GRACE_MILLIS - 5_000).millis(),
        "and the call is over since"
    );
}
