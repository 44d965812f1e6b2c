//! Runs a workflow step by step: the program lists the possible next events, and the user chooses one.
//!
//!     cargo run --example step             # interactive; without a terminal, always takes the first step
//!     cargo run --example step -- --auto   # not interactive
//!
//! The workflow explores a cave. Each chamber lists its passages, a rule adds a chamber for each passage, and when no
//! further chamber can be added, a map is drawn.
//!
//! Look at the choices: apply a rule, start a node, or end the run. Nothing happens without a choice, so the cave can
//! be explored in any order, and the map is always the same.

#![expect(clippy::print_stdout, reason = "it is a program for the terminal")]

use dagcore::prelude::*;
use std::io::{BufRead, IsTerminal, Write, stdin, stdout};

/// A chamber of the cave: its name and the chambers that its passages lead to.
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
    CAVE.iter().find(|chamber| chamber.name == name).cloned().ok_or_else(|| format!("no chamber is named `{name}`"))
}

#[stage]
fn map(chambers: Vec<Chamber>) -> String {
    let line = |chamber: &Chamber| format!("  {:10} -> {}\n", chamber.name, chamber.passages.join(", "));
    let mut lines: Vec<String> = chambers.iter().map(line).collect();
    lines.sort();
    lines.concat()
}

rule! {
    /// Each passage leads to a chamber, which is explored once, however many passages lead to it.
    follow: when each(explore), adds [explore by key],
    then |grow, _node, chamber| for name in chamber.passages {
        grow.add(explore::new(*name).key(name));
    }
}

rule! {
    draw: when closed(explore), adds [map],
    then |grow, chambers| { grow.add(map::new(chambers)); }
}

/// The user's answer.
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

    let mut interactive = !std::env::args().any(|arg| arg == "--auto");
    let mut step = 0;
    loop {
        let choices = run.next_choices().await;
        if choices.is_empty() {
            break;
        }
        println!("\nstep {}: {} known nodes", step + 1, run.progress().nodes.known);
        for (number, choice) in choices.iter().enumerate() {
            println!("  {}: {choice}", number + 1);
        }
        let answer = if interactive { ask(choices.len()) } else { Answer::Take(0) };
        match answer {
            Answer::Take(number) => {
                println!("> {}", choices[number]);
                step += usize::from(run.choose(&choices[number]));
            }
            Answer::TakeAll => interactive = false,
            Answer::Leave => {
                run.cancel();
                interactive = false;
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

/// Prompts until the answer is valid. At the end of the input, takes the first choice.
fn ask(choices: usize) -> Answer {
    if !stdin().is_terminal() {
        return Answer::Take(0);
    }
    loop {
        print!("choose 1 to {choices}, Enter for the first, `a` for all remaining steps, `q` to quit: ");
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
                _ => println!("`{}` is not a valid choice", number.escape_debug()),
            },
        }
    }
}
