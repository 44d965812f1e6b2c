//! Pictures of possible graphs: cycles are drawn, nothing overlaps, and names are escaped.

use crate::hostile::{acts, any_name, without_strings};
use dagcore::dag::{
    Addition, Additions, Adds, Below, Condition, Each, Event, Keying, Machine, Multiplicity, NodeId, Place, Possible,
    RuleSpec, StageId, StageInfo, Time,
};
use proptest::collection::vec;
use proptest::prelude::*;
use roxmltree::{Document, Node};

const STAGES: usize = 6;

fn describe(stage: StageId) -> StageInfo {
    let names = ["page", "</title><script>", "\"];evil [label=\"", "%%{init}%%\n  click p0", "\u{202e}\0x", "a\\\"b`"];
    StageInfo::new(names[stage.index() % STAGES], Place::Inline)
}

fn any_stage() -> impl Strategy<Value = StageId> {
    (0..STAGES).prop_map(StageId::from_index)
}

fn any_rule() -> impl Strategy<Value = RuleSpec> {
    let each = prop_oneof![
        Just(Each::Once),
        any_stage().prop_map(Each::Succeeded),
        any_stage().prop_map(Each::Failed),
        any_stage().prop_map(Each::Under)
    ];
    let condition = prop_oneof![
        any_stage().prop_map(Condition::Closed),
        (any_stage(), 0..5usize).prop_map(|(stage, wanted)| Condition::Count(stage, wanted)),
        any_name().prop_map(Condition::Named),
        Just(Condition::Done(NodeId::from_index(0))),
    ];
    let keying = prop_oneof![Just(Keying::None), Just(Keying::Run), any_stage().prop_map(Keying::Under)];
    let addition = (any_stage(), keying).prop_map(|(stage, keying)| Addition::new(stage, keying));
    let adds = prop_oneof![5 => vec(addition, 0..4).prop_map(Adds::Only), 1 => Just(Adds::Anything)];
    let within = prop::option::weighted(0.2, 1..9_u32);
    (any_name(), each, vec(condition, 0..3), any_stage(), adds, within).prop_map(
        |(name, each, conditions, below, adds, within)| {
            let mut spec = RuleSpec::new(name, adds).each(each);
            spec = conditions.into_iter().fold(spec, RuleSpec::when);
            spec = within.into_iter().fold(spec, RuleSpec::within);
            if let Each::Under(_) = each { spec.under(below, Below::Settled) } else { spec }
        },
    )
}

/// An arbitrary possible graph: some nodes, and rules of all kinds; some of the graphs are of a run.
fn any_possible() -> impl Strategy<Value = Possible> {
    (vec(any_stage(), 1..5), vec(any_rule(), 0..9), any_name(), any::<bool>()).prop_map(
        |(nodes, rules, title, runs)| {
            let mut additions = Additions::default();
            nodes.into_iter().for_each(|stage| additions.node(stage, [], None));
            rules.into_iter().for_each(|rule| additions.rule(rule));
            let mut machine = Machine::new(describe);
            machine.apply(&Event::Added { additions, at: Time::START }).unwrap();
            if runs {
                machine.apply(&Event::RunStarted { at: Time::START }).unwrap();
            }
            Possible::of(&machine).titled(title)
        },
    )
}

