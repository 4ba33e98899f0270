//! Lists: who waits is dealt, and the representative picks.

use serde_json::{Value, json};

use crate::support::events::Stream;
use crate::support::{Backend, Customer, Person, Server, eventually, noticed, seconds, time_passes};

both! {
    customers_are_dealt_to_who_has_fewest_and_three_at_most,
    who_is_picked_out_of_order_says_so,
    who_stands_on_the_list_of_a_busy_one_is_dealt_again,
    the_list_of_who_goes_is_dealt_again,
    only_who_is_on_the_list_is_picked,
    the_next_customer_is_the_oldest_whose_list_they_stand_on,
    who_left_is_on_no_list,
    a_requeued_customer_is_dealt_afresh,
}

/// A house whose default queue deals.
async fn house(backend: Backend) -> Server {
    let server = Server::start(backend).await;
    server.sets_queue("mode = 'list'").await;
    noticed().await;
    server
}

async fn crowd(server: &Server, count: usize) -> Vec<Customer> {
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(Customer::waits(server, "5", "3").await);
    }
    all
}

fn listed(state: &Value) -> Vec<&Value> {
    state["list"].as_array().expect("a list").iter().map(|customer| &customer["sessionId"]).collect()
}

/// Waits until exactly these stand on the list of this console, in this order.
async fn lists(console: &mut Stream, customers: &[&Customer]) -> Value {
    let expected: Vec<_> = customers.iter().map(|customer| json!(customer.session)).collect();
    let is_so = |state: &Value| listed(state).into_iter().eq(&expected);
    console.until(seconds(10), "state", is_so).await.data
}

/// Waits until so many stand on the list; whom.
async fn list_of(console: &mut Stream, count: usize) -> Vec<String> {
    let state = console.until(seconds(10), "state", |state| listed(state).len() == count).await.data;
    listed(&state).into_iter().map(|id| id.as_str().expect("an id").to_owned()).collect()
}

async fn picks(rep: &Person, customer: &Customer) -> crate::support::http::Answer {
    rep.api.post(&format!("/rep/list/{}/pick", customer.session), &json!({})).await
}

/// The event of the pick, as the floor tells it.
async fn pick_of(server: &Server, customer: &Customer) -> Value {
    let path = format!("/floor/api/sessions/{}", customer.session);
    let past = server.admin().await.api.get(&path).await.expect(200);
    let events = past["events"].as_array().expect("events").clone();
    events.into_iter().find(|event| event["name"] == "pick").unwrap_or_default()
}

