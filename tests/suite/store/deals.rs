//! Lists, looked at between two turns of the job that deals.

use bannerline::desk::audit::Actor;

use super::Office;
use crate::support::Backend;

both! {
    a_deal_of_before_the_requeue_counts_for_nothing,
}

async fn a_deal_of_before_the_requeue_counts_for_nothing(backend: Backend) {
    let office = Office::open(backend).await;
    let desk = &office.desk;
    office.raw().await.execute("UPDATE queues SET mode = 'list'").await;
    desk.read_plan().await.unwrap();
    let rita = office.available("rita").await;
    let session = office.waiting().await;
    desk.tend_offers().await.unwrap();
    let on_list = async || desk.list_of(rita).await.unwrap().iter().map(|listed| listed.id).collect::<Vec<_>>();
    assert_eq!(on_list().await, [session]);
    desk.pick(rita, session).await.unwrap();
    assert_eq!(on_list().await, []);
    office.clock.advance(1_000);
    desk.take_back_as_supervisor(session, &"a trial".parse().unwrap(), &Actor::command_line()).await.unwrap();
    assert_eq!(on_list().await, [], "who is back in the queue stands on no list yet");
    desk.tend_offers().await.unwrap();
    assert_eq!(on_list().await, [session]);
    // A clock that is set back makes no deal older than the entry.
    let other = office.waiting().await;
    office.clock.advance(-500);
    desk.tend_offers().await.unwrap();
    assert_eq!(on_list().await, [session, other]);
    office.is_consistent().await;
}
