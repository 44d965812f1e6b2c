#![allow(unused)]
use dagcore::prelude::*;

mod inner {
    pub mod deeper {
        use dagcore::prelude::*;
        use tests::laws::{page, text};

        rule! { pub back: when each(text), adds [page], then |grow, node, text| {} }
    }
}

fn main() {
    let _ = Workflow::new("laws").rules(rules![tests::laws::rules::read, inner::deeper::back]);
}
