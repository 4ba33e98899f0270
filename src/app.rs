//! Wires everything: connects, migrates, makes the first user, builds the server, starts what happens by itself. The
//! only module that sees all the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rocket::fairing::AdHoc;
use rocket::{Build, Orbit, Rocket};
use uuid::Uuid;

use crate::client::country::Countries;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, DatabaseUrl, ReportSettings, Reports};
use crate::desk::accounts::{self, Person};
use crate::desk::audit::Actor;
use crate::desk::keys::Keys;
use crate::desk::{Desk, DeskError, Parts};
use crate::domain::edition::Rhythm;
use crate::domain::people::Role;
use crate::figures::delivery::{DeliveryError, Render, Sender};
use crate::figures::turns::Turns;
use crate::figures::{reports, roller};
use crate::live::bus::Bus;
use crate::live::hub::Hub;
use crate::media::Media;
use crate::passwords;
use crate::store::{Db, Durability, StoreError, accounts as users, installation};
use crate::telemetry::Metrics;
use crate::web;
use crate::web::limits::Limits;
use crate::web::pages::{Pages, PagesError};
use crate::web::state::House;

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The first user.
    #[error("the first user could not be made: {0}")]
    FirstUser(#[from] DeskError),
    /// A template or catalogue.
    #[error(transparent)]
    Pages(#[from] PagesError),
    /// A counter.
    #[error("the counters could not be made: {0}")]
    Metrics(#[from] prometheus::Error),
    /// Redis.
    #[error("REDIS_URL cannot be read: {0}")]
    Redis(#[from] redis::RedisError),
    /// Reports.
    #[error(transparent)]
    Reports(#[from] DeliveryError),
    /// The address to listen on.
    #[error("{0} cannot be listened on: {1}. ROCKET_PORT and ROCKET_ADDRESS choose another")]
    Address(std::net::SocketAddr, std::io::Error),
    /// The server.
    #[error("the server could not start: {0}")]
    Launch(Box<rocket::Error>),
}

/// Connects to the database that the settings name, and brings its schema up to date.
///
/// # Errors
/// The store's.
pub async fn open_database(config: &Config) -> Result<Db, StoreError> {
    open_database_with(config, Durability::Full).await
}

/// The same, for commits that survive no more than they need to.
///
/// # Errors
/// The store's.
pub async fn open_database_with(config: &Config, durability: Durability) -> Result<Db, StoreError> {
    let db = match &config.database {
        DatabaseUrl::Sqlite(path) => Db::connect_with(&format!("sqlite://{}", path.display()), durability).await?,
        DatabaseUrl::MySql(url) => Db::connect_with(url.expose(), durability).await?,
    };
    db.migrate().await?;
    Ok(db)
}

/// Makes `admin` on an empty database. The password, if it was made up here: it can be shown this once.
///
/// # Errors
/// When the user cannot be made.
pub async fn make_first_user(db: &Db, config: &Config, clock: &dyn Clock) -> Result<Option<String>, StartError> {
    let mut reader = db.read().await?;
    if users::any(reader.conn()).await? {
        if users::active_admins(reader.conn()).await? == 0 {
            tracing::warn!("nobody can log in as administrator: bannerline user add NAME --role admin");
        }
        return Ok(None);
    }
    drop(reader);
    let chosen = config.admin_password.as_ref().map(|password| password.expose().clone());
    let made_up = chosen.is_none().then(passwords::random);
    let password = chosen.or_else(|| made_up.clone()).unwrap_or_default();
    let username = "admin".parse().map_err(|_| DeskError::NotFound)?;
    let person = Person { username, display_name: None, role: Role::Admin, client: None };
    match accounts::add_user(db, person, password, &Actor::first_start(), clock.now()).await {
        Ok(_) => Ok(made_up),
        // Another instance that starts at the same moment was first.
        Err(DeskError::Contradiction(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The installation's key: made at the first start, kept in the database.
async fn read_keys(db: &Db) -> Result<Keys, StoreError> {
    let fresh: [u8; 32] = rand::random();
    let kept = installation::value_or(db, "key", &fresh).await?;
    let mut secret = [0; 32];
    for (byte, kept) in secret.iter_mut().zip(kept) {
        *byte = kept;
    }
    Ok(Keys::new(secret))
}

/// A desk for commands beside running servers: it does what it is asked for, and nothing by itself. It hears nobody, so
/// whom its changes concern is told by the servers, which ask the database.
///
/// # Errors
/// When the database does not answer.
pub async fn desk_beside(db: Db) -> Result<Arc<Desk>, StartError> {
    let clock = clock_of(&db).await?;
    desk_with(db, Arc::new(clock)).await
}

/// A clock with the database's time.
///
/// # Errors
/// When the database does not answer.
pub async fn clock_of(db: &Db) -> Result<SystemClock, StoreError> {
    let clock = SystemClock::new();
    clock.set_offset_millis(db.clock_offset_millis().await?);
    Ok(clock)
}

/// A desk with a clock of one's own, which does nothing by itself.
///
/// # Errors
/// When the database does not answer.
pub async fn desk_with(db: Db, clock: Arc<dyn Clock>) -> Result<Arc<Desk>, StartError> {
    let (hub, instance) = (Arc::new(Hub::default()), Uuid::new_v4());
    let bus = Bus::local(Arc::clone(&hub), Arc::clone(&clock), instance);
    let (keys, metrics) = (read_keys(&db).await?, Arc::new(Metrics::new()?));
    Ok(Desk::open(Parts { db, clock, hub, bus, keys, instance, metrics }))
}

/// Builds the whole server, ready to launch.
///
/// # Errors
/// When any part of it cannot be made.
pub async fn build(config: Config) -> Result<Rocket<Build>, StartError> {
    build_announcing(config, None).await
}

/// The same; the first password was made up before, and is to be shown.
async fn build_announcing(config: Config, made_up: Option<String>) -> Result<Rocket<Build>, StartError> {
    let db = open_database(&config).await?;
    // Before the first stamp: the clock never goes back.
    let system = Arc::new(clock_of(&db).await?);
    let password = made_up.or(make_first_user(&db, &config, system.as_ref()).await?);
    let clock: Arc<dyn Clock> = Arc::<SystemClock>::clone(&system);
    let (hub, instance) = (Arc::new(Hub::default()), Uuid::new_v4());
    let bus = match &config.redis_url {
        Some(url) => Bus::redis(url.expose(), Arc::clone(&hub), Arc::clone(&clock), instance)?,
        None => Bus::local(Arc::clone(&hub), Arc::clone(&clock), instance),
    };
    let (keys, metrics) = (read_keys(&db).await?, Arc::new(Metrics::new()?));
    let desk = Desk::open(Parts { db, clock, hub, bus, keys, instance, metrics });
    desk.start_jobs(Some(system)).await?;
    roller::start(desk.db.clone(), Arc::clone(&desk.clock), desk.instance);

    let figment = config.rocket_figment();
    let house = Arc::new(House {
        figures: Turns::of(&desk.db),
        desk,
        media: Media::new(config.media.clone()),
        countries: Countries::open(config.geoip_db.as_deref()),
        pages: Arc::new(Pages::load()?),
        limits: Limits::default(),
        stopping: AtomicBool::new(false),
        config,
    });
    start_reports(&house)?;
    let rocket = web::attach(rocket::custom(figment), Arc::clone(&house));
    let rocket = rocket.attach(announcement(Arc::clone(&house), password));
    Ok(rocket.attach(forgetting(Arc::clone(&house))).attach(farewell(house)))
}

/// How long the periods of the reports are that are made by themselves, if some are.
#[must_use]
pub const fn rhythm_of(settings: &ReportSettings) -> Option<Rhythm> {
    match settings.made {
        Reports::Off => None,
        Reports::Daily => Some(Rhythm::Daily),
        Reports::Weekly => Some(Rhythm::Weekly),
    }
}

/// What makes the pages of reports.
#[must_use]
pub fn report_page(pages: Arc<Pages>, settings: &ReportSettings) -> Render {
    let language = settings.language.as_str();
    Arc::new(move |summary| pages.document("report/page.html", language, summary))
}

/// A sender to the receiver of the settings, if there is one.
///
/// # Errors
/// When nothing can be sent to it.
pub fn report_sender(settings: &ReportSettings) -> Result<Option<Sender>, DeliveryError> {
    settings.webhook().map(Sender::new).transpose()
}

/// Reports that are made by themselves.
fn start_reports(house: &House) -> Result<(), StartError> {
    let settings = &house.config.reports;
    let Some(rhythm) = rhythm_of(settings) else { return Ok(()) };
    reports::start(reports::Job {
        db: house.desk.db.clone(),
        clock: Arc::clone(&house.desk.clock),
        holder: house.desk.instance,
        turns: house.figures.clone(),
        rhythm,
        zone: settings.zone,
        render: report_page(Arc::clone(&house.pages), settings),
        folder: settings.folder.clone(),
        sender: report_sender(settings)?,
    });
    Ok(())
}

/// Launches the server and waits until it has stopped.
///
/// # Errors
/// When it could not start.
pub async fn serve(config: Config) -> Result<(), StartError> {
    serve_announcing(config, None).await
}

/// The same; the first password was made up before, and is to be shown.
///
/// # Errors
/// When it could not start.
pub async fn serve_announcing(config: Config, made_up: Option<String>) -> Result<(), StartError> {
    check_address(&config)?;
    let launched = build_announcing(config, made_up).await?.launch().await;
    match launched {
        Ok(rocket) => close(&rocket).await,
        // Connections that did not close in time are no failure of the stop that was asked for.
        Err(error) if matches!(error.kind(), rocket::error::ErrorKind::Shutdown(..)) => {
            tracing::warn!(%error, "stopped before every connection had closed");
        }
        Err(error) => return Err(StartError::Launch(Box::new(error))),
    }
    Ok(())
}

/// Before anything is written: a start that fails later would take the first password with it.
///
/// # Errors
/// When the address is taken.
pub fn check_address(config: &Config) -> Result<(), StartError> {
    let rocket = rocket::Config::from(config.rocket_figment());
    let address = std::net::SocketAddr::new(rocket.address, rocket.port);
    std::net::TcpListener::bind(address).map_err(|error| StartError::Address(address, error))?;
    Ok(())
}

async fn close(rocket: &Rocket<rocket::Ignite>) {
    if let Some(house) = rocket.state::<Arc<House>>() {
        // The last streams report their end a moment after they closed.
        tokio::time::sleep(Duration::from_millis(100)).await;
        house.desk.db.close().await;
    }
}

/// Prints the addresses to open, and the first password.
fn announcement(house: Arc<House>, password: Option<String>) -> AdHoc {
    AdHoc::on_liftoff("addresses to open", |rocket| {
        Box::pin(async move {
            let base = base_url(&house.config, rocket);
            println!("Customer page:  {base}/?campaignId=5&bannerId=3");
            println!("Representative: {base}/rep");
            println!("Dashboard:      {base}/dashboard");
            if let Some(password) = password {
                println!("First login, shown this once: user admin, password {password}");
            }
            warn_if_no_camera(&house.config, rocket);
        })
    })
}

fn base_url(config: &Config, rocket: &Rocket<Orbit>) -> String {
    let own = rocket.config();
    let scheme = if own.tls_enabled() { "https" } else { "http" };
    let bare = || format!("{scheme}://{}", std::net::SocketAddr::new(own.address, own.port));
    config.public_url.clone().unwrap_or_else(bare)
}

/// Browsers give a camera to https and to this machine itself only.
fn warn_if_no_camera(config: &Config, rocket: &Rocket<Orbit>) {
    let own = rocket.config();
    if !own.address.is_loopback() && !own.tls_enabled() && config.trusted_proxies.is_empty() {
        tracing::warn!(
            address = %own.address,
            "no TLS and no trusted proxy: browsers give no camera to pages from another machine over plain http"
        );
    }
}

/// Networks that have been quiet are forgotten this often.
const FORGET_EVERY: Duration = Duration::from_mins(10);

/// Keeps the limits' memory small.
fn forgetting(house: Arc<House>) -> AdHoc {
    AdHoc::on_liftoff("quiet networks are forgotten", |_| {
        Box::pin(async move {
            tokio::spawn(async move {
                let mut turns = tokio::time::interval(FORGET_EVERY);
                loop {
                    turns.tick().await;
                    house.limits.tidy();
                }
            });
        })
    })
}

/// When the stop begins: unready at once, and no new joins.
fn farewell(house: Arc<House>) -> AdHoc {
    AdHoc::on_liftoff("unready when stopping", |rocket| {
        let stop = rocket.shutdown();
        Box::pin(async move {
            tokio::spawn(async move {
                stop.await;
                house.stopping.store(true, Ordering::Relaxed);
            });
        })
    })
}
