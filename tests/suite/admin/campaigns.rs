//! Campaigns and banners: their names, their pages, and their links.

use serde_json::{Value, json};

use super::{CAMPAIGNS, campaign};
use crate::support::http::segment;
use crate::support::{Backend, Server};

both! {
    campaigns_are_named_and_their_pages_say_it,
    a_campaign_can_be_registered_before_its_first_click,
    links_carry_ids_that_an_address_would_break,
    many_campaigns_are_cut_and_found,
}

async fn campaigns_are_named_and_their_pages_say_it(backend: Backend) {
    let server = Server::start(backend).await;
    let (admin, nobody) = (server.admin().await, server.nobody());
    nobody.get("/?campaignId=5&bannerId=3").await.expect_status(200);
    let list = admin.api.get(CAMPAIGNS).await.expect(200);
    let seen = &list["campaigns"][0];
    assert_eq!((&seen["campaignId"], &seen["registered"], &seen["colour"]), (&json!("5"), &json!(false), &Value::Null));
    assert_eq!((&seen["banners"][0]["bannerId"], &list["more"]), (&json!("3"), &json!(false)));
    assert!(!nobody.get("/?campaignId=5&bannerId=3").await.body.contains("/colours/"));

    let change = json!({"name": "Spring", "headline": "Ask us <now>", "intro": "Two\nlines", "colour": "#FFD400",
        "form": "none", "outcomes": ["Sold", "Call again", "Sold"], "qualifiedSeconds": 90});
    let set = admin.api.put(&campaign("5"), &change).await.expect(200);
    assert_eq!((&set["colour"], &set["outcomes"]), (&json!("#ffd400"), &json!(["Sold", "Call again"])));
    assert_eq!(set["qualifiedSeconds"], 90);
    assert_eq!((&set["registered"], &set["firstSeenAt"]), (&json!(true), &seen["firstSeenAt"]));
    assert_eq!(admin.api.get(CAMPAIGNS).await.expect(200)["campaigns"][0], set, "the list says the same");
    let page = nobody.get("/?campaignId=5&bannerId=3").await;
    for part in ["Ask us &lt;now&gt;", "data-form=\"none\"", "href=\"/colours/ffd400.css\""] {
        assert!(page.body.contains(part), "no {part} in {}", page.body);
    }
    assert!(!page.body.contains("style="), "a style inside the page would be refused");
    let style = nobody.get("/colours/ffd400.css").await;
    style.expect_status(200);
    assert!(style.header("content-type").is_some_and(|kind| kind.starts_with("text/css")));
    assert!(style.body.contains("--pico-primary-background: #ffd400") && style.body.contains("inverse: #000000"));
    for file in ["ffd400", "ffd40.css", "xyzxyz.css", "ffd400;.css"] {
        nobody.get(&format!("/colours/{file}")).await.refused(404);
    }

    // What is not sent stays; null and an empty text take it away.
    let set = admin.api.put(&campaign("5"), &json!({"colour": null, "headline": ""})).await.expect(200);
    assert_eq!((&set["colour"], &set["headline"], &set["name"]), (&Value::Null, &Value::Null, &json!("Spring")));
    assert_eq!((&set["form"], &set["outcomes"][1]), (&json!("none"), &json!("Call again")));
    assert_eq!(set["qualifiedSeconds"], 90);
    let set = admin.api.put(&campaign("5"), &json!({"qualifiedSeconds": null})).await.expect(200);
    assert_eq!((&set["qualifiedSeconds"], &set["name"]), (&Value::Null, &json!("Spring")));
    let banner =
        admin.api.put(&format!("{}/banners/3", campaign("5")), &json!({"name": "Skyscraper"})).await.expect(200);
    assert_eq!((&banner["name"], &banner["bannerId"]), (&json!("Skyscraper"), &json!("3")));
    let unchanged = admin.api.put(&format!("{}/banners/3", campaign("5")), &json!({})).await.expect(200);
    assert_eq!(unchanged, banner);
    let dashboard = nobody.request("GET", "/dashboard").header("Cookie", &admin.cookie);
    let dashboard = nobody.send(dashboard).await.body;
    assert!(dashboard.contains("Spring") && dashboard.contains("Skyscraper"), "the figures use the names");
}

