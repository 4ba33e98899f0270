//! `bannerline queue …`: what can be asked for.

use clap::{Args, Subcommand, ValueEnum};

use crate::domain::activity::AfterCall;
use crate::domain::offer::{Mode, OfferOrder};

/// `bannerline queue …`
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum QueueCommand {
    /// List the queues and how they are set
    List,
    /// Make a queue. Customers come to it once a campaign or a banner leads there
    Add {
        /// 1 to 40 small letters, digits and hyphens
        #[arg(value_name = "NAME")]
        name: String,
        /// How it is set
        #[command(flatten)]
        change: QueueArgs,
    },
    /// End everybody who waits now; running servers tell them within seconds
    EndWaiting {
        /// Only this queue; every one if not given
        #[arg(long, value_name = "NAME")]
        queue: Option<String>,
        /// Why; kept in the log
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Yes, everybody
        #[arg(long)]
        yes: bool,
    },
    /// Change how a queue is set; what is not given stays. Running servers notice within a second
    Set {
        /// The queue's name
        #[arg(value_name = "NAME")]
        name: String,
        /// What is to be different
        #[command(flatten)]
        change: QueueArgs,
    },
}

/// How a queue is set.
#[derive(Debug, Default, PartialEq, Eq, Args)]
pub struct QueueArgs {
    /// What customers choose it by; an empty text takes it away
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// What its customers read while they wait; an empty text takes it away
    #[arg(long, value_name = "TEXT")]
    pub welcome: Option<String>,
    /// Its priority, -100 to 100: customers of a smaller one are served first
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub rank: Option<i64>,
    /// All that it asks of who serves it, one word each; an empty one takes them all away
    #[arg(long = "skill", value_name = "WORD")]
    pub skills: Vec<String>,
    /// All that it asks until a customer has waited for a while; an empty one takes them all away
    #[arg(long = "preferred-skill", value_name = "WORD")]
    pub preferred_skills: Vec<String>,
    /// For how long, 0 to 3600 seconds
    #[arg(long, value_name = "SECONDS")]
    pub relax_after: Option<i64>,
    /// Whether customers ring at who is available, or are only asked for
    #[arg(long, value_enum)]
    pub mode: Option<ModeArg>,
    /// How long an offer rings, 3 to 120 seconds
    #[arg(long, value_name = "SECONDS")]
    pub offer_seconds: Option<i64>,
    /// At how many representatives at once, 1 to 5
    #[arg(long, value_name = "NUMBER")]
    pub offer_to: Option<i64>,
    /// Who is asked first: who has been idle longest, or has fewest callers
    #[arg(long, value_enum)]
    pub order: Option<OrderArg>,
    /// What follows a call: available again, or a break until the next is asked for
    #[arg(long, value_enum)]
    pub after_call: Option<AfterCallArg>,
    /// For how long a call is wrapped up before that, 0 to 3600 seconds; 0 is not at all
    #[arg(long, value_name = "SECONDS")]
    pub wrap_up_seconds: Option<i64>,
}

/// Declares the words of an option, and what each means.
macro_rules! option_words {
    ($(#[$doc:meta])* $name:ident: $meaning:ty { $($(#[$vdoc:meta])* $variant:ident),+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl From<$name> for $meaning {
            fn from(word: $name) -> Self {
                match word { $($name::$variant => Self::$variant),+ }
            }
        }
    };
}

option_words!(
    /// `--mode`
    ModeArg: Mode {
        /// Customers are only asked for
        Pull,
        /// Customers ring at who is available
        Offer,
        /// Customers are dealt, and picked from a list
        List
    }
);
option_words!(
    /// `--order`
    OrderArg: OfferOrder {
        /// Who has been idle longest
        Idle,
        /// Who has fewest callers
        Callers
    }
);
option_words!(
    /// `--after-call`
    AfterCallArg: AfterCall {
        /// Available again
        Available,
        /// A break, until the next is asked for
        Next
    }
);
