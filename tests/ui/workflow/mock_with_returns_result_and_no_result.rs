#![allow(unused)]
use dagcore::prelude::*;
use dagcore::testing::Mocks;

#[stage]
async fn price(article: String, count: u32) -> Result<u32, std::io::Error> {
    Ok(count)
}

fn main() {
    let _ = Mocks::new().mock::<price>().returns_result(|article, count| *count);
}
