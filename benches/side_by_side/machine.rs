//! Describes the machine that the figures were measured on.

use std::fs;
use std::process::Command;
use std::thread;

/// Returns the processor, its cores, the memory, the system and the compiler, as one line.
pub(super) fn describe() -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut parts = vec![processor().unwrap_or_else(|| std::env::consts::ARCH.to_owned())];
    parts.push(if cores == 1 { "1 core".to_owned() } else { format!("{cores} cores") });
    parts.extend(memory());
    parts.push(system().unwrap_or_else(|| std::env::consts::OS.to_owned()));
    parts.extend(compiler());
    parts.join(", ")
}

fn processor() -> Option<String> {
    field(&fs::read_to_string("/proc/cpuinfo").ok()?, "model name", ':')
}

fn memory() -> Option<String> {
    let total = field(&fs::read_to_string("/proc/meminfo").ok()?, "MemTotal", ':')?;
    let kibibytes: f64 = total.strip_suffix("kB")?.trim().parse().ok()?;
    Some(format!("{:.0} GiB", kibibytes / 1024.0 / 1024.0))
}

fn system() -> Option<String> {
    let name = field(&fs::read_to_string("/etc/os-release").ok()?, "PRETTY_NAME", '=')?;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").ok()?;
    Some(format!("{} on Linux {}", name.trim_matches('"'), kernel.trim()))
}

fn compiler() -> Option<String> {
    let told = Command::new("rustc").arg("--version").output().ok()?;
    Some(String::from_utf8(told.stdout).ok()?.trim().to_owned())
}

/// Returns the value of the first line with this name.
fn field(text: &str, name: &str, sign: char) -> Option<String> {
    let values = text.lines().filter_map(|line| line.split_once(sign));
    values.into_iter().find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_name() {
        let text = "processor\t: 0\nmodel name\t: A: fast one\nmodel name\t: another\n";
        assert_eq!(field(text, "model name", ':').as_deref(), Some("A: fast one"));
        assert_eq!(field(text, "model", ':'), None);
    }

    #[test]
    fn the_machine_is_told_in_one_line() {
        let told = describe();
        assert!(told.contains("core") && !told.contains('\n'), "{told}");
    }
}
