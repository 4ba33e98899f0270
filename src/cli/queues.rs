//! `bannerline queue …`: what can be asked for.

use clap::{Subcommand, ValueEnum};

use crate::domain::activity::AfterCall;
use crate::domain::offer::{Mode, OfferOrder};

/// `bannerline queue …`
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum QueueCommand {
    /// List the queues and how they are set
    List,
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
        /// Whether customers ring at who is available, or are only asked for
        #[arg(long, value_enum)]
        mode: Option<ModeArg>,
        /// How long an offer rings, 3 to 120 seconds
        #[arg(long, value_name = "SECONDS")]
        offer_seconds: Option<i64>,
        /// At how many representatives at once, 1 to 5
        #[arg(long, value_name = "NUMBER")]
        offer_to: Option<i64>,
        /// Who is asked first: who has been idle longest, or has fewest callers
        #[arg(long, value_enum)]
        order: Option<OrderArg>,
        /// What follows a call: available again, or a break until the next is asked for
        #[arg(long, value_enum)]
        after_call: Option<AfterCallArg>,
    },
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
        Offer
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
