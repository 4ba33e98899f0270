//! What can be typed, and what it is read as.

use clap::CommandFactory;

use super::queues::{AfterCallArg, ModeArg};
use super::*;

fn parse(line: &str) -> Result<Command, clap::Error> {
    Cli::try_parse_from(line.split(' ')).map(Cli::into_command)
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_command() {
    let alice = || String::from("alice");
    let add = |role, display_name: Option<&str>| {
        Command::User(UserCommand::Add {
            username: alice(),
            role,
            display_name: display_name.map(Into::into),
            client: None,
        })
    };
    for (line, command) in [
        ("bannerline", Command::Serve),
        ("bannerline serve", Command::Serve),
        ("bannerline migrate", Command::Migrate),
        ("bannerline user add alice --role rep", add(RoleArg::Rep, None)),
        ("bannerline user add --role admin alice", add(RoleArg::Admin, None)),
        ("bannerline user add alice --role marketer --display-name Alice", add(RoleArg::Marketer, Some("Alice"))),
        ("bannerline user list", Command::User(UserCommand::List)),
        (
            "bannerline simulate",
            Command::Simulate(Simulate {
                history: History { days: 60, seed: 1 },
                calls_per_day: CALLS_PER_DAY,
                reps: REPS,
                until: None,
                into_existing: false,
            }),
        ),
        (
            "bannerline simulate --days 7 --seed 9 --calls-per-day 10 --reps 2 --until 2026-11-21 --into-existing",
            Command::Simulate(Simulate {
                history: History { days: 7, seed: 9 },
                calls_per_day: 10,
                reps: 2,
                until: Some("2026-11-21".to_owned()),
                into_existing: true,
            }),
        ),
        ("bannerline demo --seed 2", Command::Demo(Demo { history: History { days: 60, seed: 2 } })),
        ("bannerline figures verify", Command::Figures(FiguresCommand::Verify)),
        ("bannerline figures rebuild", Command::Figures(FiguresCommand::Rebuild)),
        (
            "bannerline report --weekly --day 2026-11-21 --to out --send",
            Command::Report(ReportArgs {
                daily: false,
                weekly: true,
                day: Some("2026-11-21".parse().unwrap()),
                to: Some("out".into()),
                send: true,
            }),
        ),
        (
            "bannerline user set alice --role admin --capacity 3 --skill french --skill tax",
            Command::User(UserCommand::Set {
                username: alice(),
                role: Some(RoleArg::Admin),
                capacity: Some(3),
                skills: vec!["french".to_owned(), "tax".to_owned()],
                display_name: None,
                client: None,
            }),
        ),
    ] {
        assert_eq!(parse(line).unwrap(), command, "{line}");
    }
}

#[test]
fn every_command_about_queues_and_the_floor() {
    let alice = || String::from("alice");
    for (line, command) in [
        ("bannerline queue list", Command::Queue(QueueCommand::List)),
        (
            "bannerline queue set default --mode pull --offer-to 3 --after-call next --wrap-up-seconds 60",
            Command::Queue(QueueCommand::Set {
                name: "default".to_owned(),
                change: QueueArgs {
                    mode: Some(ModeArg::Pull),
                    offer_to: Some(3),
                    after_call: Some(AfterCallArg::Next),
                    wrap_up_seconds: Some(60),
                    ..QueueArgs::default()
                },
            }),
        ),
        (
            "bannerline queue add sales --title Sales --rank -2 --skill sales --preferred-skill french --relax-after 30",
            Command::Queue(QueueCommand::Add {
                name: "sales".to_owned(),
                change: QueueArgs {
                    title: Some("Sales".to_owned()),
                    rank: Some(-2),
                    skills: vec!["sales".to_owned()],
                    preferred_skills: vec!["french".to_owned()],
                    relax_after: Some(30),
                    ..QueueArgs::default()
                },
            }),
        ),
        ("bannerline floor --json", Command::Floor(Floor { json: true })),
        (
            "bannerline session end 01 --reason stuck",
            Command::Session(SessionCommand::End { id: "01".to_owned(), reason: "stuck".to_owned() }),
        ),
        (
            "bannerline rep offline alice --reason asleep",
            Command::Rep(RepCommand::Offline { username: alice(), reason: "asleep".to_owned() }),
        ),
        (
            "bannerline queue end-waiting --reason closing --queue tax --yes",
            Command::Queue(QueueCommand::EndWaiting {
                queue: Some("tax".to_owned()),
                reason: "closing".to_owned(),
                yes: true,
            }),
        ),
    ] {
        assert_eq!(parse(line).unwrap(), command, "{line}");
    }
}

#[test]
fn every_other_command() {
    let alice = || String::from("alice");
    for (line, command) in [
        ("bannerline campaign list", Command::Campaign(CampaignCommand::List)),
        ("bannerline campaign links 5", Command::Campaign(CampaignCommand::Links { id: "5".to_owned() })),
        (
            "bannerline campaign set 5 --name Spring --colour #0a5f4f --outcome Sold --outcome Later --qualified 90",
            Command::Campaign(CampaignCommand::Set {
                id: "5".to_owned(),
                name: Some("Spring".to_owned()),
                headline: None,
                intro: None,
                colour: Some("#0a5f4f".to_owned()),
                form: None,
                outcomes: vec!["Sold".to_owned(), "Later".to_owned()],
                qualified: Some("90".to_owned()),
                client: None,
                queues: Vec::new(),
            }),
        ),
        (
            "bannerline banner set 5 3 --name Skyscraper",
            Command::Banner(BannerCommand::Set {
                campaign: "5".to_owned(),
                id: "3".to_owned(),
                name: Some("Skyscraper".to_owned()),
                queues: Vec::new(),
            }),
        ),
        ("bannerline user disable alice", Command::User(UserCommand::Disable { username: alice() })),
        ("bannerline user enable alice", Command::User(UserCommand::Enable { username: alice() })),
        ("bannerline user password alice", Command::User(UserCommand::Password { username: alice() })),
        ("bannerline token add alice", Command::Token(TokenCommand::Add { name: alice() })),
        ("bannerline token list", Command::Token(TokenCommand::List)),
        ("bannerline token revoke alice", Command::Token(TokenCommand::Revoke { name: alice() })),
        ("bannerline openapi", Command::Openapi),
        ("bannerline config check", Command::Config(ConfigCommand::Check)),
        ("bannerline config show", Command::Config(ConfigCommand::Show)),
        ("bannerline health", Command::Health(Health { url: None })),
    ] {
        assert_eq!(parse(line).unwrap(), command, "{line}");
    }
}

#[test]
fn what_is_not_understood_is_refused() {
    for line in [
        "bannerline swerve",
        "bannerline user",
        "bannerline user add alice",
        "bannerline user add alice --role boss",
        "bannerline user add --role rep",
        "bannerline user add  --role rep",
        "bannerline token add",
        "bannerline user set alice --capacity many",
        "bannerline campaign set",
        "bannerline queue set default --mode loud",
        "bannerline queue end-waiting --yes",
        "bannerline session end 01",
        "bannerline rep offline alice",
        "bannerline banner set 5 --name Skyscraper",
        "bannerline serve now",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
    assert!(name(&"x".repeat(81)).is_err() && name("a\u{7}b").is_err() && name(" ").is_err());
    assert_eq!(name(" Åsa Öst ").unwrap(), "Åsa Öst");
}

#[test]
fn a_password_is_the_first_line() {
    let read = |text: &str| first_line(text.as_bytes()).map(Secret::into_inner);
    assert_eq!(read("correct horse\nbattery\n").unwrap(), "correct horse");
    assert_eq!(read(" kept \r\n").unwrap(), " kept ");
    assert_eq!(read("without an end").unwrap(), "without an end");
    assert!(matches!(read(""), Err(PasswordInputError::Empty)));
    assert!(matches!(read("\nsecond"), Err(PasswordInputError::Empty)));
    assert!(matches!(first_line(&[0xff, b'\n'][..]), Err(PasswordInputError::Io(_))));
}
