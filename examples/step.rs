//! Growing a graph by hand: what could happen next is shown, and whoever sits at the terminal chooses.
//!
//!     cargo run --example step             # asks; without a terminal it takes the first step each time
//!     cargo run --example step -- --auto   # asks nobody
//!
//! A cave is explored. Each chamber tells where its passages lead, a rule adds a chamber for each, and when no further one can
//! turn up, a map is drawn.
//!
//! Look at the choices: a rule that can be applied is one, a node that can start is another, and that the run ends is the last.
//! Nothing happens by itself, so the cave can be explored in any order, and the map is the same.

#![expect(clippy::print_stdout, reason = "it is a program for the terminal")]

use dagcore::prelude::*;
use std::io::{BufRead, IsTerminal, Write, stdin, stdout};

/// A chamber of the cave: its name, and where its passages lead.
#[derive(Clone)]
struct Chamber {
    name: &'static str,
    passages: &'static [&'static str],
}

const CAVE: [Chamber; 7] = [
    Chamber { name: "entrance", passages: &["hall", "crack"] },
    Chamber { name: "hall", passages: &["lake", "chimney"] },
    Chamber { name: "crack", passages: &["hall"] },
    Chamber { name: "lake", passages: &["sump"] },
    Chamber { name: "chimney", passages: &[] },
    Chamber { name: "sump", passages: &["treasure"] },
    Chamber { name: "treasure", passages: &["lake"] },
];

#[stage]
async fn explore(name: &str) -> Result<Chamber, String> {
    CAVE.iter().find(|chamber| chamber.name == name).cloned().ok_or_else(|| format!("nobody knows the way to `{name}`"))
}

#[stage]
fn map(chambers: Vec<Chamber>) -> String {
    let line = |chamber: &Chamber| format!("  {:10} -> {}\n", chamber.name, chamber.passages.join(", "));
    let mut lines: Vec<String> = chambers.iter().map(line).collect();
    lines.sort();
    lines.concat()
}

rule! {
    /// Each passage leads to a chamber, which is explored once, whoever found it first.
    follow: when each(explore), adds [explore by key],
    then |grow, _node, chamber| for name in chamber.passages {
        grow.add(explore::new(*name).key(name));
    }
}

rule! {
    draw: when closed(explore), adds [map],
    then |grow, chambers| { grow.add(map::new(chambers)); }
}

/// What somebody answered.
enum Answer {
    Take(usize),
    TakeAll,
    Leave,
}

#[tokio::main]
async fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("cave").rules(rules![follow, draw]).stepwise();
    flow.add(explore::new("entrance").key("entrance"));
    let run = flow.start()?;

    let mut asks = !std::env::args().any(|arg| arg == "--auto");
    let mut step = 0;
    loop {
        let choices = run.next_choices().await;
        if choices.is_empty() {
            break;
        }
        println!("\nstep {}: {} nodes are known", step + 1, run.progress().nodes.known);
        for (number, choice) in choices.iter().enumerate() {
            println!("  {}: {choice}", number + 1);
        }
        let answer = if asks { ask(choices.len()) } else { Answer::Take(0) };
        match answer {
            Answer::Take(number) => {
                println!("> {}", choices[number]);
                step += usize::from(run.choose(&choices[number]));
            }
            Answer::TakeAll => asks = false,
            Answer::Leave => {
                run.cancel();
                asks = false;
            }
        }
    }
    let done = run.wait().await.or_else(dagcore::Error::into_report)?;
    match done.only::<map>() {
        Ok(map) => print!("\nThe map, after {step} steps:\n{map}"),
        Err(_) => println!("\n{done}"),
    }
    Ok(())
}

/// Asks until there is an answer; nobody there is as good as taking the first.
fn ask(choices: usize) -> Answer {
    if !stdin().is_terminal() {
        return Answer::Take(0);
    }
    loop {
        print!("which? 1 to {choices}, Enter for the first, `a` for all that is to come, `q` to leave: ");
        let _ = stdout().flush();
        let mut line = String::new();
        if stdin().lock().read_line(&mut line).unwrap_or(0) == 0 {
            return Answer::Leave;
        }
        match line.trim() {
            "" => return Answer::Take(0),
            "a" => return Answer::TakeAll,
            "q" => return Answer::Leave,
            number => match number.parse::<usize>() {
                Ok(number) if (1..=choices).contains(&number) => return Answer::Take(number - 1),
                _ => println!("`{}` is none of them", number.escape_debug()),
            },
        }
    }
}
