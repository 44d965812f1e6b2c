//! A link checker for three sites. Each site is reported on as soon as none of its pages can lead to another page.
//!
//!     cargo run --example crawl
//!
//! The program serves the sites itself, on a local port. Their pages contain cyclic links, links to pages that have
//! moved and links to missing pages. Each site has its own response time.
//!
//! Look at `adds [page by key under site]`: every site has its own `/about` page, which is requested once, however many
//! pages link to it. The crawl of a cycle therefore terminates. Look at the times: the museum was added first and is
//! therefore listed first, but it is slow, and the other sites are checked before it. The keys come from the sites and
//! are untrusted: malicious keys remain plain text in the terminal, in the requests and in the picture of the graph.

#![expect(clippy::print_stdout, reason = "it is a program for the terminal")]

use dagcore::prelude::*;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use std::{env, io};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The address of a page: the server, the site and the path.
#[derive(Clone, Hash)]
struct Url {
    server: SocketAddr,
    site: String,
    path: String,
}

/// A fetched page with its status and links.
#[derive(Clone)]
struct Page {
    url: Url,
    status: String,
    links: Vec<Url>,
}

/// The result of checking one site.
#[derive(Clone)]
struct Checked {
    site: String,
    pages: usize,
    findings: Vec<String>,
}

/// Returns the address of a site's front page.
#[stage(inline)]
fn site(server: SocketAddr, name: String) -> Url {
    Url { server, site: name, path: "/".to_owned() }
}