async fn a_campaign_can_be_registered_before_its_first_click(backend: Backend) {
    let server = Server::with(backend, &[("BANNERLINE_PUBLIC_URL", "https://help.example.com")]).await;
    let admin = server.admin().await;
    assert_eq!(admin.api.get(CAMPAIGNS).await.expect(200)["campaigns"], json!([]));
    let set = admin.api.put(&campaign("summer"), &json!({"name": "Summer"})).await.expect(200);
    assert_eq!(set["banners"], json!([]));
    let links: Vec<_> = set["links"].as_array().expect("links").iter().map(|link| link["link"].clone()).collect();
    let base = "https://help.example.com/?campaignId=summer&bannerId=";
    let macros = ["{bannerid}", "{creative}", "{{ad.id}}", "{AdId}", "__CID__"];
    assert_eq!(links, macros.map(|banner| json!(format!("{base}{banner}"))));
    let all = admin.api.get(CAMPAIGNS).await.expect(200);
    let google = all["links"].as_array().expect("links").iter().find(|link| link["adServer"] == "google");
    assert_eq!(
        google.expect("google")["link"],
        "https://help.example.com/?campaignId={campaignid}&bannerId={creative}"
    );
    let banner = admin.api.put(&format!("{}/banners/b1", campaign("autumn")), &json!({"name": "B"})).await.expect(200);
    assert_eq!(banner["link"], "https://help.example.com/?campaignId=autumn&bannerId=b1");
    server.nobody().get("/?campaignId=summer&bannerId=9").await.expect_status(200);
    let list = admin.api.get(CAMPAIGNS).await.expect(200);
    let ids: Vec<_> = list["campaigns"].as_array().expect("a list").iter().map(|it| it["campaignId"].clone()).collect();
    assert_eq!(ids, ["summer", "autumn"], "the one with a name first");
    assert_eq!(list["campaigns"][0]["banners"][0]["bannerId"], "9", "the click belongs to it");
}

async fn links_carry_ids_that_an_address_would_break(backend: Backend) {
    let server = Server::start(backend).await;
    let (admin, nobody) = (server.admin().await, server.nobody());
    let (id, banner) = ("a/b?c=d&e#f+g%20", "\"<x>'");
    let path = format!("{}/banners/{}", campaign(id), segment(banner));
    let set = admin.api.put(&path, &json!({"name": "Strange"})).await.expect(200);
    let link = set["link"].as_str().expect("a link").to_owned();
    let relative = link.strip_prefix(&server.url("")).unwrap_or_else(|| panic!("{link}"));
    nobody.get(relative).await.expect_status(200);
    let list = admin.api.get(&format!("{CAMPAIGNS}?search={}", segment("C=D&E"))).await.expect(200);
    assert_eq!((&list["campaigns"][0]["campaignId"], &list["campaigns"][1]), (&json!(id), &Value::Null));
    let banners = &list["campaigns"][0]["banners"];
    assert_eq!((&banners[0]["bannerId"], &banners[1]), (&json!(banner), &Value::Null), "the click found the banner");
    // Direct visits have a page of their own, and no link for an ad server.
    nobody.get("/").await.expect_status(200);
    let direct = admin.api.put(&campaign("direct"), &json!({"headline": "Hello"})).await.expect(200);
    assert_eq!((&direct["links"], &direct["banners"][0]["link"]), (&json!([]), &json!(server.url("/"))));
    assert!(nobody.get("/").await.body.contains("Hello"));
}

async fn many_campaigns_are_cut_and_found(backend: Backend) {
    let server = Server::start(backend).await;
    let (admin, nobody) = (server.admin().await, server.nobody());
    for n in 0..105 {
        nobody.get(&format!("/?campaignId=c{n:03}&bannerId=b{n:03}")).await.expect_status(200);
        nobody.get(&format!("/?campaignId=many&bannerId=b{n:03}")).await.expect_status(200);
    }
    admin.api.put(&campaign("c000"), &json!({"name": "Ünique"})).await.expect(200);
    let list = admin.api.get(CAMPAIGNS).await.expect(200);
    let campaigns = list["campaigns"].as_array().expect("a list");
    assert_eq!((campaigns.len(), &list["more"]), (100, &json!(true)));
    assert_eq!(
        (&campaigns[0]["name"], &campaigns[1]["campaignId"]),
        (&json!("Ünique"), &json!("c104")),
        "named, newest"
    );
    for (search, found) in
        [("C00", 10), ("nique", 1), ("NIQUE", 1), ("Ünique", 1), ("%", 0), ("_", 0), ("税", 0), ("many", 1)]
    {
        let list = admin.api.get(&format!("{CAMPAIGNS}?search={}", segment(search))).await.expect(200);
        assert_eq!(list["campaigns"].as_array().map(Vec::len), Some(found), "{search}");
    }
    let many = admin.api.get(&format!("{CAMPAIGNS}?search=many")).await.expect(200);
    let many = &many["campaigns"][0];
    assert_eq!((many["banners"].as_array().map(Vec::len), &many["moreBanners"]), (Some(100), &json!(true)));
}