fn boxes(possible: &Possible) -> usize {
    let anything = possible.arrows().iter().any(|arrow| arrow.to() == dagcore::dag::ArrowEnd::Anything);
    possible.stages().len() + possible.rules().len() + usize::from(anything)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn an_svg_has_the_parts_it_should_have_and_no_two_boxes_or_texts_overlap(possible in any_possible()) {
        let svg = possible.to_svg();
        prop_assert!(!svg.contains(acts), "{svg:?}");
        let document = Document::parse(&svg).map_err(|error| TestCaseError::fail(format!("{error}\n{svg}")))?;
        let known = ["svg", "title", "style", "defs", "marker", "rect", "g", "path", "text"];
        for element in document.descendants().filter(Node::is_element) {
            prop_assert!(known.contains(&element.tag_name().name()), "<{}>", element.tag_name().name());
            prop_assert!(element.attributes().all(|attribute| !attribute.name().starts_with("on")));
        }
        let mut areas = areas(&document, "data-box", "rect");
        prop_assert_eq!(areas.len(), boxes(&possible));
        check_arrows(&document, &areas, &possible)?;
        areas.extend(texts(&document));
        for (index, a) in areas.iter().enumerate() {
            for b in &areas[..index] {
                prop_assert!(a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1], "{a:?} overlaps {b:?}\n{svg}");
            }
        }
    }

    #[test]
    fn as_a_text_it_has_a_line_for_each_stage_rule_and_warning_whatever_names_say(possible in any_possible()) {
        let text = possible.to_string();
        let acts = |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{2066}\u{200f}\u{2028}".contains(c);
        prop_assert!(!text.contains(acts), "{text:?}");
        let warnings = possible.warnings().len();
        prop_assert_eq!(text.lines().count(), 1 + possible.stages().len() + possible.rules().len() + warnings);
        let never = possible.rules().iter().filter(|rule| rule.multiplicity() == Multiplicity::Never).count();
        prop_assert_eq!(warnings, never);
    }

    #[test]
    fn a_dot_document_has_a_statement_for_each_box_and_each_arrow(possible in any_possible()) {
        let words = without_strings(&possible.to_dot())?;
        let mut lines = words.lines();
        prop_assert_eq!(lines.next(), Some("digraph S {"));
        let lines: Vec<&str> = lines.skip(2).collect();
        let (boxes, arrows) = (boxes(&possible), possible.arrows().len());
        prop_assert_eq!(lines.len(), boxes + arrows + 1);
        for (index, line) in lines[..boxes].iter().enumerate() {
            let rest = line.strip_prefix(&format!("  p{index} [label=S, tooltip=S, fillcolor=S, color=S"));
            prop_assert!(matches!(rest, Some("];" | ", style=S];")), "{line}");
        }
        for line in &lines[boxes..boxes + arrows] {
            let (ends, rest) = line.split_once(" [label=S").ok_or_else(|| TestCaseError::fail(line.to_string()))?;
            let ends: Vec<&str> = ends.trim_start().split(" -> ").collect();
            prop_assert!(ends.len() == 2 && ends.iter().all(|end| is_box(end, boxes)), "{line}");
            prop_assert!(["];", ", color=S];", ", style=dashed];", ", style=dotted];"].contains(&rest), "{line}");
        }
        prop_assert_eq!(lines.last(), Some(&"}"));
    }

    #[test]
    fn a_mermaid_document_has_a_line_for_each_box_and_each_arrow(possible in any_possible()) {
        let mermaid = possible.to_mermaid();
        prop_assert!(!mermaid.contains(acts), "{mermaid:?}");
        let lines: Vec<&str> = mermaid.lines().collect();
        prop_assert_eq!(lines[0], "flowchart TD");
        let (boxes, arrows) = (boxes(&possible), possible.arrows().len());
        let harmless = |text: &str| !text.contains(['"', '<', '>', '`', '%', '{', '}', '\\', '&', ':', '$']);
        for (index, line) in lines[1..=boxes].iter().enumerate() {
            let shape = line.strip_prefix(&format!("  p{index}")).unwrap_or("");
            let shapes = [("[\"", "\"]"), ("([\"", "\"])"), ("{{\"", "\"}}")];
            let text = shapes.iter().find_map(|(open, close)| shape.strip_prefix(open)?.strip_suffix(close));
            prop_assert!(text.is_some_and(|text| harmless(&text.replacen("<br>", "", 1))), "{line}");
        }
        for line in &lines[boxes + 1..boxes + arrows + 1] {
            let (from, rest) = line.trim_start().split_once(' ').unwrap_or(("", ""));
            let (arrow, to) = rest.rsplit_once(' ').unwrap_or(("", ""));
            prop_assert!(is_box(from, boxes) && is_box(to, boxes), "{line}");
            let (line, label) = arrow.split_once('|').unwrap_or((arrow, "\"\"|"));
            prop_assert!(["-->", "==>", "-.->"].contains(&line), "{arrow}");
            let label = label.strip_prefix('"').and_then(|label| label.strip_suffix("\"|"));
            prop_assert!(label.is_some_and(harmless), "{arrow}");
        }
        let classes = &lines[boxes + arrows + 1..];
        prop_assert!(classes.iter().all(|line| line.starts_with("  class")), "{classes:?}");
    }
}

fn is_box(word: &str, boxes: usize) -> bool {
    word.strip_prefix('p').and_then(|number| number.parse().ok()).is_some_and(|number: usize| number < boxes)
}

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no {name}"))
}

/// Left, top, right and bottom of the elements in the groups with this attribute.
fn areas(document: &Document<'_>, group: &str, element: &str) -> Vec<[f64; 4]> {
    let groups = document.descendants().filter(|node| node.has_attribute(group));
    let parts = groups.filter_map(|group| group.children().find(|child| child.tag_name().name() == element));
    let sides = |part| ["x", "y", "width", "height"].map(|name| number(part, name));
    parts.map(sides).map(|[x, y, width, height]| [x, y, x + width, y + height]).collect()
}

/// The areas of the texts on arrows, estimated rather too narrow than too wide.
fn texts(document: &Document<'_>) -> Vec<[f64; 4]> {
    let arrows = document.descendants().filter(|node| node.has_attribute("data-from"));
    let texts = arrows.filter_map(|group| group.children().find(|child| child.tag_name().name() == "text"));
    let area = |text: Node<'_, '_>| {
        let (x, y) = (number(text, "x"), number(text, "y"));
        let half = text.text().unwrap_or("").chars().count() as f64 * 1.5;
        [x - half, y - 6.0, x + half, y + 6.0]
    };
    texts.map(area).collect()
}