async fn customers_are_dealt_to_who_has_fewest_and_three_at_most(backend: Backend) {
    let server = house(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let crowd = crowd(&server, 8).await;
    let mut of_rita = rita.is_available().await;
    lists(&mut of_rita, &[&crowd[0], &crowd[1], &crowd[2]]).await;
    let mut of_rosa = rosa.is_available().await;
    let state = lists(&mut of_rosa, &[&crowd[3], &crowd[4], &crowd[5]]).await;
    assert_eq!(state["offers"], json!([]), "nothing rings");
    let first = &state["list"][0];
    assert_eq!((&first["campaignId"], &first["state"]), (&json!("5"), &json!("waiting")), "{first}");
    for (place, customer) in (1..).zip(&crowd) {
        assert_eq!(customer.view().await["position"], json!(place), "everybody still waits, in the same order");
    }
    let taken = picks(&rita, &crowd[0]).await.expect(200);
    assert_eq!((&taken["sessionId"], &taken["state"]), (&json!(crowd[0].session), &json!("offered")));
    assert!(taken["media"].is_object(), "all that a claim tells: {taken}");
    // Rita has a caller and two on the list, Rosa three on the list: there is one place.
    assert_eq!(list_of(&mut of_rita, 3).await.last(), Some(&crowd[6].session));
    assert_eq!(pick_of(&server, &crowd[0]).await["data"]["before"], 0);
}

async fn who_is_picked_out_of_order_says_so(backend: Backend) {
    let server = house(backend).await;
    let rita = server.rep("rita").await;
    let crowd = crowd(&server, 3).await;
    let mut console = rita.is_available().await;
    lists(&mut console, &[&crowd[0], &crowd[1], &crowd[2]]).await;
    let figures = server.admin().await.api.get("/getAverageMetrics/5/3").await.expect(200);
    assert_eq!((&figures["TotalOfCalls"], &figures["WaitingCalls"]), (&json!(3), &json!(3)), "listed is still waiting");
    let taken = picks(&rita, &crowd[2]).await.expect(200);
    let again = picks(&rita, &crowd[2]).await.expect(200);
    assert_eq!(again["epoch"], taken["epoch"], "the same, once");
    let pick = pick_of(&server, &crowd[2]).await;
    assert_eq!((&pick["data"]["before"], &pick["representative"]), (&json!(2), &json!("rita")));
}

async fn who_stands_on_the_list_of_a_busy_one_is_dealt_again(backend: Backend) {
    let server = house(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let crowd = crowd(&server, 3).await;
    let mut of_rita = rita.is_available().await;
    lists(&mut of_rita, &[&crowd[0], &crowd[1], &crowd[2]]).await;
    picks(&rita, &crowd[0]).await.expect(200);
    let mut of_rosa = rosa.is_available().await;
    lists(&mut of_rosa, &[&crowd[1]]).await;
    lists(&mut of_rita, &[&crowd[2]]).await;
    picks(&rosa, &crowd[1]).await.expect(200);
    lists(&mut of_rosa, &[]).await;
    time_passes(seconds(2)).await;
    let mut again = rosa.stream().await;
    assert_eq!(again.next("state").await.data["list"], json!([]), "from busy to busy nobody moves");
}

async fn the_list_of_who_goes_is_dealt_again(backend: Backend) {
    let server = house(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let crowd = crowd(&server, 2).await;
    let mut of_rita = rita.is_available().await;
    lists(&mut of_rita, &[&crowd[0], &crowd[1]]).await;
    let mut of_rosa = rosa.is_available().await;
    rita.chooses("break").await;
    lists(&mut of_rosa, &[&crowd[0], &crowd[1]]).await;
    lists(&mut of_rita, &[]).await;
    // Rosa's console goes away; whose it was waits for who takes calls again.
    drop(of_rosa);
    rita.chooses("available").await;
    lists(&mut of_rita, &[&crowd[0], &crowd[1]]).await;
}

async fn only_who_is_on_the_list_is_picked(backend: Backend) {
    let server = house(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let crowd = crowd(&server, 2).await;
    let mut of_rita = rita.is_available().await;
    lists(&mut of_rita, &[&crowd[0], &crowd[1]]).await;
    let refused = picks(&rosa, &crowd[0]).await.refused(409);
    assert!(refused["detail"].as_str().is_some_and(|text| text.contains("not on your list")), "{refused}");
    picks(&rita, &crowd[1]).await.expect(200);
    let refused = picks(&rita, &crowd[0]).await.refused(409);
    assert_eq!(refused["session"]["sessionId"], json!(crowd[1].session), "as many callers as they may have");
    rita.ends(&crowd[1].session).await;
    picks(&rita, &crowd[1]).await.refused(409);
    picks(&rita, &crowd[0]).await.expect(200);
    let asked = Customer::arrives(&server, "5", "3").await;
    picks(&rita, &asked).await.refused(409);
    rita.api.post("/rep/list/none/pick", &json!({})).await.refused(404);
}

async fn the_next_customer_is_the_oldest_whose_list_they_stand_on(backend: Backend) {
    let server = house(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let crowd = crowd(&server, 2).await;
    let mut of_rita = rita.is_available().await;
    lists(&mut of_rita, &[&crowd[0], &crowd[1]]).await;
    assert_eq!(rosa.claims().await.expect("two wait")["sessionId"], json!(crowd[0].session));
    lists(&mut of_rita, &[&crowd[1]]).await;
    picks(&rita, &crowd[0]).await.refused(409);
}

async fn who_left_is_on_no_list(backend: Backend) {
    let server = house(backend).await;
    let rita = server.rep("rita").await;
    let crowd = crowd(&server, 2).await;
    let mut of_rita = rita.is_available().await;
    lists(&mut of_rita, &[&crowd[0], &crowd[1]]).await;
    crowd[0].leaves_queue().await;
    lists(&mut of_rita, &[&crowd[1]]).await;
    picks(&rita, &crowd[0]).await.refused(409);
    server.sets_queue("mode = 'offer'").await;
    let rings = |state: &Value| {
        state["list"] == json!([]) && state["offers"][0]["customer"]["sessionId"] == json!(crowd[1].session)
    };
    of_rita.until(seconds(8), "state", rings).await;
}

async fn a_requeued_customer_is_dealt_afresh(backend: Backend) {
    let server = house(backend).await;
    let (rita, rosa) = (server.rep("rita").await, server.rep("rosa").await);
    let customer = Customer::waits(&server, "5", "3").await;
    let mut of_rita = rita.is_available().await;
    lists(&mut of_rita, &[&customer]).await;
    picks(&rita, &customer).await.expect(200);
    let mut of_rosa = rosa.is_available().await;
    let admin = server.admin().await;
    let path = format!("/floor/api/sessions/{}/requeue", customer.session);
    admin.api.post(&path, &json!({"reason": "a trial"})).await.expect(200);
    // Rosa has been idle longer: Rita's call has just ended.
    lists(&mut of_rosa, &[&customer]).await;
    eventually("rosa has the customer", seconds(5), async || {
        (picks(&rosa, &customer).await.status == 200).then_some(())
    })
    .await;
    assert_eq!(pick_of(&server, &customer).await["name"], "pick");
}
