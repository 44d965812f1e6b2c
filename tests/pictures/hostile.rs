//! Names are untrusted: whatever a name contains, a picture has the expected elements and no others.

use crate::seen::{chain, look};
use dagcore::view::{self, Picture};
use proptest::prelude::*;
use roxmltree::Document;

/// Names of all kinds, with hostile ones frequent.
pub(crate) fn any_name() -> impl Strategy<Value = String> {
    let hostile = prop::sample::select(vec![
        "<script>alert(1)</script>",
        "</title></svg>",
        "]]>",
        "--><!--",
        "\"];evil [label=\"",
        "\\",
        "\\\"",
        "\")\n  click n0 \"javascript:alert(1)\"\n  x(\"",
        "%%{init: {\"securityLevel\": \"loose\"}}%%",
        "`rm -rf /` $(reboot)",
        "&lt;&#0;&quot;&bad;",
        "\0\u{1b}[2J\r\n\t\u{7f}\u{85}",
        "\u{202e}\u{2066}\u{200f}\u{61c}\u{feff}\u{fffe}\u{ffff}\u{2028}",
        "a\u{301}\u{301}\u{301}👩‍👩‍👧 世界",
        "#35; #quot; style a:#x;",
    ]);
    prop_oneof![
        any::<String>(),
        prop::collection::vec(prop_oneof![hostile.prop_map(str::to_owned), any::<String>()], 1..4)
            .prop_map(|parts| parts.concat())
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn an_svg_stays_well_formed_and_free_of_foreign_elements_whatever_names_say(names in prop::collection::vec(any_name(), 1..5), title in any_name()) {
        let machine = chain(&names);
        let svg = Picture::of(machine.graph()).titled(title).svg();
        check_svg(&svg, names.len())?;
    }

    #[test]
    fn a_dot_document_has_the_statements_it_should_have_whatever_names_say(names in prop::collection::vec(any_name(), 1..5), title in any_name()) {
        let machine = chain(&names);
        let dot = Picture::of(machine.graph()).titled(title).dot();
        check_dot(&dot, names.len())?;
    }

    #[test]
    fn a_mermaid_document_has_the_lines_it_should_have_whatever_names_say(names in prop::collection::vec(any_name(), 1..5)) {
        let machine = chain(&names);
        check_mermaid(&view::mermaid(machine.graph()), names.len())?;
    }
}

pub(crate) fn acts(c: char) -> bool {
    (c.is_control() && c != '\n') || "\u{202e}\u{2066}\u{200f}\u{61c}\u{feff}\u{fffe}\u{ffff}\u{2028}".contains(c)
}

fn check_svg(svg: &str, nodes: usize) -> Result<(), TestCaseError> {
    prop_assert!(!svg.contains(acts), "{svg:?}");
    let document = Document::parse(svg).map_err(|error| TestCaseError::fail(format!("{error}\n{svg}")))?;
    let known = ["svg", "title", "style", "defs", "marker", "rect", "g", "path", "text"];
    for element in document.descendants().filter(roxmltree::Node::is_element) {
        prop_assert!(known.contains(&element.tag_name().name()), "<{}>", element.tag_name().name());
        prop_assert!(element.attributes().all(|attribute| !attribute.name().starts_with("on")));
    }
    prop_assert_eq!(look(svg).boxes.len(), nodes);
    Ok(())
}

/// The DOT document with `S` for each of its strings, which are parsed strictly.
pub(crate) fn without_strings(dot: &str) -> Result<String, TestCaseError> {
    prop_assert!(!dot.contains(acts), "{dot:?}");
    let mut words = String::new();
    let mut chars = dot.chars();
    while let Some(c) = chars.next() {
        if c != '"' {
            words.push(c);
            continue;
        }
        loop {
            match chars.next() {
                Some('"') => break,
                Some('\\') => prop_assert!(matches!(chars.next(), Some('"' | '\\' | 'n')), "{dot}"),
                Some(c) => prop_assert!(c != '\n', "{dot}"),
                None => prop_assert!(false, "a string without an end: {dot}"),
            }
        }
        words.push('S');
    }
    Ok(words)
}

/// Parses DOT strictly: quoted strings and bare words, one statement per line, and only expected statements.
fn check_dot(dot: &str, nodes: usize) -> Result<(), TestCaseError> {
    let words = without_strings(dot)?;
    let mut lines = words.lines();
    prop_assert_eq!(lines.next(), Some("digraph S {"));
    let (mut boxes, mut arrows) = (0, 0);
    for line in lines.by_ref().skip(2) {
        if line.ends_with("[label=S, tooltip=S, fillcolor=S, color=S];") {
            let start = format!("  n{boxes} ");
            prop_assert!(line.starts_with(&start));
            boxes += 1;
        } else if line != "}" {
            prop_assert_eq!(line, format!("  n{arrows} -> n{};", arrows + 1));
            arrows += 1;
        }
    }
    prop_assert_eq!((boxes, arrows), (nodes, nodes - 1));
    Ok(())
}

fn check_mermaid(mermaid: &str, nodes: usize) -> Result<(), TestCaseError> {
    prop_assert!(!mermaid.contains(acts), "{mermaid:?}");
    let lines: Vec<&str> = mermaid.lines().collect();
    prop_assert_eq!(lines.len(), 2 * nodes, "{}", mermaid);
    for (index, line) in lines[1..=nodes].iter().enumerate() {
        let label = line.strip_prefix(&format!("  n{index}(\"")).and_then(|rest| rest.strip_suffix("\")"));
        let label = label.ok_or_else(|| TestCaseError::fail(line.to_string()))?.replace("<br>", "");
        prop_assert!(!label.contains(['"', '<', '>', '`', '%', '{', '}', '\\', '&', ':', '$']), "{label}");
    }
    for (index, line) in lines[nodes + 1..].iter().enumerate() {
        prop_assert_eq!(*line, format!("  n{index} --> n{}", index + 1));
    }
    Ok(())
}

#[test]
fn a_name_of_a_megabyte_is_shortened_in_its_box_and_in_its_title() {
    let name = format!("head{}tail", "<".repeat(1 << 20));
    let machine = chain(std::slice::from_ref(&name));
    let svg = view::svg(machine.graph());
    let document = Document::parse(&svg).unwrap();
    let titles = document.descendants().filter(|node| node.has_tag_name("title") || node.tag_name().name() == "title");
    let titles: Vec<&str> = titles.filter_map(|title| title.text()).collect();
    assert!(titles.iter().any(|text| text.starts_with("head<<") && text.contains("<…<") && text.contains("<tail")));
    let seen = look(&svg);
    assert!(seen.boxes[0][2] - seen.boxes[0][0] < 300.0);
    let text = document.descendants().find(|node| node.tag_name().name() == "text").unwrap().text().unwrap();
    assert!(text.starts_with("head<<") && text.contains("<…<") && text.ends_with("<tail"), "{text}");
    assert!(svg.len() < 20_000, "{}", svg.len());
    assert!(view::dot(machine.graph()).len() < 10_000 && view::mermaid(machine.graph()).len() < 10_000);
    let titled = Picture::of(machine.graph()).titled("\u{1b}".repeat(1 << 20));
    assert!(titled.svg().len() < 30_000 && titled.dot().len() < 30_000 && format!("{titled:?}").len() < 1_000);
}

#[test]
fn control_characters_and_direction_marks_are_shown_as_escapes() {
    let machine = chain(&["a\0b\u{202e}c\u{ffff}d\ne".to_owned()]);
    let svg = view::svg(machine.graph());
    assert!(svg.contains(r"a\u{0}b\u{202e}c\u{ffff}d\ne"), "{svg}");
    assert!(view::dot(machine.graph()).contains(r"a\\u{0}b\\u{202e}c\\u{ffff}d\\ne"));
}