/// Each arrow starts at the border of its first box, and ends directly before the border of its last box.
fn check_arrows(document: &Document<'_>, areas: &[[f64; 4]], possible: &Possible) -> Result<(), TestCaseError> {
    let groups: Vec<_> = document.descendants().filter(|node| node.has_attribute("data-from")).collect();
    prop_assert_eq!(groups.len(), possible.arrows().len());
    for group in groups {
        let paths: Vec<Vec<f64>> = group
            .children()
            .filter_map(|path| path.attribute("d"))
            .map(|d| d.split(|c: char| c.is_alphabetic() || c == ' ').filter_map(|n| n.parse().ok()).collect())
            .collect();
        let (first, last) = (&paths[0], &paths[paths.len() - 1]);
        let from = distance(areas[number(group, "data-from") as usize], [first[0], first[1]]);
        let to = distance(areas[number(group, "data-to") as usize], [last[last.len() - 2], last[last.len() - 1]]);
        prop_assert!(from < 0.2 && (1.0..10.0).contains(&to), "{from} {to} {group:?}");
        let heads = group.children().filter(|path| path.has_attribute("marker-end")).count();
        prop_assert_eq!(heads, 1);
    }
    Ok(())
}

/// The distance of a point from a box.
fn distance(area: [f64; 4], at: [f64; 2]) -> f64 {
    let beside = |axis: usize| (area[axis] - at[axis]).max(at[axis] - area[axis + 2]).max(0.0);
    beside(0).hypot(beside(1))
}

/// The crawler of the guide: two rules, one of which leads back.
fn crawl() -> Possible {
    let stage = StageId::from_index;
    let describe = |id: StageId| StageInfo::new(["page", "report"][id.index()], Place::Inline);
    let pages = Adds::Only(vec![Addition::new(stage(0), Keying::Run)]);
    let mut additions = Additions::default();
    additions.node(stage(0), [], None);
    additions.rule(RuleSpec::new("follow", pages).each(Each::Succeeded(stage(0))));
    additions.rule(RuleSpec::new("summarise", Adds::only([stage(1)])).when(Condition::Closed(stage(0))));
    let mut machine = Machine::new(describe);
    machine.apply(&Event::Added { additions, at: Time::START }).unwrap();
    Possible::of(&machine).titled("crawl")
}

#[test]
fn the_crawl_of_the_guide_is_drawn_with_its_multiplicities_and_its_circle() {
    let dot = crawl().to_dot();
    for line in [
        "digraph \"crawl\" {",
        "  p0 [label=\"page\\nn, recursive\", ",
        "  p3 [label=\"summarise\\n1\", ",
        "  p0 -> p2 [label=\"for each\"];",
        "  p2 -> p0 [label=\"by key\", color=\"#8250df\"];",
        "  p0 -> p3 [label=\"when closed\"];",
    ] {
        assert!(dot.contains(line), "{line}\n{dot}");
    }
    assert_eq!(
        crawl().to_mermaid(),
        "flowchart TD\n  p0[\"page<br>n, recursive\"]\n  p1[\"report<br>n\"]\n  p2([\"follow<br>n, recursive\"])\n  \
         p3([\"summarise<br>1\"])\n  p0 -->|\"for each\"| p2\n  p2 ==>|\"by key\"| p0\n  p0 -->|\"when closed\"| p3\n  \
         p3 ==> p1\n  classDef rule fill:#f6efff,stroke:#8250df,color:#1f2328\n  class p2,p3 rule\n"
    );
    let svg = crawl().to_svg();
    let document = Document::parse(&svg).unwrap();
    let texts: Vec<&str> =
        document.descendants().filter(|node| node.tag_name().name() == "text").filter_map(|text| text.text()).collect();
    assert!(["page", "n, recursive", "for each", "by key", "when closed", "1"].iter().all(|text| texts.contains(text)));
    assert!(svg.contains("<title>crawl</title>"));
}

#[test]
fn an_empty_one_says_that_there_is_nothing() {
    let possible = Possible::of(&Machine::new(describe));
    assert!(possible.to_svg().contains(">no stages</text>"));
    assert_eq!(possible.to_mermaid(), "flowchart TD\n");
    assert!(possible.to_dot().starts_with("digraph \"possible\" {\n"));
}

#[test]
fn it_is_saved_in_the_format_that_the_extension_names() {
    let folder = std::env::temp_dir().join(format!("dagcore-possible-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (file, start) in [("a.svg", "<svg "), ("a.dot", "digraph "), ("a.gv", "digraph "), ("a.mmd", "flowchart ")] {
        crawl().visualize(folder.join(file)).unwrap();
        assert!(std::fs::read_to_string(folder.join(file)).unwrap().starts_with(start), "{file}");
    }
    let refused = crawl().visualize(folder.join("a.png")).unwrap_err().to_string();
    assert!(refused.contains("its extension must be `.svg`"), "{refused}");
    std::fs::remove_dir_all(folder).unwrap();
}