/// Fetches a page and extracts its links. A missing page is a finding, not a failure.
#[stage]
async fn page(url: Url) -> Page {
    let answer = get(&url).await.unwrap_or_default();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let moved = head.lines().filter_map(|line| line.strip_prefix("Location: "));
    let linked = body.split("href=\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0));
    let links = moved.chain(linked).map(|path| Url { path: path.to_owned(), ..url.clone() }).collect();
    let status = head.split_whitespace().nth(1).unwrap_or("no response").to_owned();
    Page { url, status, links }
}

/// Lists the missing or moved pages of a site, with the pages that link to them.
#[stage]
fn check(front: &Url, pages: &[Page]) -> Checked {
    let name = |page: &Page| page.url.path.escape_debug().to_string();
    let finding = |lost: &Page| {
        let links_there = |page: &&Page| page.links.iter().any(|link| link.path == lost.url.path);
        let from: Vec<_> = pages.iter().filter(links_there).map(name).collect();
        let moved: String = lost.links.iter().map(|to| format!(", moved to {}", to.path.escape_debug())).collect();
        format!("{:9}  {}{moved}, linked from {}", lost.status, name(lost), from.join(" and "))
    };
    let findings = pages.iter().filter(|page| page.status != "200").map(finding).collect();
    Checked { site: front.site.clone(), pages: pages.len(), findings }
}

#[stage]
fn summary(sites: &[Checked]) -> String {
    let pages: usize = sites.iter().map(|site| site.pages).sum();
    let findings: usize = sites.iter().map(|site| site.findings.len()).sum();
    format!("{} sites, {pages} pages, {findings} findings", sites.len())
}

rule! {
    enter: when each(site), adds [page by key under site],
    then |grow, _site, front| { grow.add(page::new(front.clone()).key(&front.path)); }
}

rule! {
    /// Each page adds the pages that it links to, each once per site.
    follow: when each(page), adds [page by key under site],
    then |grow, _page, page| for link in &page.links { grow.add(page::new(link.clone()).key(&link.path)); }
}

rule! {
    /// Fires once per site, when no page of the site can add another page.
    check_each: when closed(page) under each(site), adds [check],
    then |grow, site, pages| { grow.add(check::new(site, pages)); }
}

rule! {
    /// Fires once, when no site can add another check.
    sum_up: when closed(check), adds [summary],
    then |grow, checks| { grow.add(summary::new(checks)); }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let server = listener.local_addr()?;
    tokio::spawn(serve(listener));

    let mut flow = Workflow::new("crawl").rules(rules![enter, follow, check_each, sum_up]).keep::<check>();
    for (name, _) in SITES {
        flow.add(site::new(server, name).named(name));
    }
    let done = flow.run().await?;

    for (check, Checked { site, pages, findings }) in done.nodes::<check>().zip(done.outputs::<check>()?) {
        println!("{site}: {pages} pages, checked after {} ms", done.started(check).unwrap_or_default().as_millis());
        findings.iter().for_each(|finding| println!("  {finding}"));
    }
    let picture = env::temp_dir().join("crawl.svg");
    done.visualize(&picture)?;
    println!("\n{}; the graph is in {}", done.only::<summary>()?, picture.display());
    Ok(())
}

/// Sends one request. The path is percent-encoded, so it cannot inject headers: see `encoded`.
async fn get(Url { server, site, path }: &Url) -> io::Result<String> {
    let mut stream = TcpStream::connect(server).await?;
    let request = format!("GET {} HTTP/1.1\r\nHost: {site}\r\nConnection: close\r\n\r\n", encoded(path));
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

fn encoded(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    path.bytes().map(|byte| if plain(byte) { char::from(byte).into() } else { format!("%{byte:02X}") }).collect()
}

/// The sites and their response times in milliseconds.
const SITES: [(&str, u64); 3] = [("museum.example", 40), ("garden.example", 5), ("harbour.example", 15)];

enum Answer {
    Links(&'static [&'static str]),
    Moved(&'static str),
    Nothing,
}

use Answer::{Links, Moved, Nothing};

const PAGES: [(&str, &str, Answer); 13] = [
    ("museum.example", "/", Links(&["/rooms", "/about"])),
    ("museum.example", "/about", Links(&["/", "/rooms"])),
    ("museum.example", "/rooms", Links(&["/", "/rooms/<script>alert(1)</script> of glass"])),
    ("museum.example", "/rooms/<script>alert(1)</script> of glass", Links(&["/rooms", "/red\u{1b}[31m ink"])),
    ("garden.example", "/", Links(&["/roses", "/tulips", "/about"])),
    ("garden.example", "/about", Links(&["/"])),
    ("garden.example", "/roses", Links(&["/tulips", "/compost"])),
    ("garden.example", "/tulips", Links(&["/roses", "/old-roses", "/compost"])),
    ("garden.example", "/old-roses", Moved("/roses")),
    ("harbour.example", "/", Links(&["/ships", "/tides", "/about"])),
    ("harbour.example", "/ships", Links(&["/ships/heron", "/"])),
    ("harbour.example", "/ships/heron", Links(&["/ships", "/tides"])),
    ("harbour.example", "/tides", Nothing),
];

async fn serve(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream));
    }
}

async fn answer(mut stream: TcpStream) -> io::Result<()> {
    let (read, mut write) = stream.split();
    let (mut lines, mut path, mut host) = (BufReader::new(read).lines(), String::new(), String::new());
    while let Some(line) = lines.next_line().await? {
        match line.split_once(' ') {
            Some(("GET", rest)) => path = rest.trim_end_matches(" HTTP/1.1").to_owned(),
            Some(("Host:", name)) => host = name.to_owned(),
            Some(_) => {}
            None => break,
        }
    }
    let delay = SITES.iter().find(|(site, _)| *site == host).map_or(0, |(_, delay)| *delay);
    tokio::time::sleep(Duration::from_millis(delay)).await;
    let found = PAGES.iter().find(|(site, page, _)| *site == host && encoded(page) == path);
    let answer = match found.map(|(.., answer)| answer) {
        Some(Links(links)) => {
            let links: String = links.iter().map(|link| format!("<a href=\"{link}\">there</a>\n")).collect();
            format!("HTTP/1.1 200 OK\r\n\r\n{links}")
        }
        Some(Moved(to)) => format!("HTTP/1.1 301 Moved Permanently\r\nLocation: {to}\r\n\r\n"),
        Some(Nothing) => String::new(),
        None => "HTTP/1.1 404 Not Found\r\n\r\n".to_owned(),
    };
    write.write_all(answer.as_bytes()).await
}
